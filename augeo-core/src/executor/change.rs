//! One change: resolve what is declared, then ask the provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Known, Run};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Plan};
use crate::planner::{Case, known, resolve, secret_uses};
use crate::provider::{Context, ErrorKind, Provider, ProviderError};
use crate::resource::{Condition, Observed, Resolved};
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
        known: &BTreeMap<ResourceName, Known>,
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
            secret_uses(desired)
                .iter()
                .for_each(|(_, secret)| mention(secret));
        }
        let ctx = Context {
            stack: plan.stack.clone(),
            resource: Some(change.name.clone()),
            stop: run.stop.clone(),
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
            prior = self
                .provider
                .settle(&self.change.ty, &self.change.id, &self.ctx)
                .await?;
            action = self.judge_again(prior.as_ref())?;
        }
        match action {
            Action::NoOp => Ok(Known {
                planned: self.planned(),
                observed: prior,
            }),
            Action::Forget => Ok(Known::default()),
            Action::Delete => {
                if let Some(prior) = &prior {
                    self.provider.delete(prior, &self.ctx).await?;
                }
                Ok(Known::default())
            }
            Action::Create => self.create(false).await,
            Action::Recover => self.create(true).await,
            Action::Replace => {
                if let Some(prior) = &prior {
                    self.provider.delete(prior, &self.ctx).await?;
                }
                self.create(false).await
            }
            Action::Update | Action::Adopt => match &prior {
                Some(prior) => {
                    let resolved = self.resolved(false)?;
                    let observed = self.provider.update(&resolved, prior, &self.ctx).await?;
                    Ok(Known {
                        planned: Some(resolved.value),
                        observed: Some(observed),
                    })
                }
                None => self.create(false).await,
            },
        }
    }

    async fn create(&self, recover: bool) -> Result<Known, ProviderError> {
        let resolved = self.resolved(recover)?;
        let observed = self.provider.create(&resolved, &self.ctx).await?;
        Ok(Known {
            planned: Some(resolved.value),
            observed: Some(observed),
        })
    }

    /// A resource that was awaited is planned again. What the plan did not show is not done.
    fn judge_again(&self, observed: Option<&Observed>) -> Result<Action, ProviderError> {
        if self.change.action == Action::Delete {
            return Ok(if observed.is_some() {
                Action::Delete
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
        let moved = |what: &str| {
            let message = format!(
                "{} was busy when it was planned, and now {what}",
                self.change.name
            );
            Err(ProviderError::new(ErrorKind::Moved, "augeo/moved", message)
                .with_help("plan again"))
        };
        if judgement.not_ours.is_some() {
            return moved("is not this stack's");
        }
        if judgement.awaits {
            return moved("is busy again");
        }
        if judgement.action == Action::Replace {
            return moved("needs to be replaced, which the plan did not show");
        }
        let outdated = observed.is_some()
            && self.secret_versions().iter().any(|(path, version)| {
                observed.and_then(|observed| observed.secret_versions.get(path)) != Some(version)
            });
        if outdated && judgement.action == Action::NoOp {
            return moved("does not have its secret");
        }
        Ok(judgement.action)
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

    fn planned(&self) -> Option<Value> {
        self.change
            .desired
            .as_ref()
            .map(|desired| resolve(desired, &|reference| self.output(reference)))
    }

    /// The version of each secret that it uses, by path.
    fn secret_versions(&self) -> BTreeMap<String, String> {
        let uses = self.change.desired.iter().flat_map(secret_uses);
        uses.filter_map(|(path, secret)| {
            let (_, upstream) = self.upstream.get(&secret)?;
            Some((
                path.to_string(),
                upstream.observed.as_ref()?.secret_version.clone()?,
            ))
        })
        .collect()
    }

    fn resolved(&self, recover: bool) -> Result<Resolved, ProviderError> {
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
        let recover = recover
            || self
                .change
                .prior
                .as_ref()
                .is_some_and(|prior| matches!(prior.condition, Condition::SoftDeleted { .. }));
        Ok(Resolved {
            stack: self.ctx.stack.clone(),
            name: self.change.name.clone(),
            ty: Arc::clone(&self.change.ty),
            id: self.change.id.clone(),
            value,
            declared: self.change.declared.clone(),
            secret_versions: self.secret_versions(),
            recover,
        })
    }
}
