//! What can go wrong in the world itself: operations that do not end as they should, and what is seen late.

use std::time::Duration;

use augeo_testkit::emulator::{
    ArmRequest, Consistency, Durations, Effect, Emulator, EmulatorCredential, Fault, HUMAN_ID,
    Leaves, Match, Method, Now, TagPolicy, VIRTUAL_EPOCH, Verb, WorldOptions,
};
use serde_json::{Value, json};

use crate::support::{Arm, GROUP, account, refused, server, subscription, vault};

const ACCOUNT: &str = "Microsoft.Storage/storageAccounts/acc1";
const SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers/pg1";

fn id(rest: &str) -> String {
    format!("{GROUP}/providers/{rest}")
}

fn on(rest: &str, effect: Effect) -> Fault {
    let matches = Match {
        id: Some(id(rest)),
        ..Match::default()
    };
    Fault::new(matches, effect).times(1)
}

/// Begins to create a server and returns where to ask for its operation.
fn begin(arm: &mut Arm) -> String {
    let response = arm.put(SERVER, &server());
    response
        .header("azure-asyncoperation")
        .unwrap_or_else(|| panic!("{}: {}", response.status, response.json()))
        .to_owned()
}

fn ask(arm: &mut Arm, url: &str) -> (u16, Value) {
    let response = arm.send(ArmRequest::new(Method::Get, url));
    (response.status, response.json()["status"].clone())
}

fn lagging(consistency: Consistency) -> Arm {
    let mut arm = Arm::instant();
    arm.pass(1_000);
    arm.world.set_consistency(consistency);
    arm
}

#[test]
fn a_cancelled_operation_leaves_what_it_is_told_to() {
    let mut arm = Arm::slow();
    for (leaves, state) in [(Leaves::Failed, Some("Canceled")), (Leaves::Nothing, None)] {
        let fault = arm
            .world
            .inject(on(ACCOUNT, Effect::CancelOperation { leaves }));
        let response = arm.put(ACCOUNT, &account());
        assert_eq!(response.status, 202, "{}", response.json());
        let url = response.header("location").expect("a place").to_owned();
        arm.pass(100);
        let ended = arm.send(ArmRequest::new(Method::Get, url));
        refused(&ended, 409, "OperationCanceled");
        assert_eq!(arm.world.faults_struck()[fault], 1);
        let shown = arm.world.live_resource(&id(ACCOUNT));
        assert_eq!(shown.as_ref().map(|live| live.state), state);
        if let Some(live) = shown {
            assert_eq!(live.body["properties"]["provisioningState"], "Canceled");
            assert_eq!(live.operation, None);
            arm.world.remove(arm.now, &id(ACCOUNT));
        }
    }
}

#[test]
fn a_cancelled_operation_says_so_in_its_status() {
    let mut arm = Arm::slow();
    let leaves = Leaves::Failed;
    arm.world
        .inject(on(SERVER, Effect::CancelOperation { leaves }));
    let url = begin(&mut arm);
    assert_eq!(ask(&mut arm, &url).1, "InProgress");
    arm.pass(1_000);
    assert_eq!(ask(&mut arm, &url), (200, json!("Canceled")));
}

#[test]
fn a_lost_operation_is_found_again_after_so_many_questions() {
    let mut arm = Arm::slow();
    let polls = Some(2);
    arm.world
        .inject(on(SERVER, Effect::LoseOperation { polls }));
    let url = begin(&mut arm);
    assert_eq!(ask(&mut arm, &url).0, 404);
    assert_eq!(ask(&mut arm, &url).0, 404);
    assert_eq!(ask(&mut arm, &url), (200, json!("InProgress")));
    arm.pass(1_000);
    assert_eq!(ask(&mut arm, &url), (200, json!("Succeeded")));
}

#[test]
fn an_operation_that_is_lost_for_ever_goes_on_all_the_same() {
    let mut arm = Arm::slow();
    let polls = None;
    arm.world
        .inject(on(SERVER, Effect::LoseOperation { polls }));
    let url = begin(&mut arm);
    for _ in 0..20 {
        assert_eq!(ask(&mut arm, &url).0, 404);
        arm.pass(50);
    }
    assert_eq!(arm.get_ok(SERVER)["properties"]["state"], "Ready");
}

