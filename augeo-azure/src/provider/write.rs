//! Writing: create, update, delete, and waiting until a resource rests.
//!
//! A request whose outcome was not seen is followed by a look, never by a blind repeat. Nothing is
//! written over a resource that is not proven to be the stack's.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use augeo_core::mutant::{self, Mutant};
use augeo_core::name::ResourceId;
use augeo_core::provider::{Context, ErrorKind, ProviderError};
use augeo_core::report::Event;
use augeo_core::resource::{Condition, Observed, Ownership, Resolved, SIGN};
use augeo_core::value::{Object, PropertyPath, SecretRef, Value};
use serde_json::Value as Json;

use super::Azure;
use super::body::{Body, remove_from_sets, to_body};
use super::finish;
use super::merge::{set, with_observed, without};
use super::ownership::{Marks, follows_parent, keep_foreign_keys, mark};
use super::placed::{in_month, in_subscription};
use super::secrets::GivenSecrets;
use super::settle::{not_there, parse_id};
use super::unseen::{Unseen, still_unknown};
use crate::arm_id::ArmId;
use crate::client::{ArmRequest, Lag};
use crate::schema::{ArmScope, ArmType, OwnershipMark, Reset, UpdateMode};
use crate::trace::Redaction;

/// A write that is about to be sent.
pub(super) struct Write<'a> {
    pub(super) ty: &'a Arc<ArmType>,
    pub(super) id: &'a ArmId,
    pub(super) resolved: &'a Resolved,
    request: ArmRequest,
    /// Sent after it if nothing was there before.
    once_new: Option<ArmRequest>,
    /// Whether finding the resource with our mark proves that this very write was done.
    proven_by_mark: bool,
    pub(super) creates: bool,
}

impl Azure {
    pub(super) async fn create_one(
        &self,
        resolved: &Resolved,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let (ty, id) = self.target(&resolved.ty, &resolved.id)?;
        // What has a mark of its own may have appeared since it was looked for.
        let finishes = ty.scope == ArmScope::Finish;
        let may_be_there = !resolved.recover && !follows_parent(&ty) && !self.parent_is_new(&id);
        if finishes || (may_be_there && !mutant::is_on(Mutant::CreateWithoutLooking)) {
            let found = self.look_at(&ty, &resolved.id, &id, ctx).await?;
            if let Some(found) = found {
                return self.update_found(resolved, &ensure_ours(found)?, ctx).await;
            }
            if finishes {
                return Err(not_there(&id));
            }
        }
        self.ensure_host(&ty, &id, ctx).await?;
        let mut value = in_subscription(&ty, &resolved.value, self.subscription_id());
        in_month(&ty, &mut value, ctx.clock.now());
        if !mutant::is_on(Mutant::CreateUnmarked) {
            mark_with(&ty, &mut value, resolved);
        }
        let secrets = GivenSecrets::choose(resolved, None, &self.secrets, &*self.entropy)?;
        if let Some((path, text)) = ty
            .soft_delete
            .and_then(|soft| soft.recover)
            .filter(|_| resolved.recover)
        {
            let mut recovering = value.clone();
            set(&mut recovering, &PropertyPath::parse(path), &text.into());
            let body = body(&ty, &recovering, &secrets)?;
            let request = self.put(&ty, &id, body);
            let write = Write {
                ty: &ty,
                id: &id,
                resolved,
                request,
                once_new: None,
                proven_by_mark: false,
                creates: true,
            };
            self.write(&write, ctx).await?;
        }
        let body = body(&ty, &value, &secrets)?;
        let proven_by_mark = proves_writes(&ty, resolved) && !resolved.recover;
        let plain = self.put(&ty, &id, body);
        let (request, once_new) = if ty.keeps_signs && may_be_there {
            let body = self::body(&ty, &self.with_every_sign(&value), &secrets)?;
            (self.put(&ty, &id, body), Some(plain))
        } else {
            (plain, None)
        };
        let write = Write {
            ty: &ty,
            id: &id,
            resolved,
            request,
            once_new,
            proven_by_mark,
            creates: true,
        };
        let observed = self.write(&write, ctx).await?;
        // What was brought back holds what it held before, which this run did not make.
        if !resolved.recover {
            self.with_created(|created| created.insert(resolved.id.clone()));
        }
        secrets.remember(resolved, &self.secrets);
        Ok(observed)
    }

