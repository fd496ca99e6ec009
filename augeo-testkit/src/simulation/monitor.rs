//! Watches every request of every run: injects what the script says, and checks what must hold at
//! each moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use augeo_core::plan::{Action, Plan};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::fault::{FaultClass, When};
use super::mark;
use super::random::Random;
use super::script::{Blow, Crash, Ending, Faults, Strike};
use super::violation::{Invariant, Violation};
use crate::emulator::{
    ArmRequest, ArmResponse, Delivery, Effect, Emulator, EmulatorTransport, Fault, Interruption,
    Leaves, LiveResource, Match, Method, Moment,
};

/// One request meets so many faults in a row at most: what never passes is no disturbance.
const ROW_MAX: usize = 4;

/// No run of a stack of this size needs more.
const REQUESTS_MAX: u64 = 10_000;

/// What one run is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// It looks; it may write nothing.
    #[default]
    Planning,
    /// It executes its plan.
    Executing,
}

/// A change that a run may make.
#[derive(Clone, Debug)]
struct Allowed {
    id: String,
    action: Action,
    exclusion: BTreeSet<String>,
}

/// What is known of one run.
#[derive(Debug, Default)]
struct Run {
    phase: Phase,
    allowed: Vec<Allowed>,
    /// The ids that the values of each planned resource refer to, and what it lives in.
    needs: BTreeMap<String, BTreeSet<String>>,
    crash: Option<Crash>,
    killed: CancellationToken,
    writes_under_way: BTreeMap<String, u32>,
    /// What it has written so far.
    written: BTreeSet<String>,
    not_before: BTreeMap<(Method, String), OffsetDateTime>,
    /// The faults that each request met in a row.
    rows: BTreeMap<(Method, String), Vec<FaultClass>>,
    /// What is to happen once the world has done what was asked.
    after: BTreeMap<u64, FaultClass>,
    /// The ids whose answers were lost or whose operations were met: what they tell is not seen.
    disturbed: BTreeSet<String>,
    mutations: u64,
    requests: u64,
    /// Whether it looked before everything that an earlier run wrote could be seen, or another
    /// run is at work: what it builds on may not be as it was.
    lenient: bool,
}

impl Run {
    /// The change that a write belongs to.
    fn owner(&self, path: &str) -> Option<&Allowed> {
        let owners = self.allowed.iter().filter(|by| is_within(path, &by.id));
        owners.max_by_key(|by| by.id.len())
    }
}

/// A fault in the world that waits for its operation.
#[derive(Debug)]
struct Planted {
    number: usize,
    ending: Ending,
}

/// Everything that is known of a simulation while it runs.
#[derive(Debug)]
pub(super) struct Monitor {
    emulator: Emulator,
    faults: Faults,
    exact: BTreeMap<(usize, u64), Blow>,
    calm: bool,
    random: Random,
    latency: Random,
    runs: BTreeMap<usize, Run>,
    planted: Vec<Planted>,
    /// Which of them were told of.
    told: BTreeSet<usize>,
    /// For how long after a change it may not be seen.
    unseen: time::Duration,
    /// When a run last wrote.
    pub(super) written_at: Option<OffsetDateTime>,
    /// Every request and answer, if somebody wants to read them.
    pub(super) trace: Option<Vec<String>>,
    /// What is others', as it was.
    pub(super) foreign: BTreeSet<String>,
    /// What of that has a name of the stack's.
    pub(super) taken: BTreeSet<String>,
    /// What others tagged, and which resource of its id that was.
    pub(super) tagged: BTreeMap<String, u64>,
    /// The secret that each resource was given last.
    pub(super) given: BTreeMap<String, String>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) strikes: Vec<Strike>,
    pub(super) marks: BTreeMap<String, u64>,
    pub(super) violations: Vec<Violation>,
    pub(super) requests: u64,
    hash: u64,
}

/// The monitor, shared by the transports of all runs.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Monitor>>);

/// A path as it is compared: without host and query, in lower case.
pub(super) fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| {
        rest.find('/').map_or("/", |slash| &rest[slash..])
    });
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    path.trim_end_matches('/').to_lowercase()
}

