//! One change: resolve what is declared, then ask the provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use tokio_util::sync::CancellationToken;

use super::{Known, Run};
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Plan};
use crate::planner::{Case, known, resolve, secret_uses};
use crate::provider::{Context, ErrorKind, Provider, ProviderError};
use crate::resource::{Condition, Observed, Ownership, Resolved};
use crate::value::{OutputRef, Value};

/// Everything that one change needs, so that it can run as a task of its own.
pub(super) struct Job {
    provider: Arc<dyn Provider>,
    ctx: Context,
    change: Change,
    /// The identity and what is known of each resource that this one mentions.
    upstream: BTreeMap<ResourceName, (ResourceId, Known)>,
}

impl Job {
    pub(super) fn new(
        run: &Run,
        plan: &Plan,
        change: &Change,
        known: &IndexMap<ResourceName, Known>,
    ) -> Self {
        let mut upstream = BTreeMap::new();
        let mut mention = |name: &ResourceName| {
            let Some(known) = known.get(name) else { return };
            let id = plan
                .existing
                .get(name)
                .map(|observed| &observed.id)
                .or_else(|| known.observed.as_ref().map(|observed| &observed.id));
            if let Some(id) = id {
                upstream.insert(name.clone(), (id.clone(), known.clone()));
            }
        };
        if let Some(desired) = &change.desired {
            desired.walk(&mut |_, value| {
                if let Value::Unknown(expression) = value {
                    expression
                        .references()
                        .for_each(|reference| mention(&reference.resource));
                }
            });
            for (_, secret) in secret_uses(desired) {
                mention(&secret);
            }
        }
        let ctx = Context {
            stack: plan.stack.clone(),
            resource: Some(change.name.clone()),
            // A run that is stopped puts back what it lifted.
            stop: if change.puts_back() {
                CancellationToken::new()
            } else {
                run.stop.clone()
            },
            abandon: run.abandon.clone(),
            clock: Arc::clone(&run.clock),
            observer: Arc::clone(&run.observer),
        };
        Self {
            provider: Arc::clone(&run.provider),
            ctx,
            change: change.clone(),
            upstream,
        }
    }

    pub(super) async fn perform(self) -> Result<Known, ProviderError> {
        let mut prior = self.change.prior.clone();
        let mut action = self.change.action;
        if self.change.awaits {
            prior = self.settle().await?;
            action = self.judge_again(prior.as_ref())?;
        }
        let failed = |prior: &Observed| matches!(prior.condition, Condition::Failed { .. });
        if mutant::is_on(Mutant::RefuseFailed) && prior.as_ref().is_some_and(failed) {
            return Err(self.moved("is broken"));
        }
        match action {
            Action::NoOp => Ok(Known {
                planned: self.planned(),
                observed: prior,
                written: false,
            }),
            Action::Forget => Ok(Known::default()),
            Action::Delete | Action::Lift => {
                if let Some(prior) = &prior {
                    self.provider.delete(prior, &self.ctx).await?;
                }
                Ok(Known::default())
            }
            Action::Create => self.create(None).await,
            Action::Recover => self.create(prior.as_ref()).await,
            Action::Replace => {
                // What cannot be made again is noticed before anything is deleted.
                self.resolved(None)?;
                if let Some(prior) = &prior {
                    self.provider.delete(prior, &self.ctx).await?;
                }
                self.create(None)
                    .await
                    .map_err(|error| self.half_done(error))
            }
            Action::Update | Action::Adopt => match &prior {
                Some(prior) => {
                    let resolved = self.resolved(Some(prior))?;
                    let observed = self.provider.update(&resolved, prior, &self.ctx).await?;
                    Ok(written(resolved, observed))
                }
                None => self.create(None).await,
            },
        }
    }

    /// A run that was stopped after a deletion did begin this change: to say otherwise would hide
    /// that the resource is gone.
    fn half_done(&self, error: ProviderError) -> ProviderError {
        if error.kind != ErrorKind::Stopped {
            return error;
        }
        let message = format!(
            "{} was deleted, and the run was stopped before it was made again",
            self.change.name
        );
        ProviderError {
            kind: ErrorKind::OperationFailed,
            message,
            ..error
        }
        .with_help("run it again: the next plan makes it")
    }

    /// Waits until nothing runs on the resource. It is somebody else's operation: a run that is
    /// stopped meanwhile has begun nothing.
    async fn settle(&self) -> Result<Option<Observed>, ProviderError> {
        let stopped = || {
            let message = format!("{} was awaited when the run was stopped", self.change.name);
            ProviderError::new(ErrorKind::Stopped, "augeo/stopped", message)
        };
        tokio::select! {
            biased;
            () = self.ctx.stop.cancelled() => Err(stopped()),
            () = self.ctx.abandon.cancelled() => Err(stopped()),
            settled = self.provider.settle(&self.change.ty, &self.change.id, &self.ctx) => settled,
        }
    }

    /// `prior` is what is brought back.
    async fn create(&self, prior: Option<&Observed>) -> Result<Known, ProviderError> {
        let resolved = self.resolved(prior)?;
        let observed = self.provider.create(&resolved, &self.ctx).await?;
        Ok(written(resolved, observed))
    }

    fn moved(&self, what: &str) -> ProviderError {
        let message = format!("{} was awaited, and now {what}", self.change.name);
        ProviderError::new(ErrorKind::Moved, "augeo/moved", message).with_help("plan again")
    }

