//! `augeo drift`: what changed behind our back.

use augeo_core::PlanOptions;
use augeo_core::render::{Style, drift_json, drift_text, has_drift};
use clap::Args;

use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::target::Target;

/// Show what changed since the last apply although nobody declared it
#[derive(Args, Debug)]
pub(crate) struct DriftArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// List everything: fold nothing and shorten no value
    #[arg(long)]
    full: bool,
}

pub(crate) fn run(args: &DriftArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    let environment = project.environment(&args.environment)?;
    let stack = project.stack(&environment)?;
    session.run(async {
        let target = Target::open(session, &project, &environment).await?;
        let plan = target.plan(&stack, &PlanOptions::default()).await?;
        let drifted = has_drift(&plan);
        let mut heading = target.heading(&project);
        if drifted {
            heading.next = Some(session.command(&format!("provision {environment}")));
        }
        let output = &session.output;
        output.document_event("drift", "drift", &drift_json(&plan));
        let style = Style {
            full: args.full,
            ..output.style()
        };
        output.data(&drift_text(&plan, &heading, &style));
        Ok(if plan.ensure_executable().is_err() {
            Exit::Failed
        } else if drifted {
            Exit::Pending
        } else {
            Exit::Done
        })
    })
}
