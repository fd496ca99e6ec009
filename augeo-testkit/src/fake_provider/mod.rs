//! An in-memory provider with real semantics: time, ownership, conditions, secrets, faults.
//!
//! It is trusted because it passes the conformance suite. Clones share one world, so a test can
//! drop a run at any point and go on with another clone, as after a crash.

mod types;
mod world;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use augeo_core::finding::Finding;
use augeo_core::name::{ResourceId, TypeName};
use augeo_core::plan::Plan;
use augeo_core::provider::{
    Context, ErrorKind, ObserveScope, ObservedState, Provider, ProviderError,
};
use augeo_core::resource::{Desired, Lifecycle, Observed, Resolved, ResourceType};
use augeo_core::value::Value;
use tokio::time::Instant;

pub use types::{Fake, catalogue};
pub use world::{Fault, Mutation};
use world::{Phase, Record, World};

/// An in-memory provider.
#[derive(Clone, Debug, Default)]
pub struct FakeProvider {
    world: Arc<Mutex<World>>,
    types: Arc<BTreeMap<TypeName, ResourceType>>,
}

impl FakeProvider {
    /// An empty world.
    pub fn new() -> Self {
        let types = catalogue().into_iter().map(|ty| (ty.name.clone(), ty)).collect();
        Self { world: Arc::default(), types: Arc::new(types) }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        world.advance();
        world
    }

    /// Adds a fault.
    pub fn inject(&self, fault: Fault) {
        self.world().faults.push(fault);
    }

    /// Takes every fault back.
    pub fn heal(&self) {
        self.world().faults.clear();
    }

    /// The keys of everything that exists and is not soft-deleted.
    pub fn keys(&self) -> Vec<String> {
        let world = self.world();
        let live = world.records.iter().filter(|(_, record)| record.phase != Phase::SoftDeleted);
        live.map(|(id, _)| id.key().to_owned()).collect()
    }

    /// The properties of the resource whose key ends so.
    pub fn value(&self, key: &str) -> Option<Value> {
        let world = self.world();
        world.records.iter().find(|(id, _)| id.key().ends_with(key)).map(|(_, record)| record.value.clone())
    }

    /// Every mutation, in the order in which it was committed.
    pub fn journal(&self) -> Vec<Mutation> {
        self.world().journal.clone()
    }

    /// How many requests were made.
    pub fn requests(&self) -> usize {
        self.world().requests
    }

    /// How many changes ran at once, at most.
    pub fn running_max(&self) -> usize {
        self.world().running_max
    }

    fn with_record(&self, key: &str, edit: impl FnOnce(&mut Record)) {
        let mut world = self.world();
        let found = world.records.iter_mut().find(|(id, _)| id.key().ends_with(key));
        edit(found.expect("the resource exists").1);
    }

