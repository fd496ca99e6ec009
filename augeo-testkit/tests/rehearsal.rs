//! Rehearsals from a program of one's own: plan over a recorder, copy, run, try what goes wrong.

use std::sync::Arc;

use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::durations::durations;
use augeo_azure::resources::{Container, ResourceGroup, StorageAccount, StorageSku};
use augeo_azure::{Azure, AzureOptions};
use augeo_core::clock::TokioClock;
use augeo_core::engine::{Engine, Limits};
use augeo_core::forecast::{Forecast, ForecastOptions};
use augeo_core::plan::Plan;
use augeo_core::{PlanOptions, Stack};
use augeo_testkit::emulator::{Durations, Emulator, SUBSCRIPTION_ID, VIRTUAL_EPOCH};
use augeo_testkit::rehearsal::{Recorder, Rehearsal, Tried, trials};
use azure_core::http::Transport;

fn stack(sku: StorageSku) -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    let mut account = StorageAccount::within(&group);
    account.sku = sku;
    let store = stack.add("store", account);
    stack.add("store/backups", Container::within(&store));
    stack
}

/// Provisions one version, then plans the next over a recorder.
fn prepared() -> (Emulator, Plan, Rehearsal) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("the emulator answers");
    runtime.block_on(async {
        let emulator = Emulator::with_durations(Durations::instant());
        let recorder = Recorder::new(Transport::new(Arc::new(emulator.transport())));
        let clock = Arc::new(TokioClock::starting_at(VIRTUAL_EPOCH));
        let engine = || {
            let subscription =
                SubscriptionId::parse(SUBSCRIPTION_ID).expect("the emulator answers");
            let carrier = Arc::new(recorder.clone());
            let options = ArmClientOptions::in_process(
                carrier,
                subscription,
                Arc::<TokioClock>::clone(&clock),
            );
            let client = ArmClient::new(options).expect("the emulator answers");
            Engine::new(Azure::new(AzureOptions::new(client)))
                .with_clock(Arc::<TokioClock>::clone(&clock))
        };
        let first = engine()
            .plan(&stack(StorageSku::StandardLrs))
            .await
            .expect("the emulator answers");
        engine()
            .execute(&first)
            .await
            .ok()
            .expect("the emulator answers");
        let stack = stack(StorageSku::StandardGrs);
        let plan = engine().plan(&stack).await.expect("the emulator answers");
        let copy = recorder.copy(SUBSCRIPTION_ID, VIRTUAL_EPOCH);
        assert_eq!(copy.left_out, []);
        let rehearsal = Rehearsal {
            world: copy.world,
            now: VIRTUAL_EPOCH,
            stack,
            options: PlanOptions::default(),
            limits: Limits::default(),
        };
        (emulator, plan, rehearsal)
    })
}

#[test]
fn a_rehearsal_does_what_the_plan_says_and_touches_nothing() {
    let (emulator, plan, rehearsal) = prepared();
    let before = emulator.snapshot().live_resources();
    let rehearsed = rehearsal.run(&plan);
    assert!(rehearsed.performed.converged(), "{rehearsed:?}");
    assert_eq!(rehearsed.performed.changes, 1);
    assert_eq!(rehearsed.differs, Vec::<String>::new());
    assert_eq!(rehearsed, rehearsal.run(&plan), "it is the same each time");
    assert_eq!(emulator.snapshot().live_resources(), before);
    let forecast = Forecast::of(&plan, &durations(), &ForecastOptions::default());
    assert_eq!(forecast.critical_path[0].as_str(), "store");
}

#[test]
fn each_trial_says_what_a_user_would_see() {
    let (_, plan, rehearsal) = prepared();
    let id = plan.change("store").unwrap().id.text().to_owned();
    let tried: Vec<Tried> = trials()
        .iter()
        .map(|trial| rehearsal.run_with(trial, &id))
        .collect();
    for it in tried.iter().filter(|it| it.met) {
        assert!(it.converged(), "{it:?}");
    }
    let find = |name: &str| tried.iter().find(|it| it.name == name).unwrap();
    let throttled = find("throttled");
    assert!(throttled.met && throttled.second.is_none(), "{throttled:?}");
    assert!(
        throttled.first.seconds >= 17,
        "it waits as long as it is told"
    );
    let denied = find("access-denied");
    let [failing] = denied.first.failed.as_slice() else {
        panic!("{denied:?}");
    };
    assert_eq!(failing.resource, "store");
    assert_eq!(failing.code, "AuthorizationFailed");
    assert!(
        failing.message.contains("authorization to perform"),
        "{failing:?}"
    );
    assert!(!find("access-settles").met, "nothing is granted here");
}

#[test]
fn what_is_not_in_the_copy_shows_as_a_difference() {
    let (_, plan, mut rehearsal) = prepared();
    let id = plan.change("store").unwrap().id.text().to_owned();
    let live = rehearsal.world.live_resources();
    let others = live
        .iter()
        .filter(|it| !it.id.contains("/storageAccounts/"));
    let bodies: Vec<_> = others.map(|it| it.body.clone()).collect();
    let mut world = augeo_testkit::emulator::World::new(rehearsal.world.options().clone());
    world.import(VIRTUAL_EPOCH, &bodies);
    assert!(world.live_resource(&id).is_none());
    rehearsal.world = world;
    let differs = rehearsal.run(&plan).differs;
    assert!(
        differs.contains(&"store: create instead of update".to_owned()),
        "{differs:?}"
    );
}
