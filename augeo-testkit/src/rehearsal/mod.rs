//! A rehearsal: the real plan against a copy of what was observed, to its end, in no time and
//! without touching anything.
//!
//! The planner, the executor, the Azure provider and its client are the real ones; the world is
//! the emulator's in memory, its clock is virtual, its durations are Azure's.

mod copy;
mod requests;
mod text;
mod trial;

use std::sync::Arc;
use std::time::Duration;

use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::provider::{EntropyError, SecretSource};
use augeo_azure::{Azure, AzureOptions};
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::engine::{Engine, Limits};
use augeo_core::plan::Plan;
use augeo_core::report::{Outcome, Report};
use augeo_core::{PlanOptions, Stack};
use serde::Serialize;
use time::OffsetDateTime;

use crate::emulator::{Emulator, Interruption, Moment, Now, World};

pub use copy::{Copy, Recorder};
pub use requests::{Kind, Requests};
pub use text::{rehearsed_text, trials_text};
pub use trial::{Trial, trials};

use requests::Counter;
use trial::Underway;

/// How long a request is under way beside what the service needs: an estimate.
const LATENCY: Duration = Duration::from_millis(100);

/// How long after a run it is looked whether everything is as it is to be.
const SETTLED_AFTER: Duration = Duration::from_secs(180);

/// A plan to be rehearsed.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The copy of what was observed.
    pub world: World,
    /// What time it is there.
    pub now: OffsetDateTime,
    /// What is to be there.
    pub stack: Stack,
    /// How it was planned.
    pub options: PlanOptions,
    /// The bounds of the run.
    pub limits: Limits,
}

/// What failed in a rehearsal, or has an unknown end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failing {
    /// The resource, by its name in the stack.
    pub resource: String,
    /// The code of its error.
    pub code: String,
    /// What was answered.
    pub message: String,
}

/// What became of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Performed {
    /// How many changes there were.
    pub changes: usize,
    /// How many were done.
    pub succeeded: usize,
    /// What failed or has an unknown end.
    pub failed: Vec<Failing>,
    /// How many were held back or not begun.
    pub others: usize,
    /// Why nothing was executed, if nothing was.
    pub not_planned: Option<String>,
    /// How long it took in Azure's time, in whole seconds.
    pub seconds: u64,
    /// Whether a plan afterwards had nothing to change.
    pub settled: bool,
}

impl Performed {
    /// Whether everything is as it is to be.
    pub fn converged(&self) -> bool {
        self.settled && self.failed.is_empty() && self.others == 0 && self.not_planned.is_none()
    }
}

/// A rehearsal without any trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsed {
    /// What became of it.
    #[serde(flatten)]
    pub performed: Performed,
    /// Where the plan for the copy is another than the real one, by name: a copy is only as good
    /// as what was told.
    pub differs: Vec<String>,
    /// The requests that it took, those of planning included.
    pub requests: Requests,
}

/// What a user would see if something went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// What went wrong.
    pub name: String,
    /// In words.
    pub what: &'static str,
    /// Whether it met anything at all.
    pub met: bool,
    /// What became of the run.
    pub first: Performed,
    /// What a second run then did, once it was over.
    pub second: Option<Performed>,
}

impl Tried {
    /// Whether everything was as it is to be in the end.
    pub fn converged(&self) -> bool {
        self.second.as_ref().unwrap_or(&self.first).converged()
    }
}

/// In a rehearsal there are no secrets: every value is made of a counter.
#[derive(Debug)]
struct Placeholders;

impl SecretSource for Placeholders {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for (place, byte) in (0_u8..=u8::MAX).cycle().zip(bytes) {
            // The first steps are a capital, a small letter, punctuation, and soon a digit.
            *byte = place.wrapping_mul(31);
        }
        Ok(())
    }
}

/// The stage: a fork of the copy, with its clock.
struct Stage {
    emulator: Emulator,
    clock: Arc<dyn Clock>,
    counter: Counter,
    underway: Option<Underway>,
}

impl Rehearsal {
    /// Runs the plan to its end.
    ///
    /// # Panics
    /// Inside a runtime: it runs one of its own, whose time is virtual.
    pub fn run(&self, real: &Plan) -> Rehearsed {
        on_virtual_time(async {
            let stage = self.stage();
            let (performed, plan) = self.perform(&stage).await;
            let differs = plan.map_or(Vec::new(), |plan| differences(real, &plan));
            Rehearsed {
                performed,
                differs,
                requests: stage.counter.take(),
            }
        })
    }

    /// Runs the plan while something goes wrong for the resource with this id; if that is seen in
    /// the end, it is mended and the command given again.
    ///
    /// # Panics
    /// Inside a runtime: it runs one of its own, whose time is virtual.
    pub fn run_with(&self, trial: &Trial, victim: &str) -> Tried {
        on_virtual_time(async {
            let mut stage = self.stage();
            let underway = trial.begin(&stage.emulator, victim);
            let underway = underway.expect("a world in memory can be written");
            stage.underway = Some(underway.clone());
            let (first, _) = self.perform(&stage).await;
            let met = underway.met(&stage.emulator);
            let met = met.expect("a world in memory can be read");
            stage.underway = None;
            let now = stage.clock.now();
            let mended = stage.emulator.with_world(|world| {
                world.calm();
                world.release_operations(now)
            });
            mended.expect("a world in memory can be written");
            let second = if first.converged() {
                None
            } else {
                Some(self.perform(&stage).await.0)
            };
            Tried {
                name: trial.name.clone(),
                what: trial.what,
                met,
                first,
                second,
            }
        })
    }

