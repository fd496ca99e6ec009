//! `augeo show`: what there is of an environment, where it answers and what it is called.

use std::fmt::Write as _;

use augeo_azure::outputs::{Outputs, referenced};
use augeo_core::PlanOptions;
use augeo_core::resource::Condition;
use clap::Args;
use serde_json::json;

use crate::error::{CliError, Exit};
use crate::outputs::outputs_text;
use crate::session::Session;
use crate::target::Target;

/// Show endpoints, ids and outputs of what is there
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
}

pub(crate) fn run(args: &ShowArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    let environment = project.environment(&args.environment)?;
    let stack = project.stack(&environment)?;
    session.run(async {
        let target = Target::open(session, &project, &environment).await?;
        let plan = target.plan(&stack, &PlanOptions::default()).await?;
        let referenced = referenced(&stack);
        let mut text = String::new();
        let mut absent = 0;
        let changes = plan.changes.iter();
        let observed = changes
            .map(|change| {
                (
                    &change.name,
                    change.ty.title.as_ref(),
                    change.prior.as_ref(),
                )
            })
            .chain(
                plan.existing
                    .iter()
                    .map(|(name, observed)| (name, "not ours", Some(observed))),
            );
        for (name, title, observed) in observed {
            let Some(observed) = observed.filter(|observed| is_there(&observed.condition)) else {
                absent += 1;
                continue;
            };
            let outputs = Outputs::of(name, observed, &referenced);
            session.output.event(&json!({
                "type": "resource", "resource": name, "id": observed.id.text(),
                "resourceType": observed.ty.as_str(), "outputs": outputs,
            }));
            text.push_str(&outputs_text(name, title, observed, &outputs));
        }
        if text.is_empty() {
            text = format!("Nothing of {environment} is there\n");
        } else if absent > 0 {
            let _ = writeln!(text, "\n{absent} more are declared and not there");
        }
        session.output.data(&text);
        if absent > 0 {
            session
                .output
                .next(&session.command(&format!("provision {environment}")));
        }
        Ok(Exit::Done)
    })
}

fn is_there(condition: &Condition) -> bool {
    match condition {
        Condition::Ready | Condition::Busy { .. } | Condition::Failed { .. } => true,
        Condition::Deleting | Condition::SoftDeleted { .. } => false,
    }
}
