//! Other people, and other runs: what is theirs stays theirs, and nobody is overtaken in silence.
//!
//! That the second of two runs is held up by a lease (the other half of scenario 24) comes with
//! leases, as slot swaps (scenario 7) come with releases.

use std::time::Duration;

use augeo_core::engine::VerifyError;
use augeo_core::plan::{Action, Cause, Purpose};
use augeo_core::provider::ErrorKind;
use augeo_core::report::Outcome;
use augeo_core::{DeleteData, PlanOptions};
use augeo_testkit::emulator::Method;
use serde_json::json;

use crate::rig::{Rig, apply, assert_done, fault, id_of, plan, refusal};
use crate::stacks::{WORKSPACES, database, monitoring, vault, workspace};

/// Scenario 23, for who saved the plan: it is looked at again before it is executed.
#[tokio::test(start_paused = true)]
async fn a_plan_is_refused_by_name_where_somebody_edited_what_it_is_about() {
    let rig = Rig::new();
    assert_done(&apply(&rig.engine(), &monitoring(30)).await);
    let (engine, stack) = (rig.engine(), monitoring(60));
    let stale = plan(&engine, &stack).await;
    let id = id_of(&stack, "workspace").await;
    let edit = json!({"properties": {"retentionInDays": 90}});
    let human = rig.emulator.as_human();
    let edited = human.patch(&id, &edit).expect("in memory");
    assert!(edited.status < 300, "{edited:?}");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let sent = rig.writes().len();
    let moved = engine.verify(&stale).await.expect_err("it moved");
    let VerifyError::Moved { resources } = moved else {
        panic!("{moved:?}");
    };
    let names: Vec<&str> = resources.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["workspace"]);
    assert_eq!(rig.writes().len(), sent, "nothing was written");

    let fresh = plan(&engine, &stack).await;
    let change = fresh.change("workspace").expect("it is declared");
    assert_eq!(change.action, Action::Update);
    let [difference] = &change.differences[..] else {
        panic!("{change:?}");
    };
    assert_eq!(
        difference.before,
        Some(json!(90).into()),
        "their edit is shown"
    );
    engine.verify(&fresh).await.expect("nothing moved since");
    assert_done(&engine.execute(&fresh).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 23, seen by the service.
#[tokio::test(start_paused = true)]
async fn a_write_that_the_service_calls_overtaken_is_not_repeated() {
    let rig = Rig::new();
    assert_done(&apply(&rig.engine(), &monitoring(30)).await);
    let stack = monitoring(60);
    let id = id_of(&stack, "workspace").await;
    let version = rig.live(&id).expect("it is there").version;
    let overtaken = rig.inject(fault(
        Method::Put,
        WORKSPACES,
        refusal(412, "PreconditionFailed", None),
    ));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(overtaken), 1, "once");
    let (name, error) = report.failures().next().expect("the workspace's");
    assert_eq!(
        (name.as_str(), &error.kind),
        ("workspace", &ErrorKind::Moved)
    );
    assert!(error.help.join(" ").contains("plan again"), "{error:?}");
    assert_eq!(rig.live(&id).expect("it is there").version, version);
}

/// Scenario 23, of what was not there when the plan was made.
#[tokio::test(start_paused = true)]
async fn what_somebody_creates_meanwhile_is_not_written_over() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let group = id_of(&stack, "group").await;
    let id = id_of(&stack, "identity").await;
    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    let human = rig.emulator.as_human();
    let body = json!({"location": "westeurope", "tags": {"theirs": "yes"}});
    // Without its marks the group is theirs too.
    assert!(human.put(&group, &body).expect("in memory").status < 300);
    assert!(human.put(&id, &body).expect("in memory").status < 300);
    let before = rig.emulator.snapshot().live_resources();
    let report = engine.execute(&plan).await;
    let outcome = report.outcome("group").expect("it was planned");
    let Outcome::Failed { error } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(error.kind, ErrorKind::NotOurs);
    assert_eq!(rig.emulator.snapshot().live_resources(), before);
    assert!(rig.writes().is_empty(), "{:?}", rig.writes());
}

/// Scenario 23, of drift: what is declared comes back, what is not declared stays.
#[tokio::test(start_paused = true)]
async fn an_edit_is_told_as_drift_and_what_is_not_declared_stays() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    assert_done(&apply(&rig.engine(), &stack).await);
    let id = id_of(&stack, "workspace").await;
    let mut tags = rig.live(&id).expect("it is there").tags;
    tags.insert("theirs".to_owned(), "yes".to_owned());
    let edit = json!({"tags": tags, "properties": {"retentionInDays": 90}});
    let human = rig.emulator.as_human();
    assert!(human.patch(&id, &edit).expect("in memory").status < 300);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    let change = plan.change("workspace").expect("it is declared");
    let causes: Vec<&Cause> = change.differences.iter().map(|one| &one.cause).collect();
    assert_eq!(causes, [&Cause::Drift], "{change:?}");
    assert_done(&engine.execute(&plan).await);
    let live = rig.live(&id).expect("it is there");
    assert_eq!(live.body["properties"]["retentionInDays"], 30);
    assert_eq!(live.tags.get("theirs").map(String::as_str), Some("yes"));
    rig.assert_settled(&stack).await;
}

