//! No request, however odd, makes the world panic, and each gets an answer that can be read.

use augeo_testkit::emulator::{ArmRequest, Method};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Arm, GROUP, account, plan, server, site, vault};

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Get),
        Just(Method::Head),
        Just(Method::Put),
        Just(Method::Patch),
        Just(Method::Post),
        Just(Method::Delete)
    ]
}

fn segments() -> impl Strategy<Value = String> {
    let known = [
        "subscriptions",
        "00000000-0000-0000-0000-000000000001",
        "resourceGroups",
        "rg",
        "providers",
        "Microsoft.Storage",
        "storageAccounts",
        "acc1",
        "blobServices",
        "default",
        "containers",
        "Microsoft.Web",
        "sites",
        "api",
        "config",
        "web",
        "appsettings",
        "list",
        "Microsoft.KeyVault",
        "vaults",
        "vault-1",
        "secrets",
        "locations",
        "westeurope",
        "deletedVaults",
        "purge",
        "Microsoft.Authorization",
        "roleAssignments",
        "locks",
        "Microsoft.Resources",
        "tags",
        "operationresults",
        "resources",
        "register",
        "Microsoft.DBforPostgreSQL",
        "flexibleServers",
        "pg1",
        "databases",
        "checkNameAvailability",
    ];
    prop_oneof![8 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,12}", 1 => Just("%zz%41".to_owned())]
}

fn paths() -> impl Strategy<Value = String> {
    let targets = [
        "Microsoft.Storage/storageAccounts/acc1?api-version=2026-04-01",
        "Microsoft.KeyVault/vaults/vault-1?api-version=2026-02-01",
        "Microsoft.DBforPostgreSQL/flexibleServers/pg1?api-version=2025-08-01",
        "Microsoft.Web/sites/api?api-version=2025-03-01",
        "Microsoft.Web/sites/api/config/web?api-version=2025-03-01",
        "Microsoft.Web/serverfarms/plan?api-version=2025-03-01",
        "Microsoft.Authorization/locks/l?api-version=2020-05-01",
    ];
    prop_oneof![
        prop::collection::vec(segments(), 0..12)
            .prop_map(|s| format!("/{}?api-version=2025-04-01", s.join("/"))),
        (prop::collection::vec(segments(), 0..10), "\\PC{0,40}")
            .prop_map(|(s, q)| format!("/{}?{q}", s.join("/"))),
        proptest::sample::select(targets.to_vec()).prop_map(|t| format!("{GROUP}/providers/{t}")),
        Just(format!("{GROUP}?api-version=2025-04-01")),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("westeurope")),
        Just(json!(true))
    ];
    let keys = [
        "location",
        "properties",
        "tags",
        "sku",
        "name",
        "identity",
        "type",
        "kind",
        "siteConfig",
        "serverFarmId",
        "level",
        "value",
        "createMode",
        "userAssignedIdentities",
        "storage",
        "networkAcls",
        "ipRules",
        "operation",
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                proptest::sample::select(keys.to_vec()).prop_map(str::to_owned),
                inner,
                0..6
            )
            .prop_map(|m| Value::Object(m.into_iter().collect()))
        ]
    })
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let good = [
        account(),
        vault(),
        server(),
        plan("B1"),
        site(),
        json!({"location": "westeurope"}),
        json!({"properties": {"level": "ReadOnly"}}),
    ];
    prop_oneof![
        3 => proptest::sample::select(good.to_vec()).prop_map(|v| v.to_string().into_bytes()),
        3 => values().prop_map(|v| v.to_string().into_bytes()),
        2 => (proptest::sample::select(good.to_vec()), values()).prop_map(|(mut body, value)| { body["properties"] = value; body.to_string().into_bytes() }),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_requests_get_readable_answers(requests in prop::collection::vec((methods(), paths(), bodies(), 0_i64..400), 1..20)) {
        let mut arm = Arm::slow();
        for (method, url, body, seconds) in requests {
            arm.pass(seconds);
            let mut request = ArmRequest::new(method, url.clone());
            request.body = body;
            let response = arm.send(request);
            prop_assert!((200..600).contains(&response.status), "{method} {url}: {}", response.status);
            if response.status >= 400 && method != Method::Head {
                prop_assert!(response.error_code().is_some(), "{method} {url}");
            }
            prop_assert!(response.status != 202 || response.header("retry-after").is_some(), "{method} {url}");
        }
    }
}
