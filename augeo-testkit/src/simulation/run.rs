//! Plays one script: its runs and crashes, the calm at the end, and every check on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::provider::AzureOptions;
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::engine::{Engine, PlanError};
use augeo_core::name::ResourceName;
use augeo_core::plan::{Plan, Purpose};
use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::report::{Event, Report};
use augeo_core::resource::Condition;
use augeo_core::{DeleteData, PlanOptions, Stack};

use super::address::{is_at_rest, told_state};
use super::check;
use super::excuse::Circumstances;
use super::fault::When;
use super::monitor::Shared;
use super::script::{Act, Crash, Ending, Faults, Script, Step, Strike};
use super::secret::{SeededSecrets, Told};
use super::shape::KNOWN_DOMAIN;
use super::subject::Subject;
use super::violation::{Invariant, Violation};
use crate::emulator::{Consistency, Durations, Emulator, LiveResource, WorldOptions};

/// After so much simulated time a run counts as one that never ends.
const RUN_DURATION_MAX: Duration = Duration::from_secs(48 * 3_600);

/// What came of one simulation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The promises that were broken, in the order of time.
    pub violations: Vec<Violation>,
    /// Every fault that met a request, so that it can be played again exactly.
    pub strikes: Vec<Strike>,
    /// How often each situation was met.
    pub marks: BTreeMap<String, u64>,
    /// A number that stands for every request, its time and its answer.
    pub hash: u64,
    /// How much time passed in the simulated world.
    pub simulated: Duration,
    /// How many requests there were.
    pub requests: u64,
    /// How many requests each run sent, in the order of the runs.
    pub requests_by_run: Vec<u64>,
    /// How many provisions and destroys there were.
    pub runs: usize,
    /// Every request and every answer, where that was asked for.
    pub trace: Vec<String>,
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum End {
    /// The process died.
    Died,
    /// Nothing was executed, and this is why; with the provider's error, if it was one.
    NotPlanned(String, Option<Box<ProviderError>>),
    /// A plan was executed.
    Done(Box<(Plan, Report)>),
}

/// The world of a script, and what was learnt of it.
pub(super) struct Play<'a> {
    pub(super) script: &'a Script,
    pub(super) subject: &'a dyn Subject,
    pub(super) emulator: Emulator,
    pub(super) monitor: Shared,
    pub(super) told: Told,
    listens: bool,
    runs: usize,
    /// Whether somebody else ever changed anything.
    pub(super) interfered: bool,
    /// When the last run ended, or somebody else last acted.
    pub(super) ended: Option<time::OffsetDateTime>,
    /// What goes on beside the run.
    circumstances: Circumstances,
    /// Every id that any version gave a resource, by its name.
    pub(super) ids: BTreeMap<String, String>,
}

/// Plays a script against a subject on tokio's paused clock, on this thread.
pub(super) fn play(script: &Script, subject: &dyn Subject, traced: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO needs nothing of the system");
    runtime.block_on(async {
        // Timers count whole milliseconds: begin on one.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let begin = tokio::time::Instant::now();
        let mut play = Play::new(script, subject);
        play.monitor.lock().trace = traced.then(Vec::new);
        play.steps().await;
        if play.monitor.lock().violations.is_empty() {
            play.calm().await;
        }
        let mut monitor = play.monitor.lock();
        monitor.settle_marks();
        Outcome {
            violations: std::mem::take(&mut monitor.violations),
            strikes: std::mem::take(&mut monitor.strikes),
            marks: std::mem::take(&mut monitor.marks),
            hash: monitor.hash(),
            simulated: begin.elapsed(),
            requests: monitor.requests,
            requests_by_run: monitor.requests_by_run(),
            runs: play.runs,
            trace: monitor.trace.take().unwrap_or_default(),
        }
    })
}