    fn stage(&self) -> Stage {
        let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(self.now));
        let now = Arc::clone(&clock);
        Stage {
            emulator: Emulator::around(self.world.clone(), Now::new(move || now.now())),
            clock,
            counter: Counter::default(),
            underway: None,
        }
    }

    fn engine(&self, stage: &Stage) -> Result<Engine, String> {
        let counter = stage.counter.clone();
        let underway = stage.underway.clone();
        let watch = move |moment: &Moment| {
            if let Moment::After {
                request, response, ..
            } = moment
            {
                counter.count(request, response);
            }
            let underway = underway.as_ref();
            underway.map_or(Interruption::None, |it| it.interrupt(moment))
        };
        let transport = stage.emulator.transport();
        let transport = transport.with_latency(LATENCY).with_watcher(watch);
        let subscription = SubscriptionId::parse(stage.emulator.subscription_id());
        let subscription = subscription.map_err(|error| error.to_string())?;
        let options = ArmClientOptions::in_process(
            Arc::new(transport),
            subscription,
            Arc::clone(&stage.clock),
        );
        let client = ArmClient::new(options).map_err(|error| error.to_string())?;
        let mut options = AzureOptions::new(client);
        options.entropy = Arc::new(Placeholders);
        Ok(Engine::new(Azure::new(options))
            .with_clock(Arc::clone(&stage.clock))
            .with_limits(self.limits))
    }

    /// One command from its plan to its end, and a plan afterwards.
    async fn perform(&self, stage: &Stage) -> (Performed, Option<Plan>) {
        let begun = tokio::time::Instant::now();
        let engine = match self.engine(stage) {
            Ok(engine) => engine,
            Err(error) => return (not_planned(error), None),
        };
        let plan = match engine.plan_with(&self.stack, &self.options).await {
            Ok(plan) => plan,
            Err(error) => return (not_planned(chain(&error)), None),
        };
        if let Err(blocked) = plan.ensure_executable() {
            let first = blocked.findings.first();
            let why = first.map_or(String::new(), |it| format!(": {} {}", it.rule, it.message));
            return (not_planned(format!("{blocked}{why}")), Some(plan));
        }
        let report = engine.execute(&plan).await;
        let seconds = begun.elapsed().as_secs();
        let requests = stage.counter.take();
        // What lags is seen by then.
        tokio::time::sleep(SETTLED_AFTER).await;
        let again = self.engine(stage);
        let settled = match again {
            Ok(again) => {
                let after = again.plan_with(&self.stack, &self.options).await;
                after.is_ok_and(|after| after.is_empty())
            }
            Err(_) => false,
        };
        stage.counter.put(requests);
        (performed(&report, seconds, settled), Some(plan))
    }
}

/// Runs on one thread whose time passes only while everything waits.
fn on_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO needs nothing of the system");
    runtime.block_on(work)
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn not_planned(why: String) -> Performed {
    Performed {
        changes: 0,
        succeeded: 0,
        failed: Vec::new(),
        others: 0,
        not_planned: Some(why),
        seconds: 0,
        settled: false,
    }
}

fn performed(report: &Report, seconds: u64, settled: bool) -> Performed {
    let mut performed = Performed {
        changes: report.outcomes.len(),
        succeeded: 0,
        failed: Vec::new(),
        others: 0,
        not_planned: None,
        seconds,
        settled,
    };
    for (name, _, outcome) in &report.outcomes {
        match outcome {
            Outcome::Succeeded => performed.succeeded += 1,
            Outcome::Failed { error } | Outcome::Unknown { error } => {
                performed.failed.push(Failing {
                    resource: name.to_string(),
                    code: error.code.clone(),
                    message: error.message.clone(),
                });
            }
            Outcome::Skipped { .. } | Outcome::Pending(_) | Outcome::Cancelled => {
                performed.others += 1;
            }
        }
    }
    performed
}

/// Where two plans do not do the same.
fn differences(real: &Plan, copied: &Plan) -> Vec<String> {
    let mut differs = Vec::new();
    for change in &real.changes {
        let name = &change.name;
        match copied.change(name.as_str()) {
            None => differs.push(format!("{name} is not in it")),
            Some(other) if other.action != change.action => differs.push(format!(
                "{name}: {} instead of {}",
                other.action, change.action
            )),
            Some(_) => {}
        }
    }
    let more = copied.changes.iter();
    let more = more.filter(|change| real.change(change.name.as_str()).is_none());
    differs.extend(more.map(|change| format!("{} is only in it", change.name)));
    differs
}