    /// Somebody else sets a property.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn edit(&self, key: &str, property: &str, value: impl Into<Value>) {
        self.with_record(key, |record| {
            record.value.as_object_mut().expect("values are objects").insert(property.to_owned(), value.into());
        });
    }

    /// An operation of somebody else's runs on the resource for so long.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn keep_busy(&self, key: &str, duration: Duration) {
        self.with_record(key, |record| record.phase = Phase::Busy { until: Instant::now() + duration });
    }

    /// The resource is deleted in a way from which it can be brought back.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn soft_delete(&self, key: &str) {
        self.with_record(key, |record| record.phase = Phase::SoftDeleted);
    }

    /// Somebody else's resource appears; `owner` is the stack whose mark it carries.
    pub fn insert_foreign(&self, key: &str, ty: &str, owner: Option<&str>) {
        let parent = key.rsplit_once('/').map(|(parent, _)| id(parent));
        let record = Record {
            ty: TypeName::new(ty),
            value: Value::Object(augeo_core::value::Object::new()),
            owner: owner.map(str::to_owned),
            parent,
            declared: None,
            secret_versions: BTreeMap::new(),
            version: 1,
            phase: Phase::Ready,
        };
        self.world().records.insert(id(key), record);
    }

    async fn request(&self) {
        self.world().requests += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    /// Waits, unless the run stops waiting; then the outcome is unknown.
    async fn wait(duration: Duration, ctx: &Context) -> Result<(), ProviderError> {
        tokio::select! {
            biased;
            () = ctx.abandon.cancelled() => Err(unknown("nobody waits for it any more")),
            () = tokio::time::sleep(duration) => Ok(()),
        }
    }

    async fn write(&self, resolved: &Resolved, verb: &'static str, duration: Duration, ctx: &Context) -> Result<Observed, ProviderError> {
        self.request().await;
        let key = resolved.id.key().to_owned();
        let fault = self.world().strike(&key);
        if let Some(Fault::Refuse { code, .. }) = &fault {
            return Err(ProviderError::new(ErrorKind::Conflict, code, format!("{key} is refused")));
        }
        self.commit(resolved, verb, duration)?;
        match fault {
            Some(Fault::LoseAnswer { .. }) => return Err(unknown("the answer was lost")),
            Some(Fault::FailOperation { code, .. }) => {
                Self::wait(duration, ctx).await?;
                self.with_record(&key, |record| record.phase = Phase::Failed { code: code.clone() });
                self.world().running.remove(&key);
                return Err(ProviderError::new(ErrorKind::OperationFailed, code, format!("{key} failed")));
            }
            Some(Fault::Refuse { .. } | Fault::DenyRead { .. }) | None => {}
        }
        Self::wait(duration, ctx).await?;
        let mut world = self.world();
        world.running.remove(&key);
        world.observed(&resolved.id, &resolved.stack.to_string()).ok_or_else(|| {
            ProviderError::new(ErrorKind::NotFound, "Gone", format!("{key} is gone"))
        })
    }

    /// The moment at which a write takes effect.
    fn commit(&self, resolved: &Resolved, verb: &'static str, duration: Duration) -> Result<(), ProviderError> {
        let mut world = self.world();
        let id = &resolved.id;
        let key = id.key().to_owned();
        let stack = resolved.stack.to_string();
        let parent = parent_of(id);
        if let Some(parent) = &parent {
            if !world.records.contains_key(parent) {
                return Err(ProviderError::new(ErrorKind::NotFound, "ParentNotFound", format!("{parent} is not there")));
            }
        }
        let before = world.records.get(id).cloned();
        match &before {
            Some(record) if record.owner.as_ref() != Some(&stack) => {
                return Err(ProviderError::new(ErrorKind::NotOurs, "NotOurs", format!("{key} is not ours")));
            }
            Some(record) if matches!(record.phase, Phase::Busy { .. } | Phase::Deleting { .. }) => {
                return Err(ProviderError::new(ErrorKind::Conflict, "Busy", format!("{key} is busy")));
            }
            Some(record) if record.phase == Phase::SoftDeleted && !resolved.recover => {
                return Err(ProviderError::new(ErrorKind::Conflict, "SoftDeleted", format!("{key} is soft-deleted")));
            }
            Some(_) | None => {}
        }
        let version = before.as_ref().map_or(0, |record| record.version) + 1;
        let value = stored(&resolved.value, before.as_ref().map(|record| &record.value), &resolved.ty, id);
        let ended = Instant::now() + duration;
        let record = Record {
            ty: resolved.ty.name.clone(),
            value,
            owner: Some(stack),
            parent,
            declared: Some(resolved.declared.clone()),
            secret_versions: resolved.secret_versions.clone(),
            version,
            phase: Phase::Busy { until: ended },
        };
        world.records.insert(id.clone(), record);
        world.journal.push(Mutation { verb, key: key.clone(), sent: resolved.value.clone() });
        world.running.insert(key);
        world.running_max = world.running_max.max(world.running.len());
        Ok(())
    }
}

/// What is kept of what was sent: no secrets; maps merged but for those that are whole; initial
/// properties as they were; a computed address.
fn stored(sent: &Value, before: Option<&Value>, ty: &ResourceType, id: &ResourceId) -> Value {
    let mut object = before.and_then(Value::as_object).cloned().unwrap_or_default();
    for (key, value) in sent.as_object().into_iter().flatten() {
        let hidden = matches!(value, Value::Secret(_)) || ty.write_only.contains(&key.as_str());
        let kept = before.is_some() && ty.initial.contains(&key.as_str());
        if hidden || kept {
            continue;
        }
        let merged = match (object.get(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) if !ty.whole_maps.contains(&key.as_str()) => {
                let mut old = old.clone();
                old.extend(new.clone());
                Value::Object(old)
            }
            _ => value.clone(),
        };
        object.insert(key.clone(), merged);
    }
    object.insert("address".to_owned(), Value::from(format!("{}.fake.example", id.label())));
    Value::Object(object)
}

fn unknown(why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::OutcomeUnknown, "OutcomeUnknown", why)
}

fn id(key: &str) -> ResourceId {
    ResourceId::new(key, &key.to_ascii_lowercase(), key.rsplit('/').next().unwrap_or(key))
}

