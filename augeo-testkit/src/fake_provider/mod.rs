//! An in-memory provider with real semantics: time, ownership, conditions, secrets, faults.
//!
//! It is trusted because it passes the conformance suite. Clones share one world, so a test can
//! drop a run at any point and go on with another clone, as after a crash. It watches its engine:
//! [`FakeProvider::violations`] lists what no engine may do.

mod control;
mod fault;
mod types;
mod world;
mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use augeo_core::finding::Finding;
use augeo_core::name::{ResourceId, ResourceName, StackName, TypeName};
use augeo_core::plan::Plan;
use augeo_core::provider::{
    Context, ErrorKind, ObserveScope, ObservedState, Provider, ProviderError,
};
use augeo_core::resource::{Desired, Lifecycle, Observed, Resolved, ResourceType};
use augeo_core::value::{SecretRef, Value};
use tokio_util::sync::CancellationToken;

pub use fault::{Effect, Fault};
pub use types::{Fake, catalogue};
pub use world::Mutation;
use world::{World, id};

/// The version of each secret whose value this process made.
type Memory = BTreeMap<(StackName, ResourceName), String>;

/// An in-memory provider.
#[derive(Clone, Debug)]
pub struct FakeProvider {
    world: Arc<Mutex<World>>,
    types: Arc<BTreeMap<TypeName, ResourceType>>,
    memory: Arc<Mutex<Memory>>,
    death: CancellationToken,
}

impl Default for FakeProvider {
    fn default() -> Self {
        let types = catalogue();
        Self {
            world: Arc::default(),
            types: Arc::new(types.into_iter().map(|ty| (ty.name.clone(), ty)).collect()),
            memory: Arc::default(),
            death: CancellationToken::new(),
        }
    }
}

impl FakeProvider {
    /// An empty world.
    pub fn new() -> Self {
        Self::default()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance();
        world
    }

    fn remember(&self, resolved: &Resolved, version: u64) {
        let makes = |value: &Value| matches!(value, Value::Secret(SecretRef::Generated { .. }));
        if resolved.value.field("value").is_some_and(makes) {
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (resolved.stack.clone(), resolved.name.clone());
            memory.insert(key, version.to_string());
        }
    }

    fn remembered(&self, stack: &StackName, keeper: &ResourceName) -> Option<String> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.get(&(stack.clone(), keeper.clone())).cloned()
    }

    async fn request(&self) {
        self.world().requests += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits, unless the run stops waiting; then the outcome is unknown.
async fn wait(duration: Duration, ctx: &Context) -> Result<(), ProviderError> {
    tokio::select! {
        biased;
        () = ctx.abandon.cancelled() => Err(unknown("nobody waits for it any more")),
        () = tokio::time::sleep(duration) => Ok(()),
    }
}

fn unknown(why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::OutcomeUnknown, "OutcomeUnknown", why)
}

fn parent_of(of: &ResourceId) -> Option<ResourceId> {
    let parent = of.text().rsplit_once('/').map(|(parent, _)| parent);
    parent.filter(|parent| !parent.is_empty()).map(id)
}

#[async_trait]
impl Provider for FakeProvider {
    fn resource_type(&self, name: &TypeName, _: &ResourceId) -> Option<Cow<'static, ResourceType>> {
        self.types.get(name).cloned().map(Cow::Owned)
    }

    fn locate(&self, desired: &Desired, scope: Option<&ResourceId>) -> ResourceId {
        let derived = || desired.name.as_str().replace('/', ".");
        let own = match desired.ty.lifecycle {
            Lifecycle::Singleton => "default".to_owned(),
            Lifecycle::Ordinary | Lifecycle::Resettable | Lifecycle::Undeletable => {
                desired.physical_name.clone().unwrap_or_else(derived)
            }
        };
        match scope {
            Some(scope) => id(&format!("{}/{own}", scope.text())),
            None => id(&format!(
                "/{}.{own}",
                desired.stack.to_string().replace('/', ".")
            )),
        }
    }

    fn canonical(&self, _: &ResourceType, value: &Value) -> Value {
        value.map_leaves(&|leaf| {
            let id = leaf.as_str().filter(|text| text.starts_with('/'))?;
            Some(Value::from(id.to_ascii_lowercase()))
        })
    }

    async fn observe(
        &self,
        scope: &ObserveScope,
        _: &Context,
    ) -> Result<ObservedState, ProviderError> {
        self.request().await;
        let world = self.world();
        let stack = scope.stack.to_string();
        let mut state = ObservedState {
            requests: 1,
            ..ObservedState::default()
        };
        for wanted in &scope.wanted {
            if world.denied.contains(&wanted.ty.name) {
                let message = format!("reading {} is denied", wanted.ty.name);
                let error = ProviderError::new(ErrorKind::Denied, "Forbidden", message);
                state.unreadable.insert(wanted.id.clone(), error);
            } else if let Some(observed) = world.observed(&wanted.id, &stack) {
                state.resources.insert(wanted.id.clone(), observed);
            }
        }
        for (id, record) in &world.records {
            let ours = record.owner.as_ref() == Some(&stack);
            let matters = ours || record.ty.as_str() == "Fake/lock";
            if matters && !world.denied.contains(&record.ty) && !state.resources.contains_key(id) {
                let observed = world.observed(id, &stack);
                state
                    .resources
                    .extend(observed.map(|observed| (id.clone(), observed)));
            }
            if let (true, false, Some(parent)) = (scope.inventory, ours, &record.parent) {
                let guests = state.guests.entry(parent.clone()).or_default();
                guests.push(id.clone());
            }
        }
        Ok(state)
    }

    async fn preflight(&self, _: &Plan, _: &Context) -> Result<Vec<Finding>, ProviderError> {
        Ok(Vec::new())
    }

    async fn settle(
        &self,
        _: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        self.request().await;
        let busy = self.world().busy_for(id);
        if let Some(duration) = busy {
            let nothing_done = "nobody waits for it any more, and nothing was sent";
            wait(duration, ctx)
                .await
                .map_err(|_| ProviderError::new(ErrorKind::Stopped, "Stopped", nothing_done))?;
        }
        Ok(self.world().observed(id, &ctx.stack.to_string()))
    }

    async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError> {
        let verb = if resolved.recover {
            "recover"
        } else {
            "create"
        };
        let duration = resolved.ty.usual.create;
        self.write(resolved, verb, duration, ctx).await
    }

    async fn update(
        &self,
        resolved: &Resolved,
        _: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let duration = resolved.ty.usual.update;
        self.write(resolved, "update", duration, ctx).await
    }

    async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        self.erase(prior, ctx).await
    }
}
