//! An apply takes no longer than what it waits for: the emulator's own critical path, and little
//! more.

use std::time::Duration;

use augeo_testkit::bound::apply_duration_min;
use augeo_testkit::emulator::{Durations, Emulator};
use tokio::time::Instant;

use crate::rig::{engine_with, execute, stack};

/// What ARM takes to answer from another continent's edge.
const LATENCY: Duration = Duration::from_millis(50);
const RATIO_MAX: f64 = 1.05;

/// How long an apply took, in virtual time, and the shortest time in which it can be done.
async fn apply_durations(
    environment: &str,
    durations: Durations,
    latency: Duration,
) -> (Duration, Duration) {
    let emulator = Emulator::with_durations(durations);
    let transport = emulator.transport().with_latency(latency);
    let engine = engine_with(&emulator, transport, |mut options| {
        // Azure takes two writes of identities a second, which nobody may send faster to an
        // emulator that is sixty times as fast.
        options.throttle.enabled = latency > Duration::ZERO;
        options
    });
    let plan = engine
        .plan(&stack(environment))
        .await
        .expect("it can be planned");
    let begun = Instant::now();
    execute(&engine, &plan).await;
    let took = begun.elapsed();
    let least = apply_duration_min(&plan, &emulator.snapshot(), latency);
    (took, least)
}

#[tokio::test(start_paused = true)]
async fn an_apply_takes_hardly_longer_than_its_critical_path() {
    let profiles = [
        (Durations::azure(), LATENCY),
        (Durations::default(), Duration::ZERO),
    ];
    for environment in ["dev", "staging", "production", "shared"] {
        for (durations, latency) in profiles {
            let (took, least) = apply_durations(environment, durations, latency).await;
            let ratio = took.as_secs_f64() / least.as_secs_f64();
            assert!(
                (1.0..=RATIO_MAX).contains(&ratio),
                "{environment}, {durations:?}: {took:?} for what takes {least:?}: {ratio:.3}"
            );
        }
    }
}
