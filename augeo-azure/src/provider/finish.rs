//! Finishing writes: resources that are written once more when others are there.
//!
//! Each is a resource of its own for the engine, in the one that it finishes. Its identity is that
//! one's id and its own name behind a `#`, which no ARM id can hold; ARM knows one resource.

use std::sync::Arc;

use augeo_core::name::ResourceId;
use augeo_core::provider::ProviderError;
use augeo_core::resource::{Observed, Ownership};
use augeo_core::value::{PropertyPath, Value};
use serde_json::Value as Json;

use super::Azure;
use super::body::to_body;
use super::locate;
use super::merge::{set, with_observed};
use super::observe::{Found, Observation};
use super::reading::{Judge, read};
use super::settle::not_there;
use super::types::Types;
use crate::arm_id::ArmId;
use crate::client::ArmRequest;
use crate::schema::{ArmScope, ArmType, NameRule, UpdateMode};

/// What stands between the id of a resource and the name of its finishing write.
const MARK: char = '#';

/// The identity of a finishing write of the resource with this id.
pub(super) fn identity(ty: &ArmType, finished: &ArmId) -> Option<ResourceId> {
    let (ArmScope::Finish, NameRule::Fixed(name)) = (ty.scope, ty.name) else {
        return None;
    };
    let text = finished.to_string();
    let key = format!("{}{MARK}{name}", finished.key());
    let label = format!("{}{MARK}{name}", finished.qualified_name());
    Some(ResourceId::new(&text, &key, &label))
}

/// The name of a finishing write; `None` for a resource of its own.
pub(super) fn name_of(id: &ResourceId) -> Option<&str> {
    id.key().split_once(MARK).map(|(_, name)| name)
}

/// What a resource lives in or on; a finishing write lives in what it finishes.
pub(super) fn parent(types: Types, ty: &ArmType, id: &ArmId) -> Option<ArmId> {
    match ty.scope {
        ArmScope::Finish => Some(id.clone()),
        ArmScope::Subscription | ArmScope::Group | ArmScope::Child | ArmScope::Extension => {
            locate::parent(types, id)
        }
    }
}

/// Whether a finishing write was done: anything that it sets is not as it is without it.
fn is_done(ty: &ArmType, value: &Value) -> bool {
    ty.undone.iter().any(|(path, without)| {
        let found = value.get(&PropertyPath::parse(path));
        let without = Value::from(*without);
        let same = match (found.and_then(Value::as_str), without.as_str()) {
            (Some(found), Some(without)) => found.eq_ignore_ascii_case(without),
            _ => found == Some(&without),
        };
        found.is_some_and(|found| *found != Value::Null) && !same
    })
}

impl Observation<'_> {
    /// The finishing writes of a resource: those that the stack wants, and those that may have left
    /// it. `true` for the first.
    pub(super) fn finishes(&self, id: &ArmId) -> Vec<(Arc<ArmType>, ResourceId, bool)> {
        let name = id.resource_type();
        self.types
            .finishing(&name)
            .filter_map(|ty| {
                let key = identity(ty, id)?;
                match self.wants.get(&key) {
                    Some(want) => Some((Arc::clone(&want.ty), want.wanted.id.clone(), true)),
                    None if ty.undone.is_empty() => None,
                    None => Some((Arc::new(ty.clone()), key, false)),
                }
            })
            .collect()
    }

    /// Reads the body of a resource as that of its finishing writes.
    pub(super) fn absorb_finishes(
        &mut self,
        finishes: Vec<(Arc<ArmType>, ResourceId, bool)>,
        of: &Observed,
        id: &ArmId,
        body: &Json,
    ) {
        let judging = Judge {
            types: self.types,
            stack: &self.scope.stack,
            parent: Some(&of.ownership),
        };
        for (ty, known, wanted) in finishes {
            let observed = read(&ty, id, Some(&known), body.clone(), judging);
            if !wanted {
                if observed.ownership == Ownership::Ours && is_done(&ty, &observed.value) {
                    self.undeclared.push(observed);
                }
                continue;
            }
            let found = Found {
                id: id.clone(),
                ty,
                ownership: observed.ownership.clone(),
                condition: observed.condition.clone(),
            };
            self.found.insert(known.clone(), found);
            self.state.resources.insert(known, observed);
        }
    }

    /// What could not be read cannot be finished. A finishing write that the stack does not name is
    /// undone if what it uses is to go: else that could not. Whoever uses what stays may do so.
    pub(super) fn find_finishes(&mut self) {
        for want in self.wants.values() {
            let finished = want.id.to_resource_id();
            let refused = self.state.unreadable.get(&finished).cloned();
            if let (ArmScope::Finish, Some(error)) = (want.ty.scope, refused) {
                self.state.unreadable.insert(want.wanted.id.clone(), error);
            }
        }
        for mut finish in std::mem::take(&mut self.undeclared) {
            // Whatever the resource was tied to by something else than an id, this is, too.
            let finished = finish
                .parent
                .as_ref()
                .filter(|id| self.wants.contains_key(id));
            let finished = finished.and_then(|id| self.state.resources.get(id));
            let Some(finished) = finished else { continue };
            finish.mentions.extend(finished.mentions.iter().cloned());
            let ours = finish.mentions.iter().any(|used| {
                let leaves = !self.wants.contains_key(used);
                let used = self.state.resources.get(used).filter(|_| leaves);
                used.is_some_and(|used| used.ownership == Ownership::Ours)
            });
            if ours {
                self.state.resources.insert(finish.id.clone(), finish);
            }
        }
    }
}

impl Azure {
    /// What puts a resource back as it was before its finishing write.
    pub(super) fn undoing(
        &self,
        ty: &ArmType,
        id: &ArmId,
        found: Option<&Observed>,
    ) -> Result<ArmRequest, ProviderError> {
        let found = found.ok_or_else(|| not_there(id))?;
        let mut value = Value::Object(augeo_core::value::Object::new());
        if ty.update == UpdateMode::Put {
            value = with_observed(&value, &found.value, ty.facts.initial);
        }
        for (path, without) in ty.undone {
            set(&mut value, &PropertyPath::parse(path), &(*without).into());
        }
        let body = to_body(ty, &value, &mut |_, _| Ok(None))?;
        Ok(match ty.update {
            UpdateMode::Put => self.put(ty, id, body),
            UpdateMode::Patch | UpdateMode::Action { .. } => {
                ArmRequest::patch(id, ty.api_version(), body.json)
            }
        })
    }
}
