//! Classic caches and Managed Redis.

use augeo_testkit::emulator::{Fault, Verb};
use serde_json::{Value, json};

use crate::support::{Arm, GROUP, refused};

const CACHE: &str = "Microsoft.Cache/redis/cache1";
const CLUSTER: &str = "Microsoft.Cache/redisEnterprise/redis1";
const DATABASE: &str = "Microsoft.Cache/redisEnterprise/redis1/databases/default";
const SOMEBODY: &str = "11111111-2222-3333-4444-555555555555";
const MANAGED: &str = "api-version=2025-07-01";

fn cache(tier: &str, capacity: u8) -> Value {
    let family = if tier == "Premium" { "P" } else { "C" };
    json!({"location": "westeurope", "properties": {"sku": {"name": tier, "family": family, "capacity": capacity}}})
}

fn cluster() -> Value {
    json!({"location": "westeurope", "sku": {"name": "Balanced_B1"}, "properties": {"publicNetworkAccess": "Enabled"}})
}

fn database() -> String {
    format!("{DATABASE}?{MANAGED}")
}

#[test]
fn a_classic_cache_takes_a_quarter_of_an_hour_and_fills_in_a_lot() {
    let mut arm = Arm::slow();
    let put = arm.put(CACHE, &cache("Standard", 1));
    assert_eq!(put.status, 201);
    assert!(put.header("azure-asyncoperation").is_some());
    arm.pass(959);
    assert_eq!(
        arm.get_ok(CACHE)["properties"]["provisioningState"],
        "Creating"
    );
    arm.pass(1);
    let made = arm.get_ok(CACHE)["properties"].clone();
    assert_eq!(made["provisioningState"], "Succeeded");
    assert_eq!(made["hostName"], "cache1.redis.cache.windows.net");
    assert_eq!(
        (&made["sslPort"], &made["accessKeys"]),
        (&json!(6380), &json!(null))
    );
    let configuration = &made["redisConfiguration"];
    assert_eq!(configuration["maxclients"], "1000");
    assert!(
        configuration
            .as_object()
            .unwrap()
            .values()
            .all(Value::is_string)
    );
    assert!(configuration.get("aad-enabled").is_none());
    let premium =
        arm.world
            .expected_duration("Microsoft.Cache/redis", Verb::Create, &cache("Premium", 1));
    assert_eq!(premium, Some(std::time::Duration::from_secs(1500)));
}

#[test]
fn tiers_lack_what_the_document_wants_of_them() {
    let mut arm = Arm::instant();
    let with = |tier: &str, key: &str, value: Value| {
        let mut body = cache(tier, u8::from(tier == "Premium"));
        body["properties"]["redisConfiguration"] = json!({ (key): value });
        body
    };
    for tier in ["Basic", "Standard"] {
        for kind in ["aof", "rdb"] {
            let body = with(tier, &format!("{kind}-backup-enabled"), json!("true"));
            let answer = arm.put(CACHE, &body);
            refused(&answer, 400, "InvalidRequestBody");
            let message = answer.json()["error"]["message"].to_string();
            assert!(message.contains("for Premium caches only"), "{message}");
        }
    }
    let mut body = cache("Basic", 0);
    body["properties"]["shardCount"] = json!(2);
    refused(&arm.put(CACHE, &body), 400, "InvalidRequestBody");
    refused(
        &arm.put(CACHE, &cache("Premium", 0)),
        400,
        "InvalidRequestBody",
    );
    // Premium keeps them, in an account that must be named.
    let body = with("Premium", "rdb-backup-enabled", json!("true"));
    refused(&arm.put(CACHE, &body), 400, "InvalidRequestBody");
    arm.put_ok(CACHE, &cache("Basic", 0));
    let schedule =
        json!({"properties": {"scheduleEntries": [{"dayOfWeek": "Sunday", "startHourUtc": 2}]}});
    let path = format!("{CACHE}/patchSchedules/default");
    refused(&arm.put(&path, &schedule), 400, "InvalidRequestBody");
    arm.put_ok(CACHE, &cache("Standard", 0));
    arm.put_ok(&path, &schedule);
    let window = arm.get_ok(&path)["properties"]["scheduleEntries"][0].clone();
    assert_eq!(window["maintenanceWindow"], "PT5H");
    refused(
        &arm.put(CACHE, &cache("Basic", 0)),
        400,
        "InvalidRequestBody",
    );
}

#[test]
fn children_of_a_cache_have_its_name_before_theirs() {
    let mut arm = Arm::instant();
    arm.put_ok(CACHE, &cache("Basic", 0));
    let rule = json!({"properties": {"startIP": "1.2.3.4", "endIP": "1.2.3.9"}});
    arm.put_ok(&format!("{CACHE}/firewallRules/office"), &rule);
    assert_eq!(
        arm.names(&format!("{CACHE}/firewallRules")),
        ["cache1/office"]
    );
    let dashed = arm.put(&format!("{CACHE}/firewallRules/the-office"), &rule);
    refused(&dashed, 400, "InvalidResourceName");
    let backwards = json!({"properties": {"startIP": "1.2.3.9", "endIP": "1.2.3.4"}});
    let backwards = arm.put(&format!("{CACHE}/firewallRules/x"), &backwards);
    refused(&backwards, 400, "InvalidRequestBody");
    // Entra is off: nobody is assigned anything, and the keys cannot go.
    let assignment = json!({"properties": {"objectId": SOMEBODY, "objectIdAlias": "a", "accessPolicyName": "Data Owner"}});
    let path = format!("{CACHE}/accessPolicyAssignments/app");
    refused(&arm.put(&path, &assignment), 400, "InvalidRequestBody");
    let mut keyless = cache("Basic", 0);
    keyless["properties"]["disableAccessKeyAuthentication"] = json!(true);
    refused(&arm.put(CACHE, &keyless), 400, "InvalidRequestBody");
    keyless["properties"]["redisConfiguration"] = json!({"aad-enabled": "true"});
    arm.put_ok(CACHE, &keyless);
    arm.put_ok(&path, &assignment);
}

