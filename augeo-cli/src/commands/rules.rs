//! `augeo rules`: what stacks are checked for, without a network.

use augeo_azure::rules::{self, Rule};
use clap::{Args, ValueEnum};
use serde_json::{Value as Json, json};

use crate::error::{CliError, Exit};
use crate::session::Session;

/// List the rules that stacks are checked against
#[derive(Args, Debug)]
pub(crate) struct RulesArgs {
    /// The form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: RulesFormat,
}

/// The forms that rules are listed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum RulesFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

#[expect(clippy::unnecessary_wraps, reason = "all commands have one signature")]
pub(crate) fn run(args: &RulesArgs, session: &Session) -> Result<Exit, CliError> {
    let rules = rules::all();
    let all: Vec<Json> = rules.iter().map(|rule| to_json(rule)).collect();
    session
        .output
        .event(&json!({"type": "rules", "rules": all}));
    let text = match args.format {
        RulesFormat::Text => rules.iter().map(|rule| line(rule) + "\n").collect(),
        RulesFormat::Json => format!("{:#}", json!({"rules": all})),
    };
    session.output.data(&text);
    Ok(Exit::Done)
}

fn line(rule: &Rule) -> String {
    let date = rule.date.map(|date| date.to_string()).unwrap_or_default();
    format!(
        "{:<8} {:<30} {date:<10}  {}",
        rule.severity.to_string(),
        rule.id,
        rule.title
    )
}

fn to_json(rule: &Rule) -> Json {
    json!({
        "rule": rule.id,
        "severity": rule.severity,
        "title": rule.title,
        "reason": rule.reason,
        "fix": rule.fix,
        "link": rule.link,
        "date": rule.date.map(|date| date.to_string()),
        "enforced": rule.enforced,
        "types": rule.types,
    })
}
