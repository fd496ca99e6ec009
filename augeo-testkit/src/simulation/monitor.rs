//! Watches every request of every run: injects what the script says, and checks what must hold at
//! each moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use augeo_core::plan::{Action, Plan};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::address::{is_within, key_of, path_of};
use super::fault::{FaultClass, When};
use super::mark;
use super::random::Random;
use super::script::{Blow, Crash, Ending, Faults, Strike};
use super::violation::{Invariant, Violation};
use crate::emulator::{
    ArmRequest, ArmResponse, Delivery, Emulator, EmulatorTransport, Interruption, LiveResource,
    Method, Moment,
};

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
pub(super) struct Allowed {
    pub(super) id: String,
    pub(super) action: Action,
    pub(super) exclusion: BTreeSet<String>,
}

/// What is known of one run.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) phase: Phase,
    /// When it first looked.
    pub(super) began: Option<OffsetDateTime>,
    pub(super) allowed: Vec<Allowed>,
    /// The ids that the values of each planned resource refer to, and what it lives in.
    pub(super) needs: BTreeMap<String, BTreeSet<String>>,
    pub(super) crash: Option<Crash>,
    pub(super) killed: CancellationToken,
    pub(super) writes_under_way: BTreeMap<String, u32>,
    /// What it has written so far.
    pub(super) written: BTreeSet<String>,
    pub(super) not_before: BTreeMap<(Method, String), OffsetDateTime>,
    /// The faults that each request met in a row.
    pub(super) rows: BTreeMap<(Method, String), Vec<FaultClass>>,
    /// What is to happen once the world has done what was asked.
    pub(super) after: BTreeMap<u64, FaultClass>,
    /// The ids whose answers were lost or whose operations were met: what they tell is not seen.
    pub(super) disturbed: BTreeSet<String>,
    /// When it told of the end of each change.
    pub(super) finished: BTreeMap<String, OffsetDateTime>,
    pub(super) mutations: u64,
    pub(super) requests: u64,
    /// Whether it looked before everything that an earlier run wrote could be seen, or another
    /// run is at work: what it builds on may not be as it was.
    pub(super) lenient: bool,
}

impl Run {
    /// Whether what it saw of a resource by then may be what that was before its last change: the
    /// answer was lost, and bodies lag for so long.
    pub(super) fn is_misled(
        &self,
        live: &LiveResource,
        by: OffsetDateTime,
        lag: time::Duration,
    ) -> bool {
        self.disturbed.contains(&live.id.to_lowercase()) && by < live.changed.saturating_add(lag)
    }

    /// The change that a write belongs to.
    pub(super) fn owner(&self, path: &str) -> Option<&Allowed> {
        // The last of the longest ids counts: of two with one id, the first in the plan.
        let owners = self.allowed.iter().rev();
        let owners = owners.filter(|by| is_within(path, &by.id));
        owners.max_by_key(|by| by.id.len())
    }
}

/// A fault in the world that waits for its operation.
#[derive(Debug)]
pub(super) struct Planted {
    pub(super) number: usize,
    pub(super) ending: Ending,
}

/// Everything that is known of a simulation while it runs.
#[derive(Debug)]
pub(super) struct Monitor {
    pub(super) emulator: Emulator,
    pub(super) faults: Faults,
    pub(super) exact: BTreeMap<(usize, u64), Blow>,
    pub(super) calm: bool,
    pub(super) random: Random,
    pub(super) latency: Random,
    pub(super) runs: BTreeMap<usize, Run>,
    pub(super) planted: Vec<Planted>,
    /// Which of them were told of.
    pub(super) told: BTreeSet<usize>,
    /// For how long after a change it may not be seen.
    pub(super) unseen: time::Duration,
    /// When a run last wrote.
    pub(super) written_at: Option<OffsetDateTime>,
    /// Every request and answer, if somebody wants to read them.
    pub(super) trace: Option<Vec<String>>,
    /// What is others', as it was.
    pub(super) foreign: BTreeSet<String>,
    /// What of it may not be listed yet.
    pub(super) unlisted: BTreeSet<String>,
    /// What of that has a name of the stack's.
    pub(super) taken: BTreeSet<String>,
    /// What others deleted, or put to work after the look.
    pub(super) taken_away: BTreeSet<String>,
    /// What others tagged, and which resource of its id that was.
    pub(super) tagged: BTreeMap<String, u64>,
    /// The secret that each resource was given last.
    pub(super) given: BTreeMap<String, String>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) strikes: Vec<Strike>,
    pub(super) marks: BTreeMap<String, u64>,
    pub(super) violations: Vec<Violation>,
    pub(super) requests: u64,
    pub(super) hash: u64,
}

/// The monitor, shared by the transports of all runs.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Monitor>>);

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
            unlisted: BTreeSet::new(),
            taken: BTreeSet::new(),
            taken_away: BTreeSet::new(),
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
            began: Some(monitor.emulator.now().get()),
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

    /// How many requests each run has sent.
    pub(super) fn requests_by_run(&self) -> Vec<u64> {
        self.runs.values().map(|run| run.requests).collect()
    }

    /// How many writes a run has sent.
    pub(super) fn mutations(&self, run: usize) -> u64 {
        self.runs.get(&run).map_or(0, |run| run.mutations)
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
        let blow = self.blow(run, number, request, &path);
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
        if let Interruption::Answer(answer) = &interruption {
            self.ask_for_patience(run, request, answer, now);
        }
        interruption
    }

    /// What is deleted need not keep what others tagged, even if it is brought back.
    pub(super) fn forget_tags(&mut self, gone: &str) {
        self.tagged.retain(|id, _| !is_within(id, gone));
    }

    /// A run told of the end of a change.
    pub(super) fn finish(&mut self, run: usize, name: &str) {
        let now = self.emulator.now().get();
        let state = self.runs.entry(run).or_default();
        state.finished.insert(name.to_owned(), now);
    }

    /// What the world did, as far as it matters to later checks.
    fn commit(&mut self, run: usize, request: &ArmRequest, response: &ArmResponse, path: &str) {
        let accepted = response.status < 300 && response.delivery == Delivery::Answered;
        if !accepted || !request.method.is_write() || request.method == Method::Post {
            return;
        }
        self.written_at = Some(self.emulator.now().get());
        if request.method == Method::Delete {
            self.forget_tags(path);
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