#[test]
fn an_endless_operation_ends_only_when_it_is_released() {
    let mut arm = Arm::slow();
    arm.world.inject(on(SERVER, Effect::NeverEnd));
    let url = begin(&mut arm);
    arm.pass(400_000);
    assert_eq!(ask(&mut arm, &url), (200, json!("InProgress")));
    let live = arm.world.live_resource(&id(SERVER)).expect("there");
    let running = live.operation.expect("it runs");
    assert_eq!((running.verb, running.ends), (Verb::Create, None));
    assert_ne!(live.state, "Ready");
    assert_eq!(arm.put(SERVER, &server()).status, 409, "busy");
    assert_eq!(arm.world.next_change(), None);
    assert_eq!(arm.world.release_operations(arm.now), 1);
    assert_eq!(ask(&mut arm, &url), (200, json!("Succeeded")));
    assert_eq!(arm.get_ok(SERVER)["properties"]["state"], "Ready");
    assert_eq!(arm.world.release_operations(arm.now), 0);
}

#[test]
fn an_operation_may_succeed_before_its_resource_rests() {
    let mut arm = Arm::slow();
    let more = 300;
    arm.world.inject(on(ACCOUNT, Effect::SucceedEarly { more }));
    let response = arm.put(ACCOUNT, &account());
    let url = response.header("location").expect("a place").to_owned();
    arm.pass(60);
    let told = arm.send(ArmRequest::new(Method::Get, url));
    assert_eq!(told.status, 200);
    let state = |arm: &mut Arm| arm.get_ok(ACCOUNT)["properties"]["provisioningState"].clone();
    assert_ne!(state(&mut arm), "Succeeded");
    assert_eq!(arm.put(ACCOUNT, &account()).status, 409, "still busy");
    arm.pass(300);
    assert_eq!(state(&mut arm), "Succeeded");
    assert!((200..300).contains(&arm.put(ACCOUNT, &account()).status));
}

#[test]
fn a_status_may_tell_of_success_before_its_resource_rests() {
    let mut arm = Arm::slow();
    let more = 300;
    arm.world.inject(on(SERVER, Effect::SucceedEarly { more }));
    let url = begin(&mut arm);
    assert_eq!(ask(&mut arm, &url), (200, json!("InProgress")));
    arm.pass(330);
    assert_eq!(ask(&mut arm, &url), (200, json!("Succeeded")));
    assert_ne!(arm.get_ok(SERVER)["properties"]["state"], "Ready");
    arm.pass(300);
    assert_eq!(arm.get_ok(SERVER)["properties"]["state"], "Ready");
}

#[test]
fn a_fault_has_struck_only_where_it_shows() {
    let mut arm = Arm::slow();
    let all = |effect| Fault::new(Match::default(), effect).times(1);
    let lost = arm.world.inject(all(Effect::LoseOperation { polls: None }));
    let endless = arm.world.inject(all(Effect::NeverEnd));
    let early = arm.world.inject(all(Effect::SucceedEarly { more: 60 }));
    arm.get_ok(GROUP);
    // A group is made at once, and answered when it is done: there is nothing to lose, nothing without an end.
    arm.put_ok(GROUP, &json!({"location": "westeurope"}));
    let broken = arm.put(SERVER, &json!({"location": "mars"}));
    assert_eq!(broken.status, 400, "refused: no operation began");
    assert_eq!(arm.world.faults_struck(), [0, 0, 0]);
    begin(&mut arm);
    let struck = arm.world.faults_struck();
    assert_eq!(
        (struck[lost], struck[endless], struck[early]),
        (1, 0, 0),
        "first come, first served"
    );
    arm.put_ok(ACCOUNT, &account());
    assert_eq!(arm.world.faults_struck(), [1, 1, 0]);
    arm.world.calm();
    assert_eq!(arm.world.faults_struck(), [1, 1, 0]);
}