impl<'a> Play<'a> {
    fn new(script: &'a Script, subject: &'a dyn Subject) -> Self {
        let emulator = Emulator::with_options(WorldOptions {
            seed: script.seed,
            durations: Durations::azure(),
            known_domains: vec![KNOWN_DOMAIN.to_owned()],
            ..WorldOptions::default()
        });
        let lags = script.lags.consistency();
        let set = emulator.with_world(|world| world.set_consistency(lags));
        set.expect("a world in memory can be changed");
        let unseen = script.lags.longest();
        let monitor = Shared::new(emulator.clone(), script.seed, script.faults.clone(), unseen);
        Self {
            script,
            subject,
            emulator,
            monitor,
            told: Told::default(),
            // Writing everything down to search it is slow; one seed in eight is enough.
            listens: script.seed.is_multiple_of(8) || matches!(script.faults, Faults::Exactly(_)),
            runs: 0,
            interfered: false,
            ended: None,
            circumstances: Circumstances::default(),
            ids: BTreeMap::new(),
        }
    }

    /// Whether the world may not show yet what earlier runs began: it lags, or something is made
    /// or deleted whose type does not tell so.
    fn is_unseen(&self) -> bool {
        let longest = self.script.lags.longest();
        let now = self.emulator.now().get();
        let live = self.emulator.snapshot().live_resources();
        let untold = live
            .iter()
            .any(|live| live.operation.is_some() && is_at_rest(told_state(live)));
        let at_work = live.iter().any(|live| live.operation.is_some());
        let written = self.monitor.lock().written_at;
        let last = written.max(self.ended);
        let recent = last.is_some_and(|at| now < at + longest);
        untold || (!longest.is_zero() && (recent || at_work))
    }

