//! How planning grows: 10,000 synthetic resources against 2 s of CPU and 300 MB, and ten times
//! the resources against twelve times the time. Prints the figures; exits with 1 on a miss.
//!
//! `cargo run --release -p augeo-testkit --no-default-features --features test --example plan_scale`

use std::borrow::Cow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use augeo_core::finding::Finding;
use augeo_core::name::{ResourceId, TypeName};
use augeo_core::plan::{Plan, Purpose};
use augeo_core::provider::{Context, ObserveScope, ObservedState, Provider, ProviderError};
use augeo_core::resource::{Desired, Observed, Resolved, ResourceType};
use augeo_core::value::Value;
use augeo_core::{DeleteData, Engine, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

const CPU_MAX: Duration = Duration::from_secs(2);
const MEMORY_MAX_MB: u64 = 300;
const GROWTH_MAX: f64 = 12.0;
/// Sizes take turns, and the least of so many counts: other programs only ever add.
const TURNS: usize = 5;

/// What one kind of plan cost.
struct Cost {
    what: &'static str,
    cpu: Duration,
}

/// The fake provider; what its own observations cost is not the engine's.
#[derive(Clone, Debug)]
struct Measured {
    inner: FakeProvider,
    observing: Arc<AtomicU64>,
}

#[async_trait]
impl Provider for Measured {
    fn resource_type(
        &self,
        name: &TypeName,
        id: &ResourceId,
    ) -> Option<Cow<'static, ResourceType>> {
        self.inner.resource_type(name, id)
    }

    fn locate(&self, desired: &Desired, scope: Option<&ResourceId>) -> ResourceId {
        self.inner.locate(desired, scope)
    }

    fn canonical(&self, ty: &ResourceType, value: &Value) -> Value {
        self.inner.canonical(ty, value)
    }

    async fn observe(
        &self,
        scope: &ObserveScope,
        ctx: &Context,
    ) -> Result<ObservedState, ProviderError> {
        let begun = cpu();
        let state = self.inner.observe(scope, ctx).await;
        let spent = cpu().saturating_sub(begun).as_nanos();
        let spent = u64::try_from(spent).expect("it took less than centuries");
        self.observing.fetch_add(spent, Ordering::Relaxed);
        state
    }

    async fn preflight(&self, plan: &Plan, ctx: &Context) -> Result<Vec<Finding>, ProviderError> {
        self.inner.preflight(plan, ctx).await
    }

    async fn settle(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        self.inner.settle(ty, id, ctx).await
    }

    async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError> {
        self.inner.create(resolved, ctx).await
    }

    async fn update(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        self.inner.update(resolved, prior, ctx).await
    }

    async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        self.inner.delete(prior, ctx).await
    }
}

/// Groups of a hundred: servers with rules, applications that refer to them, settings.
fn stack(resources: usize, size: i64) -> Stack {
    stack_of("scale", resources, size)
}

fn stack_of(project: &str, resources: usize, size: i64) -> Stack {
    let mut stack = Stack::new(project, "test");
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

/// Where the system tells what a thread costs.
const CPU: &str = "/proc/thread-self/schedstat";

/// The CPU time of this thread so far: there is but one.
fn cpu() -> Duration {
    let text = std::fs::read_to_string(CPU).unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
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

/// One world of a size, with its stack applied.
struct Bench {
    engine: Engine,
    observing: Arc<AtomicU64>,
    resources: usize,
    first: Stack,
    larger: Stack,
    execute: Duration,
}

impl Bench {
    async fn new(resources: usize) -> Self {
        let provider = Measured {
            inner: FakeProvider::new(),
            observing: Arc::default(),
        };
        let mut bench = Self {
            observing: Arc::clone(&provider.observing),
            engine: Engine::new(provider),
            resources,
            first: stack(resources, 1),
            larger: stack(resources, 2),
            execute: Duration::ZERO,
        };
        let plan = bench.engine.plan(&bench.first).await;
        let plan = plan.expect("the stack has no mistake");
        let begun = cpu();
        bench
            .engine
            .execute(&plan)
            .await
            .ok()
            .expect("nothing fails");
        bench.execute = cpu().saturating_sub(begun);
        let again = bench.engine.plan(&bench.first).await;
        assert!(again.expect("the stack has no mistake").is_empty());
        bench
    }

    /// Plans often enough for the mean to mean something.
    async fn plan(&self, what: &'static str, stack: &Stack, options: &PlanOptions) -> Cost {
        let rounds = u32::try_from((10_000 / self.resources).max(1)).expect("few rounds");
        self.observing.store(0, Ordering::Relaxed);
        let begun = cpu();
        for _ in 0..rounds {
            let plan = self.engine.plan_with(stack, options).await;
            let entries = plan.expect("the stack has no mistake").changes.len();
            assert!(entries > self.resources / 2, "{what}: {entries} entries");
        }
        let observing = Duration::from_nanos(self.observing.load(Ordering::Relaxed));
        let spent = cpu().saturating_sub(begun).saturating_sub(observing);
        Cost {
            what,
            cpu: spent / rounds,
        }
    }

    async fn turn(&self) -> Vec<Cost> {
        let apply = PlanOptions::default();
        let destroy = PlanOptions {
            purpose: Purpose::Destroy,
            delete_data: DeleteData::All,
            ..PlanOptions::default()
        };
        let other = stack_of("other", self.resources, 1);
        vec![
            self.plan("create", &other, &apply).await,
            self.plan("unchanged", &self.first, &apply).await,
            self.plan("update", &self.larger, &apply).await,
            self.plan("left", &stack(1, 1), &apply).await,
            self.plan("destroy", &self.first, &destroy).await,
        ]
    }
}

fn least(turns: &[Vec<Cost>]) -> Vec<Cost> {
    let (first, rest) = turns.split_first().expect("there is at least one turn");
    let kinds = first.iter().enumerate();
    kinds
        .map(|(at, cost)| Cost {
            what: cost.what,
            cpu: rest
                .iter()
                .map(|turn| turn[at].cpu)
                .fold(cost.cpu, Ord::min),
        })
        .collect()
}

async fn measured() -> (Vec<Cost>, Vec<Cost>) {
    let (small, large) = (Bench::new(1_000).await, Bench::new(10_000).await);
    let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        of_small.push(small.turn().await);
        of_large.push(large.turn().await);
    }
    let execute = |bench: &Bench| Cost {
        what: "execute",
        cpu: bench.execute,
    };
    let with = |mut costs: Vec<Cost>, execute: Cost| {
        costs.push(execute);
        costs
    };
    (
        with(least(&of_small), execute(&small)),
        with(least(&of_large), execute(&large)),
    )
}

#[expect(clippy::print_stdout, reason = "an example tells its figures")]
fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime needs nothing but memory");
    if !std::path::Path::new(CPU).exists() {
        println!("the system does not tell what a thread costs");
        return ExitCode::SUCCESS;
    }
    let (small, large) = runtime.block_on(measured());
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
