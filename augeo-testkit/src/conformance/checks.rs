//! Checks of what a provider reads, and of what it is told twice.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use augeo_core::name::ResourceId;
use augeo_core::plan::{Action, Plan, Purpose};
use augeo_core::provider::{Context, ErrorKind};
use augeo_core::report::{Outcome, Report, Silent};
use augeo_core::resource::{Condition, Ownership, Resolved};
use augeo_core::value::Value;
use augeo_core::{DeleteData, Engine, PlanOptions, Stack};
use tokio_util::sync::CancellationToken;

use super::{Case, World};

type Verdict = Result<(), String>;

/// One thing that must hold.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) run: for<'a> fn(&'a Bench) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>,
}

pub(super) const ALL: &[Check] = &[
    Check {
        name: "an empty world holds nothing",
        run: |bench| Box::pin(empty_world(bench)),
    },
    Check {
        name: "canonical forms are idempotent, for what is declared and for what is observed",
        run: |bench| Box::pin(canonical(bench)),
    },
    Check {
        name: "what was created is observed as ready, ours and where it was located",
        run: |bench| Box::pin(observed(bench)),
    },
    Check {
        name: "settling what is ready reads it, settling what is not there finds nothing",
        run: |bench| Box::pin(settle(bench)),
    },
    Check {
        name: "creating what is there already is writing to it",
        run: |bench| Box::pin(create_again(bench)),
    },
    Check {
        name: "deleting what is gone is no error",
        run: |bench| Box::pin(delete_again(bench)),
    },
    Check {
        name: "a call that nobody waits for any more ends at once, its outcome unknown",
        run: |bench| Box::pin(abandoned(bench)),
    },
];

pub(super) fn ensure(holds: bool, seen: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(seen()) }
}

/// A fresh world and the case that is tried in it.
pub(super) struct Bench {
    pub(super) world: Arc<dyn World>,
    pub(super) case: Case,
}

impl Bench {
    pub(super) fn new(world: Arc<dyn World>, case: Case) -> Self {
        Self { world, case }
    }

    /// An engine as a new process has it.
    pub(super) fn engine(&self) -> Engine {
        Engine::from_shared(self.world.provider()).with_clock(self.world.clock())
    }

    pub(super) fn context(&self) -> Context {
        Context {
            stack: self.case.stack.name().clone(),
            resource: None,
            stop: CancellationToken::new(),
            abandon: CancellationToken::new(),
            clock: self.world.clock(),
            observer: Arc::new(Silent),
        }
    }

    /// Options that let data go: a conformance world holds nobody's.
    pub(super) fn options(purpose: Purpose) -> PlanOptions {
        PlanOptions {
            purpose,
            delete_data: DeleteData::All,
            ..PlanOptions::default()
        }
    }

    pub(super) async fn plan(&self, stack: &Stack, purpose: Purpose) -> Result<Plan, String> {
        let options = Self::options(purpose);
        let plan = self.engine().plan_with(stack, &options).await;
        plan.map_err(|error| format!("there is no plan: {error:?}"))
    }

    /// Plans and executes as one process; everything succeeds.
    pub(super) async fn run(&self, stack: &Stack, purpose: Purpose) -> Result<Report, String> {
        let engine = self.engine();
        let plan = engine.plan_with(stack, &Self::options(purpose)).await;
        let plan = plan.map_err(|error| format!("there is no plan: {error:?}"))?;
        let report = engine.execute(&plan).await;
        let failed: Vec<String> = report
            .outcomes
            .iter()
            .filter(|(.., outcome)| !outcome.is_succeeded())
            .map(|(name, action, outcome)| format!("{action} {name}: {}", told(outcome)))
            .collect();
        ensure(failed.is_empty(), || failed.join("; "))?;
        Ok(report)
    }

    /// Another process finds nothing to do.
    pub(super) async fn unchanged(&self, stack: &Stack) -> Verdict {
        let before = self.world.mutations();
        let plan = self.plan(stack, Purpose::Apply).await?;
        let pending: Vec<String> = plan
            .pending()
            .map(|change| {
                let paths: Vec<String> = change
                    .differences
                    .iter()
                    .map(|difference| {
                        let (before, after) = (&difference.before, &difference.after);
                        format!("{}: {before:?} -> {after:?}", difference.path)
                    })
                    .collect();
                format!("{} {} {}", change.action, change.name, paths.join(", "))
            })
            .collect();
        ensure(pending.is_empty(), || {
            format!("the next plan is not empty: {}", pending.join("; "))
        })?;
        ensure(self.world.mutations() == before, || {
            "planning changed something".to_owned()
        })
    }