/// Scenario 24, without leases: two runs at once.
#[tokio::test(start_paused = true)]
async fn two_runs_at_once_tell_the_truth_and_the_next_one_finds_nothing_to_do() {
    for stack in [monitoring(30), database()] {
        let rig = Rig::new();
        let (one, two) = (rig.engine(), rig.engine());
        let (first, second) = (plan(&one, &stack).await, plan(&two, &stack).await);
        let reports = futures::join!(async { one.execute(&first).await }, async {
            two.execute(&second).await
        });
        let mut met = false;
        for report in [&reports.0, &reports.1] {
            for (name, _, outcome) in &report.outcomes {
                let id = id_of(&stack, name.as_str()).await;
                if outcome.is_succeeded() {
                    let live = rig.live(&id);
                    assert!(live.is_some_and(|live| live.failure.is_none()), "{name}");
                }
            }
            met |= report.resources.len() > 1;
        }
        assert!(met, "both did something");
        let expected = Rig::expected(&stack).await;
        assert!(rig.live_ids().iter().all(|id| expected.contains(id)));
        let mut remade = rig.emulator.snapshot().live_resources();
        remade.retain(|live| live.incarnation != 1);
        assert!(remade.is_empty(), "{remade:?}");
        assert_done(&apply(&rig.engine(), &stack).await);
        assert_eq!(rig.live_ids(), expected);
        rig.assert_settled(&stack).await;
    }
}

fn destroying() -> PlanOptions {
    PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    }
}

fn purges(rig: &Rig) -> usize {
    let exchanges = rig.exchanges();
    let purges = exchanges.iter().filter(|one| one.path.contains("/purge"));
    purges.count()
}

/// Scenario 25, of a vault that was the stack's.
#[tokio::test(start_paused = true)]
async fn a_deleted_vault_of_ours_is_recovered_and_never_purged() {
    let (rig, stack) = (Rig::new(), vault());
    assert_done(&apply(&rig.engine(), &stack).await);
    let id = id_of(&stack, "vault").await;
    let engine = rig.engine();
    let plan = engine.plan_with(&stack, &destroying()).await;
    assert_done(&engine.execute(&plan.expect("planned")).await);
    let kept = rig.emulator.snapshot().soft_deleted();
    assert!(kept.iter().any(|(kept, _)| *kept == id), "{kept:?}");

    let sent = rig.writes().len();
    let engine = rig.engine();
    let plan = crate::rig::plan(&engine, &stack).await;
    let change = plan.change("vault").expect("it is declared");
    assert_eq!(change.action, Action::Recover);
    assert_eq!(
        rig.writes().len(),
        sent,
        "it is said before anything is written"
    );
    assert_done(&engine.execute(&plan).await);
    assert!(rig.live(&id).is_some());
    assert_eq!(purges(&rig), 0);
    rig.assert_settled(&stack).await;
}

/// Scenario 25, of somebody else's vault.
#[tokio::test(start_paused = true)]
async fn a_deleted_vault_of_somebody_else_blocks_the_plan_before_anything_is_written() {
    let stack = vault();
    let (group, id) = (id_of(&stack, "group").await, id_of(&stack, "vault").await);
    let theirs = group.replace("scene", "theirs");
    for held in [id.clone(), id.replace(&group, &theirs)] {
        let rig = Rig::new();
        // A group of ours without the vault, a group of theirs.
        assert_done(&apply(&rig.engine(), &workspace(None, None)).await);
        let human = rig.emulator.as_human();
        let body = json!({"location": "westeurope"});
        assert!(human.put(&theirs, &body).expect("in memory").status < 300);
        tokio::time::sleep(Duration::from_secs(10)).await;
        let left = human.leave_deleted_vault(&held, "westeurope");
        assert!(left.expect("in memory"), "{held}");
        let kept = rig.emulator.snapshot().soft_deleted();
        assert_eq!(kept.len(), 1, "{kept:?}");

        let sent = rig.writes().len();
        let plan = rig.engine().plan(&stack).await.expect("it can be planned");
        let blocked = plan.ensure_executable().expect_err("the name is held");
        let [finding] = &blocked.findings[..] else {
            panic!("{:#?}", blocked.findings);
        };
        let fix = finding.fix.as_deref().unwrap_or_default();
        assert!(fix.contains("another"), "{finding:?}");
        assert_eq!(rig.writes().len(), sent);
        assert_eq!(purges(&rig), 0);
        assert_eq!(rig.emulator.snapshot().soft_deleted(), kept);
    }
}
