//! How long applies take, in virtual time: the same on every machine, and over in a moment.

use std::time::Duration;

use augeo_azure::platform::Config;
use augeo_azure::throttle::ThrottleOptions;
use augeo_core::Stack;
use augeo_testkit::bound::apply_duration_min;
use augeo_testkit::emulator::{Durations, Emulator, Method, WorldOptions};
use tokio::time::Instant;

use crate::Row;
use crate::stacks::{SLICE, accounts, engine};

const PATH_RATIO_MAX: f64 = 1.05;
const BUCKET_RATIO_MAX: f64 = 1.2;
/// ARM's write bucket: so many at once, then so many a second.
const WRITES_BURST: u32 = 200;
const WRITES_PER_SECOND: f64 = 10.0;

fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO can always be made");
    runtime.block_on(work)
}

fn platform(environment: &str) -> Stack {
    let text = include_str!("../augeo-platform/augeo.toml");
    Config::parse(text, "augeo.toml")
        .expect("the example is right")
        .stack(environment)
        .expect("it has the environment")
}

/// The platform's environments at Azure's durations, against the emulator's critical path.
pub(crate) fn critical_path() -> Vec<Row> {
    const LATENCY: Duration = Duration::from_millis(50);
    let row = |environment: &str| {
        let (took, least) = in_virtual_time(async {
            let emulator = Emulator::with_durations(Durations::azure());
            let transport = emulator.transport().with_latency(LATENCY);
            let engine = engine(&emulator, transport, None, |_| ());
            let plan = engine
                .plan(&platform(environment))
                .await
                .expect("it can be planned");
            let begun = Instant::now();
            engine.execute(&plan).await.ok().expect("it can be applied");
            let took = begun.elapsed();
            let least = apply_duration_min(&plan, &emulator.snapshot(), LATENCY);
            (took.as_secs_f64(), least.as_secs_f64())
        });
        let what = format!("apply {environment}, of its critical path");
        Row::at_most(what, took / least, PATH_RATIO_MAX, "times")
            .of(&format!("{took:.1} s of {least:.1} s"))
    };
    ["dev", "staging", "production", "shared"].map(row).to_vec()
}

/// 200 storage accounts, planned and applied, where requests are slow and writes are counted.
pub(crate) fn two_hundred() -> Vec<Row> {
    const LATENCY: Duration = Duration::from_millis(100);
    const ACCOUNTS: usize = 200;
    let (plan_took, took, checks, writes) = in_virtual_time(async {
        let emulator = Emulator::with_options(WorldOptions {
            durations: Durations::instant(),
            throttling: true,
            ..WorldOptions::default()
        });
        let transport = emulator.transport().with_latency(LATENCY);
        let engine = engine(&emulator, transport, Some(SLICE), |options| {
            options.throttle = ThrottleOptions::default();
        });
        let begun = Instant::now();
        let plan = engine
            .plan(&accounts(ACCOUNTS))
            .await
            .expect("it can be planned");
        let plan_took = begun.elapsed();
        let count = |method| {
            emulator
                .snapshot()
                .requests()
                .iter()
                .filter(|request| request.method == method)
                .count()
        };
        let checks = count(Method::Post);
        engine.execute(&plan).await.ok().expect("it can be applied");
        (plan_took, begun.elapsed(), checks, count(Method::Put))
    });
    // What there is; whether it can be made; the group, looked at again before it is written, for
    // nothing of others is written over; the accounts.
    let rounds = LATENCY * 5;
    // The group comes first; the bucket fills while it is waited for.
    let needed = f64::from(u32::try_from(ACCOUNTS + 1).expect("it is small"));
    let wait = (needed - f64::from(WRITES_BURST)) / WRITES_PER_SECOND;
    let least = rounds.as_secs_f64().max(wait + LATENCY.as_secs_f64());
    let took = took.as_secs_f64();
    let row = Row::at_most(
        "plan and apply 200 accounts, of the bound",
        took / least,
        BUCKET_RATIO_MAX,
        "times",
    );
    vec![row.of(&format!(
        "{took:.1} s of {least:.1} s; plan {:.1} s; {checks} names asked for, {writes} written",
        plan_took.as_secs_f64()
    ))]
}