    pub(super) async fn applied(&self) -> Result<Report, String> {
        let report = self.run(&self.case.stack, Purpose::Apply).await?;
        self.unchanged(&self.case.stack).await?;
        Ok(report)
    }

    /// What would be sent for each resource, once everything is there.
    pub(super) async fn resolved(&self) -> Result<Vec<Resolved>, String> {
        let plan = self.plan(&self.case.stack, Purpose::Apply).await?;
        let resolved = plan.changes.iter().filter_map(|change| {
            let prior = change.prior.as_ref()?;
            Some(Resolved {
                stack: plan.stack.clone(),
                name: change.name.clone(),
                ty: Arc::clone(&change.ty),
                id: change.id.clone(),
                value: change.planned.clone()?,
                declared: change.declared.clone(),
                secret_versions: prior.secret_versions.clone(),
                recover: false,
            })
        });
        Ok(resolved.collect())
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed { error } | Outcome::Unknown { error } => {
            format!("{}: {}", error.code, error.message)
        }
        Outcome::Skipped { because } => format!("skipped because of {because}"),
        Outcome::Succeeded => "succeeded".to_owned(),
        Outcome::Pending(pending) => format!("pending on {}", pending.on),
        Outcome::Cancelled => "cancelled".to_owned(),
    }
}

/// Whether anything secret is to be given, which only the run that made it can do.
pub(super) fn has_secret(value: &Value) -> bool {
    let mut found = false;
    value.walk(&mut |_, value| found |= matches!(value, Value::Secret(_)));
    found
}

async fn empty_world(bench: &Bench) -> Verdict {
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let there: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::Create)
        .map(|change| format!("{} {}", change.action, change.name))
        .collect();
    ensure(there.is_empty(), || there.join(", "))?;
    ensure(plan.requests > 0, || "no request was counted".to_owned())?;
    ensure(bench.world.mutations() == 0, || {
        "planning changed something".to_owned()
    })?;
    let provider = bench.world.provider();
    for change in &plan.changes {
        let known = provider.resource_type(&change.ty.name, &change.id);
        ensure(known.is_some(), || {
            format!("{} is not in the provider's catalogue", change.ty.name)
        })?;
    }
    let again = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let ids = |plan: &Plan| -> Vec<ResourceId> {
        plan.changes
            .iter()
            .map(|change| change.id.clone())
            .collect()
    };
    ensure(ids(&plan) == ids(&again), || {
        "the same declaration is located elsewhere the second time".to_owned()
    })
}

async fn canonical(bench: &Bench) -> Verdict {
    bench.applied().await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let provider = bench.world.provider();
    for change in &plan.changes {
        let observed = change.prior.as_ref().map(|prior| &*prior.value);
        let forms = [change.desired.as_ref(), change.planned.as_ref(), observed];
        for value in forms.into_iter().flatten() {
            let once = provider.canonical(&change.ty, value);
            let twice = provider.canonical(&change.ty, &once);
            ensure(once == twice, || {
                format!("{}: {once:?} becomes {twice:?}", change.name)
            })?;
            ensure(once.has_unknown() == value.has_unknown(), || {
                format!("{}: an unknown is lost in {once:?}", change.name)
            })?;
            ensure(has_secret(&once) == has_secret(value), || {
                format!("{}: a secret is lost in {once:?}", change.name)
            })?;
        }
    }
    Ok(())
}

