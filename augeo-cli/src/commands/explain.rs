//! `augeo explain`: what a code means, without a network.

use augeo_core::suggestion::nearest;
use clap::Args;
use serde_json::json;

use crate::error::{CliError, Exit};
use crate::explain;
use crate::session::Session;

/// Explain the code of an error or a finding
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The code, such as augeo/no-target; without one all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(crate) fn run(args: &ExplainArgs, session: &Session) -> Result<Exit, CliError> {
    let entries = explain::entries();
    let Some(code) = &args.code else {
        let lines: Vec<String> = entries.iter().map(explain::Entry::line).collect();
        let all: Vec<_> = entries.iter().map(explain::Entry::to_json).collect();
        session
            .output
            .event(&json!({"type": "codes", "codes": all}));
        session.output.data(&lines.join("\n"));
        return Ok(Exit::Done);
    };
    let entry = explain::find(&entries, code).ok_or_else(|| CliError::UnknownCode {
        code: code.clone(),
        meant: nearest(code, entries.iter().flat_map(explain::Entry::spellings)).map(Into::into),
    })?;
    let codes = [entry.to_json()];
    session
        .output
        .event(&json!({"type": "codes", "codes": codes}));
    session.output.data(&entry.to_text());
    Ok(Exit::Done)
}
