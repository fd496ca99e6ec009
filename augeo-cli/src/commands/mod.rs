//! The commands: one file each, a few lines over the SDK.

pub(crate) mod completions;
pub(crate) mod destroy;
pub(crate) mod drift;
pub(crate) mod emulator;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod plan;
pub(crate) mod provision;
pub(crate) mod rehearse;
pub(crate) mod rules;
pub(crate) mod show;
pub(crate) mod validate;

use crate::args::Command;
use crate::error::{CliError, Exit};
use crate::session::Session;

/// Runs a command.
///
/// # Errors
/// When it cannot do what was asked.
pub(crate) fn dispatch(command: Command, session: &Session) -> Result<Exit, CliError> {
    match command {
        Command::Init(args) => init::run(&args, session),
        Command::Validate(args) => validate::run(&args, session),
        Command::Plan(args) => plan::run(&args, session),
        Command::Provision(args) => provision::run(&args, session),
        Command::Rehearse(args) => rehearse::run(&args, session),
        Command::Drift(args) => drift::run(&args, session),
        Command::Destroy(args) => destroy::run(&args, session),
        Command::Show(args) => show::run(&args, session),
        Command::Graph(args) => graph::run(&args, session),
        Command::Emulator(args) => emulator::run(&args, session),
        Command::Rules(args) => rules::run(&args, session),
        Command::Explain(args) => explain::run(&args, session),
        Command::Completions(args) => completions::run(&args, session),
    }
}
