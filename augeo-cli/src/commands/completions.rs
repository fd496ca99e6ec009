//! `augeo completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::error::{CliError, Exit};
use crate::session::Session;

/// Print a completion script for a shell
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "all commands have one signature")]
pub(crate) fn run(args: &CompletionsArgs, session: &Session) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "augeo", &mut script);
    session.output.raw_data(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
