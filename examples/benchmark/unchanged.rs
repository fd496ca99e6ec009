//! A plan without changes of 1,000 storage accounts over HTTP: what it costs the client, which is
//! a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;

use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::cloud::Cloud;
use augeo_azure::credential::Credential;
use augeo_azure::throttle::ThrottleOptions;
use augeo_azure::{Azure, AzureOptions};
use augeo_core::Engine;
use augeo_core::clock::{Clock, SystemClock};
use augeo_testkit::emulator::{
    Durations, Emulator, Listener, SUBSCRIPTION_ID, WorldOptions, wall_now,
};

use crate::stacks::{SLICE, accounts, engine};
use crate::{Row, process};

const ACCOUNTS: u16 = 1_000;
/// Each run is a new process: its start is part of what a user waits for.
const RUNS: usize = 5;
const CPU_MILLIS_MAX: f64 = 0.3;
const MEMORY_MIB_MAX: f64 = 40.0;

/// What one run of the client used.
struct Usage {
    cpu_millis: f64,
    memory_mib: f64,
}

/// Starts the emulator, then the client several times, and judges the median and the peak.
pub(crate) fn measure() -> Vec<Row> {
    let mut server = this_program(&["serve"], Stdio::piped());
    let mut endpoint = String::new();
    let output = server.stdout.take().expect("it is piped");
    BufReader::new(output)
        .read_line(&mut endpoint)
        .expect("the emulator tells where it is");
    let mut runs: Vec<Usage> = (0..RUNS).map(|_| run_client(endpoint.trim())).collect();
    // The emulator ends when nobody holds its input any more.
    drop(server.stdin.take());
    server.wait().expect("it was started");
    runs.sort_by(|one, other| one.cpu_millis.total_cmp(&other.cpu_millis));
    let cpu = runs[RUNS / 2].cpu_millis / f64::from(ACCOUNTS);
    let memory = runs.iter().map(|run| run.memory_mib).fold(0.0, f64::max);
    vec![
        Row::at_most(
            "plan 1,000 accounts unchanged, CPU of each",
            cpu,
            CPU_MILLIS_MAX,
            "ms",
        ),
        Row::at_most(
            "plan 1,000 accounts unchanged, peak memory",
            memory,
            MEMORY_MIB_MAX,
            "MiB",
        ),
    ]
}

fn this_program(arguments: &[&str], input: Stdio) -> Child {
    let program = std::env::current_exe().expect("the program knows its file");
    Command::new(program)
        .args(arguments)
        .stdin(input)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started again")
}

fn run_client(endpoint: &str) -> Usage {
    let client = this_program(&["client", endpoint], Stdio::null());
    let output = client.wait_with_output().expect("it was started");
    assert!(output.status.success(), "the client tells why");
    let told = String::from_utf8(output.stdout).expect("it prints figures");
    let figures: Vec<f64> = told
        .split_whitespace()
        .filter_map(|figure| figure.parse().ok())
        .collect();
    Usage {
        cpu_millis: figures[0],
        memory_mib: figures[1],
    }
}

/// The emulator with the accounts in it; serves until its input ends.
#[expect(
    clippy::print_stdout,
    reason = "it tells its endpoint to the process that started it"
)]
pub(crate) fn serve() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the system lets it have threads");
    runtime.block_on(async {
        let options = WorldOptions {
            durations: Durations::instant(),
            throttling: false,
            ..WorldOptions::default()
        };
        let emulator = Emulator::in_memory(options, wall_now());
        let engine = engine(&emulator, emulator.transport(), Some(SLICE), |_| ());
        let plan = engine
            .plan(&accounts(ACCOUNTS.into()))
            .await
            .expect("it can be planned");
        engine.execute(&plan).await.ok().expect("it can be applied");
        let listener = Listener::bind(emulator, ([127, 0, 0, 1], 0).into())
            .await
            .expect("a port is free");
        println!("{}", listener.endpoint());
        let input_ends = tokio::task::spawn_blocking(|| {
            let mut rest = Vec::new();
            // However the input ends, nobody needs the emulator any more.
            let _ = std::io::stdin().read_to_end(&mut rest);
        });
        listener
            .serve(async move {
                let _ = input_ends.await;
            })
            .await;
    });
    ExitCode::SUCCESS
}

/// One plan, which must be empty; prints its milliseconds of CPU and its MiB.
#[expect(
    clippy::print_stdout,
    reason = "it tells its figures to the process that started it"
)]
pub(crate) fn client(endpoint: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the system lets it have threads");
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let subscription = SubscriptionId::parse(SUBSCRIPTION_ID).expect("it is an id");
        let cloud = Cloud::emulator_at(endpoint).expect("it is on loopback");
        let credential = Credential::emulator(Arc::clone(&clock));
        let mut options = ArmClientOptions::new(cloud, subscription, credential, clock);
        options.throttle = ThrottleOptions::off();
        let mut options =
            AzureOptions::new(ArmClient::new(options).expect("the options are right"));
        options.catalogue = SLICE;
        let plan = Engine::new(Azure::new(options))
            .plan(&accounts(ACCOUNTS.into()))
            .await
            .expect("it can be planned");
        assert!(plan.is_empty(), "nothing has changed");
        assert_eq!(plan.unchanged(), usize::from(ACCOUNTS) + 1);
    });
    let cpu = process::cpu().as_secs_f64() * 1_000.0;
    println!("{cpu} {}", process::memory_max());
    ExitCode::SUCCESS
}