/// An address with its query, as it is compared.
fn address_of(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    format!("{}?{query}", path_of(url))
}

/// What tells one request from another: several names are asked for at one URL.
fn key_of(request: &ArmRequest) -> (Method, String) {
    let mut key = address_of(&request.url);
    if request.method == Method::Post {
        key.push(' ');
        key.push_str(&String::from_utf8_lossy(&request.body));
    }
    (request.method, key)
}

/// The state of a resource as far as its type tells one.
pub(super) fn told_state(live: &LiveResource) -> &'static str {
    let properties = live.body.get("properties");
    let tells = ["provisioningState", "state"].iter().any(|key| {
        let told = properties.and_then(|properties| properties.get(key));
        told.and_then(|told| told.as_str()) == Some(live.state)
    });
    if tells { live.state } else { "Succeeded" }
}

fn is_within(id: &str, of: &str) -> bool {
    id == of
        || id
            .strip_prefix(of)
            .is_some_and(|rest| rest.starts_with('/'))
}

impl Shared {
    pub(super) fn new(emulator: Emulator, seed: u64, faults: Faults, unseen: Duration) -> Self {
        let exact = match &faults {
            Faults::Drawn { .. } => BTreeMap::new(),
            Faults::Exactly(strikes) => strikes
                .iter()
                .map(|strike| ((strike.run, strike.request), strike.blow))
                .collect(),
        };
        Self(Arc::new(Mutex::new(Monitor {
            emulator,
            faults,
            exact,
            calm: false,
            random: Random::new(seed, "faults"),
            latency: Random::new(seed, "latency"),
            runs: BTreeMap::new(),
            planted: Vec::new(),
            told: BTreeSet::new(),
            unseen: time::Duration::try_from(unseen).unwrap_or_default(),
            written_at: None,
            trace: None,
            foreign: BTreeSet::new(),
            taken: BTreeSet::new(),
            tagged: BTreeMap::new(),
            given: BTreeMap::new(),
            secrets: BTreeSet::new(),
            strikes: Vec::new(),
            marks: BTreeMap::new(),
            violations: Vec::new(),
            requests: 0,
            hash: 0xcbf2_9ce4_8422_2325,
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Monitor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transport of a run. The token is cancelled when the run is killed.
    pub(super) fn transport(
        &self,
        run: usize,
        crash: Option<Crash>,
    ) -> (EmulatorTransport, CancellationToken) {
        let killed = CancellationToken::new();
        let mut monitor = self.lock();
        let state = Run {
            crash,
            killed: killed.clone(),
            ..Run::default()
        };
        monitor.runs.insert(run, state);
        let shared = self.clone();
        let transport = monitor
            .emulator
            .transport()
            .with_watcher(move |moment| shared.lock().meet(run, moment));
        (transport, killed)
    }
}

impl Monitor {
    pub(super) fn violate(&mut self, invariant: Invariant, detail: impl Into<String>) {
        self.violations.push(Violation {
            invariant,
            detail: detail.into(),
        });
    }

    pub(super) fn mark(&mut self, mark: impl Into<String>) {
        *self.marks.entry(mark.into()).or_default() += 1;
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    fn stir(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// From now on nothing goes wrong.
    pub(super) fn calm_down(&mut self) {
        self.calm = true;
    }

    /// A run begins to execute a plan.
    pub(super) fn executes(
        &mut self,
        run: usize,
        lenient: bool,
        plan: &Plan,
        needs: &BTreeMap<String, BTreeSet<String>>,
    ) {
        let allowed = plan.pending().map(|change| Allowed {
            id: path_of(change.id.text()),
            action: change.action,
            exclusion: change.exclusion.clone(),
        });
        let state = self.runs.entry(run).or_default();
        state.allowed = allowed.collect();
        state.needs.clone_from(needs);
        state.phase = Phase::Executing;
        state.lenient = lenient;
    }

    /// How many writes a run has sent.
    pub(super) fn mutations(&self, run: usize) -> u64 {
        self.runs.get(&run).map_or(0, |run| run.mutations)
    }

    /// Which ends of operations struck since this was last asked.
    pub(super) fn new_endings(&mut self) -> Vec<Ending> {
        let struck = self.struck();
        let news: Vec<(usize, Ending)> = self
            .planted
            .iter()
            .filter(|planted| struck.contains(&planted.number))
            .filter(|planted| !self.told.contains(&planted.number))
            .map(|planted| (planted.number, planted.ending))
            .collect();
        self.told.extend(news.iter().map(|(number, _)| *number));
        news.into_iter().map(|(_, ending)| ending).collect()
    }

    fn struck(&self) -> BTreeSet<usize> {
        let counts = self
            .emulator
            .with_world(|world| world.faults_struck().to_vec());
        let counts = counts.unwrap_or_default();
        let hit = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        hit.map(|(number, _)| number).collect()
    }

    /// Counts the faults on operations that met one, and the lags that were met.
    pub(super) fn settle_marks(&mut self) {
        let struck = self.struck();
        let met: Vec<String> = self
            .planted
            .iter()
            .filter(|planted| struck.contains(&planted.number))
            .map(|planted| planted.ending.to_string())
            .collect();
        for mark in met {
            self.mark(mark);
        }
        let lags = self.emulator.with_world(|world| world.lags_met());
        let lags = lags.unwrap_or_default();
        for (mark, count) in [
            ("lag-missing", lags.missing),
            ("lag-omitted", lags.omitted),
            ("lag-lingering", lags.lingering),
            ("lag-stale", lags.stale),
            ("lag-parent-unknown", lags.parents_unknown),
            ("lag-scrambled", lags.scrambled),
            ("lag-tags-inherited", lags.tags_inherited),
        ] {
            if count > 0 {
                *self.marks.entry(mark.to_owned()).or_default() += count;
            }
        }
    }

    fn meet(&mut self, run: usize, moment: &Moment) -> Interruption {
        let state = self.runs.entry(run).or_default();
        if state.killed.is_cancelled() {
            return Interruption::Silence;
        }
        match moment {
            Moment::Before { number, request } => self.before(run, *number, request),
            Moment::After {
                number,
                request,
                response,
            } => self.after(run, *number, request, response),
        }
    }

    fn dies(&mut self, run: usize, number: u64, when: When) -> bool {
        let Some(state) = self.runs.get(&run) else {
            return false;
        };
        let dies = state
            .crash
            .is_some_and(|crash| crash.request == number && crash.when == when);
        if dies {
            state.killed.cancel();
            self.mark(mark::crash(when));
        }
        dies
    }

    fn before(&mut self, run: usize, number: u64, request: &ArmRequest) -> Interruption {
        let now = self.emulator.now().get();
        let path = path_of(&request.url);
        self.requests += 1;
        self.stir(&now.unix_timestamp_nanos().to_be_bytes());
        self.stir(&[u8::try_from(run % 256).unwrap_or(0)]);
        self.stir(request.method.as_str().as_bytes());
        self.stir(path.as_bytes());
        if let Some(trace) = &mut self.trace {
            let verb = request.method.as_str();
            trace.push(format!(
                "{now} run {run} #{number} > {verb} {}",
                request.url
            ));
        }
        let sent = self.runs.get(&run).map_or(0, |run| run.requests);
        if sent > REQUESTS_MAX {
            let detail = format!("run {run} sent {sent} requests");
            self.violate(Invariant::Ends, detail);
            if let Some(state) = self.runs.get(&run) {
                state.killed.cancel();
            }
            return Interruption::Silence;
        }
        if self.dies(run, number, When::Before) {
            return Interruption::Silence;
        }
        self.check_patience(run, &key_of(request), now);
        let writes = request.method.is_write() && request.method != Method::Post;
        if let Some(state) = self.runs.get_mut(&run) {
            state.requests += 1;
            state.mutations += u64::from(writes);
        }
        if writes {
            self.check_write(run, request.method, &path);
        }
        let blow = self.blow(run, number, request.method, &path);
        let interruption = self.strike(run, number, request, &path, blow, now);
        if writes {
            let state = self.runs.entry(run).or_default();
            let reaches = matches!(interruption, Interruption::Delay(_));
            let count = state.writes_under_way.entry(path.clone()).or_default();
            *count += u32::from(reaches);
            let count = *count;
            if count > 1 {
                let detail = format!("{} {path}: {count} at once", request.method.as_str());
                self.violate(Invariant::OneAtATime, detail);
            }
        }
        interruption
    }

    /// What is to meet a request, drawn or looked up.
    fn blow(&mut self, run: usize, number: u64, method: Method, path: &str) -> Option<Blow> {
        if self.calm {
            return None;
        }
        let blow = match &self.faults {
            Faults::Exactly(_) => self.exact.get(&(run, number)).copied(),
            Faults::Drawn {
                requests,
                operations,
            } => {
                let mut drawn = None;
                for (class, rate) in requests {
                    let hits = self.random.per_mille(*rate);
                    if hits && drawn.is_none() && class.can_meet(method) {
                        drawn = Some(Blow::Request(*class));
                    }
                }
                for (ending, rate) in operations {
                    let hits = self.random.per_mille(*rate);
                    let starts = matches!(method, Method::Put | Method::Patch | Method::Delete);
                    if hits && drawn.is_none() && starts {
                        drawn = Some(Blow::Operation(*ending));
                    }
                }
                drawn
            }
        }?;
        if let Blow::Request(class) = blow {
            let state = self.runs.entry(run).or_default();
            let row = state.rows.entry((method, path.to_owned())).or_default();
            let of_class = row.iter().filter(|met| **met == class).count();
            if row.len() >= ROW_MAX || of_class >= class.row_max() {
                row.clear();
                return None;
            }
            row.push(class);
        }
        Some(blow)
    }

    fn strike(
        &mut self,
        run: usize,
        number: u64,
        request: &ArmRequest,
        path: &str,
        blow: Option<Blow>,
        now: OffsetDateTime,
    ) -> Interruption {
        let latency = Duration::from_micros(20_000 + self.latency.below(80_000) as u64);
        let Some(blow) = blow else {
            self.runs
                .entry(run)
                .or_default()
                .rows
                .remove(&(request.method, path.to_owned()));
            return Interruption::Delay(latency);
        };
        self.strikes.push(Strike {
            run,
            request: number,
            blow,
        });
        match blow {
            Blow::Request(class) => {
                let phase = self.phase_of(run, request.method, path);
                self.mark(mark::of(class, phase));
                if class.when() == When::After {
                    let state = self.runs.entry(run).or_default();
                    state.after.insert(number, class);
                    state.disturbed.insert(path.to_owned());
                    return Interruption::Delay(latency);
                }
                let interruption = class.interruption(1 + self.latency.below(40) as u64);
                if let Interruption::Answer(answer) = &interruption {
                    self.ask_for_patience(run, request, answer, now);
                }
                interruption
            }
            Blow::Operation(ending) => {
                self.plant(run, request.method, path, ending);
                Interruption::Delay(latency)
            }
        }
    }

    /// Where in its work a run is, as coverage tells it.
    fn phase_of(&self, run: usize, method: Method, path: &str) -> &'static str {
        let phase = self.runs.get(&run).map(|run| run.phase).unwrap_or_default();
        match (phase, method) {
            (Phase::Planning, _) => "planning",
            (Phase::Executing, Method::Put | Method::Patch) => "writing",
            (Phase::Executing, Method::Delete) => "deleting",
            (Phase::Executing, _) if path.contains("/operation") => "polling",
            (Phase::Executing, _) => "reading",
        }
    }

    fn plant(&mut self, run: usize, method: Method, path: &str, ending: Ending) {
        let (code, message) = ("SimulatedFailure".to_owned(), "It failed.".to_owned());
        let effect = match ending {
            Ending::Failed => Effect::FailOperation {
                code,
                message,
                leaves: Leaves::Failed,
            },
            Ending::FailedAndGone => Effect::FailOperation {
                code,
                message,
                leaves: Leaves::Nothing,
            },
            Ending::Canceled => Effect::CancelOperation {
                leaves: Leaves::Failed,
            },
            Ending::LostForAWhile => Effect::LoseOperation { polls: Some(3) },
            Ending::Lost => Effect::LoseOperation { polls: None },
            Ending::Early => Effect::SucceedEarly { more: 30 },
            Ending::Endless => Effect::NeverEnd,
        };
        let matches = Match {
            method: Some(method),
            id: Some(path.to_owned()),
            ..Match::default()
        };
        let fault = Fault::new(matches, effect).times(1);
        let number = self.emulator.with_world(|world| world.inject(fault));
        if let Ok(number) = number {
            self.planted.push(Planted { number, ending });
        }
        let state = self.runs.entry(run).or_default();
        state.disturbed.insert(path.to_owned());
    }

    fn check_patience(&mut self, run: usize, key: &(Method, String), now: OffsetDateTime) {
        let Some(state) = self.runs.get_mut(&run) else {
            return;
        };
        let due = state.not_before.remove(key);
        if let Some(due) = due.filter(|due| now < *due) {
            let early = due - now;
            self.violate(
                Invariant::RetryAfterHonoured,
                format!("{} {}: {early} too early", key.0.as_str(), key.1),
            );
        }
    }

    fn ask_for_patience(
        &mut self,
        run: usize,
        request: &ArmRequest,
        answer: &ArmResponse,
        now: OffsetDateTime,
    ) {
        // What was read at once may say how long work goes on; only an operation's own URL is
        // asked again.
        let told = answer.status == 200 && request.method == Method::Get;
        if told && !path_of(&request.url).contains("/operation") {
            return;
        }
        let Some(seconds) = answer
            .header("retry-after")
            .and_then(|text| text.parse().ok())
        else {
            return;
        };
        let follows = answer
            .header("azure-asyncoperation")
            .or_else(|| answer.header("location"))
            .filter(|_| answer.status < 300);
        let key = match follows {
            Some(url) => (Method::Get, address_of(url)),
            None => key_of(request),
        };
        let due = now.saturating_add(time::Duration::seconds(seconds));
        self.runs
            .entry(run)
            .or_default()
            .not_before
            .insert(key, due);
    }

    /// What must hold when a run writes.
    fn check_write(&mut self, run: usize, method: Method, path: &str) {
        let verb = method.as_str();
        let Some(state) = self.runs.get(&run) else {
            return;
        };
        if state.phase == Phase::Planning {
            self.violate(
                Invariant::OnlyPlanned,
                format!("{verb} {path} while planning"),
            );
            return;
        }
        let Some(change) = state.owner(path).cloned() else {
            self.violate(
                Invariant::OnlyPlanned,
                format!("{verb} {path} is in no plan"),
            );
            return;
        };
        if self.foreign.contains(path) {
            self.violate(Invariant::ForeignUntouched, format!("{verb} {path}"));
        }
        self.check_exclusion(run, &change, path);
        match method {
            Method::Delete if change.action != Action::Replace => self.check_dependents(run, path),
            Method::Put if path == change.id => self.check_dependencies(run, path),
            _ => {}
        }
    }

    fn check_exclusion(&mut self, run: usize, change: &Allowed, path: &str) {
        let Some(state) = self.runs.get(&run) else {
            return;
        };
        let rivals = state.allowed.iter().filter(|other| {
            other.id != change.id && !other.exclusion.is_disjoint(&change.exclusion)
        });
        let beside = rivals.map(|rival| rival.id.clone()).find(|rival| {
            let sent = state.writes_under_way.iter();
            let mut sent = sent.filter(|(_, count)| **count > 0);
            sent.any(|(path, _)| state.owner(path).is_some_and(|owner| owner.id == *rival))
                || (state.written.contains(rival)
                    && !state.disturbed.contains(rival)
                    && self.is_operating(rival))
        });
        if let Some(beside) = beside {
            let detail = format!("{path} beside {beside}");
            self.violate(Invariant::ExclusionHeld, detail);
        }
    }

    fn is_operating(&self, id: &str) -> bool {
        let live = self.emulator.with_world(|world| world.live_resource(id));
        let live = live.ok().flatten();
        live.is_some_and(|live| !["Succeeded", "Ready"].contains(&told_state(&live)))
    }

    fn check_dependencies(&mut self, run: usize, path: &str) {
        if self.runs.get(&run).is_some_and(|run| run.lenient) {
            return;
        }
        let needs = self
            .runs
            .get(&run)
            .and_then(|run| run.needs.get(path))
            .cloned();
        for needed in needs.into_iter().flatten() {
            let live = self
                .emulator
                .with_world(|world| world.live_resource(&needed));
            let live = live.ok().flatten();
            let state = live.as_ref().map_or("not there", told_state);
            if !["Succeeded", "Ready", "Updating"].contains(&state) {
                self.violate(
                    Invariant::DependenciesFirst,
                    format!("{path} is written while {needed} is {state}"),
                );
            }
        }
    }

    /// What is deleted is no longer mentioned by anything that the same plan changes or deletes,
    /// unless that cannot be seen yet. What mentions it without declaring that stays as it is.
    fn check_dependents(&mut self, run: usize, path: &str) {
        let now = self.emulator.now().get();
        let live = self.emulator.with_world(|world| world.live_resources());
        let mention = format!("\"{path}\"");
        for user in live.unwrap_or_default() {
            let id = user.id.to_lowercase();
            let unseen = now < user.changed.saturating_add(self.unseen);
            let state = self.runs.get(&run);
            let planned = state.is_some_and(|run| run.allowed.iter().any(|by| by.id == id));
            if is_within(&id, path) || is_within(path, &id) || unseen || !planned {
                continue;
            }
            if user.body.to_string().to_lowercase().contains(&mention) {
                self.violate(
                    Invariant::DependentsFirst,
                    format!("{path} is deleted while {id} mentions it"),
                );
            }
        }
    }

    fn after(
        &mut self,
        run: usize,
        number: u64,
        request: &ArmRequest,
        response: &ArmResponse,
    ) -> Interruption {
        let now = self.emulator.now().get();
        let path = path_of(&request.url);
        if let Some(trace) = &mut self.trace {
            let status = response.status;
            trace.push(format!("{now} run {run} #{number} < {status}"));
        }
        self.stir(&response.status.to_be_bytes());
        self.commit(run, request, response, &path);
        let state = self.runs.entry(run).or_default();
        if let Some(count) = state.writes_under_way.get_mut(&path) {
            *count = count.saturating_sub(1);
        }
        let class = state.after.remove(&number);
        if self.dies(run, number, When::After) {
            return Interruption::Silence;
        }
        let Some(class) = class else {
            self.ask_for_patience(run, request, response, now);
            return Interruption::None;
        };
        let interruption = class.interruption(1);
        match &interruption {
            Interruption::Answer(answer) => {
                self.ask_for_patience(run, request, answer, now);
            }
            _ => {
                // A body that breaks off still had headers.
                if interruption == Interruption::Truncate {
                    let state = self.runs.entry(run).or_default();
                    state.not_before.remove(&key_of(request));
                }
            }
        }
        interruption
    }

    /// What the world did, as far as it matters to later checks.
    fn commit(&mut self, run: usize, request: &ArmRequest, response: &ArmResponse, path: &str) {
        let accepted = response.status < 300 && response.delivery == Delivery::Answered;
        if !accepted || !request.method.is_write() || request.method == Method::Post {
            return;
        }
        self.written_at = Some(self.emulator.now().get());
        if request.method == Method::Delete {
            return;
        }
        self.remember_secrets(request, path);
        let state = self.runs.entry(run).or_default();
        state.written.insert(path.to_owned());
    }

    fn remember_secrets(&mut self, request: &ArmRequest, path: &str) {
        let body: serde_json::Value =
            serde_json::from_slice(&request.body).unwrap_or(serde_json::Value::Null);
        let mut pointers = vec!["/properties/administratorLoginPassword"];
        if path.contains("/vaults/") && path.contains("/secrets/") {
            pointers.push("/properties/value");
        }
        for pointer in pointers {
            if let Some(text) = body.pointer(pointer).and_then(|value| value.as_str()) {
                self.secrets.insert(text.to_owned());
                self.given.insert(path.to_owned(), text.to_owned());
            }
        }
    }
}