    pub(super) async fn update_one(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let (ty, id) = self.target(&resolved.ty, &resolved.id)?;
        let found = self.look_again(&ty, &resolved.id, &id, ctx).await?;
        if found.is_none() && !follows_parent(&ty) {
            self.ensure_host(&ty, &id, ctx).await?;
        }
        // What is at work shows only a part of itself.
        let found = found.filter(|found| found.condition == Condition::Ready);
        let prior = found.as_ref().unwrap_or(prior);
        self.update_found(resolved, prior, ctx).await
    }

    /// What stands just before it is written or deleted: since the plan was made, somebody may have
    /// put something of their own in its place. Nothing, if it is gone, may not be read, or has no
    /// mark of its own.
    async fn look_again(
        &self,
        ty: &Arc<ArmType>,
        known: &ResourceId,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        // What a finishing write sends back may have been written a moment ago.
        if follows_parent(ty) && ty.scope != ArmScope::Finish {
            return Ok(None);
        }
        match self.look_at(ty, known, id, ctx).await {
            Ok(found) if mutant::is_on(Mutant::LiftOthersLocks) => Ok(found),
            Ok(found) => found.map(ensure_ours).transpose(),
            Err(error) if error.kind == ErrorKind::Denied => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn update_found(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let (ty, id) = self.target(&resolved.ty, &resolved.id)?;
        if prior.ownership != Ownership::Ours {
            return Err(not_ours(&prior.id, &prior.ownership));
        }
        let facts = &ty.facts;
        // What is never told cannot be sent back as observed.
        let mut value = match ty.update {
            UpdateMode::Put => with_observed(&resolved.value, &prior.value, facts.initial),
            UpdateMode::Patch | UpdateMode::Action { .. } => {
                let unset = |path: &str| {
                    let found = prior.value.get(&PropertyPath::parse(path));
                    found.is_none_or(|found| *found == Value::Null)
                };
                let fixed = facts.immutable.iter().copied();
                let fixed: Vec<&str> = fixed
                    .filter(|path| !(facts.set_once.contains(path) && unset(path)))
                    .collect();
                without(&without(&resolved.value, facts.initial), &fixed)
            }
        };
        value = in_subscription(&ty, &value, self.subscription_id());
        keep_foreign_keys(&ty, &mut value, &prior.value);
        mark_with(&ty, &mut value, resolved);
        let secrets = GivenSecrets::choose(resolved, Some(prior), &self.secrets, &*self.entropy)?;
        let differs = prior.declared.as_deref() != Some(&resolved.declared)
            || prior.secret_versions != resolved.secret_versions;
        let mut body = body(&ty, &value, &secrets)?;
        let request = match ty.update {
            UpdateMode::Put => self.put(&ty, &id, body),
            UpdateMode::Patch => {
                remove_from_sets(&ty, &mut body.json, &prior.value);
                let redaction = Redaction::of(body.secret_paths);
                ArmRequest::patch(&id, ty.api_version(), body.json).redact(redaction)
            }
            UpdateMode::Action { action, body } => {
                let body = body.iter().map(|(key, word)| (*key, *word)).collect();
                ArmRequest::post(format!("{id}/{action}"), ty.api_version(), Some(body))
            }
        };
        let write = Write {
            ty: &ty,
            id: &id,
            resolved,
            request,
            once_new: None,
            proven_by_mark: proves_writes(&ty, resolved) && differs,
            creates: false,
        };
        let observed = self.write(&write, ctx).await?;
        secrets.remember(resolved, &self.secrets);
        Ok(observed)
    }

    pub(super) async fn delete_one(
        &self,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<(), ProviderError> {
        let id = parse_id(&prior.id)?;
        let known = self.types.of_resource(&prior.id);
        let known = known.filter(|ty| *ty.name() == prior.ty);
        let mut ty = known
            .cloned()
            .unwrap_or_else(|| ArmType::generic(prior.ty.as_str(), &prior.version));
        ty.facts.version = prior.version.clone().into();
        if prior.ownership != Ownership::Ours {
            return Err(not_ours(&prior.id, &prior.ownership));
        }
        let ty = Arc::new(ty);
        let found = self.look_again(&ty, &prior.id, &id, ctx).await?;
        let request = match ty.reset {
            _ if finish::name_of(&prior.id).is_some() => self.undoing(&ty, &id, found.as_ref())?,
            Some(reset) => self.put(&ty, &id, resetting(&ty, reset, prior)?),
            None => ty.delete_query.iter().fold(
                ArmRequest::delete(&id, ty.api_version()),
                |request, (name, value)| request.query(*name, *value),
            ),
        };
        let mut request = if self.something_leaves(&id) {
            request.expecting(Lag::Leaving)
        } else {
            request
        };
        if ty.facts.guards.is_some() {
            self.lifted.store(true, Ordering::Relaxed);
        }
        let mut unseen = self.nothing_unseen();
        loop {
            match self.client.run_operation(&request, ctx).await {
                Ok(_) => {
                    self.forget(&id);
                    return Ok(());
                }
                Err(error) if error.is_not_found() => {
                    self.forget(&id);
                    return Ok(());
                }
                Err(error) if error.is_ambiguous() && !ctx.abandon.is_cancelled() => {
                    let row = unseen.count(&error)?;
                    if unseen.is_old() {
                        request = request.expecting_nothing();
                    }
                    self.client.bide(&error, row, ctx).await;
                    let left = self
                        .client
                        .wait_until_settled(&id, ty.api_version(), ctx)
                        .await;
                    if left.map_err(|_| still_unknown(&error))?.is_none() {
                        self.forget(&id);
                        return Ok(());
                    }
                }
                Err(error) => return Err(unseen.ended_by(error)),
            }
        }
    }

    fn nothing_unseen(&self) -> Unseen {
        Unseen::none(self.client.limits().operation_duration_max)
    }

    /// What is inside is gone too.
    fn forget(&self, gone: &ArmId) {
        self.with_created(|created| {
            created.retain(|id| !ArmId::try_from(id).is_ok_and(|id| gone.contains(&id)));
        });
    }

    pub(super) fn put(&self, ty: &ArmType, id: &ArmId, body: Body) -> ArmRequest {
        let request = ArmRequest::put(id, ty.api_version(), body.json)
            .redact(Redaction::of(body.secret_paths));
        let lags = [
            (Lag::NewParent, self.parent_is_new(id)),
            (Lag::Leaving, self.something_leaves(id)),
        ];
        let expected = lags.into_iter().filter(|(_, expected)| *expected);
        expected.fold(request, |request, (lag, _)| request.expecting(lag))
    }

    /// With every sign that there is: an earlier run may have made it and put things in it that
    /// are not shown yet, and a sign that is overwritten is looked for by nobody.
    fn with_every_sign(&self, value: &Value) -> Value {
        let mut value = value.clone();
        for sign in self.types.all().filter_map(|ty| ty.facts.sign_at) {
            set(&mut value, &PropertyPath::parse(sign), &SIGN.into());
        }
        value
    }

    /// What a defective engine sends beside a write, or instead of it.
    async fn defective(
        &self,
        write: &Write<'_>,
        repeats: bool,
        ctx: &Context,
    ) -> Option<ArmRequest> {
        if mutant::is_on(Mutant::WriteTwice) {
            let first = self.client.begin(&write.request, ctx);
            let second = self.client.begin(&write.request, ctx);
            drop(futures::join!(first, second));
        }
        if mutant::is_on(Mutant::TellSecrets) {
            ctx.observer.on_event(&Event::Retrying {
                resource: ctx.resource.clone(),
                reason: write.request.json().map(Json::to_string)?,
                after: std::time::Duration::ZERO,
            });
        }
        if !repeats || !mutant::is_on(Mutant::RepeatUnderAnotherName) {
            return None;
        }
        let (id, body) = (format!("{}2", write.id), write.request.json()?);
        Some(ArmRequest::put(id, write.ty.api_version(), body.clone()))
    }

    /// Sends a write and waits until the resource is ready.
    async fn write(&self, write: &Write<'_>, ctx: &Context) -> Result<Observed, ProviderError> {
        let Write { ty, resolved, .. } = write;
        let mut unseen = self.nothing_unseen();
        let mut repeats = false;
        let mut own = write.request.clone();
        let mut once_new = write.once_new.clone();
        loop {
            let request = self.defective(write, repeats, ctx).await;
            repeats = true;
            if unseen.is_old() {
                own = own.expecting_nothing();
            }
            let request = request.as_ref().unwrap_or(&own);
            let error = match self.client.begin(request, ctx).await {
                Ok(begun) => {
                    let at_once = begun.is_finished();
                    let plain = once_new.take().filter(|_| begun.is_new());
                    match (self.client.finish(begun, ctx).await, plain) {
                        (Ok(_), Some(plain)) => {
                            own = plain;
                            continue;
                        }
                        (Ok(body), None) => {
                            return self.confirm(write, body, at_once, ctx).await;
                        }
                        (Err(error), _) => error,
                    }
                }
                Err(error) => error,
            };
            let hopeless = ctx.abandon.is_cancelled() || mutant::is_on(Mutant::GiveUpOnUnseen);
            // Whoever made it meanwhile was perhaps an earlier try, which is not shown yet.
            let unshown = ty.etag_at.is_some() && unseen.is_any();
            let may_be_own = unshown && error.kind() == ErrorKind::Conflict && !unseen.is_old();
            if !(error.is_ambiguous() || may_be_own) || hopeless {
                return Err(unseen.ended_by(error));
            }
            let row = unseen.count(&error)?;
            self.client.bide(&error, row, ctx).await;
            let found = self
                .settle_one(&resolved.ty, &resolved.id, ctx)
                .await
                .map_err(|_| still_unknown(&error))?;
            if let Some(found) = found {
                let found = if follows_parent(ty) {
                    found
                } else {
                    ensure_ours(found)?
                };
                let asked = matches!(ty.update, UpdateMode::Action { .. })
                    && ty
                        .facts
                        .readiness
                        .is_some_and(|it| !it.needs_asking(&found.value));
                let done = (write.proven_by_mark || asked)
                    && found.declared.as_deref() == Some(&resolved.declared)
                    && found.secret_versions == resolved.secret_versions
                    && found.condition == Condition::Ready;
                if done {
                    return Ok(found);
                }
                // It was perhaps written: what is repeated changes the version that is there now.
                if let Some(key) = ty.etag_at
                    && let Some(version) = found.value.field(key).and_then(Value::as_str)
                {
                    own = own.with(key, version.into());
                }
            }
        }
    }
}

pub(super) fn body(
    ty: &ArmType,
    value: &Value,
    secrets: &GivenSecrets,
) -> Result<Body, ProviderError> {
    to_body(ty, value, &mut |path, secret| secrets.reveal(path, secret))
}

/// What puts a setting back as it was.
fn resetting(ty: &ArmType, reset: Reset, prior: &Observed) -> Result<Body, ProviderError> {
    let (source, nobody) = reset.source;
    let mut value = Value::Object(Object::new());
    set(&mut value, &PropertyPath::parse(source), &nobody.into());
    if let Some(default) = prior.value.get(&PropertyPath::parse(reset.default)) {
        set(&mut value, &PropertyPath::parse(reset.value), default);
    }
    to_body(ty, &value, &mut |_, _| Ok(None))
}

/// Whether our mark, found on a resource that did not have it, shows that a write was done. A
/// secret that is made while it is sent may be another run's, so nothing proves that; nor does
/// anything where only the operation tells how it ends.
fn proves_writes(ty: &ArmType, resolved: &Resolved) -> bool {
    let marked = matches!(
        ty.ownership,
        OwnershipMark::Tag | OwnershipMark::Field(_) | OwnershipMark::Metadata(_)
    );
    let mut makes_secrets = false;
    resolved.value.walk(&mut |_, leaf| {
        makes_secrets |= matches!(leaf, Value::Secret(SecretRef::Generated { .. }));
    });
    marked && !makes_secrets && !ty.silent
}

fn mark_with(ty: &ArmType, value: &mut Value, resolved: &Resolved) {
    let marks = Marks::new(
        &resolved.stack,
        &resolved.id,
        &resolved.declared,
        &resolved.secret_versions,
    );
    mark(ty, value, &marks);
}

fn ensure_ours(found: Observed) -> Result<Observed, ProviderError> {
    if found.ownership == Ownership::Ours {
        Ok(found)
    } else {
        Err(not_ours(&found.id, &found.ownership))
    }
}

pub(super) fn not_ours(id: &ResourceId, ownership: &Ownership) -> ProviderError {
    let whose = match ownership {
        Ownership::Other { stack } => format!("belongs to {stack}"),
        Ownership::Ours | Ownership::Foreign => "is not this stack's".to_owned(),
    };
    ProviderError::new(
        ErrorKind::NotOurs,
        "augeo/not-ours",
        format!("{id} exists and {whose}"),
    )
    .with_help("refer to it as existing, or give this resource another name")
}
