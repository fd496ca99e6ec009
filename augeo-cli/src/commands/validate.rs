//! `augeo validate`: the configuration and its stacks, without a target.

use augeo_azure::rules::Suppression;
use augeo_core::finding::{Finding, Severity};
use augeo_core::graph::Graph;
use augeo_core::render::findings_text;
use clap::{Args, ValueEnum};
use serde_json::json;
use time::Date;
use time::macros::format_description;

use crate::error::{CliError, Exit};
use crate::project::{Project, config_file, today};
use crate::sarif;
use crate::session::Session;

/// Check the configuration without contacting anything
#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    /// The environment; without one all are checked
    #[arg(value_name = "ENV")]
    environment: Option<String>,
    /// The form of what is found
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: ValidateFormat,
    /// The day for which rules with a date are asked, such as `2027-03-01` [default: today]
    #[arg(long, value_name = "DAY", value_parser = day)]
    as_of: Option<Date>,
}

/// The forms that findings are printed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ValidateFormat {
    /// For people
    #[default]
    Text,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

fn day(text: &str) -> Result<Date, String> {
    let form = format_description!("[year]-[month]-[day]");
    Date::parse(text, form).map_err(|_| "it takes a day such as 2027-03-01".to_owned())
}

/// What was found in all environments that were asked for.
#[derive(Default)]
struct Validated {
    findings: Vec<Finding>,
    suppressed: Vec<(Finding, Suppression)>,
    /// The environments without mistakes, each with its number of resources.
    valid: Vec<(String, usize)>,
}

pub(crate) fn run(args: &ValidateArgs, session: &Session) -> Result<Exit, CliError> {
    let validated = session.project();
    let validated = validated.and_then(|project| validate(args, session, &project));
    if args.format == ValidateFormat::Sarif {
        tell_in_sarif(&validated, session);
    }
    let Validated {
        findings,
        suppressed,
        valid,
    } = validated?;
    if has_errors(&findings) {
        return Err(CliError::Stack(findings));
    }
    let output = &session.output;
    output.event(&json!({"type": "findings", "findings": findings}));
    if args.format == ValidateFormat::Sarif {
        return Ok(Exit::Done);
    }
    if !findings.is_empty() {
        let style = output.terminal().style_stderr();
        output.note(&output.with_sources(|sources| findings_text(&findings, sources, &style)));
    }
    let valid: Vec<String> = valid
        .iter()
        .map(|(environment, resources)| format!("{environment} {resources}"))
        .collect();
    let hidden = match suppressed.len() {
        0 => String::new(),
        hidden => format!("; suppressed findings: {hidden}"),
    };
    output.data(&format!(
        "{} is valid; resources: {}{hidden}",
        config_file(&session.global.config).display(),
        valid.join(", ")
    ));
    Ok(Exit::Done)
}

fn has_errors(findings: &[Finding]) -> bool {
    let mut severities = findings.iter().map(|finding| finding.severity);
    severities.any(|severity| severity == Severity::Error)
}

fn validate(
    args: &ValidateArgs,
    session: &Session,
    project: &Project,
) -> Result<Validated, CliError> {
    let environments = match &args.environment {
        Some(environment) => vec![project.environment(environment)?],
        None => project.environments(),
    };
    let today = args.as_of.unwrap_or_else(today);
    let mut validated = Validated::default();
    for environment in environments {
        let judged = project.judged(&environment, today)?;
        let stack = judged.stack;
        // What warns is told beside what is wrong: both are to be mended in one go.
        validated.findings.extend(stack.findings().iter().cloned());
        match Graph::build(&stack) {
            Ok(graph) => {
                let resources = graph.order().len();
                session.output.event(&json!({
                    "type": "validated", "environment": environment, "resources": resources,
                }));
                validated.valid.push((environment, resources));
            }
            Err(mistakes) => validated.findings.extend(mistakes),
        }
        validated.suppressed.extend(judged.suppressed);
    }
    validated.findings.sort();
    validated.findings.dedup();
    let key = |(finding, _): &(Finding, Suppression)| finding.clone();
    validated.suppressed.sort_by_key(key);
    validated.suppressed.dedup();
    Ok(validated)
}

/// Prints what was found, mistakes of the file included; what else went wrong is told by itself.
fn tell_in_sarif(validated: &Result<Validated, CliError>, session: &Session) {
    let file = config_file(&session.global.config).display().to_string();
    let log = match validated {
        Ok(validated) => sarif::log(&file, &validated.findings, &validated.suppressed),
        Err(CliError::Config(errors)) => sarif::log(&file, &errors.to_findings(), &[]),
        Err(CliError::Stack(findings)) => sarif::log(&file, findings, &[]),
        Err(_) => return,
    };
    session.output.data(&format!("{log:#}"));
}
