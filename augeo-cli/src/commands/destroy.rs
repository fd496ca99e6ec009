//! `augeo destroy`: everything of an environment goes; data only by name.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use augeo_azure::resources::lookup;
use augeo_core::clock::{Clock as _, SystemClock};
use augeo_core::name::ResourceName;
use augeo_core::plan::{Blocked, Change, Plan, Purpose};
use augeo_core::render::{
    Destroy, Heading, Style, destroy_text, is_protected_only, protection_text, shell_word,
};
use augeo_core::resource::Condition;
use augeo_core::stack::Stack;
use augeo_core::{DeleteData, PlanOptions};
use clap::Args;

use crate::apply;
use crate::error::{CliError, Exit};
use crate::project::resource;
use crate::prompt;
use crate::session::Session;
use crate::target::Target;

/// What could not be seen of what was deleted is a finding of this rule.
const UNREADABLE: &str = "azure/unreadable";
const NOT_LOOKED_UP: &str = "what Azure keeps could not be looked up";

/// Delete everything of an environment
#[derive(Args, Debug)]
pub(crate) struct DestroyArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Destroy without asking; it names the environment once more
    #[arg(long, value_name = "ENV")]
    confirm: Option<String>,
    /// What holds data and may go: names, or `all`
    #[arg(long, value_name = "NAME[,NAME...]|all", value_delimiter = ',')]
    delete_data: Vec<String>,
    /// List everything
    #[arg(long)]
    full: bool,
    /// Do not keep how long Azure took, which refines what is expected (.augeo/durations.jsonl)
    #[arg(long)]
    no_learn: bool,
    /// It confirms nothing here: a destroy wants the environment's name
    #[arg(short, long, hide = true)]
    yes: bool,
}

pub(crate) fn run(args: &DestroyArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    let environment = project.environment(&args.environment)?;
    if let Some(given) = args.confirm.as_ref().filter(|given| **given != environment) {
        return Err(CliError::ConfirmDiffers {
            given: given.clone(),
            environment,
        });
    }
    if args.yes && args.confirm.is_none() {
        return Err(CliError::YesDoesNotConfirm { environment });
    }
    let stack = project.stack(&environment)?;
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: delete_data(args, &stack)?,
        only: BTreeSet::new(),
    };
    session.run(async {
        let target = Target::open(session, &project, &environment).await?;
        let plan = target.plan(&stack, &options).await?;
        let forecast = target.durations().forecast(&plan);
        let mut heading = target.heading(&project);
        heading.forecast.clone_from(&forecast);
        let destroy = preview(session, &heading, args, &plan);
        plan.ensure_executable()
            .map_err(|blocked| refused(session, &plan, &destroy, blocked))?;
        if plan.is_empty() {
            return Ok(Exit::Done);
        }
        if args.confirm.is_none() {
            let question = "Type the name of the environment to destroy it, anything else to stop:";
            let flag = format!("--confirm {environment}");
            prompt::type_exactly(&session.output, question, &environment, &flag).await?;
        }
        let report = apply::execute(session, &target, &plan, forecast.as_ref()).await?;
        if !args.no_learn {
            target.durations().learn(&plan, &report, &session.output);
        }
        let ending = apply::Ending {
            forecast,
            notes: kept(target.plan(&stack, &PlanOptions::default()).await),
            succeeded: session.command(&format!("plan {environment}")),
            failed: again(args, session),
        };
        Ok(apply::conclude(session, &plan, &report, ending))
    })
}

/// The same once more: what may go has to be named again, or it is refused.
fn again(args: &DestroyArgs, session: &Session) -> String {
    let mut command = format!("destroy {}", args.environment);
    if !args.delete_data.is_empty() {
        let names = shell_word(&args.delete_data.join(","));
        command = format!("{command} --delete-data {names}");
    }
    session.command(&command)
}

fn delete_data(args: &DestroyArgs, stack: &Stack) -> Result<DeleteData, CliError> {
    if args.delete_data.iter().any(|name| name == "all") {
        return Ok(DeleteData::All);
    }
    if args.delete_data.is_empty() {
        return Ok(DeleteData::None);
    }
    // What left the stack has only the provider's label, so a name that the stack does not know
    // is for the plan to judge.
    let names: BTreeSet<ResourceName> = args
        .delete_data
        .iter()
        .map(|name| ResourceName::parse(name).or_else(|_| resource(stack, "--delete-data", name)))
        .collect::<Result<_, _>>()?;
    Ok(DeleteData::Named(names))
}

