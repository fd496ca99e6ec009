//! `augeo plan`: what would change.

use std::path::{Path, PathBuf};

use augeo_core::PlanOptions;
use augeo_core::plan::Plan;
use augeo_core::render::{Heading, Style, plan_json, plan_markdown, plan_text, shell_word};
use clap::{Args, ValueEnum};

use crate::destination::ensure_free;
use crate::error::{CliError, Exit};
use crate::output::Output;
use crate::plan_file;
use crate::project::today;
use crate::session::Session;
use crate::target::Target;

/// Show what would change
#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// Save the plan, for `augeo provision ENV --plan FILE`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 3 if there is something to change
    #[arg(long)]
    check: bool,
    /// The form of the plan
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PlanFormat,
    /// List everything: fold no group and shorten no value
    #[arg(long)]
    full: bool,
}

/// The forms that plans are printed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// For pull requests and job summaries
    Markdown,
    /// For programs
    Json,
}

pub(crate) fn run(args: &PlanArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    if let Some(path) = &args.out {
        let trace = session.global.trace.as_deref();
        ensure_free(session, "--out", path, &[("what --trace names", trace)])?;
    }
    let environment = project.environment(&args.environment)?;
    let stack = project.judged(&environment, today())?.stack;
    session.run(async {
        let target = Target::open(session, &project, &environment).await?;
        let plan = target.plan(&stack, &PlanOptions::default()).await?;
        let mut heading = target.heading(&project);
        heading.forecast = target.durations().forecast(&plan);
        if let Some(path) = &args.out {
            let note = save(path, &plan)?;
            heading.notes.push(("Saved".to_owned(), note));
        }
        heading.next = next(args, session, &plan);
        print(&session.output, &plan, &heading, args.format, args.full);
        plan.ensure_executable()?;
        Ok(exit(args, &plan))
    })
}

/// Saves a plan, unless it could not be executed; says what became of it.
fn save(path: &Path, plan: &Plan) -> Result<String, CliError> {
    if plan.ensure_executable().is_err() {
        let path = path.display();
        return Ok(format!(
            "nothing in {path}: a plan with errors is not executed"
        ));
    }
    plan_file::write(path, plan)?;
    let path = path.display();
    Ok(format!("{path}, to be executed on this same world only"))
}

fn next(args: &PlanArgs, session: &Session, plan: &Plan) -> Option<String> {
    if plan.ensure_executable().is_err() {
        return Some(session.command(&format!("plan {}", args.environment)));
    }
    if plan.is_empty() {
        return None;
    }
    let saved = args.out.as_ref().map_or(String::new(), |path| {
        format!(" --plan {}", shell_word(&path.display().to_string()))
    });
    Some(session.command(&format!("provision {}{saved}", args.environment)))
}

fn exit(args: &PlanArgs, plan: &Plan) -> Exit {
    if args.check && !plan.is_empty() {
        Exit::Pending
    } else {
        Exit::Done
    }
}

fn print(output: &Output, plan: &Plan, heading: &Heading, format: PlanFormat, full: bool) {
    let style = Style {
        full,
        ..output.style()
    };
    output.plan_event(plan, heading);
    match format {
        PlanFormat::Text => output.data(&plan_text(plan, heading, &style)),
        PlanFormat::Markdown => output.data(&plan_markdown(plan, heading)),
        PlanFormat::Json => output.data(&plan_json(plan, heading)),
    }
}
