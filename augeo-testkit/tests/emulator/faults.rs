//! Operations that do not end as they should, what is data about faults, and who is not met by them.

use std::time::Duration;

use augeo_testkit::emulator::{
    ArmRequest, Consistency, Durations, Effect, Emulator, Fault, HUMAN_ID, Leaves, Match, Method,
    VIRTUAL_EPOCH, Verb,
};
use serde_json::{Value, json};

use crate::support::{Arm, GROUP, account, refused, server, vault};

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
