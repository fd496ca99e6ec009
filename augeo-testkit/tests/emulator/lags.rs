//! What is seen late or otherwise than it is: reads, lists, new parents and grants, spellings, copied tags.

use std::time::Duration;

use augeo_testkit::emulator::{
    ArmRequest, Consistency, Durations, EmulatorCredential, Method, Now, TagPolicy, WorldOptions,
};
use serde_json::{Value, json};

use crate::support::{Arm, GROUP, account, refused, subscription, vault};

const ACCOUNT: &str = "Microsoft.Storage/storageAccounts/acc1";

fn id(rest: &str) -> String {
    format!("{GROUP}/providers/{rest}")
}

fn lagging(consistency: Consistency) -> Arm {
    let mut arm = Arm::instant();
    arm.pass(1_000);
    arm.world.set_consistency(consistency);
    arm
}

#[test]
fn what_was_created_is_read_later_than_it_is_there() {
    let mut arm = lagging(Consistency {
        read_lag: Duration::from_secs(30),
        ..Consistency::default()
    });
    let answered = arm.put_ok(ACCOUNT, &account());
    assert_eq!(answered["name"], "acc1", "the answer itself is current");
    refused(&arm.get(ACCOUNT), 404, "ResourceNotFound");
    assert_eq!(
        arm.names("Microsoft.Storage/storageAccounts"),
        ["acc1"],
        "lists lag by themselves"
    );
    assert_eq!(
        arm.put(ACCOUNT, &account()).status,
        200,
        "a write acts on what is: this is an update"
    );
    arm.pass(29);
    assert_eq!(arm.get(ACCOUNT).status, 404);
    arm.pass(1);
    arm.get_ok(ACCOUNT);
    assert_eq!(arm.world.lags_met().missing, 2);
}

#[test]
fn lists_lag_behind_creations_and_deletions() {
    let mut arm = lagging(Consistency {
        list_lag: Duration::from_secs(60),
        ..Consistency::default()
    });
    let lists = [
        "Microsoft.Storage/storageAccounts".to_owned(),
        format!("{GROUP}/resources"),
        format!("{GROUP}/resources?$filter=tagName eq 'Environment' and tagValue eq 'dev'"),
        format!("{}/resources", subscription()),
    ];
    let seen = |arm: &mut Arm| -> Vec<usize> { lists.iter().map(|l| arm.names(l).len()).collect() };
    arm.put_ok(ACCOUNT, &account());
    arm.get_ok(ACCOUNT);
    assert_eq!(seen(&mut arm), [0, 0, 0, 0]);
    arm.pass(60);
    assert_eq!(seen(&mut arm), [1, 1, 1, 1]);
    assert_eq!(arm.delete(ACCOUNT).status, 200);
    assert_eq!(arm.get(ACCOUNT).status, 404);
    assert_eq!(seen(&mut arm), [1, 1, 1, 1], "it is gone, and still listed");
    assert_eq!(arm.world.len(), 1, "the truth is the group alone");
    arm.pass(60);
    assert_eq!(seen(&mut arm), [0, 0, 0, 0]);
    let met = arm.world.lags_met();
    assert_eq!((met.omitted, met.lingering), (4, 4));
}

#[test]
fn a_list_of_groups_lags_too() {
    let mut arm = lagging(Consistency {
        list_lag: Duration::from_secs(60),
        ..Consistency::default()
    });
    let groups = format!("{}/resourcegroups", subscription());
    let other = format!("{}/resourceGroups/other", subscription());
    arm.put_ok(&other, &json!({"location": "westeurope"}));
    assert_eq!(arm.names(&groups), ["rg"]);
    arm.pass(60);
    assert_eq!(arm.names(&groups), ["other", "rg"]);
    arm.delete(&other);
    assert_eq!(arm.names(&groups), ["other", "rg"]);
    assert!(arm.names(&format!("{GROUP}/resources")).is_empty());
    arm.pass(60);
    assert_eq!(arm.names(&groups), ["rg"]);
}