    /// A resource that was awaited is planned again. What the plan did not show is not done.
    fn judge_again(&self, observed: Option<&Observed>) -> Result<Action, ProviderError> {
        let ours = observed.is_none_or(|observed| observed.ownership == Ownership::Ours);
        if !ours {
            return Err(self.moved("is not this stack's"));
        }
        if matches!(self.change.action, Action::Delete | Action::Lift) {
            let stands = observed.is_some_and(|observed| {
                !matches!(observed.condition, Condition::SoftDeleted { .. })
            });
            return Ok(if stands {
                self.change.action
            } else {
                Action::Forget
            });
        }
        let (Some(desired), Some(planned)) = (&self.change.desired, self.planned()) else {
            return Ok(Action::NoOp);
        };
        let case = Case {
            provider: &*self.provider,
            ty: &self.change.ty,
            desired,
            planned: &planned,
            declared: &self.change.declared,
            observed,
            changing: &|_| false,
        };
        let judgement = case.judge();
        if judgement.awaits {
            return Err(self.moved("is busy again"));
        }
        if judgement.action == Action::Replace {
            return Err(self.moved("needs to be replaced, which the plan did not show"));
        }
        let outdated = observed.is_some_and(|observed| {
            let versions = self.secret_versions(Some(observed));
            let differs = |(path, version)| observed.secret_versions.get(path) != Some(version);
            versions.iter().any(differs)
        });
        let due = outdated || self.change.action == Action::Update;
        Ok(if due && judgement.action == Action::NoOp {
            Action::Update
        } else {
            judgement.action
        })
    }

    fn output(&self, reference: &OutputRef) -> Option<Value> {
        let (id, upstream) = self.upstream.get(&reference.resource)?;
        known(
            reference,
            id,
            upstream.planned.as_ref(),
            upstream.observed.as_ref(),
        )
    }

    /// What is declared, with everything that is known now; else what was known when it was
    /// planned.
    fn planned(&self) -> Option<Value> {
        let desired = self.change.desired.as_ref()?;
        let resolved = resolve(desired, &|reference| self.output(reference));
        let Some(planned) = self
            .change
            .planned
            .as_ref()
            .filter(|_| resolved.has_unknown())
        else {
            return Some(resolved);
        };
        Some(resolved.map_leaves_at(&|path, leaf| {
            let unknown = matches!(leaf, Value::Unknown(_));
            planned.get(path).filter(|_| unknown).cloned()
        }))
    }

    /// The version of each secret that it uses, by path; where that cannot be read, the one that
    /// it has.
    fn secret_versions(&self, prior: Option<&Observed>) -> BTreeMap<String, String> {
        let uses = self.change.desired.iter().flat_map(secret_uses);
        uses.filter_map(|(path, secret)| {
            let path = path.to_string();
            let upstream = self.upstream.get(&secret);
            let current =
                upstream.and_then(|(_, it)| it.observed.as_ref()?.secret_version.as_ref());
            let has = || prior.and_then(|prior| prior.secret_versions.get(&path));
            let version = current.or_else(has)?.clone();
            Some((path, version))
        })
        .collect()
    }

    /// A secret whose value this run did not make can be kept and cannot be given.
    fn check_secrets(&self, prior: Option<&Observed>) -> Result<(), ProviderError> {
        let versions = self.secret_versions(prior);
        for (path, secret) in self.change.desired.iter().flat_map(secret_uses) {
            let path = path.to_string();
            let has = prior.and_then(|prior| prior.secret_versions.get(&path));
            let kept = has.is_some() && has == versions.get(&path);
            let written = self.upstream.get(&secret).is_some_and(|(_, it)| it.written);
            if !kept && !written {
                let message = format!(
                    "{} needs the value of {secret}, which this run did not make",
                    self.change.name
                );
                let error = ProviderError::new(ErrorKind::Moved, "augeo/moved", message);
                return Err(error.with_help("plan again: a new version is made then"));
            }
        }
        Ok(())
    }

    /// `prior` is what is there already; what is soft-deleted keeps no secret.
    fn resolved(&self, prior: Option<&Observed>) -> Result<Resolved, ProviderError> {
        let value = self.planned().unwrap_or_default();
        let mut missing = None;
        value.walk(&mut |path, value| {
            if let (Value::Unknown(expression), None) = (value, &missing) {
                let names: Vec<_> = expression.references().map(ToString::to_string).collect();
                missing = Some(format!(
                    "{path} needs {}, which has no value",
                    names.join(", ")
                ));
            }
        });
        if let Some(missing) = missing {
            let kind = ErrorKind::Invalid { property: None };
            return Err(
                ProviderError::new(kind, "augeo/output-missing", missing).with_help(
                    "check the name of the output; `augeo show` lists what a resource has",
                ),
            );
        }
        let deleted = |prior: &Observed| matches!(prior.condition, Condition::SoftDeleted { .. });
        let standing = prior.filter(|prior| !deleted(prior));
        self.check_secrets(standing)?;
        Ok(Resolved {
            stack: self.ctx.stack.clone(),
            name: self.change.name.clone(),
            ty: Arc::clone(&self.change.ty),
            id: self.change.id.clone(),
            value,
            declared: self.change.declared.clone(),
            secret_versions: self.secret_versions(standing),
            recover: prior.is_some_and(deleted),
        })
    }
}

fn written(resolved: Resolved, observed: Observed) -> Known {
    Known {
        planned: Some(resolved.value),
        observed: Some(observed),
        written: true,
    }
}