fn preview(session: &Session, heading: &Heading, args: &DestroyArgs, plan: &Plan) -> Destroy {
    let destroy = Destroy {
        held: held(plan),
        command: session.command(&format!("destroy {}", args.environment)),
        ..Destroy::default()
    };
    let output = &session.output;
    output.plan_event(plan, heading);
    let style = Style {
        full: args.full,
        ..output.style()
    };
    output.data(&destroy_text(plan, heading, &destroy, &style));
    destroy
}

/// What keeps it from beginning: data that has to be named, said once, or whatever else.
fn refused(session: &Session, plan: &Plan, destroy: &Destroy, blocked: Blocked) -> CliError {
    let output = &session.output;
    let text = protection_text(plan, destroy, &output.terminal().style_stderr());
    if is_protected_only(&blocked) {
        return CliError::Protected { blocked, text };
    }
    if !text.is_empty() {
        output.note(&text);
    }
    CliError::Blocked(blocked)
}

/// How many days Azure keeps what a change deletes or brings back.
fn kept_days(change: &Change) -> Option<u64> {
    let soft_delete = lookup(&change.ty.name)?.soft_delete?;
    soft_delete.days_of(change.prior.as_ref().map(|prior| &*prior.value))
}

/// What Azure keeps for a while after its deletion, and for how long.
fn held(plan: &Plan) -> BTreeMap<ResourceName, String> {
    let removed = plan.pending().filter(|change| change.action.removes());
    removed
        .filter(|change| lookup(&change.ty.name).is_some_and(|ty| ty.soft_delete.is_some()))
        .map(|change| {
            let days = kept_days(change);
            let time = days.map_or("a while".to_owned(), |days| format!("{days} days"));
            let text =
                format!("soft-deleted for {time}: it can be brought back, its name stays taken");
            (change.name.clone(), text)
        })
        .collect()
}

/// What Azure still keeps, and until when, as a plan that looked again shows it: what a new
/// environment would bring back. A look that failed is told, and is no failure of what was done.
fn kept(looked: Result<Plan, CliError>) -> Vec<(String, String)> {
    let row = |text: String| ("Kept".to_owned(), text);
    let plan = match looked {
        Ok(plan) => plan,
        Err(CliError::Cancelled) => return vec![row(format!("{NOT_LOOKED_UP}: cancelled"))],
        Err(error) => return vec![row(format!("{NOT_LOOKED_UP}: {error}"))],
    };
    let unseen = plan.findings.iter();
    let unseen = unseen.filter(|finding| finding.rule == UNREADABLE);
    let unseen = unseen.map(|finding| row(finding.message.clone()));
    let kept = plan.changes.iter().filter_map(|change| {
        let until = kept_until(change)?;
        Some(row(format!(
            "{} is soft-deleted {until}: it can be brought back, its name stays taken",
            change.name
        )))
    });
    kept.chain(unseen).collect()
}

/// Until when Azure keeps a soft-deleted resource, in words; `None` if it is none.
fn kept_until(change: &Change) -> Option<String> {
    let Condition::SoftDeleted { purged_at } = change.prior.as_ref()?.condition else {
        return None;
    };
    let latest = kept_days(change).map(|days| {
        let at = SystemClock.now() + Duration::from_secs(days * 86_400);
        format!("until {} at the latest", at.date())
    });
    Some(match purged_at {
        Some(at) => format!("until {}", at.date()),
        None => latest.unwrap_or_else(|| "for a while".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use augeo_core::finding::Finding;
    use augeo_core::name::StackName;

    use super::*;

    #[test]
    fn a_look_that_failed_or_saw_nothing_is_told() {
        let texts =
            |looked| -> Vec<String> { kept(looked).into_iter().map(|(_, it)| it).collect() };
        let failed = CliError::Stack(Vec::new());
        assert_eq!(
            texts(Err(failed)),
            ["what Azure keeps could not be looked up: the stack is wrong"]
        );
        assert_eq!(
            texts(Err(CliError::Cancelled)),
            ["what Azure keeps could not be looked up: cancelled"]
        );
        let stack = StackName::parse("augeo", "dev").unwrap();
        let mut plan = Plan {
            stack,
            purpose: Purpose::Apply,
            changes: Vec::new(),
            existing: BTreeMap::new(),
            findings: Vec::new(),
            left_out: 0,
            requests: 1,
        };
        assert_eq!(texts(Ok(plan.clone())), [""; 0]);
        let unseen = "whether a deleted Key vault can be recovered cannot be seen: you may not";
        plan.findings = vec![
            Finding::note(UNREADABLE, unseen),
            Finding::note("other", "x"),
        ];
        assert_eq!(texts(Ok(plan)), [unseen]);
    }
}