#[test]
fn reads_are_behind_updates_by_as_much_as_they_are_told_to() {
    let mut arm = Arm::instant();
    let tagged = |value: &str| {
        let mut body = account();
        body["tags"] = json!({"n": value});
        body
    };
    arm.put_ok(ACCOUNT, &tagged("0"));
    arm.pass(1_000);
    arm.world.set_consistency(Consistency {
        stale: Duration::from_secs(20),
        ..Consistency::default()
    });
    let read = |arm: &mut Arm| arm.get_ok(ACCOUNT)["tags"]["n"].clone();
    assert_eq!(arm.put_ok(ACCOUNT, &tagged("1"))["tags"]["n"], "1");
    arm.pass(10);
    assert_eq!(arm.put_ok(ACCOUNT, &tagged("2"))["tags"]["n"], "2");
    assert_eq!(read(&mut arm), "0");
    let list = arm.get_ok("Microsoft.Storage/storageAccounts");
    assert_eq!(list["value"][0]["tags"]["n"], "0");
    let by_tag = format!("{GROUP}/resources?$filter=tagName eq 'n' and tagValue eq '0'");
    assert_eq!(arm.names(&by_tag), ["acc1"]);
    arm.pass(10);
    assert_eq!(read(&mut arm), "1", "ten seconds behind the second update");
    arm.pass(10);
    assert_eq!(read(&mut arm), "2");
    assert_eq!(arm.world.lags_met().stale, 4);
    // A merge acts on what is.
    arm.patch(
        ACCOUNT,
        &json!({"properties": {"minimumTlsVersion": "TLS1_2"}}),
    );
    arm.pass(20);
    assert_eq!(read(&mut arm), "2");
}

#[test]
fn what_is_inside_a_new_parent_is_refused_for_a_while() {
    let mut arm = lagging(Consistency {
        parent_lag: Duration::from_secs(15),
        ..Consistency::default()
    });
    let group = format!("{}/resourceGroups/new", subscription());
    let inside = format!("{group}/providers/{ACCOUNT}");
    arm.put_ok(&group, &json!({"location": "westeurope"}));
    refused(&arm.put(&inside, &account()), 404, "ResourceGroupNotFound");
    arm.pass(15);
    arm.put_ok(&inside, &account());
    let container = format!("{inside}/blobServices/default/containers/files");
    refused(
        &arm.put(&container, &json!({"properties": {}})),
        404,
        "ParentResourceNotFound",
    );
    assert_eq!(arm.world.lags_met().parents_unknown, 2);
    arm.pass(15);
    arm.put_ok(&container, &json!({"properties": {}}));
}

