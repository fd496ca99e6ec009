//! Mutations of the fake world: what is admitted, what is kept, what goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use augeo_core::name::{ResourceId, TypeName};
use augeo_core::provider::{Context, ErrorKind, ProviderError};
use augeo_core::resource::{Condition, Exclusion, Observed, Resolved, ResourceType};
use augeo_core::value::{PropertyPath, SecretRef, Value};
use tokio::time::Instant;

use super::fault::Effect;
use super::types::LEVEL;
use super::world::{Mutation, Phase, Record, World, address, id};
use super::{FakeProvider, unknown, wait};

/// A call in flight: it ends when this is dropped, however that comes about.
struct InFlight {
    world: Arc<Mutex<World>>,
    call: usize,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.in_flight.remove(&self.call);
    }
}

fn refused(kind: ErrorKind, code: &str, message: String) -> ProviderError {
    ProviderError::new(kind, code, message)
}

fn exclusive(
    id: &ResourceId,
    ty: &ResourceType,
    value: &Value,
    parent: Option<&ResourceId>,
) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([id.key().to_owned()]);
    for exclusion in ty.exclusion {
        keys.extend(match exclusion {
            Exclusion::Parent => parent.map(|parent| parent.key().to_owned()),
            Exclusion::Grandparent => parent
                .and_then(super::parent_of)
                .map(|outer| outer.key().to_owned()),
            Exclusion::Property(path) => value
                .get(&PropertyPath::parse(path))
                .and_then(Value::as_str)
                .map(str::to_ascii_lowercase),
        });
    }
    keys
}

impl FakeProvider {
    fn enter(&self, keys: BTreeSet<String>) -> InFlight {
        let mut world = self.world();
        let overlaps: Vec<String> = world
            .in_flight
            .values()
            .flat_map(|others| others.intersection(&keys).cloned())
            .collect();
        for key in overlaps {
            world.violations.push(format!("two changes hold {key}"));
        }
        world.calls += 1;
        let call = world.calls;
        world.in_flight.insert(call, keys);
        world.in_flight_max = world.in_flight_max.max(world.in_flight.len());
        InFlight {
            world: Arc::clone(&self.world),
            call,
        }
    }

    /// What strikes this mutation before it is committed ends it here.
    async fn struck(&self, key: &str) -> Result<Option<Effect>, ProviderError> {
        let fault = self.world().strike(key);
        match fault.map(|fault| fault.effect) {
            Some(Effect::Refuse(code)) => Err(refused(
                ErrorKind::Conflict,
                code,
                format!("{key} is refused"),
            )),
            Some(Effect::DieBefore) => Err(self.die().await),
            Some(Effect::Panic) => panic!("the provider has a defect that {key} meets"),
            other => Ok(other),
        }
    }

    /// Never returns: whoever runs the engine drops it.
    async fn die(&self) -> ProviderError {
        self.death.cancel();
        std::future::pending().await
    }

    pub(super) async fn write(
        &self,
        resolved: &Resolved,
        verb: &'static str,
        duration: Duration,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let id = &resolved.id;
        let parent = super::parent_of(id);
        let keys = exclusive(id, &resolved.ty, &resolved.value, parent.as_ref());
        let _in_flight = self.enter(keys);
        self.request().await;
        let effect = self.struck(id.key()).await?;
        let fails = match &effect {
            Some(Effect::FailOperation(code)) => Some(*code),
            _ => None,
        };
        self.commit(resolved, verb, duration, fails)?;
        match effect {
            Some(Effect::LoseAnswer) => {
                self.world().lose_answer(id);
                return Err(unknown("the answer was lost"));
            }
            Some(Effect::DieAfter) => return Err(self.die().await),
            _ => {}
        }
        wait(duration, ctx).await?;
        let observed = self.world().observed(id, &resolved.stack.to_string());
        match observed {
            None => Err(refused(
                ErrorKind::NotFound,
                "Gone",
                format!("{id} is gone"),
            )),
            Some(observed) => {
                if let Condition::Failed { code } = &observed.condition {
                    let message = format!("{id} failed");
                    return Err(refused(ErrorKind::OperationFailed, code, message));
                }
                Ok(observed)
            }
        }
    }

