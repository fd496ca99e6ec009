//! The front door: plan a stack over a provider, then execute the plan.

mod verify;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use indexmap::IndexMap;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, SystemClock};
use crate::executor::{self, Guarded, Run};
use crate::finding::{Finding, Severity};
use crate::graph::Graph;
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Plan, Purpose};
use crate::planner::{PlanOptions, Planner};
use crate::provider::{Context, ObserveScope, ObservedState, Provider, ProviderError, Wanted};
use crate::report::{Event, Observer, Report, Silent};
use crate::resource::Desired;
use crate::stack::Stack;

pub use crate::executor::Limits;

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The stack has mistakes: all of them.
    #[error("the stack has {} that must be mended first", mistakes(.0.len()))]
    Mistakes(Vec<Finding>),
    /// The provider could not be asked.
    #[error("what there is could not be observed")]
    Provider(#[source] ProviderError),
}

fn mistakes(number: usize) -> String {
    if number == 1 {
        "a mistake".to_owned()
    } else {
        format!("{number} mistakes")
    }
}

/// Why a saved plan may not be executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Something is not as it was when the plan was made.
    #[error("the world has moved since the plan was made: {}", moved(.resources))]
    Moved {
        /// Each resource that moved, and how.
        resources: Vec<(ResourceName, String)>,
    },
    /// The provider could not be asked.
    #[error("what there is could not be observed")]
    Provider(#[source] ProviderError),
}

fn moved(resources: &[(ResourceName, String)]) -> String {
    resources
        .iter()
        .map(|(name, how)| format!("{name} {how}"))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Plans and executes stacks over one provider. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Engine {
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    limits: Limits,
}

impl Engine {
    /// An engine over a provider, with the machine's clock.
    pub fn new(provider: impl Provider + 'static) -> Self {
        Self::from_shared(Arc::new(provider))
    }

    /// An engine over a provider that others use too.
    pub fn from_shared(provider: Arc<dyn Provider>) -> Self {
        Self {
            provider,
            clock: Arc::new(SystemClock),
            observer: Arc::new(Silent),
            limits: Limits::default(),
        }
    }

    /// With another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With other bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With a listener that hears planning, too.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Arc::new(Guarded::new(observer));
        self
    }

    /// The provider.
    pub fn provider(&self) -> &Arc<dyn Provider> {
        &self.provider
    }

    /// Plans what would make everything equal to the stack.
    ///
    /// # Errors
    /// With every mistake of the stack, or when the provider cannot be asked.
    pub async fn plan(&self, stack: &Stack) -> Result<Plan, PlanError> {
        self.plan_with(stack, &PlanOptions::default()).await
    }

    /// Plans with options: to destroy, to let data go, to do only a part.
    ///
    /// # Errors
    /// With every mistake of the stack, or when the provider cannot be asked.
    #[tracing::instrument(name = "plan", skip_all, fields(stack = %stack.name()))]
    pub async fn plan_with(&self, stack: &Stack, options: &PlanOptions) -> Result<Plan, PlanError> {
        let graph = Graph::build(stack).map_err(PlanError::Mistakes)?;
        let (ids, mistakes) = self.locate(stack, &graph);
        if !mistakes.is_empty() {
            return Err(PlanError::Mistakes(mistakes));
        }
        let mut scope = scope(stack, &graph, &ids, options.purpose);
        let ctx = self.context_of(stack.name());
        let observe = async |scope: &ObserveScope| {
            let observed = self.provider.observe(scope, &ctx).await;
            observed.map_err(PlanError::Provider)
        };
        let mut observed = observe(&scope).await?;
        let plan = |observed: &ObservedState| {
            Planner::new(stack, &graph, &*self.provider, &ids, observed, options).plan()
        };
        let mut made = plan(&observed);
        // What holds others is deleted only after a look at what others keep in it.
        let hosts = made.changes.iter().filter(|change| {
            change.action.removes() && change.goes_with.is_none() && !change.ty.takes_contents
        });
        if !scope.inventory && hosts.count() > 0 {
            scope.inventory = true;
            let requests = observed.requests;
            observed = observe(&scope).await?;
            observed.requests += requests;
            made = plan(&observed);
        }
        let mut plan = made;
        debug_assert_eq!(
            plan.check(),
            Vec::<String>::new(),
            "a plan breaks an invariant of plans"
        );
        let stopped = plan
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        if !plan.is_empty() && !stopped {
            let findings = self
                .provider
                .preflight(&plan, &ctx)
                .await
                .map_err(PlanError::Provider)?;
            plan.findings.extend(findings);
            plan.findings.sort();
        }
        if mutant::is_on(Mutant::PlanOutOfOrder) {
            plan.changes.reverse();
        }
        Ok(plan)
    }

    /// Observes once and tells by name what is not as it was when the plan was made.
    ///
    /// # Errors
    /// When anything moved, or the provider cannot be asked.
    pub async fn verify(&self, plan: &Plan) -> Result<(), VerifyError> {
        let scope = verify::scope(plan, &*self.provider);
        let ctx = self.context_of(&plan.stack);
        let observed = self
            .provider
            .observe(&scope, &ctx)
            .await
            .map_err(VerifyError::Provider)?;
        let resources = verify::moved_since(plan, &observed, &*self.provider);
        if resources.is_empty() {
            Ok(())
        } else {
            Err(VerifyError::Moved { resources })
        }
    }

    /// Executes a plan. Nothing happens before the result is awaited.
    pub fn execute(&self, plan: &Plan) -> Execution {
        Execution {
            listeners: Vec::new(),
            plan: plan.clone(),
            run: Run {
                provider: Arc::clone(&self.provider),
                clock: Arc::clone(&self.clock),
                observer: Arc::clone(&self.observer),
                limits: self.limits,
                stop: CancellationToken::new(),
                abandon: CancellationToken::new(),
            },
        }
    }

    fn locate(
        &self,
        stack: &Stack,
        graph: &Graph,
    ) -> (IndexMap<ResourceName, ResourceId>, Vec<Finding>) {
        let declared: IndexMap<&ResourceName, &Desired> = stack
            .resources()
            .iter()
            .map(|desired| (&desired.name, desired))
            .collect();
        let mut ids: IndexMap<ResourceName, ResourceId> = IndexMap::new();
        let mut owners: IndexMap<ResourceId, &Desired> = IndexMap::new();
        let mut mistakes = Vec::new();
        for name in graph.order() {
            let desired = declared[name];
            let scope = desired.scope.resource();
            let scope = scope.and_then(|scope| {
                ids.get(scope)
                    .or_else(|| stack.existing_resources().get(scope).map(|entry| &entry.id))
            });
            let id = match &desired.renamed_from {
                Some(former) => {
                    let former = Desired {
                        name: former.clone(),
                        ..desired.clone()
                    };
                    self.provider.locate(&former, scope)
                }
                None => self.provider.locate(desired, scope),
            };
            if let Some(other) = owners.insert(id.clone(), desired) {
                let message = format!("`{name}` and `{}` are the same resource: {id}", other.name);
                let finding = Finding::error("augeo/duplicate-id", message).about(name);
                mistakes.push(
                    finding
                        .at(desired.location.clone())
                        .fix("give one of them another name"),
                );
            }
            ids.insert(name.clone(), id);
        }
        (ids, mistakes)
    }

    fn context_of(&self, stack: &crate::name::StackName) -> Context {
        Context {
            stack: stack.clone(),
            resource: None,
            stop: CancellationToken::new(),
            abandon: CancellationToken::new(),
            clock: Arc::clone(&self.clock),
            observer: Arc::clone(&self.observer),
        }
    }
}