    /// An engine for one run, as a process of its own.
    fn engine(
        &self,
        run: usize,
        crash: Option<Crash>,
    ) -> (Engine, tokio_util::sync::CancellationToken) {
        let (transport, killed) = self.monitor.transport(run, crash);
        let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(self.emulator.now().get()));
        let subscription = SubscriptionId::parse(self.emulator.subscription_id())
            .expect("the emulator's subscription has an id");
        let mut options =
            ArmClientOptions::in_process(Arc::new(transport), subscription, Arc::clone(&clock));
        let seed = self.script.seed.wrapping_mul(31).wrapping_add(run as u64);
        options.seed = seed;
        // An operation that never ends is given up sooner than in earnest.
        options.limits.operation_duration_max = Duration::from_secs(45 * 60);
        if self.listens {
            options.trace = Some(Arc::new(self.told.clone()));
        }
        let client = ArmClient::new(options).expect("the options are those of an emulator");
        let mut options = AzureOptions::new(client);
        options.entropy = Arc::new(SeededSecrets::new(seed));
        (Engine::new(Azure::new(options)).with_clock(clock), killed)
    }

    /// One provision or destroy, from the plan to the report or to its death.
    pub(super) async fn run(
        &mut self,
        version: usize,
        purpose: Purpose,
        crash: Option<Crash>,
        meanwhile: Option<Act>,
    ) -> (usize, End) {
        let run = self.runs;
        self.runs += 1;
        self.circumstances.unseen = self.is_unseen();
        self.circumstances.disturbed = !self.monitor.lock().taken.is_empty();
        let (engine, killed) = self.engine(run, crash);
        let stack = self.subject.stack(version);
        let options = PlanOptions {
            purpose,
            delete_data: DeleteData::All,
            ..PlanOptions::default()
        };
        let monitor = self.monitor.clone();
        let told = self.listens.then(|| self.told.clone());
        let plan = tokio::select! {
            biased;
            () = killed.cancelled() => return (run, End::Died),
            plan = engine.plan_with(&stack, &options) => plan,
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                let said = format!("{error:?}");
                self.told.add(&said);
                let cause = match error {
                    PlanError::Provider(cause) => Some(Box::new(cause)),
                    PlanError::Mistakes(_) => None,
                };
                return (run, End::NotPlanned(said, cause));
            }
        };
        self.learn(run, self.circumstances.unseen, &stack, &plan);
        if let Err(blocked) = plan.ensure_executable() {
            return (
                run,
                End::NotPlanned(format!("{:?}", blocked.findings), None),
            );
        }
        if let Some(act) = meanwhile {
            self.act(act, true);
            self.circumstances.disturbed = true;
        }
        let execution = async {
            if let Some(told) = &told {
                told.add(&format!("{plan:?}"));
            }
            let (monitor, events) = (self.monitor.clone(), told.clone());
            let execution = engine.execute(&plan).on_event(move |event| {
                if let Event::ChangeFinished { resource, .. } = event {
                    monitor.lock().finish(run, resource.as_str());
                }
                if let Some(told) = &events {
                    told.add(&format!("{event:?}"));
                }
            });
            let report = execution.await;
            if let Some(told) = &told {
                told.add(&format!("{:?}", report.outcomes));
            }
            report
        };
        let end = tokio::select! {
            biased;
            () = killed.cancelled() => End::Died,
            report = execution => End::Done(Box::new((plan.clone(), report))),
            () = tokio::time::sleep(RUN_DURATION_MAX) => {
                let detail = format!("run {run} is not over after two days");
                monitor.lock().violate(Invariant::Ends, detail);
                End::Died
            }
        };
        if matches!(end, End::Died) && purpose == Purpose::Apply {
            monitor.lock().mark("died-executing");
        }
        (run, end)
    }

    /// What a plan says of names and ids, and which ids each value refers to.
    fn learn(&mut self, run: usize, lenient: bool, stack: &Stack, plan: &Plan) {
        let broken = plan.check();
        let mut monitor = self.monitor.lock();
        if !broken.is_empty() {
            monitor.violate(Invariant::PlanConsistent, broken.join("; "));
        }
        for change in &plan.changes {
            let id = change.id.text().to_lowercase();
            self.ids.insert(change.name.to_string(), id);
            monitor.mark(format!("plan-{}", change.action));
            if change.awaits {
                monitor.mark("plan-awaits");
            }
        }
        let needs = check::needs(stack, &self.ids);
        monitor.executes(run, lenient, plan, &needs);
    }

    async fn steps(&mut self) {
        for (index, step) in self.script.steps.iter().enumerate() {
            match *step {
                Step::Apply {
                    version,
                    crash,
                    meanwhile,
                } => {
                    if meanwhile.is_some() {
                        self.monitor.lock().mark("somebody-acts-meanwhile");
                    }
                    let (run, end) = self.run(version, Purpose::Apply, crash, meanwhile).await;
                    self.judge(run, &end);
                }
                Step::ApplyTwice { version } => self.twice(version).await,
                Step::Destroy { version, crash } => {
                    let (run, end) = self.run(version, Purpose::Destroy, crash, None).await;
                    self.judge(run, &end);
                }
                Step::Act(act) => self.act(act, false),
                Step::Wait(seconds) => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
            }
            check::boundary(self, index).await;
            if !self.monitor.lock().violations.is_empty() {
                return;
            }
        }
    }

    /// Two provisions at once: each may be told that something moved, and both must tell the truth.
    async fn twice(&mut self, version: usize) {
        self.monitor.lock().mark("two-at-once");
        let stack = self.subject.stack(version);
        let options = PlanOptions {
            delete_data: DeleteData::All,
            ..PlanOptions::default()
        };
        let runs = [self.runs, self.runs + 1];
        self.runs += 2;
        let mut plans = Vec::new();
        for run in runs {
            let (engine, _) = self.engine(run, None);
            if let Ok(plan) = engine.plan_with(&stack, &options).await {
                self.learn(run, true, &stack, &plan);
                if plan.ensure_executable().is_ok() {
                    plans.push((run, engine, plan));
                }
            }
        }
        let executions = plans.iter().map(|(_, engine, plan)| async {
            tokio::time::timeout(RUN_DURATION_MAX, async { engine.execute(plan).await }).await
        });
        let reports = futures::future::join_all(executions).await;
        self.interfered = true;
        self.circumstances.disturbed = true;
        let struck = self.monitor.lock().has_new_endings();
        for (report, (run, _, plan)) in reports.into_iter().zip(&plans) {
            // Either may have begun, or awaited, what a fault on operations met.
            self.circumstances.refused |= struck;
            if let Ok(report) = report {
                let end = End::Done(Box::new((plan.clone(), report)));
                self.judge(*run, &end);
            } else {
                let detail = format!("run {run} of two at once is not over after two days");
                self.monitor.lock().violate(Invariant::Ends, detail);
            }
        }
    }

    /// Whether the end of a run is as it must be.
    fn judge(&mut self, run: usize, end: &End) {
        self.ended = Some(self.emulator.now().get());
        let endings = self.monitor.lock().new_endings();
        if endings.contains(&Ending::Endless) {
            self.circumstances.stuck = true;
            self.monitor.lock().mark("endless-met");
        }
        // An operation that a killed run began may end while a later one awaits it.
        self.circumstances.refused |= endings.iter().any(|ending| ending.surfaces());
        let mut circumstances = self.circumstances;
        let mut told = Vec::new();
        match end {
            End::Died => {}
            End::NotPlanned(said, cause) => {
                let excused = match cause {
                    Some(cause) => circumstances.excuse(cause),
                    None => circumstances.disturbed || circumstances.unseen,
                };
                if !excused {
                    told.push(format!("could not plan: {said}"));
                }
            }
            End::Done(done) => {
                self.circumstances.refused = false;
                let (plan, report) = &**done;
                let unsure = circumstances.disturbed || circumstances.unseen;
                check::report(self, run, plan, report, unsure);
                // What is deleted softly while it is awaited can only be brought back by a plan
                // that was made after that.
                circumstances.deleting = plan.changes.iter().any(|change| {
                    let prior = change.prior.as_ref();
                    change.awaits && prior.is_some_and(|it| it.condition == Condition::Deleting)
                });
                // What was awaited is judged again; what only a new plan may do is left to that.
                let planned_again = |name: &ResourceName, error: &ProviderError| {
                    let change = plan.change(name.as_str());
                    error.kind == ErrorKind::Moved && change.is_some_and(|it| it.awaits)
                };
                let failures = report.failures();
                let unexcused = failures.filter(|(name, error)| {
                    !circumstances.excuse(error) && !planned_again(name, error)
                });
                told.extend(unexcused.map(|(name, error)| format!("{name}: {error:?}")));
            }
        }
        if !told.is_empty() {
            let detail = format!("run {run}: {}", told.join("; "));
            let mut monitor = self.monitor.lock();
            monitor.violate(Invariant::TransientHidden, detail);
        }
    }

    /// What our runs created and is still there: what somebody asked for, and no human.
    pub(super) fn ours(&self) -> Vec<LiveResource> {
        let human = self.emulator.as_human();
        let mut live = self.emulator.snapshot().live_resources();
        live.retain(|live| {
            let by = live.created_by.as_deref();
            by.is_some_and(|by| by != human.principal())
        });
        live
    }

    /// Its ids, in lower case.
    pub(super) fn created_and_live(&self) -> BTreeSet<String> {
        let ours = self.ours().into_iter();
        ours.map(|live| live.id.to_lowercase()).collect()
    }

    /// An engine over a copy of the world as it truly is: looking changes nothing.
    pub(super) fn looker(&self) -> Engine {
        let mut world = self.emulator.snapshot();
        world.calm();
        world.set_consistency(Consistency::default());
        let copy = Emulator::around(world, self.emulator.now());
        let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(copy.now().get()));
        let subscription = SubscriptionId::parse(copy.subscription_id())
            .expect("the emulator's subscription has an id");
        let options = ArmClientOptions::in_process(
            Arc::new(copy.transport()),
            subscription,
            Arc::clone(&clock),
        );
        let client = ArmClient::new(options).expect("the options are those of an emulator");
        Engine::new(Azure::new(AzureOptions::new(client))).with_clock(clock)
    }

    /// Whether any step so far was a crash.
    pub(super) fn crashed_at(&self, step: usize) -> Option<Crash> {
        match self.script.steps.get(step) {
            Some(Step::Apply { crash, .. } | Step::Destroy { crash, .. }) => *crash,
            _ => None,
        }
    }
}

/// The kinds of crash, for coverage.
pub(super) fn crash_word(crash: Crash) -> &'static str {
    match crash.when {
        When::Before => "resumed-after-crash-before-commit",
        When::After => "resumed-after-crash-after-commit",
    }
}