    /// The moment at which a write takes effect.
    fn commit(
        &self,
        resolved: &Resolved,
        verb: &'static str,
        duration: Duration,
        fails: Option<&'static str>,
    ) -> Result<(), ProviderError> {
        let mut world = self.world();
        let id = &resolved.id;
        let stack = resolved.stack.to_string();
        let parent = super::parent_of(id);
        admit(&mut world, resolved, parent.as_ref(), &stack)?;
        let before = world.records.get(id).cloned();
        let given = self.give(resolved, before.as_ref(), &mut world)?;
        let mut value = stored(
            &resolved.value,
            before.as_ref().map(|record| &record.value),
            &resolved.ty,
            id,
        );
        // What only the outside world can give is asked for, and not had.
        if let (Some(asked), false) = (value.field("proof"), world.proves_at_once)
            && *asked == Value::from("proven".to_owned())
            && let Some(object) = value.as_object_mut()
        {
            object.insert("proof".to_owned(), Value::from("asked".to_owned()));
        }
        let until = Instant::now() + duration;
        // A version is never used twice, not even by what was gone in between.
        let version = world.versions.entry(id.clone()).or_default();
        *version += 1;
        let version = *version;
        self.remember(resolved, version);
        world.records.insert(
            id.clone(),
            Record {
                ty: resolved.ty.name.clone(),
                value,
                owner: Some(stack),
                parent,
                declared: Some(resolved.declared.clone()),
                secret_versions: resolved.secret_versions.clone(),
                given,
                version,
                phase: Phase::Busy {
                    until,
                    fails,
                    unheard: false,
                },
            },
        );
        world.schedule(id);
        if resolved.recover {
            world.restore(id);
        }
        world.journal.push(Mutation {
            verb,
            key: id.key().to_owned(),
            sent: resolved.value.clone(),
        });
        Ok(())
    }

    /// Which version of each secret the resource has after this write. A value is known only to
    /// the process that made it.
    fn give(
        &self,
        resolved: &Resolved,
        before: Option<&Record>,
        world: &mut World,
    ) -> Result<BTreeMap<String, String>, ProviderError> {
        let mut given = BTreeMap::new();
        let mut missing = None;
        resolved.value.walk(&mut |path, value| {
            let Value::Secret(SecretRef::KeptBy(keeper)) = value else {
                return;
            };
            let path = path.to_string();
            let wanted = resolved.secret_versions.get(&path);
            let had = before.and_then(|record| {
                Some((record.secret_versions.get(&path)?, record.given.get(&path)?))
            });
            match (had, wanted) {
                (Some((kept, had)), Some(wanted)) if kept == wanted => {
                    given.insert(path, had.clone());
                }
                _ => match self.remembered(&resolved.stack, keeper) {
                    Some(version) => {
                        if Some(&version) != wanted {
                            world.violations.push(format!(
                                "{} is given version {version} of {keeper}, and {wanted:?} is kept",
                                resolved.id
                            ));
                        }
                        given.insert(path, version);
                    }
                    None => missing = Some(keeper.clone()),
                },
            }
        });
        match missing {
            Some(keeper) => Err(refused(
                ErrorKind::Invalid { property: None },
                "SecretUnknown",
                format!("the value of {keeper} is not known in this run"),
            )),
            None => Ok(given),
        }
    }

    pub(super) async fn erase(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        let id = &prior.id;
        let ordinary = ResourceType::BASE;
        let ty = self.types.get(&prior.ty).unwrap_or(&ordinary);
        let _in_flight = self.enter(exclusive(id, ty, &prior.value, prior.parent.as_ref()));
        self.request().await;
        let effect = self.struck(id.key()).await?;
        let duration = ty.usual.delete;
        if !self.begin_delete(id, duration, &ctx.stack.to_string())? {
            return Ok(());
        }
        match effect {
            Some(Effect::LoseAnswer) => return Err(unknown("the answer was lost")),
            Some(Effect::DieAfter) => return Err(self.die().await),
            Some(Effect::FailOperation(code)) => {
                wait(duration / 2, ctx).await?;
                if let Some(record) = self.world().records.get_mut(id) {
                    record.phase = Phase::Failed { code };
                }
                let message = format!("{id} could not be deleted");
                return Err(refused(ErrorKind::OperationFailed, code, message));
            }
            _ => {}
        }
        wait(duration, ctx).await?;
        // Reading the world lets the deletion end.
        drop(self.world());
        Ok(())
    }

    /// Whether there was anything to delete.
    fn begin_delete(
        &self,
        id: &ResourceId,
        duration: Duration,
        stack: &str,
    ) -> Result<bool, ProviderError> {
        let mut world = self.world();
        let Some(record) = world
            .records
            .get(id)
            .filter(|record| World::is_live(record))
        else {
            return Ok(false);
        };
        if record.owner.as_deref() != Some(stack) {
            let message = format!("{id} is not ours");
            return Err(refused(ErrorKind::NotOurs, "NotOurs", message));
        }
        if matches!(record.phase, Phase::Busy { .. }) {
            let message = format!("{id} is busy");
            return Err(refused(ErrorKind::Conflict, "Busy", message));
        }
        unlocked(&world, id, &record.ty, true)?;
        let mentioning = world.mentioning(id);
        if let (true, Some(other)) = (world.keeps_mentioned, mentioning.first()) {
            let message = format!("{other} mentions {id}");
            return Err(refused(ErrorKind::Conflict, "InUse", message));
        }
        let foreign: Vec<String> = world
            .inside(id)
            .filter(|(_, record)| record.owner.as_deref() != Some(stack))
            .map(|(other, _)| format!("{other} is not ours and is destroyed with {id}"))
            .collect();
        world.violations.extend(foreign);
        let until = Instant::now() + duration;
        world.records.get_mut(id).expect("it was just found").phase = Phase::Deleting { until };
        world.schedule(id);
        world.journal.push(Mutation {
            verb: "delete",
            key: id.key().to_owned(),
            sent: Value::Null,
        });
        Ok(true)
    }
}