#[test]
fn a_new_role_assignment_gives_nothing_yet() {
    let mut arm = lagging(Consistency {
        settling: Duration::from_secs(90),
        ..Consistency::default()
    });
    let worker = "00000000-0000-0000-0000-0000000000ee";
    let now = arm.now;
    let credential =
        EmulatorCredential::new("t", Now::new(move || now)).with_principal(worker.to_owned());
    let assignment = |name: &str| {
        format!(
            "{GROUP}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-0000000000{name}"
        )
    };
    let role = |id: &str| {
        json!({"properties": {
            "roleDefinitionId": format!("{}/providers/Microsoft.Authorization/roleDefinitions/{id}", subscription()),
            "principalId": worker, "principalType": "ServicePrincipal",
        }})
    };
    arm.put_ok(
        &assignment("01"),
        &role("b24988ac-6180-42a0-ab88-20f7382dd24c"),
    );
    let write = |arm: &mut Arm, method: Method| {
        let url = format!("{}?api-version=2026-04-01", id(ACCOUNT));
        let request = ArmRequest::new(method, url)
            .bearer(&credential.token())
            .json(&account());
        arm.world.handle(arm.now, &request)
    };
    refused(&write(&mut arm, Method::Put), 403, "AuthorizationFailed");
    arm.put_ok(ACCOUNT, &account());
    assert_eq!(
        write(&mut arm, Method::Get).status,
        200,
        "reads are not refused"
    );
    arm.pass(90);
    assert_eq!(write(&mut arm, Method::Put).status, 200);
    arm.put_ok(
        &assignment("02"),
        &role("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    );
    assert_eq!(
        write(&mut arm, Method::Put).status,
        200,
        "the older one covers it"
    );
    assert_eq!(arm.world.lags_met().unsettled, 1);
}

#[test]
fn answers_are_respelled_only_where_azure_promises_nothing() {
    let mut arm = Arm::instant();
    let mut body = vault();
    body["tags"] = json!({"Environment": "Dev", "path": "Some/Text"});
    let rule = |n: usize| json!({"value": format!("203.0.113.{n}/32")});
    let rules: Vec<Value> = (1..6).map(rule).collect();
    body["properties"]["networkAcls"] =
        json!({"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": rules});
    let path = "Microsoft.KeyVault/vaults/Vault-One";
    let plain = arm.put_ok(path, &body);
    arm.world.set_consistency(Consistency {
        scramble: true,
        ..Consistency::default()
    });
    let answers: Vec<Value> = (0..40).map(|_| arm.get_ok(path)).collect();
    let differs = |at: &str| answers.iter().any(|a| a.pointer(at) != plain.pointer(at));
    for at in [
        "/id",
        "/type",
        "/location",
        "/properties/sku/name",
        "/properties/networkAcls/ipRules",
    ] {
        let fixed = at == "/properties/sku/name";
        assert_eq!(differs(at), !fixed, "{at}: a lower-case name has no other");
    }
    for answer in &answers {
        for at in ["/name", "/tags", "/properties/tenantId", "/systemData"] {
            assert_eq!(answer.pointer(at), plain.pointer(at), "{at}");
        }
        let same = |at: &str, form: &dyn Fn(&str) -> String| {
            let text = |value: &Value| value.pointer(at).and_then(Value::as_str).map(form);
            assert_eq!(text(answer), text(&plain), "{at}");
        };
        same("/id", &str::to_lowercase);
        same("/location", &|text| text.replace(' ', "").to_lowercase());
        let found = answer["properties"]["networkAcls"]["ipRules"]
            .as_array()
            .expect("rules");
        assert_eq!(found.len(), 5);
        assert!(rules.iter().all(|rule| found.contains(rule)));
        assert!(answer["id"].as_str().expect("text").ends_with("/Vault-One"));
    }
    assert_eq!(arm.world.lags_met().scrambled, 40);
    assert_eq!(
        arm.world.resource_body(&id(path)),
        Some(plain),
        "the truth is not touched"
    );
}

#[test]
fn the_same_seed_scrambles_in_the_same_way() {
    let run = |seed: u64| {
        let mut arm = Arm::with(WorldOptions {
            seed,
            durations: Durations::instant(),
            ..WorldOptions::default()
        });
        arm.put_ok(GROUP, &json!({"location": "westeurope"}));
        for name in ["acca", "accb", "accc", "accd"] {
            let path = format!("Microsoft.Storage/storageAccounts/{name}");
            arm.put_ok(&path, &account());
        }
        arm.world.set_consistency(Consistency {
            scramble: true,
            ..Consistency::default()
        });
        (0..8)
            .map(|_| arm.names("Microsoft.Storage/storageAccounts"))
            .collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    assert!(
        run(7).windows(2).any(|pair| pair[0] != pair[1]),
        "orders change from one question to the next"
    );
}

#[test]
fn a_policy_copies_the_tags_of_the_group_where_they_are_missing() {
    let mut arm = Arm::instant();
    let stranger = "Microsoft.ManagedIdentity/userAssignedIdentities/theirs";
    arm.put_ok(stranger, &json!({"location": "westeurope"}));
    arm.put_ok(
        GROUP,
        &json!({"location": "westeurope", "tags": {"augeo-stack": "p/dev", "augeo-owner": "group", "environment": "other"}}),
    );
    arm.world.inherit_tags(true);
    let made = arm.put_ok(ACCOUNT, &account());
    assert_eq!(
        made["tags"],
        json!({"Environment": "dev", "augeo-stack": "p/dev", "augeo-owner": "group"}),
        "its own tag stays, whatever its case"
    );
    assert_eq!(arm.get_ok(stranger)["tags"], Value::Null);
    assert_eq!(arm.world.remediate_tags(arm.now), 1);
    assert_eq!(arm.get_ok(stranger)["tags"]["augeo-owner"], "group");
    assert_eq!(arm.world.remediate_tags(arm.now), 0);
    assert_eq!(arm.world.lags_met().tags_inherited, 1);
    arm.world.set_consistency(Consistency {
        tag_policy: Some(TagPolicy {
            resource_types: vec!["microsoft.keyvault/vaults".to_owned()],
        }),
        ..Consistency::default()
    });
    let other = "Microsoft.ManagedIdentity/userAssignedIdentities/other";
    arm.put_ok(other, &json!({"location": "westeurope"}));
    assert_eq!(arm.get_ok(other)["tags"], Value::Null, "not of that type");
}
