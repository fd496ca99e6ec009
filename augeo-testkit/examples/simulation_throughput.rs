//! How fast the simulation is: provisions of a 15-resource stack on one core, from nothing, for a
//! few seconds of CPU, against the floor of 250 a second. Nothing goes wrong in them, every check is
//! on. Prints the figures; exits with 1 below the floor.
//!
//! `cargo run --release -p augeo-testkit --features simulation --example simulation_throughput`

use std::process::ExitCode;
use std::time::Duration;

use augeo_testkit::simulation::{Faults, Kind, Lags, Node, Script, Shape, Step, play};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const FLOOR: f64 = 250.0;
const AIM: f64 = 500.0;
const MEASURED: Duration = Duration::from_secs(10);

/// With its group, fifteen resources of every kind that the platform has.
const KINDS: [Kind; 14] = [
    Kind::Identity,
    Kind::Vault,
    Kind::Secret,
    Kind::Server,
    Kind::Database,
    Kind::Rule,
    Kind::Workspace,
    Kind::Component,
    Kind::Storage,
    Kind::Container,
    Kind::RoleOnStorage,
    Kind::Plan,
    Kind::App,
    Kind::Settings,
];

fn script(seed: u64) -> Script {
    let nodes = KINDS.map(|kind| Node {
        kind,
        choice: 0,
        variant: 0,
    });
    Script {
        seed,
        shape: Some(Shape {
            nodes: nodes.to_vec(),
            versions: vec![Vec::new()],
        }),
        steps: vec![Step::Apply {
            version: 0,
            crash: None,
            meanwhile: None,
        }],
        faults: Faults::Exactly(Vec::new()),
        lags: Lags::default(),
    }
}

/// The CPU time of this thread.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split_whitespace().next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() -> ExitCode {
    // The facts of the emulator are read once.
    play(&script(0));
    let begun = cpu();
    let (mut plays, mut runs, mut requests) = (0_u32, 0_usize, 0_u64);
    while cpu().saturating_sub(begun) < MEASURED {
        let outcome = play(&script(u64::from(plays) + 1));
        assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
        plays += 1;
        runs += outcome.runs;
        requests += outcome.requests;
    }
    let seconds = cpu().saturating_sub(begun).as_secs_f64();
    let count = |number: f64| number / seconds;
    let applies = count(f64::from(u32::try_from(runs).unwrap_or(u32::MAX)));
    println!(
        "{plays} stacks of 15 resources made, looked at again and destroyed: {:.0} a second of CPU",
        count(f64::from(plays))
    );
    println!("{requests} requests in {seconds:.1} s");
    let verdict = match applies {
        low if low < FLOOR => "MISS",
        fair if fair < AIM => "above the floor",
        _ => "ok",
    };
    println!("{applies:.0} runs a second, aim {AIM}, floor {FLOOR}: {verdict}");
    if applies < FLOOR {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
