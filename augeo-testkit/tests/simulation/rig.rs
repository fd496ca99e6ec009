//! What the scenarios stand on: a world with Azure's durations, an engine over it, and every request
//! with its time and its answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::provider::AzureOptions;
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::engine::Engine;
use augeo_core::plan::Plan;
use augeo_core::report::Report;
use augeo_core::stack::Stack;
use augeo_testkit::emulator::{
    ArmRequest, Consistency, Delivery, Durations, Effect, Emulator, Fault, Interruption,
    LiveResource, Match, Method, Moment, WorldOptions,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One request as it went over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// When it was sent, since the world began.
    pub(crate) at: Duration,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The status of the answer; 0 where none came.
    pub(crate) status: u16,
    /// When the world answered.
    pub(crate) ended: Duration,
    /// What proved who asked.
    pub(crate) token: String,
}

impl Exchange {
    /// How long after another one was sent this one was.
    pub(crate) fn since_sent(&self, other: &Self) -> Duration {
        self.at.saturating_sub(other.at)
    }

    /// How long after another one was answered this one was sent.
    pub(crate) fn since_answered(&self, other: &Self) -> Duration {
        self.at.saturating_sub(other.ended)
    }
}

pub(crate) struct Rig {
    pub(crate) emulator: Emulator,
    seen: Arc<Mutex<Vec<Exchange>>>,
    begin: Instant,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(WorldOptions::default())
    }

    /// With Azure's durations, whatever the options say.
    pub(crate) fn with(options: WorldOptions) -> Self {
        let durations = Durations::azure();
        Self {
            emulator: Emulator::with_options(WorldOptions {
                durations,
                ..options
            }),
            seen: Arc::default(),
            begin: Instant::now(),
        }
    }

    /// The clock of a machine that is right.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::starting_at(self.emulator.now().get()))
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine_watched(|_| Interruption::None)
    }

    /// An engine of a new process, some of whose requests something happens to.
    pub(crate) fn engine_watched(
        &self,
        watcher: impl Fn(&Moment) -> Interruption + Send + Sync + 'static,
    ) -> Engine {
        self.engine_at(self.clock(), watcher)
    }

    pub(crate) fn engine_at(
        &self,
        clock: Arc<dyn Clock>,
        watcher: impl Fn(&Moment) -> Interruption + Send + Sync + 'static,
    ) -> Engine {
        let (seen, begin) = (Arc::clone(&self.seen), self.begin);
        let places: Mutex<BTreeMap<u64, usize>> = Mutex::default();
        let transport = self.emulator.transport().with_watcher(move |moment| {
            let interruption = watcher(moment);
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = match (&interruption, moment) {
                (Interruption::Answer(answer), _) => answer.status,
                (Interruption::None | Interruption::Delay(_), Moment::After { response, .. })
                    if response.delivery == Delivery::Answered =>
                {
                    response.status
                }
                _ => 0,
            };
            match moment {
                Moment::Before { number, request } => {
                    places.insert(*number, seen.len());
                    let token = request.headers.get("authorization").cloned();
                    seen.push(Exchange {
                        at: begin.elapsed(),
                        method: request.method,
                        path: path_of(request),
                        status: answer,
                        ended: begin.elapsed(),
                        token: token.unwrap_or_default(),
                    });
                }
                Moment::After {
                    number, response, ..
                } => {
                    let exchange = &mut seen[places[number]];
                    exchange.status = answer;
                    exchange.ended = begin.elapsed() + response.latency;
                }
            }
            interruption
        });
        let subscription = SubscriptionId::parse(self.emulator.subscription_id())
            .expect("the emulator's subscription has an id");
        let options =
            ArmClientOptions::in_process(Arc::new(transport), subscription, Arc::clone(&clock));
        let client = ArmClient::new(options).expect("the options are those of an emulator");
        Engine::new(Azure::new(AzureOptions::new(client))).with_clock(clock)
    }

    /// Provisions in a process that is killed at the first moment that is told to be fatal. Returns
    /// whether there was one.
    pub(crate) async fn provision_until(
        &self,
        stack: &Stack,
        is_fatal: impl Fn(&Moment) -> bool + Send + Sync + 'static,
    ) -> bool {
        let killed = CancellationToken::new();
        let token = killed.clone();
        let engine = self.engine_watched(move |moment| {
            if token.is_cancelled() || is_fatal(moment) {
                token.cancel();
                return Interruption::Silence;
            }
            Interruption::None
        });
        tokio::select! {
            biased;
            () = killed.cancelled() => true,
            _ = apply(&engine, stack) => false,
        }
    }

    pub(crate) fn inject(&self, fault: Fault) -> usize {
        let injected = self.emulator.with_world(|world| world.inject(fault));
        injected.expect("a world in memory can be changed")
    }

    pub(crate) fn struck(&self, fault: usize) -> u64 {
        self.emulator.snapshot().faults_struck()[fault]
    }

    pub(crate) fn lag(&self, consistency: Consistency) {
        let set = self
            .emulator
            .with_world(|world| world.set_consistency(consistency));
        set.expect("a world in memory can be changed");
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    /// The requests of one method about one id.
    pub(crate) fn sent(&self, method: Method, id: &str) -> Vec<Exchange> {
        let mut sent = self.exchanges();
        sent.retain(|one| one.method == method && one.path.eq_ignore_ascii_case(id));
        sent
    }

    /// The requests that could change anything; questions that are posted are none.
    pub(crate) fn writes(&self) -> Vec<Exchange> {
        let mut sent = self.exchanges();
        sent.retain(|one| {
            let asks = one.path.ends_with("/checkNameAvailability") || one.path.ends_with("/list");
            one.method.is_write() && !asks
        });
        sent
    }

    pub(crate) fn live(&self, id: &str) -> Option<LiveResource> {
        self.emulator.snapshot().live_resource(id)
    }

    pub(crate) fn live_ids(&self) -> Vec<String> {
        self.emulator.snapshot().live_ids()
    }

    /// What the stack makes of an empty world: the ids that must be there, each once.
    pub(crate) async fn expected(stack: &Stack) -> Vec<String> {
        let rig = Self::new();
        assert_done(&apply(&rig.engine(), stack).await);
        rig.live_ids()
    }

    /// Everything is as declared: a new process finds nothing to do, and sends no write.
    pub(crate) async fn assert_settled(&self, stack: &Stack) {
        let before = self.writes().len();
        let engine = self.engine();
        let plan = engine.plan(stack).await.expect("it can be planned");
        let pending: Vec<String> = plan
            .pending()
            .map(|change| {
                format!(
                    "{} {} {:?} {:?}",
                    change.action, change.name, change.reasons, change.differences
                )
            })
            .collect();
        assert!(pending.is_empty(), "{pending:#?}");
        let report = engine.execute(&plan).await;
        report.ok().expect("nothing is to be done");
        assert_eq!(self.writes().len(), before, "nothing was written");
    }
}

