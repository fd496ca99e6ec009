//! Writing: create, update, delete, and waiting until a resource rests.
//!
//! A request whose outcome was not seen is followed by a look, never by a blind repeat. Nothing is
//! written over a resource that is not proven to be the stack's.

use std::sync::Arc;
use std::time::Duration;

use augeo_core::name::ResourceId;
use augeo_core::provider::{Context, ErrorKind, ProviderError};
use augeo_core::report::Event;
use augeo_core::resource::{Condition, Observed, Ownership, Resolved, ResourceType};
use augeo_core::value::{PropertyPath, SecretRef, Value};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::Azure;
use super::body::{Body, to_body, with_observed, without};
use super::look::Look;
use super::ownership::{Marks, follows_parent, keep_foreign_keys, mark};
use super::reading::{Judge, read};
use super::secrets::SecretText;
use crate::arm_id::ArmId;
use crate::client::{ArmRequest, Lag};
use crate::error::ArmError;
use crate::schema::{ArmType, OwnershipMark, ReadPlan, UpdateMode};
use crate::trace::Redaction;

/// How often in a row an outcome may stay unseen.
const AMBIGUITIES_MAX: usize = 4;
/// The wait between reads that must all find a new resource.
const STABLE_READ_DELAY: Duration = Duration::from_secs(1);

/// A write that is about to be sent.
struct Write<'a> {
    ty: &'a Arc<ArmType>,
    id: &'a ArmId,
    resolved: &'a Resolved,
    request: ArmRequest,
    /// Whether finding the resource with our mark proves that this very write was done.
    proven_by_mark: bool,
    creates: bool,
}

impl Azure {
    fn id(&self, id: &ResourceId) -> Result<ArmId, ProviderError> {
        ArmId::try_from(id).map_err(|error| {
            ProviderError::new(ErrorKind::Invalid { property: None }, "azure/invalid-id", error.to_string())
        })
    }

    fn target(&self, ty: &ResourceType, id: &ResourceId) -> Result<(Arc<ArmType>, ArmId), ProviderError> {
        Ok((Arc::new(self.types.of(ty).into_owned()), self.id(id)?))
    }