fn parent_of(of: &ResourceId) -> Option<ResourceId> {
    of.text().rsplit_once('/').filter(|(parent, _)| !parent.is_empty()).map(|(parent, _)| id(parent))
}

#[async_trait]
impl Provider for FakeProvider {
    fn resource_type(&self, name: &TypeName) -> Option<Cow<'static, ResourceType>> {
        self.types.get(name).cloned().map(Cow::Owned)
    }

    fn locate(&self, desired: &Desired, scope: Option<&ResourceId>) -> ResourceId {
        let own = desired.physical_name.clone().unwrap_or_else(|| desired.name.as_str().replace('/', "."));
        let own = if desired.ty.lifecycle == Lifecycle::Singleton { "default".to_owned() } else { own };
        match scope {
            Some(scope) => id(&format!("{}/{own}", scope.text())),
            None => id(&format!("/{}.{own}", desired.stack.to_string().replace('/', "."))),
        }
    }

    fn canonical(&self, _: &ResourceType, value: &Value) -> Value {
        value.map_leaves(&|leaf| match leaf {
            Value::String(text) if text.starts_with('/') => Some(Value::from(text.to_ascii_lowercase())),
            _ => None,
        })
    }

    async fn observe(&self, scope: &ObserveScope, _: &Context) -> Result<ObservedState, ProviderError> {
        self.request().await;
        let world = self.world();
        let stack = scope.stack.to_string();
        let mut state = ObservedState { requests: 1, ..ObservedState::default() };
        for wanted in &scope.wanted {
            if world.is_denied(&wanted.ty.name) {
                let error = ProviderError::new(ErrorKind::Denied, "Forbidden", "reading is denied");
                state.unreadable.insert(wanted.id.clone(), error);
            } else if let Some(observed) = world.observed(&wanted.id, &stack) {
                state.resources.insert(wanted.id.clone(), observed);
            }
        }
        for (id, record) in &world.records {
            if record.owner.as_ref() == Some(&stack) && !world.is_denied(&record.ty) {
                state.resources.extend(world.observed(id, &stack).map(|observed| (id.clone(), observed)));
            }
        }
        if scope.inventory {
            for (id, record) in &world.records {
                let ours = record.owner.as_ref() == Some(&stack);
                if let (false, Some(parent)) = (ours, &record.parent) {
                    state.guests.entry(parent.clone()).or_default().push(id.clone());
                }
            }
        }
        Ok(state)
    }

    async fn preflight(&self, _: &Plan, _: &Context) -> Result<Vec<Finding>, ProviderError> {
        Ok(Vec::new())
    }

    async fn settle(&self, _: &ResourceType, id: &ResourceId, ctx: &Context) -> Result<Option<Observed>, ProviderError> {
        self.request().await;
        let busy = self.world().busy_for(id);
        if let Some(duration) = busy {
            Self::wait(duration, ctx).await?;
        }
        Ok(self.world().observed(id, &ctx.stack.to_string()))
    }

    async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError> {
        let verb = if resolved.recover { "recover" } else { "create" };
        self.write(resolved, verb, resolved.ty.usual.create, ctx).await
    }

    async fn update(&self, resolved: &Resolved, _: &Observed, ctx: &Context) -> Result<Observed, ProviderError> {
        self.write(resolved, "update", resolved.ty.usual.update, ctx).await
    }

    async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        self.request().await;
        let key = prior.id.key().to_owned();
        let fault = self.world().strike(&key);
        if let Some(Fault::Refuse { code, .. } | Fault::FailOperation { code, .. }) = &fault {
            return Err(ProviderError::new(ErrorKind::Conflict, code, format!("{key} is refused")));
        }
        let duration = self.types.get(&prior.ty).map_or(Duration::ZERO, |ty| ty.usual.delete);
        {
            let mut world = self.world();
            match world.records.get(&prior.id).map(|record| record.owner.clone()) {
                None => return Ok(()),
                Some(owner) if owner != Some(ctx.stack.to_string()) => {
                    return Err(ProviderError::new(ErrorKind::NotOurs, "NotOurs", format!("{key} is not ours")));
                }
                Some(_) => {}
            }
            let record = world.records.get_mut(&prior.id).expect("it was just found");
            record.phase = Phase::Deleting { until: Instant::now() + duration };
            world.journal.push(Mutation { verb: "delete", key: key.clone(), sent: Value::Null });
        }
        if matches!(fault, Some(Fault::LoseAnswer { .. })) {
            return Err(unknown("the answer was lost"));
        }
        Self::wait(duration, ctx).await?;
        self.world().remove(&prior.id);
        Ok(())
    }
}
