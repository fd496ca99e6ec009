//! `augeo validate`: the configuration and its stacks, without a target.

use augeo_core::finding::Severity;
use augeo_core::graph::Graph;
use augeo_core::render::findings_text;
use clap::Args;
use serde_json::json;

use crate::error::{CliError, Exit};
use crate::session::Session;

/// Check the configuration without contacting anything
#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    /// The environment; without one all are checked
    #[arg(value_name = "ENV")]
    environment: Option<String>,
}

pub(crate) fn run(args: &ValidateArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    let environments = match &args.environment {
        Some(environment) => vec![project.environment(environment)?],
        None => project.environments(),
    };
    let output = &session.output;
    let mut findings = Vec::new();
    let mut valid = Vec::new();
    for environment in environments {
        let stack = match project.stack(&environment) {
            Ok(stack) => stack,
            Err(CliError::Stack(mistakes)) => {
                findings.extend(mistakes);
                continue;
            }
            Err(error) => return Err(error),
        };
        match Graph::build(&stack) {
            Ok(graph) => {
                findings.extend(stack.findings().iter().cloned());
                let resources = graph.order().len();
                output.event(&json!({
                    "type": "validated", "environment": environment, "resources": resources,
                }));
                valid.push(format!("{environment} {resources}"));
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    findings.sort();
    findings.dedup();
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        return Err(CliError::Stack(findings));
    }
    output.event(&json!({"type": "findings", "findings": findings}));
    if !findings.is_empty() {
        let style = output.terminal().style_stderr();
        output.note(&output.with_sources(|sources| findings_text(&findings, sources, &style)));
    }
    output.data(&format!(
        "{} is valid; resources: {}",
        project.name(),
        valid.join(", ")
    ));
    Ok(Exit::Done)
}
