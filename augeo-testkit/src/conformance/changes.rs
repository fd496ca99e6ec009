//! Checks of what becomes of a stack: edits, drift, foreign marks, removal, destruction.

use augeo_core::Stack;
use augeo_core::plan::{Action, Purpose};
use augeo_core::provider::ErrorKind;
use augeo_core::resource::Lifecycle;

use super::checks::{Bench, Check, ensure, has_secret};

type Verdict = Result<(), String>;

pub(super) const ALL: &[Check] = &[
    Check {
        name: "an edited stack is applied in one run, and so is the way back",
        run: |bench| Box::pin(edited(bench)),
    },
    Check {
        name: "what somebody else changed is noticed and mended",
        run: |bench| Box::pin(drifted(bench)),
    },
    Check {
        name: "what somebody else deleted is made again",
        run: |bench| Box::pin(lost(bench)),
    },
    Check {
        name: "what belongs to another stack is refused and left alone",
        run: |bench| Box::pin(foreign(bench)),
    },
    Check {
        name: "what left the stack is found",
        run: |bench| Box::pin(left(bench)),
    },
    Check {
        name: "a destroyed stack leaves nothing that a plan finds, and can be made again",
        run: |bench| Box::pin(destroyed(bench)),
    },
];

async fn edited(bench: &Bench) -> Verdict {
    bench.applied().await?;
    for stack in [&bench.case.edited, &bench.case.stack] {
        let plan = bench.plan(stack, Purpose::Apply).await?;
        ensure(!plan.is_empty(), || "the edit changes nothing".to_owned())?;
        bench.run(stack, Purpose::Apply).await?;
        bench.unchanged(stack).await?;
    }
    Ok(())
}

async fn drifted(bench: &Bench) -> Verdict {
    bench.applied().await?;
    for edit in &bench.case.edits {
        let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
        let Some(change) = plan.change(edit.resource.as_str()) else {
            return Err(format!("the case has no {}", edit.resource));
        };
        bench.world.edit(&change.id, &edit.path, &edit.value).await;
        let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
        let noticed = plan.change(edit.resource.as_str()).is_some_and(|change| {
            change.is_change()
                && change
                    .differences
                    .iter()
                    .any(|difference| difference.path == edit.path)
        });
        ensure(noticed, || {
            format!("{}.{} is not noticed", edit.resource, edit.path)
        })?;
        bench.run(&bench.case.stack, Purpose::Apply).await?;
        bench.unchanged(&bench.case.stack).await?;
    }
    Ok(())
}

async fn lost(bench: &Bench) -> Verdict {
    bench.applied().await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    for change in plan.changes.iter().rev() {
        if change.ty.lifecycle != Lifecycle::Ordinary {
            continue;
        }
        bench.world.delete(&change.id).await;
        let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
        let noticed = plan
            .change(change.name.as_str())
            .is_some_and(|change| matches!(change.action, Action::Create | Action::Recover));
        ensure(noticed, || {
            format!("{} is gone and not made again", change.name)
        })?;
        bench.run(&bench.case.stack, Purpose::Apply).await?;
        bench.unchanged(&bench.case.stack).await?;
    }
    Ok(())
}

async fn foreign(bench: &Bench) -> Verdict {
    bench.applied().await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let resolved = bench.resolved().await?;
    let (provider, ctx) = (bench.world.provider(), bench.context());
    for change in &plan.changes {
        if !bench.world.give_away(&change.id).await {
            continue;
        }
        let before = bench.world.mutations();
        let plan = bench.plan(&bench.case.stack, Purpose::Apply).await?;
        ensure(plan.ensure_executable().is_err(), || {
            format!(
                "{} belongs to another stack, and the plan goes on",
                change.name
            )
        })?;
        // The provider is shown whose it is; it need not look again before it refuses.
        let Some(prior) = plan
            .change(change.name.as_str())
            .and_then(|it| it.prior.as_ref())
        else {
            continue;
        };
        let sent = resolved
            .iter()
            .find(|resolved| resolved.name == change.name);
        let mut answers = vec![("delete", provider.delete(prior, &ctx).await.err())];
        if let Some(sent) = sent.filter(|sent| !has_secret(&sent.value)) {
            answers.push(("create", provider.create(sent, &ctx).await.err()));
            answers.push(("update", provider.update(sent, prior, &ctx).await.err()));
        }
        for (verb, answer) in answers {
            let refused = matches!(&answer, Some(error) if error.kind == ErrorKind::NotOurs);
            ensure(refused, || format!("{verb} {}: {answer:?}", change.name))?;
        }
        ensure(bench.world.mutations() == before, || {
            format!("{} was changed, and belongs to another stack", change.name)
        })?;
    }
    Ok(())
}

async fn left(bench: &Bench) -> Verdict {
    bench.applied().await?;
    let declared = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let name = bench.case.stack.name();
    let nothing = Stack::new(name.project(), name.environment());
    let plan = bench.plan(&nothing, Purpose::Apply).await?;
    for change in &declared.changes {
        if change.ty.lifecycle != Lifecycle::Ordinary {
            continue;
        }
        let found = plan
            .changes
            .iter()
            .any(|other| other.id == change.id && other.action == Action::Delete);
        ensure(found, || {
            format!("{} left the stack and is not found", change.name)
        })?;
    }
    bench.run(&nothing, Purpose::Apply).await?;
    bench.unchanged(&nothing).await
}

async fn destroyed(bench: &Bench) -> Verdict {
    bench.applied().await?;
    bench.run(&bench.case.stack, Purpose::Destroy).await?;
    let plan = bench.plan(&bench.case.stack, Purpose::Destroy).await?;
    let left: Vec<String> = plan
        .changes
        .iter()
        .map(|change| change.id.to_string())
        .collect();
    ensure(left.is_empty(), || {
        format!("destroyed and still there: {}", left.join(", "))
    })?;
    let again = bench.plan(&bench.case.stack, Purpose::Apply).await?;
    let standing: Vec<String> = again
        .changes
        .iter()
        .filter(|change| !matches!(change.action, Action::Create | Action::Recover))
        .map(|change| change.name.to_string())
        .collect();
    ensure(standing.is_empty(), || {
        format!("not to be made again: {}", standing.join(", "))
    })?;
    bench.run(&bench.case.stack, Purpose::Apply).await?;
    bench.unchanged(&bench.case.stack).await
}