#[test]
fn effects_are_data() {
    for effect in [
        json!({"kind": "cancelOperation", "leaves": "nothing"}),
        json!({"kind": "loseOperation", "polls": 3}),
        json!({"kind": "neverEnd"}),
        json!({"kind": "succeedEarly", "more": 30}),
    ] {
        let read: Effect = serde_json::from_value(effect.clone()).expect("readable");
        assert_eq!(serde_json::to_value(read).expect("writable"), effect);
    }
    let text = json!({"readLag": 2.5, "scramble": true, "tagPolicy": {"resourceTypes": ["A/b"]}});
    let read: Consistency = serde_json::from_value(text).expect("readable");
    assert_eq!(read.read_lag, Duration::from_millis(2_500));
    let again = serde_json::to_value(&read).expect("writable");
    assert_eq!(
        serde_json::from_value::<Consistency>(again).expect("readable"),
        read
    );
    assert!(serde_json::from_value::<Consistency>(json!({"readLag": -1.0})).is_err());
    assert!(serde_json::from_value::<Consistency>(json!({"readLagg": 1.0})).is_err());
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

#[tokio::test(start_paused = true)]
async fn a_human_works_on_the_same_world_undisturbed() {
    let emulator = Emulator::with_durations(Durations::azure());
    let human = emulator.as_human();
    emulator
        .with_world(|world| {
            world.inject(Fault::new(Match::default(), Effect::ResetBefore));
            world.inject(Fault::fail_operation(GROUP, "OutOfStock", "none left"));
            world.set_consistency(Consistency {
                read_lag: Duration::from_secs(3_600),
                ..Consistency::default()
            });
        })
        .expect("in memory");
    let answer = |method, path: &str, body: Option<Value>| {
        let response = human.send(method, path, body.as_ref()).expect("in memory");
        (response.status, response.json())
    };
    let made = human
        .put(GROUP, &json!({"location": "westeurope"}))
        .expect("in memory");
    assert_eq!(made.status, 201, "{}", made.json());
    assert_eq!(answer(Method::Get, GROUP, None).0, 200, "they see it");
    let identity = id("Microsoft.ManagedIdentity/userAssignedIdentities/theirs");
    let identity_body = json!({"location": "westeurope", "tags": {"by": "hand"}});
    assert_eq!(
        human
            .put(&identity, &identity_body)
            .expect("in memory")
            .status,
        201
    );
    let patched = human
        .patch(&identity, &json!({"tags": {"by": "portal"}}))
        .expect("in memory");
    assert_eq!(patched.status, 200);
    let world = emulator.snapshot();
    let live = world.live_resource(&identity).expect("there");
    assert_eq!(live.created_by.as_deref(), Some(HUMAN_ID));
    assert_eq!(live.tags["by"], "portal");
    assert_eq!((live.incarnation, live.version), (1, 2));
    assert_eq!(
        live.resource_type,
        "Microsoft.ManagedIdentity/userAssignedIdentities"
    );
    assert!(world.requests().is_empty());
    assert_eq!(world.faults_struck(), [0, 0]);
    assert_eq!(world.lags_met().missing, 0);

    let vault_id = id("Microsoft.KeyVault/vaults/held-name");
    assert!(
        human
            .leave_deleted_vault(&vault_id, "westeurope")
            .expect("in memory")
    );
    assert!(
        !human
            .leave_deleted_vault(&identity, "westeurope")
            .expect("in memory")
    );
    let refusal = answer(Method::Put, &vault_id, Some(vault())).1;
    assert_eq!(refusal["error"]["code"], "ConflictError");

    assert_eq!(human.delete(GROUP).expect("in memory").status, 202);
    let group = emulator
        .snapshot()
        .live_resource(GROUP)
        .expect("still there");
    assert_eq!(group.operation.map(|op| op.verb), Some(Verb::Delete));
    assert_eq!(
        answer(Method::Put, &identity, Some(identity_body)).1["error"]["code"],
        "ResourceGroupBeingDeleted"
    );
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let world = emulator.snapshot();
    assert!(world.is_empty());
    assert_eq!(world.soft_deleted().len(), 1);
}

#[test]
fn the_live_view_tells_what_runs_and_what_failed() {
    let mut arm = Arm::slow();
    arm.world.inject(Fault::fail_operation(
        &id(SERVER),
        "OutOfStock",
        "none left",
    ));
    begin(&mut arm);
    let live = arm.world.live_resource(&id(SERVER)).expect("there");
    let running = live.operation.expect("it runs");
    assert!(running.ends.expect("it ends") > arm.now);
    assert_eq!(live.failure, None);
    assert!(live.created >= VIRTUAL_EPOCH);
    arm.pass(1_000);
    arm.world.settle(arm.now);
    let live = arm.world.live_resource(&id(SERVER)).expect("there");
    assert_eq!(live.operation, None);
    assert_eq!(
        live.failure,
        Some(("OutOfStock".to_owned(), "none left".to_owned()))
    );
    let all = arm.world.live_resources();
    assert_eq!(
        all.iter().map(|live| &live.id).collect::<Vec<_>>(),
        arm.world.live_ids().iter().collect::<Vec<_>>()
    );
    assert_eq!(all[0].state, "Succeeded", "the group rests");
}