fn scope(
    stack: &Stack,
    graph: &Graph,
    ids: &IndexMap<ResourceName, ResourceId>,
    purpose: Purpose,
) -> ObserveScope {
    let declared: IndexMap<&ResourceName, &Desired> = stack
        .resources()
        .iter()
        .map(|desired| (&desired.name, desired))
        .collect();
    let existing = stack.existing_resources();
    let mut wanted: Vec<Wanted> = existing
        .iter()
        .map(|(name, entry)| Wanted {
            name: name.clone(),
            ty: Arc::clone(&entry.ty),
            id: entry.id.clone(),
            scope: None,
            existing: true,
        })
        .collect();
    wanted.extend(graph.order().iter().map(|name| {
        let desired = declared[name];
        let scope = desired.scope.resource();
        Wanted {
            name: name.clone(),
            ty: Arc::clone(&desired.ty),
            id: ids[name].clone(),
            scope: scope
                .and_then(|scope| {
                    ids.get(scope)
                        .or_else(|| existing.get(scope).map(|entry| &entry.id))
                })
                .cloned(),
            existing: false,
        }
    }));
    ObserveScope {
        stack: stack.name().clone(),
        wanted,
        inventory: purpose == Purpose::Destroy,
    }
}

/// An execution that has not begun: await it.
///
/// # Cancellation
/// Dropping it, or the future made of it, leaves whatever was begun to the provider and loses the
/// report; the next plan finds everything. To stop and still get a report use
/// [`Execution::stop_on`].
#[derive(Debug)]
#[must_use = "an execution does nothing until it is awaited"]
pub struct Execution {
    plan: Plan,
    run: Run,
    listeners: Vec<Arc<Guarded>>,
}

/// Everyone who listens to one execution.
#[derive(Debug)]
struct Listeners(Vec<Arc<Guarded>>);

impl Observer for Listeners {
    fn on_event(&self, event: &Event) {
        for listener in &self.0 {
            listener.on_event(event);
        }
    }
}

/// A function that listens.
struct Listener<F>(F);

impl<F> std::fmt::Debug for Listener<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

impl<F: Fn(&Event) + Send + Sync> Observer for Listener<F> {
    fn on_event(&self, event: &Event) {
        (self.0)(event);
    }
}

impl Execution {
    /// Calls a function for each event. It must return at once.
    pub fn on_event(self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.observe(Arc::new(Listener(listener)))
    }

    /// Tells a listener of each event, beside those that listen already. It takes the place of
    /// the engine's own listener.
    pub fn observe(mut self, observer: Arc<dyn Observer>) -> Self {
        self.listeners.push(Arc::new(Guarded::new(observer)));
        self.run.observer = Arc::new(Listeners(self.listeners.clone()));
        self
    }

    /// Starts nothing new once this is cancelled; what was begun is waited for.
    pub fn stop_on(mut self, stop: CancellationToken) -> Self {
        self.run.stop = stop;
        self
    }

    /// Stops waiting once this is cancelled; what was begun is reported as unknown.
    pub fn abandon_on(mut self, abandon: CancellationToken) -> Self {
        self.run.abandon = abandon;
        self
    }
}

impl IntoFuture for Execution {
    type Output = Report;
    type IntoFuture = Pin<Box<dyn Future<Output = Report> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { executor::execute(&self.run, &self.plan).await })
    }
}
