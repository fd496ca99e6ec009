//! How planning grows: 10,000 synthetic resources against 2 s of CPU and 300 MB, and ten times
//! the resources against twelve times the time. Prints the figures; exits with 1 on a miss.
//!
//! `cargo run --release -p augeo-testkit --no-default-features --features test --example plan_scale`

use std::process::ExitCode;
use std::time::Duration;

use augeo_core::plan::Purpose;
use augeo_core::{DeleteData, Engine, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

const CPU_MAX: Duration = Duration::from_secs(2);
const MEMORY_MAX_MB: u64 = 300;
const GROWTH_MAX: f64 = 12.0;

/// What one kind of plan cost.
struct Cost {
    what: &'static str,
    resources: usize,
    cpu: Duration,
}

/// Groups of a hundred: servers with rules, applications that refer to them, settings.
fn stack(resources: usize, size: i64) -> Stack {
    let mut stack = Stack::new("scale", "test");
    let mut left = resources;
    let mut number = 0;
    while left > 0 {
        let group = stack.add(format!("group-{number}"), Fake::group("here"));
        left -= 1;
        let secret = Fake::within("Fake/secret", &group).keeping_secret();
        let mut secret_there = None;
        if left > 0 {
            secret_there = Some(stack.add(format!("secret-{number}"), secret));
            left -= 1;
        }
        for part in 0..24 {
            if left < 4 {
                break;
            }
            let mut server = Fake::within("Fake/server", &group).sized(size);
            if let (0, Some(secret)) = (part, &secret_there) {
                server = server.given(secret.secret());
            }
            let server = stack.add(format!("server-{number}-{part}"), server);
            stack.add(
                format!("rule-{number}-{part}"),
                Fake::within("Fake/rule", &server),
            );
            let app = Fake::within("Fake/app", &group)
                .showing("first")
                .using_id(&server);
            let app = app.using(server.output(Fake::ADDRESS));
            let app = stack.add(format!("app-{number}-{part}"), app);
            let mut config = Fake::within("Fake/config", &app);
            for key in 0..5 {
                config = config.set(&format!("KEY_{key}"), server.output(Fake::ADDRESS));
            }
            stack.add(format!("config-{number}-{part}"), config);
            left -= 4;
        }
        while left > 0 && left < 4 {
            let store = Fake::within("Fake/store", &group).sized(size);
            stack.add(format!("store-{number}-{left}"), store);
            left -= 1;
        }
        number += 1;
    }
    stack
}

/// The CPU time of this process so far.
fn cpu() -> Duration {
    // utime and stime in ticks of 10 ms: fields 14 and 15, counted behind the name in brackets.
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0_u64)
    };
    Duration::from_millis((ticks(12) + ticks(13)) * 10)
}

/// The most memory that this process ever had, where the system tells.
fn memory_mb() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes / 1024)
}

/// Plans often enough that the clock's ticks do not matter, and answers the mean.
async fn measure(
    costs: &mut Vec<Cost>,
    what: &'static str,
    engine: &Engine,
    stack: &Stack,
    options: &PlanOptions,
) {
    let resources = stack.resources().len();
    let rounds = u32::try_from((10_000 / resources).max(1) * 2).expect("few rounds");
    let begun = cpu();
    for _ in 0..rounds {
        let plan = engine
            .plan_with(stack, options)
            .await
            .expect("the stack has no mistake");
        assert!(plan.changes.len() >= resources || what == "destroy");
    }
    let spent = cpu().saturating_sub(begun);
    costs.push(Cost {
        what,
        resources,
        cpu: spent / rounds,
    });
}

async fn measured(resources: usize) -> Vec<Cost> {
    let mut costs = Vec::new();
    let provider = FakeProvider::new();
    let engine = Engine::new(provider.clone());
    let apply = PlanOptions::default();
    let destroy = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let first = stack(resources, 1);
    measure(&mut costs, "create", &engine, &first, &apply).await;
    let plan = engine.plan(&first).await.expect("the stack has no mistake");
    let begun = cpu();
    engine.execute(&plan).await.ok().expect("nothing fails");
    costs.push(Cost {
        what: "execute",
        resources,
        cpu: cpu().saturating_sub(begun),
    });
    drop(plan);
    let again = engine.plan(&first).await.expect("the stack has no mistake");
    assert!(again.is_empty(), "the second plan is empty");
    drop(again);
    measure(&mut costs, "unchanged", &engine, &first, &apply).await;
    measure(&mut costs, "update", &engine, &stack(resources, 2), &apply).await;
    measure(&mut costs, "left", &engine, &stack(1, 1), &apply).await;
    measure(&mut costs, "destroy", &engine, &first, &destroy).await;
    for cost in &mut costs {
        cost.resources = resources;
    }
    costs
}

#[expect(clippy::print_stdout, reason = "an example tells its figures")]
fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime needs nothing but memory");
    let small = runtime.block_on(measured(1_000));
    let large = runtime.block_on(measured(10_000));
    let mut missed = false;
    println!("plan of       1,000     10,000   growth");
    for (small, large) in small.iter().zip(&large) {
        let growth = large.cpu.as_secs_f64() / small.cpu.as_secs_f64().max(0.001);
        // Executing is not planning: it is shown and not held to the bounds.
        let bound = large.what != "execute";
        let miss = bound && (large.cpu > CPU_MAX || growth > GROWTH_MAX);
        missed |= miss;
        println!(
            "{:10} {:6.0} ms {:7.0} ms {:7.1}x{}",
            large.what,
            small.cpu.as_secs_f64() * 1000.0,
            large.cpu.as_secs_f64() * 1000.0,
            growth,
            if miss { "  missed" } else { "" }
        );
    }
    match memory_mb() {
        Some(used) => {
            missed |= used > MEMORY_MAX_MB;
            println!("memory: {used} MB of {MEMORY_MAX_MB} MB");
        }
        None => println!("memory: the system does not tell"),
    }
    if missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