#[test]
fn one_operation_per_cluster_what_is_in_it_included() {
    let mut arm = Arm::slow();
    assert_eq!(arm.put(CLUSTER, &cluster()).status, 201);
    refused(&arm.put(&database(), &json!({})), 409, "Conflict");
    arm.pass(360);
    let made = arm.get_ok(CLUSTER);
    assert_eq!(
        made["properties"]["hostName"],
        "redis1.westeurope.redis.azure.net"
    );
    assert_eq!(
        (&made["kind"], &made["properties"]["resourceState"]),
        (&json!("v2"), &json!("Running"))
    );
    assert_eq!(arm.put(&database(), &json!({"properties": {}})).status, 201);
    arm.pass(90);
    let access =
        json!({"properties": {"accessPolicyName": "default", "user": {"objectId": SOMEBODY}}});
    let path = |name: &str| format!("{DATABASE}/accessPolicyAssignments/{name}?{MANAGED}");
    assert_eq!(arm.put(&path("app"), &access).status, 201);
    refused(&arm.put(&path("other"), &access), 409, "Conflict");
    arm.pass(30);
    refused(
        &arm.put(&path(SOMEBODY), &access),
        400,
        "InvalidResourceName",
    );
    let default = arm.get_ok(&database())["properties"].clone();
    assert_eq!(
        (&default["port"], &default["clusteringPolicy"]),
        (&json!(10000), &json!("OSSCluster"))
    );
    assert!(default.get("persistence").is_none());
}

#[test]
fn databases_keep_one_kind_of_file_and_their_policy() {
    let mut arm = Arm::instant();
    arm.put_ok(CLUSTER, &cluster());
    let with = |persistence: Value| json!({"properties": {"persistence": persistence}});
    for refusal in [
        json!({"aofEnabled": true, "aofFrequency": "1s", "rdbEnabled": true, "rdbFrequency": "1h"}),
        json!({"aofEnabled": true, "aofFrequency": "always"}),
        json!({"rdbEnabled": true}),
    ] {
        refused(&arm.put(&database(), &with(refusal)), 400, "BadRequest");
    }
    arm.put_ok(
        &database(),
        &with(json!({"aofEnabled": true, "aofFrequency": "1s"})),
    );
    assert_eq!(
        arm.get_ok(&database())["properties"]["persistence"]["aofEnabled"],
        true
    );
    let policy = json!({"properties": {"clusteringPolicy": "NoCluster"}});
    refused(&arm.put(&database(), &policy), 400, "BadRequest");
    let mut single = cluster();
    single["properties"]["highAvailability"] = json!("Disabled");
    refused(&arm.put(CLUSTER, &single), 400, "BadRequest");
    let old = json!({"location": "westeurope", "sku": {"name": "Enterprise_E10", "capacity": 2}, "properties": {"publicNetworkAccess": "Enabled"}});
    refused(
        &arm.put("Microsoft.Cache/redisEnterprise/redis2", &old),
        400,
        "BadRequest",
    );
}

#[test]
fn a_cluster_whose_creation_failed_must_be_deleted_first() {
    let mut arm = Arm::slow();
    let id = format!("{GROUP}/providers/{CLUSTER}");
    arm.world
        .inject(Fault::fail_operation(&id, "OperationFailed", "The operation failed.").times(1));
    arm.put_ok(CLUSTER, &cluster());
    arm.pass(360);
    let failed = arm.get_ok(CLUSTER)["properties"].clone();
    assert_eq!(
        (&failed["provisioningState"], &failed["resourceState"]),
        (&json!("Failed"), &json!("CreateFailed"))
    );
    refused(&arm.put(CLUSTER, &cluster()), 409, "Conflict");
    assert_eq!(arm.delete(CLUSTER).status, 202);
    arm.pass(300);
    arm.put_ok(CLUSTER, &cluster());
    arm.pass(360);
    // An update that fails leaves a cluster that takes another one.
    arm.world
        .inject(Fault::fail_operation(&id, "OperationFailed", "The operation failed.").times(1));
    let mut larger = cluster();
    larger["sku"]["name"] = json!("Balanced_B3");
    arm.put_ok(CLUSTER, &larger);
    arm.pass(150);
    assert_eq!(
        arm.get_ok(CLUSTER)["properties"]["resourceState"],
        "UpdateFailed"
    );
    arm.put_ok(CLUSTER, &larger);
    arm.pass(150);
    assert_eq!(
        arm.get_ok(CLUSTER)["properties"]["resourceState"],
        "Running"
    );
}