async fn observed(bench: &Bench) -> Verdict {
    let report = bench.applied().await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let ids: std::collections::BTreeMap<_, _> = plan
        .changes
        .iter()
        .map(|change| (&change.name, &change.id))
        .collect();
    for change in &plan.changes {
        let name = &change.name;
        let Some(prior) = &change.prior else {
            return Err(format!("{name} was created and is not observed"));
        };
        ensure(prior.id == change.id, || {
            format!("{name} is at {}", prior.id)
        })?;
        ensure(prior.ty == change.ty.name, || {
            format!("{name} is a {}", prior.ty)
        })?;
        ensure(prior.condition == Condition::Ready, || {
            format!("{name} is {:?}", prior.condition)
        })?;
        ensure(prior.ownership == Ownership::Ours, || {
            format!("{name} is {:?}", prior.ownership)
        })?;
        if let (Some(kept), false) = (&prior.declared, change.declared.is_empty()) {
            ensure(*kept == change.declared, || {
                format!("{name} keeps the digest of another declaration")
            })?;
        }
        let scope = change.scope.as_ref().and_then(|scope| ids.get(scope));
        if let (Some(scope), Some(parent)) = (scope, &prior.parent) {
            ensure(parent == *scope, || {
                format!("{name} is observed in {parent}")
            })?;
        }
        let created = report.resources.get(name);
        ensure(
            created.is_some_and(|created| created.id == prior.id),
            || format!("{name} is not in the report of its creation"),
        )?;
    }
    Ok(())
}

async fn settle(bench: &Bench) -> Verdict {
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let (provider, ctx) = (bench.world.provider(), bench.context());
    for change in &plan.changes {
        let found = provider.settle(&change.ty, &change.id, &ctx).await;
        let found = found.map_err(|error| format!("{}: {error}", change.name))?;
        ensure(found.is_none(), || {
            format!("{} is found before it is there", change.name)
        })?;
    }
    bench.applied().await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    for change in &plan.changes {
        let found = provider.settle(&change.ty, &change.id, &ctx).await;
        let found = found.map_err(|error| format!("{}: {error}", change.name))?;
        let same = match (&found, &change.prior) {
            (Some(found), Some(prior)) => {
                found.id == prior.id
                    && found.condition == prior.condition
                    && found.ownership == prior.ownership
                    && provider.canonical(&change.ty, &found.value)
                        == provider.canonical(&change.ty, &prior.value)
            }
            (None, None) => true,
            _ => false,
        };
        ensure(same, || {
            format!(
                "{}: settled {found:?}, observed {:?}",
                change.name, change.prior
            )
        })?;
    }
    Ok(())
}

async fn create_again(bench: &Bench) -> Verdict {
    bench.applied().await?;
    let (provider, ctx) = (bench.world.provider(), bench.context());
    for resolved in bench.resolved().await? {
        if has_secret(&resolved.value) {
            continue;
        }
        let made = provider.create(&resolved, &ctx).await;
        let made = made.map_err(|error| format!("{}: {}: {error}", resolved.name, error.code))?;
        ensure(made.id == resolved.id, || {
            format!("{} is made at {}", resolved.name, made.id)
        })?;
    }
    bench.unchanged(&bench.case.stack).await
}

async fn delete_again(bench: &Bench) -> Verdict {
    bench.applied().await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Destroy).await?;
    bench.run(&bench.case.stack, Purpose::Destroy).await?;
    let (provider, ctx) = (bench.world.provider(), bench.context());
    let before = bench.world.mutations();
    for change in plan
        .changes
        .iter()
        .filter(|change| change.goes_with.is_none())
    {
        if let Some(prior) = &change.prior {
            let deleted = provider.delete(prior, &ctx).await;
            deleted.map_err(|error| format!("{}: {}: {error}", change.name, error.code))?;
        }
    }
    ensure(bench.world.mutations() == before, || {
        "deleting what is gone changed something".to_owned()
    })
}

async fn abandoned(bench: &Bench) -> Verdict {
    let engine = bench.engine();
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let abandon = CancellationToken::new();
    let trigger = abandon.clone();
    let report = engine
        .execute(&plan)
        .abandon_on(abandon)
        .on_event(move |event| {
            if matches!(event, augeo_core::report::Event::ChangeStarted { .. }) {
                trigger.cancel();
            }
        })
        .await;
    for (name, error) in report.failures() {
        let silent = matches!(error.kind, ErrorKind::OutcomeUnknown | ErrorKind::Stopped);
        ensure(silent, || format!("{name}: {}: {error}", error.code))?;
    }
    bench.run(&bench.case.stack, Purpose::Apply).await?;
    bench.unchanged(&bench.case.stack).await
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
