//! From nothing to everything, to nothing, and back.

use augeo_core::plan::file;
use augeo_testkit::emulator::{Effect, Emulator, Fault, Match};

use crate::rig::{
    ENVIRONMENTS, apply, assert_kept, assert_recovers, assert_unchanged, destroy_everything,
    engine, execute, provision, stack, until_nothing_waits,
};

#[tokio::test(start_paused = true)]
async fn every_environment_is_made_stays_as_it_is_goes_and_comes_back() {
    for environment in ENVIRONMENTS {
        let emulator = Emulator::new();
        let stack = stack(environment);
        provision(&engine(&emulator), &stack).await;
        assert_unchanged(&engine(&emulator), &stack).await;

        let engine_two = engine(&emulator);
        let plan = engine_two
            .plan_with(&stack, &destroy_everything())
            .await
            .expect("it can be planned");
        execute(&engine_two, &plan).await;
        let world = emulator.snapshot();
        assert_eq!(world.live_ids(), Vec::<String>::new(), "{environment}");
        assert_kept(&emulator);

        let engine_three = engine(&emulator);
        let plan = engine_three.plan(&stack).await.expect("it can be planned");
        assert_recovers(&plan);
        let report = execute(&engine_three, &plan).await;
        until_nothing_waits(&engine_three, &stack, &report).await;
        assert_unchanged(&engine(&emulator), &stack).await;
        assert_eq!(
            emulator.snapshot().unsupported_requests(),
            Vec::<String>::new()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn data_is_not_destroyed_unless_it_is_named() {
    let emulator = Emulator::new();
    let stack = stack("dev");
    apply(&engine(&emulator), &stack).await;
    let before = emulator.snapshot().live_ids();
    let engine = engine(&emulator);
    let options = augeo_core::PlanOptions {
        purpose: augeo_core::plan::Purpose::Destroy,
        ..Default::default()
    };
    let plan = engine
        .plan_with(&stack, &options)
        .await
        .expect("it can be planned");
    let blocked = plan.ensure_executable().expect_err("it holds data");
    assert!(
        blocked
            .findings
            .iter()
            .all(|finding| finding.rule == "augeo/protected"),
        "{:?}",
        blocked.findings
    );
    engine
        .execute(&plan)
        .await
        .ok()
        .expect_err("a blocked plan does nothing");
    assert_eq!(emulator.snapshot().live_ids(), before);
}

#[tokio::test(start_paused = true)]
async fn what_others_keep_in_the_group_stays_and_so_does_the_group() {
    let emulator = Emulator::new();
    let stack = stack("dev");
    apply(&engine(&emulator), &stack).await;
    let group = emulator
        .snapshot()
        .live_ids()
        .into_iter()
        .find(|id| id.ends_with("augeo-dev-rg"))
        .expect("the group");
    let foreign = format!("{group}/providers/Microsoft.Network/dnsZones/theirs.example");
    let body = serde_json::json!({"location": "global", "properties": {}});
    let now = emulator.now().get();
    assert!(
        emulator
            .with_world(|world| world.insert(now, &foreign, &body))
            .expect("in memory")
    );
    let engine = engine(&emulator);
    let plan = engine
        .plan_with(&stack, &destroy_everything())
        .await
        .expect("it can be planned");
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "augeo/host-stays"),
        "{:?}",
        plan.findings
    );
    execute(&engine, &plan).await;
    let mut left = emulator.snapshot().live_ids();
    left.sort();
    assert_eq!(left, [group, foreign]);
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_does_what_the_plan_does() {
    let emulator = Emulator::new();
    let stack = stack("dev");
    let engine = engine(&emulator);
    let plan = engine.plan(&stack).await.expect("it can be planned");
    let text = file::to_json(&plan).to_string();
    let json = serde_json::from_str(&text).expect("it was written as JSON");
    let saved =
        file::from_json(json, &**engine.provider()).expect("it was written by this version");
    for (one, other) in plan.changes.iter().zip(&saved.changes) {
        assert_eq!(one.ty.title, other.ty.title, "{}", one.name);
    }
    engine.verify(&saved).await.expect("nothing moved");
    execute(&engine, &saved).await;
    assert_unchanged(&engine, &stack).await;
    let moved = engine
        .verify(&saved)
        .await
        .expect_err("everything is there now");
    assert!(moved.to_string().contains("group exists now"), "{moved}");
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_contents_may_not_be_listed_stays() {
    let emulator = Emulator::new();
    let stack = stack("dev");
    apply(&engine(&emulator), &stack).await;
    let ids = emulator.snapshot().live_ids();
    let group = ids
        .into_iter()
        .find(|id| id.ends_with("augeo-dev-rg"))
        .expect("the group");
    let denied = Fault::new(
        Match {
            id: Some(format!("{group}/resources")),
            ..Match::default()
        },
        Effect::Refuse {
            status: 403,
            code: "AuthorizationFailed".to_owned(),
            message: "you may not".to_owned(),
            retry_after: None,
        },
    );
    emulator
        .with_world(|world| world.inject(denied))
        .expect("in memory");
    let engine = engine(&emulator);
    let plan = engine
        .plan_with(&stack, &destroy_everything())
        .await
        .expect("it can be planned");
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "augeo/host-stays"),
        "{:?}",
        plan.findings
    );
    execute(&engine, &plan).await;
    assert_eq!(emulator.snapshot().live_ids(), [group]);
}

#[tokio::test(start_paused = true)]
async fn what_environments_share_outlives_them_and_goes_by_its_own_name() {
    let emulator = Emulator::new();
    let shared = stack("shared");
    apply(&engine(&emulator), &shared).await;
    assert_unchanged(&engine(&emulator), &shared).await;
    let before = emulator.snapshot().live_ids();
    let dev = stack("dev");
    apply(&engine(&emulator), &dev).await;
    for (gone, left) in [(&dev, before), (&shared, Vec::new())] {
        let engine = engine(&emulator);
        let plan = engine.plan_with(gone, &destroy_everything()).await;
        execute(&engine, &plan.expect("it can be planned")).await;
        assert_eq!(emulator.snapshot().live_ids(), left);
    }
}