/// Where a request goes, without host and query.
pub(crate) fn path_of(request: &ArmRequest) -> String {
    let url = request.url.as_str();
    let path = url.split_once("://").map_or(url, |(_, rest)| {
        rest.find('/').map_or("/", |start| &rest[start..])
    });
    path.split('?').next().unwrap_or_default().to_owned()
}

/// Whether a moment is the one before, or after, such a request reached the world.
pub(crate) fn is_before(moment: &Moment, method: Method, id: &str) -> bool {
    matches!(moment, Moment::Before { request, .. }
        if request.method == method && path_of(request).eq_ignore_ascii_case(id))
}

pub(crate) fn is_after(moment: &Moment, method: Method, id: &str) -> bool {
    matches!(moment, Moment::After { request, .. }
        if request.method == method && path_of(request).eq_ignore_ascii_case(id))
}

/// A fault that meets requests of one method on one type.
pub(crate) fn fault(method: Method, resource_type: &str, effect: Effect) -> Fault {
    let matches = Match {
        method: Some(method),
        resource_type: Some(resource_type.to_owned()),
        ..Match::default()
    };
    Fault::new(matches, effect)
}

pub(crate) fn refusal(status: u16, code: &str, retry_after: Option<u64>) -> Effect {
    Effect::Refuse {
        status,
        code: code.to_owned(),
        message: format!("{code}, says the service."),
        retry_after,
    }
}

pub(crate) async fn plan(engine: &Engine, stack: &Stack) -> Plan {
    let plan = engine.plan(stack).await.expect("it can be planned");
    plan.ensure_executable()
        .unwrap_or_else(|blocked| panic!("{:#?}", blocked.findings));
    plan
}

pub(crate) async fn apply(engine: &Engine, stack: &Stack) -> Report {
    let plan = plan(engine, stack).await;
    engine.execute(&plan).await
}

pub(crate) fn assert_done(report: &Report) {
    let failures: Vec<String> = report
        .failures()
        .map(|(name, error)| format!("{name}: {error:?}"))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
    report.ok().expect("nothing was left out");
}

/// The code with which a resource's change failed, or its end stayed unseen.
pub(crate) fn code<'a>(report: &'a Report, resource: &str) -> Option<&'a str> {
    report.outcome(resource)?.code()
}

/// The id of a resource of a stack.
pub(crate) async fn id_of(stack: &Stack, resource: &str) -> String {
    let plan = plan(&Rig::new().engine(), stack).await;
    let change = plan.change(resource).expect("the stack has it");
    change.id.text().to_owned()
}