    pub(super) async fn create_one(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError> {
        let (ty, id) = self.target(&resolved.ty, &resolved.id)?;
        // What has a mark of its own may have appeared since it was looked for.
        if !resolved.recover && !follows_parent(&ty) && !self.parent_is_new(&id) {
            let found = self.look_at(&ty, &resolved.id, &id, ctx).await?;
            if let Some(found) = found {
                return self.update_one(resolved, &ensure_ours(found)?, ctx).await;
            }
        }
        let mut value = resolved.value.clone();
        mark_with(&ty, &mut value, resolved);
        let secrets = self.secrets(resolved, None)?;
        if let Some((path, text)) = ty.soft_delete.and_then(|soft| soft.recover).filter(|_| resolved.recover) {
            let mut recovering = value.clone();
            set(&mut recovering, &PropertyPath::parse(path), text.into());
            let body = self.body(&ty, &recovering, &secrets)?;
            let request = self.put(&ty, &id, body);
            let write = Write { ty: &ty, id: &id, resolved, request, proven_by_mark: false, creates: true };
            self.write(&write, ctx).await?;
        }
        let body = self.body(&ty, &value, &secrets)?;
        let marked = matches!(
            ty.ownership,
            OwnershipMark::Tag | OwnershipMark::Field(_) | OwnershipMark::Metadata(_)
        );
        let proven_by_mark = marked && !resolved.recover && body.secret_paths.is_empty();
        let request = self.put(&ty, &id, body);
        let write = Write { ty: &ty, id: &id, resolved, request, proven_by_mark, creates: true };
        let observed = self.write(&write, ctx).await?;
        self.with_created(|created| created.insert(resolved.id.clone()));
        self.keep(resolved, &secrets);
        Ok(observed)
    }

    pub(super) async fn update_one(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let (ty, id) = self.target(&resolved.ty, &resolved.id)?;
        if prior.ownership != Ownership::Ours {
            return Err(not_ours(prior));
        }
        let facts = &ty.facts;
        // What is never told cannot be sent back as observed.
        let mut value = match ty.update {
            UpdateMode::Put => with_observed(&resolved.value, &prior.value, facts.initial),
            UpdateMode::Patch => without(&without(&resolved.value, facts.initial), facts.immutable),
        };
        keep_foreign_keys(&ty, &mut value, &prior.value);
        mark_with(&ty, &mut value, resolved);
        let secrets = self.secrets(resolved, Some(prior))?;
        let mut body = self.body(&ty, &value, &secrets)?;
        let request = match ty.update {
            UpdateMode::Put => self.put(&ty, &id, body),
            UpdateMode::Patch => {
                remove_from_sets(&ty, &mut body.json, &prior.value);
                let redaction = Redaction::of(body.secret_paths);
                ArmRequest::patch(&id, ty.api_version(), body.json).redact(redaction)
            }
        };
        let write = Write { ty: &ty, id: &id, resolved, request, proven_by_mark: false, creates: false };
        let observed = self.write(&write, ctx).await?;
        self.keep(resolved, &secrets);
        Ok(observed)
    }

    pub(super) async fn delete_one(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        let id = self.id(&prior.id)?;
        let known = self.types.of_id(&id).filter(|ty| *ty.name() == prior.ty);
        let mut ty = known.cloned().unwrap_or_else(|| ArmType::generic(prior.ty.as_str(), &prior.version));
        ty.facts.version = prior.version.clone().into();
        if prior.ownership != Ownership::Ours {
            return Err(not_ours(prior));
        }
        let request = ty
            .delete_query
            .iter()
            .fold(ArmRequest::delete(&id, ty.api_version()), |request, (name, value)| request.query(*name, *value));
        let mut unseen = None;
        for _ in 0..AMBIGUITIES_MAX {
            match self.client.run_operation(&request, ctx).await {
                Ok(_) => return self.forget(prior),
                Err(error) if error.is_not_found() => return self.forget(prior),
                Err(error) if error.is_ambiguous() && !ctx.abandon.is_cancelled() => {
                    let left = self.client.wait_until_settled(&id, ty.api_version(), ctx).await;
                    if left.map_err(|_| still_unknown(&error))?.is_none() {
                        return self.forget(prior);
                    }
                    unseen = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(unseen.map_or_else(|| unseen_end(&id), ProviderError::from))
    }

    fn forget(&self, prior: &Observed) -> Result<(), ProviderError> {
        self.with_created(|created| {
            let key = prior.id.key().to_owned();
            created.retain(|id| !(id.key().starts_with(&key) && id.key()[key.len()..].starts_with(['/']) || id.key() == key));
        });
        Ok(())
    }

    pub(super) async fn settle_one(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        let (ty, arm_id) = self.target(ty, id)?;
        if ty.read != ReadPlan::PostList {
            let body = self.client.wait_until_settled(&arm_id, ty.api_version(), ctx).await?;
            if body.is_none() {
                return Ok(None);
            }
        }
        let Some(observed) = self.look_at(&ty, id, &arm_id, ctx).await? else { return Ok(None) };
        self.wait_until_ready(&ty, &arm_id, observed, ctx).await
    }

    /// Reads one resource, and whose it is.
    async fn look_at(
        &self,
        ty: &Arc<ArmType>,
        known: &ResourceId,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        let bodies = Look::one(ty, id).bodies(&self.client, ctx).await?;
        let Some((_, body)) = bodies.into_iter().next() else { return Ok(None) };
        let parent = if follows_parent(ty) { self.parent_ownership(id, ctx).await? } else { None };
        let judging = Judge { types: self.types, stack: &ctx.stack, parent: parent.as_ref() };
        Ok(Some(read(ty, id, Some(known), body, judging)))
    }

    /// Whose a resource is that another one lives in, by reading outwards until a mark decides.
    async fn parent_ownership(&self, id: &ArmId, ctx: &Context) -> Result<Option<Ownership>, ProviderError> {
        let mut around = super::locate::parent(self.types, id);
        while let Some(outer) = around {
            let Some(ty) = self.types.of_id(&outer) else { return Ok(None) };
            if !follows_parent(ty) {
                let ty = Arc::new(ty.clone());
                let bodies = Look::one(&ty, &outer).bodies(&self.client, ctx).await?;
                let judging = Judge { types: self.types, stack: &ctx.stack, parent: None };
                return Ok(bodies.into_iter().next().map(|(_, body)| read(&ty, &outer, None, body, judging).ownership));
            }
            around = super::locate::parent(self.types, &outer);
        }
        Ok(None)
    }

    fn put(&self, ty: &ArmType, id: &ArmId, body: Body) -> ArmRequest {
        let request = ArmRequest::put(id, ty.api_version(), body.json).redact(Redaction::of(body.secret_paths));
        if self.parent_is_new(id) { request.expecting(Lag::NewParent) } else { request }
    }

    /// Sends a write and waits until the resource is ready.
    async fn write(&self, write: &Write<'_>, ctx: &Context) -> Result<Observed, ProviderError> {
        let Write { ty, id, resolved, .. } = write;
        let mut unseen = None;
        for _ in 0..AMBIGUITIES_MAX {
            let error = match self.client.begin(&write.request, ctx).await {
                Ok(begun) => {
                    let at_once = begun.is_finished();
                    match self.client.finish(begun, ctx).await {
                        Ok(body) => return self.confirm(write, body, at_once, ctx).await,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            if !error.is_ambiguous() || ctx.abandon.is_cancelled() {
                return Err(error.into());
            }
            let found = self.settle_one(&resolved.ty, &resolved.id, ctx).await.map_err(|_| still_unknown(&error))?;
            if let Some(found) = found {
                let found = if follows_parent(ty) { found } else { ensure_ours(found)? };
                let done = write.proven_by_mark
                    && found.declared.as_deref() == Some(&resolved.declared)
                    && found.condition == Condition::Ready;
                if done {
                    return Ok(found);
                }
            }
            unseen = Some(error);
        }
        Err(unseen.map_or_else(|| unseen_end(id), ProviderError::from))
    }

    /// Waits until what was written is there and ready, and reads it as the next plan will.
    async fn confirm(
        &self,
        write: &Write<'_>,
        body: Option<Json>,
        at_once: bool,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let Write { ty, id, resolved, .. } = write;
        let judging = Judge { types: self.types, stack: &ctx.stack, parent: Some(&Ownership::Ours) };
        let body = body.filter(|body| body.get("id").is_some_and(Json::is_string) && ty.read != ReadPlan::PostList);
        let mut reads = u32::from(body.is_some());
        let mut observed = body.map(|body| read(ty, id, Some(&resolved.id), body, judging));
        let wanted = if write.creates { ty.stable_reads.max(1) } else { 1 };
        let mut missing = 0;
        // The first answer is not a read: services that answer at once may still lag.
        if at_once && wanted > 1 {
            reads = 0;
        }
        while observed.is_none() || reads < wanted {
            if reads > 0 || missing > 0 {
                self.pause(id, "settling", STABLE_READ_DELAY, ctx).await?;
            }
            let bodies = Look::one(ty, id).bodies(&self.client, ctx).await?;
            match bodies.into_iter().next() {
                Some((_, body)) => {
                    reads += 1;
                    observed = Some(read(ty, id, Some(&resolved.id), body, judging));
                }
                None => {
                    reads = 0;
                    missing += 1;
                    if missing > self.client.limits().poll.missing_max {
                        let message = format!("{id} was written, and is not there");
                        return Err(ProviderError::new(ErrorKind::OperationFailed, "azure/not-there", message));
                    }
                }
            }
        }
        let Some(observed) = observed else { return Err(unseen_end(id)) };
        let gone = || ProviderError::new(ErrorKind::OperationFailed, "azure/not-there", format!("{id} was written, and is not there"));
        let ready = self.wait_until_ready(ty, id, observed, ctx).await?.ok_or_else(gone)?;
        match &ready.condition {
            Condition::Failed { code } => {
                let message = format!("{id} was written, and its operation ended as {code}");
                Err(ProviderError::new(ErrorKind::OperationFailed, code.clone(), message))
            }
            Condition::Ready | Condition::Busy { .. } | Condition::Deleting | Condition::SoftDeleted { .. } => Ok(ready),
        }
    }

    /// Waits while the service says in its own words that it works on the resource.
    async fn wait_until_ready(
        &self,
        ty: &Arc<ArmType>,
        id: &ArmId,
        mut observed: Observed,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        let limits = self.client.limits();
        let started = Instant::now();
        loop {
            let doing = match &observed.condition {
                Condition::Busy { doing } => doing.clone(),
                Condition::Deleting => "Deleting".to_owned(),
                Condition::Ready | Condition::Failed { .. } | Condition::SoftDeleted { .. } => return Ok(Some(observed)),
            };
            if started.elapsed() + limits.poll.delay > limits.operation_duration_max {
                let message = format!("{id} stays {doing}");
                return Err(ProviderError::new(ErrorKind::OutcomeUnknown, "OutcomeUnknown", message));
            }
            self.pause(id, &doing, limits.poll.delay, ctx).await?;
            let bodies = Look::one(ty, id).bodies(&self.client, ctx).await?;
            let Some((_, body)) = bodies.into_iter().next() else { return Ok(None) };
            // Whose the parent is does not change while it is waited for.
            let (known, parent) = (observed.id.clone(), observed.ownership.clone());
            let judging = Judge { types: self.types, stack: &ctx.stack, parent: Some(&parent) };
            observed = read(ty, id, Some(&known), body, judging);
        }
    }

    async fn pause(&self, id: &ArmId, status: &str, next: Duration, ctx: &Context) -> Result<(), ProviderError> {
        if let Some(resource) = &ctx.resource {
            let resource = resource.clone();
            ctx.observer.on_event(&Event::Waiting { resource, status: status.to_owned(), next });
        }
        tokio::select! {
            biased;
            () = ctx.abandon.cancelled() => Err(unseen_end(id)),
            () = tokio::time::sleep(next) => Ok(()),
        }
    }

    fn body(&self, ty: &ArmType, value: &Value, secrets: &Secrets) -> Result<Body, ProviderError> {
        to_body(ty, value, &mut |path, secret| {
            let found = secrets.iter().find(|(known, ..)| known == path);
            let Some((.., choice)) = found else {
                return Err(unknown_secret(path, secret));
            };
            Ok(choice.as_ref().map(|text| text.expose().to_owned()))
        })
    }

    /// The text of each secret in a declaration; nothing for one that the resource already has.
    fn secrets(&self, resolved: &Resolved, prior: Option<&Observed>) -> Result<Secrets, ProviderError> {
        let mut places = Vec::new();
        resolved.value.walk(&mut |path, value| {
            if let Value::Secret(secret) = value {
                places.push((path.clone(), secret.clone()));
            }
        });
        let mut secrets = Secrets::new();
        for (path, secret) in places {
            let text = match &secret {
                SecretRef::Generated { length } => Some(SecretText::generate(*length, &*self.entropy)?),
                SecretRef::KeptBy(keeper) => {
                    let at = path.to_string();
                    let has = prior.and_then(|prior| prior.secret_versions.get(&at));
                    let is_current = has.is_some() && has == resolved.secret_versions.get(&at);
                    if is_current {
                        None
                    } else {
                        let value = self.secrets.value(&resolved.stack, keeper);
                        Some(value.ok_or_else(|| unknown_secret(&path, &secret))?)
                    }
                }
            };
            secrets.push((path, secret, text));
        }
        Ok(secrets)
    }

    /// Remembers what the resource keeps now, for those that are given it in this run.
    fn keep(&self, resolved: &Resolved, secrets: &Secrets) {
        for (_, secret, text) in secrets {
            if let (SecretRef::Generated { .. }, Some(text)) = (secret, text) {
                self.secrets.remember(&resolved.stack, &resolved.name, text.clone());
            }
        }
    }
}

type Secrets = Vec<(PropertyPath, SecretRef, Option<SecretText>)>;

fn mark_with(ty: &ArmType, value: &mut Value, resolved: &Resolved) {
    let marks = Marks::new(&resolved.stack, &resolved.id, &resolved.declared, &resolved.secret_versions);
    mark(ty, value, &marks);
}

fn set(value: &mut Value, path: &PropertyPath, text: Value) {
    let mut at = value;
    for segment in path.segments() {
        let augeo_core::value::Segment::Key(key) = segment else { return };
        if !matches!(at, Value::Object(_)) {
            *at = Value::Object(augeo_core::value::Object::new());
        }
        let Some(object) = at.as_object_mut() else { return };
        at = object.entry(key.clone()).or_default();
    }
    *at = text;
}

/// A `PATCH` takes a key out of a map only when it is told to.
fn remove_from_sets(ty: &ArmType, body: &mut Json, observed: &Value) {
    for path in ty.key_sets {
        let Some(Value::Array(before)) = observed.get(&PropertyPath::parse(path)) else { continue };
        let first = path.split('.').next().unwrap_or_default();
        let top = ty.top_level.iter().any(|top| top.eq_ignore_ascii_case(first));
        let root = if top { Some(&mut *body) } else { body.get_mut("properties") };
        let found = path.split('.').fold(root, |at, key| at.and_then(|at| at.get_mut(key)));
        let Some(map) = found.and_then(Json::as_object_mut) else { continue };
        for key in before.iter().filter_map(Value::as_str) {
            if !map.keys().any(|kept| kept.eq_ignore_ascii_case(key)) {
                map.insert(key.to_owned(), Json::Null);
            }
        }
    }
}

fn ensure_ours(found: Observed) -> Result<Observed, ProviderError> {
    if found.ownership == Ownership::Ours { Ok(found) } else { Err(not_ours(&found)) }
}

fn not_ours(found: &Observed) -> ProviderError {
    let whose = match &found.ownership {
        Ownership::Other { stack } => format!("belongs to {stack}"),
        Ownership::Ours | Ownership::Foreign => "is not this stack's".to_owned(),
    };
    ProviderError::new(ErrorKind::NotOurs, "augeo/not-ours", format!("{} exists and {whose}", found.id))
        .with_help("refer to it as existing, or give this resource another name")
}

fn unknown_secret(path: &PropertyPath, secret: &SecretRef) -> ProviderError {
    let message = format!("{path} needs {secret}, whose value is not known in this run");
    ProviderError::new(ErrorKind::Invalid { property: Some(path.to_string()) }, "augeo/secret-unknown", message)
        .with_help("plan again: a new version of the secret is made and used")
}

/// The look that should have resolved an ambiguity failed too.
fn still_unknown(error: &ArmError) -> ProviderError {
    let mut unknown = ProviderError::new(ErrorKind::OutcomeUnknown, error.code(), error.to_string());
    unknown.help = error.help();
    unknown
}

fn unseen_end(id: &ArmId) -> ProviderError {
    ProviderError::new(ErrorKind::OutcomeUnknown, "OutcomeUnknown", format!("the end of the change of {id} was not seen"))
        .with_help("run the same command again: it looks first, and goes on from what it finds")
}