const LOCK: &str = "Fake/lock";

/// Refuses what a lock on a resource or around it, or for a deletion in it, forbids.
fn unlocked(
    world: &World,
    id: &ResourceId,
    ty: &TypeName,
    deletes: bool,
) -> Result<(), ProviderError> {
    if ty.as_str() == LOCK {
        return Ok(());
    }
    let around = |host: &ResourceId| {
        std::iter::successors(Some(id.clone()), super::parent_of).any(|outer| outer == *host)
    };
    let below = |host: &ResourceId| {
        std::iter::successors(Some(host.clone()), super::parent_of).any(|outer| outer == *id)
    };
    let forbids = |record: &Record| {
        let level = record.value.field(LEVEL.property).and_then(Value::as_str);
        let strict = level.is_some_and(|level| LEVEL.refusing_writes.contains(&level));
        let host = record.parent.as_ref();
        host.is_some_and(|host| (around(host) && (deletes || strict)) || (deletes && below(host)))
    };
    let mut locks = world.records.iter();
    let lock = locks.find(|(_, record)| {
        record.ty.as_str() == LOCK && World::is_live(record) && forbids(record)
    });
    match lock {
        Some((lock, _)) => {
            let message = format!("{id} is locked by {lock}");
            Err(refused(ErrorKind::Denied, "Locked", message))
        }
        None => Ok(()),
    }
}

/// Whether a write may be done at all.
fn admit(
    world: &mut World,
    resolved: &Resolved,
    parent: Option<&ResourceId>,
    stack: &str,
) -> Result<(), ProviderError> {
    let of = &resolved.id;
    let conflict =
        |code: &str, what: &str| Err(refused(ErrorKind::Conflict, code, format!("{of} {what}")));
    if let Some(parent) = parent {
        match world.records.get(parent).map(|record| record.phase.clone()) {
            None | Some(Phase::SoftDeleted | Phase::Deleting { .. }) => {
                let message = format!("{parent} is not there");
                return Err(refused(ErrorKind::NotFound, "ParentNotFound", message));
            }
            // A lock is put back at once, also where the answer to what it was lifted for was lost.
            Some(Phase::Busy { unheard: true, .. }) if resolved.ty.name.as_str() == LOCK => {}
            Some(Phase::Busy { .. }) if !world.records.contains_key(of) => {
                let early = format!("{of} is created before {parent} is ready");
                world.violations.push(early);
            }
            Some(Phase::Busy { .. } | Phase::Ready | Phase::Failed { .. }) => {}
        }
    }
    let mut dangling = Vec::new();
    resolved.value.walk(&mut |_, value| {
        let text = value.as_str().filter(|text| text.starts_with('/'));
        if let Some(text) = text.filter(|text| !world.records.contains_key(&id(text))) {
            dangling.push(format!("{of} mentions {text}, which is not there"));
        }
    });
    world.violations.extend(dangling);
    unlocked(world, of, &resolved.ty.name, false)?;
    let Some(record) = world.records.get(of) else {
        return Ok(());
    };
    if record.owner.as_deref() != Some(stack) {
        return Err(refused(
            ErrorKind::NotOurs,
            "NotOurs",
            format!("{of} is not ours"),
        ));
    }
    match record.phase {
        Phase::Busy { .. } | Phase::Deleting { .. } => return conflict("Busy", "is busy"),
        Phase::SoftDeleted if !resolved.recover && record.ty.as_str() == "Fake/vault" => {
            return conflict("SoftDeleted", "is soft-deleted");
        }
        Phase::Ready | Phase::Failed { .. } | Phase::SoftDeleted => {}
    }
    let changed = resolved.ty.immutable.iter().find(|path| {
        let path = PropertyPath::parse(path);
        let (sent, kept) = (resolved.value.get(&path), record.value.get(&path));
        sent.is_some_and(|sent| *sent != Value::Null && kept.is_some_and(|kept| sent != kept))
    });
    match changed {
        Some(path) => conflict("Immutable", &format!("cannot change its {path}")),
        None => Ok(()),
    }
}

/// What is kept of what was sent: no secrets; maps merged but for those that are whole; initial
/// properties as they were; a computed address.
fn stored(sent: &Value, before: Option<&Value>, ty: &ResourceType, id: &ResourceId) -> Value {
    let mut object = before
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    for (key, value) in sent.as_object().into_iter().flatten() {
        let hidden = matches!(value, Value::Secret(_) | Value::Null)
            || ty.write_only.contains(&key.as_str());
        let kept = object.contains_key(key) && ty.initial.contains(&key.as_str());
        if hidden || kept {
            continue;
        }
        let merged = match (object.get(key), value) {
            (Some(Value::Object(old)), Value::Object(new))
                if !ty.whole_maps.contains(&key.as_str()) =>
            {
                let mut old = old.clone();
                old.extend(new.clone());
                Value::Object(old)
            }
            _ => value.clone(),
        };
        object.insert(key.clone(), merged);
    }
    object.insert("address".to_owned(), Value::from(address(id)));
    Value::Object(object)
}
