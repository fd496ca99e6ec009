//! Waiting until a resource rests, and reading it as the next plan will.

use std::sync::Arc;
use std::time::Duration;

use augeo_core::mutant::{self, Mutant};
use augeo_core::name::ResourceId;
use augeo_core::provider::{Context, ErrorKind, ProviderError};
use augeo_core::report::Event;
use augeo_core::resource::{Condition, Observed, Ownership, ResourceType};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::look::Look;
use super::ownership::follows_parent;
use super::reading::{Judge, read};
use super::write::Write;
use super::{Azure, finish, locate};
use crate::arm_id::ArmId;
use crate::schema::ArmType;

/// The wait between reads that must all find a new resource.
pub(super) const STABLE_READ_DELAY: Duration = Duration::from_secs(1);

impl Azure {
    pub(super) fn target(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
    ) -> Result<(Arc<ArmType>, ArmId), ProviderError> {
        Ok((Arc::new(self.types.of(ty).into_owned()), parse_id(id)?))
    }

    pub(super) async fn settle_one(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        let (ty, arm_id) = self.target(ty, id)?;
        if !ty.read.is_action() {
            let body = self
                .client
                .wait_until_settled(&arm_id, ty.api_version(), ctx)
                .await?;
            if body.is_none() {
                return Ok(None);
            }
        }
        let Some(observed) = self.look_at(&ty, id, &arm_id, ctx).await? else {
            return Ok(None);
        };
        self.wait_until_ready(&ty, &arm_id, observed, ctx).await
    }

    /// Reads one resource, and whose it is.
    pub(super) async fn look_at(
        &self,
        ty: &Arc<ArmType>,
        known: &ResourceId,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        let bodies = Look::one(ty, id).bodies(&self.client, ctx).await?;
        let Some((_, body)) = bodies.into_iter().next() else {
            return Ok(None);
        };
        let parent = if follows_parent(ty) {
            self.parent_ownership(ty, id, ctx).await?
        } else {
            None
        };
        let judging = Judge {
            types: self.types,
            stack: &ctx.stack,
            parent: parent.as_ref(),
        };
        Ok(Some(read(ty, id, Some(known), body, judging)))
    }

    /// Whose a resource is that another one lives in, by reading outwards until a mark decides.
    pub(super) async fn parent_ownership(
        &self,
        ty: &ArmType,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<Option<Ownership>, ProviderError> {
        self.ownership_from(finish::parent(self.types, ty, id), ctx)
            .await
    }

    /// Whose a resource is, by reading outwards from it until a mark decides; nobody's, if that is
    /// gone or about to go.
    pub(super) async fn ownership_from(
        &self,
        mut around: Option<ArmId>,
        ctx: &Context,
    ) -> Result<Option<Ownership>, ProviderError> {
        while let Some(outer) = around {
            let Some(ty) = self.types.of_id(&outer) else {
                return Ok(None);
            };
            if !follows_parent(ty) {
                let ty = Arc::new(ty.clone());
                let bodies = Look::one(&ty, &outer).bodies(&self.client, ctx).await?;
                let judging = Judge {
                    types: self.types,
                    stack: &ctx.stack,
                    parent: None,
                };
                let found = bodies.into_iter().next();
                let found = found.map(|(_, body)| read(&ty, &outer, None, body, judging));
                let found = found.filter(|it| it.condition != Condition::Deleting);
                return Ok(found.map(|it| it.ownership));
            }
            around = locate::parent(self.types, &outer);
        }
        Ok(None)
    }

    /// Waits until what was written is there and ready, and reads it as the next plan will.
    pub(super) async fn confirm(
        &self,
        write: &Write<'_>,
        body: Option<Json>,
        at_once: bool,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        let Write {
            ty, id, resolved, ..
        } = write;
        let judging = Judge {
            types: self.types,
            stack: &ctx.stack,
            parent: Some(&Ownership::Ours),
        };
        let body =
            body.filter(|body| body.get("id").is_some_and(Json::is_string) && !ty.read.is_action());
        let mut reads = u32::from(body.is_some());
        let mut observed = body.map(|body| read(ty, id, Some(&resolved.id), body, judging));
        let wanted = if write.creates {
            ty.stable_reads.max(1)
        } else {
            1
        };
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
            if let Some((_, body)) = bodies.into_iter().next() {
                reads += 1;
                observed = Some(read(ty, id, Some(&resolved.id), body, judging));
                continue;
            }
            reads = 0;
            missing += 1;
            if missing > self.client.limits().poll.missing_max {
                return Err(not_there(id));
            }
        }
        let Some(observed) = observed else {
            return Err(unseen_end(id));
        };
        if mutant::is_on(Mutant::ReportEarly) || mutant::is_on(Mutant::TrustFailedOperation) {
            return Ok(observed);
        }
        let rested = self.wait_until_ready(ty, id, observed, ctx).await?;
        let rested = rested.ok_or_else(|| not_there(id))?;
        if let Condition::Failed { code } = &rested.condition {
            let message = format!("{id} was written, and Azure says that it is {code}");
            return Err(ProviderError::new(
                ErrorKind::OperationFailed,
                "azure/failed-state",
                message,
            ));
        }
        Ok(rested)
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
                Condition::Ready | Condition::Failed { .. } | Condition::SoftDeleted { .. } => {
                    return Ok(Some(observed));
                }
            };
            if started.elapsed() + limits.poll.delay > limits.operation_duration_max {
                let message = format!("{id} stays {doing}");
                return Err(ProviderError::new(
                    ErrorKind::OutcomeUnknown,
                    "OutcomeUnknown",
                    message,
                ));
            }
            self.pause(id, &doing, limits.poll.delay, ctx).await?;
            let bodies = Look::one(ty, id).bodies(&self.client, ctx).await?;
            let Some((_, body)) = bodies.into_iter().next() else {
                return Ok(None);
            };
            // Whose the parent is does not change while it is waited for.
            let (known, parent) = (observed.id.clone(), observed.ownership.clone());
            let judging = Judge {
                types: self.types,
                stack: &ctx.stack,
                parent: Some(&parent),
            };
            observed = read(ty, id, Some(&known), body, judging);
        }
    }

    pub(super) async fn pause(
        &self,
        id: &ArmId,
        status: &str,
        next: Duration,
        ctx: &Context,
    ) -> Result<(), ProviderError> {
        if let Some(resource) = &ctx.resource {
            let resource = resource.clone();
            ctx.observer.on_event(&Event::Waiting {
                resource,
                status: status.to_owned(),
                next,
            });
        }
        tokio::select! {
            biased;
            () = ctx.abandon.cancelled() => Err(unseen_end(id)),
            () = tokio::time::sleep(next) => Ok(()),
        }
    }
}

/// The parts of an id, for what is about to be asked.
pub(super) fn parse_id(id: &ResourceId) -> Result<ArmId, ProviderError> {
    ArmId::try_from(id).map_err(|error| {
        let kind = ErrorKind::Invalid { property: None };
        ProviderError::new(kind, "azure/invalid-id", error.to_string())
    })
}

pub(super) fn not_there(id: &ArmId) -> ProviderError {
    let message = format!("{id} was written, and is not there");
    ProviderError::new(ErrorKind::OperationFailed, "azure/not-there", message)
}

/// The wait was given up.
fn unseen_end(id: &ArmId) -> ProviderError {
    ProviderError::new(
        ErrorKind::OutcomeUnknown,
        "OutcomeUnknown",
        format!("the end of the change of {id} was not seen"),
    )
    .with_help("run the same command again: it looks first, and goes on from what it finds")
}
