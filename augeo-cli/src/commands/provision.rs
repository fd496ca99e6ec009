//! `augeo provision`: plan, review, apply.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use augeo_core::name::ResourceName;
use augeo_core::plan::Plan;
use augeo_core::render::{Heading, Style, plan_text, shell_word};
use augeo_core::{PlanOptions, Stack};
use clap::Args;

use crate::apply;
use crate::destination::ensure_free;
use crate::error::{CliError, Exit};
use crate::plan_file;
use crate::project::{resource, today};
use crate::prompt;
use crate::session::Session;
use crate::target::Target;

/// Plan, review, and apply
#[derive(Args, Debug)]
pub(crate) struct ProvisionArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Apply without asking
    #[arg(short, long)]
    yes: bool,
    /// Execute this saved plan, if nothing moved since it was made; it was reviewed, so it does not ask
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    plan: Option<PathBuf>,
    /// Only these resources and what they need
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Do not keep how long Azure took, which refines what is expected (.augeo/durations.jsonl)
    #[arg(long)]
    no_learn: bool,
}

pub(crate) fn run(args: &ProvisionArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    if let Some(path) = &session.global.trace {
        let plan = args.plan.as_deref();
        ensure_free(session, "--trace", path, &[("what --plan names", plan)])?;
    }
    let environment = project.environment(&args.environment)?;
    let stack = project.judged(&environment, today())?.stack;
    let options = PlanOptions {
        only: only(args, &stack)?,
        ..PlanOptions::default()
    };
    session.run(async {
        let target = Target::open(session, &project, &environment).await?;
        let plan = match &args.plan {
            Some(path) => saved(&target, path, &stack.name().to_string()).await?,
            None => target.plan(&stack, &options).await?,
        };
        let mut heading = target.heading(&project);
        heading.forecast = target.durations().forecast(&plan);
        let done = session.command(&if plan.left_out > 0 {
            format!("provision {environment}")
        } else {
            format!("show {environment}")
        });
        let waits = plan.awaiting_outside().next().is_some();
        if plan.ensure_executable().is_err() || (plan.is_empty() && waits) {
            heading.next = Some(again(args, session));
        } else if plan.is_empty() {
            heading.next = Some(done.clone());
        }
        let asks = !args.yes && args.plan.is_none() && !plan.is_empty();
        review(session, &plan, &heading, asks);
        plan.ensure_executable()?;
        if plan.is_empty() {
            return Ok(Exit::Done);
        }
        if asks {
            let changes = plan.pending().count();
            let noun = if changes == 1 { "change" } else { "changes" };
            let question = format!("Apply {changes} {noun} to {environment}?");
            let full = Style {
                full: true,
                ..session.output.terminal().style_stderr()
            };
            let details = || session.output.note(&plan_text(&plan, &heading, &full));
            prompt::confirm(&session.output, &question, "--yes", details).await?;
        }
        let forecast = heading.forecast;
        let report = apply::execute(session, &target, &plan, forecast.as_ref()).await?;
        if !args.no_learn {
            target.durations().learn(&plan, &report, &session.output);
        }
        let ending = apply::Ending {
            forecast,
            succeeded: done,
            failed: again(args, session),
            ..apply::Ending::default()
        };
        Ok(apply::conclude(session, &plan, &report, ending))
    })
}

/// The same once more; a saved plan does not fit the world any more.
fn again(args: &ProvisionArgs, session: &Session) -> String {
    let mut command = format!("provision {}", args.environment);
    if !args.only.is_empty() {
        let names = shell_word(&args.only.join(","));
        command = format!("{command} --only {names}");
    }
    session.command(&command)
}

async fn saved(target: &Target, path: &Path, asked: &str) -> Result<Plan, CliError> {
    let plan = plan_file::read(path, target.provider(), asked)?;
    target.verify(path, &plan).await?;
    Ok(plan)
}

fn only(args: &ProvisionArgs, stack: &Stack) -> Result<BTreeSet<ResourceName>, CliError> {
    let names = args.only.iter();
    names.map(|name| resource(stack, "--only", name)).collect()
}

/// Prints the plan where it is read: on stdout, and beside the question if stdout is a file.
fn review(session: &Session, plan: &Plan, heading: &Heading, asks: bool) {
    let output = &session.output;
    output.plan_event(plan, heading);
    output.data(&plan_text(plan, heading, &output.style()));
    let beside = asks && !output.terminal().stdout_is_read() && output.terminal().can_ask();
    if beside && !output.is_json() {
        output.note(&plan_text(plan, heading, &output.terminal().style_stderr()));
    }
}
