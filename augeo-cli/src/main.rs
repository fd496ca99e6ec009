//! The `augeo` program: reads arguments and environment variables, dispatches, exits.
//!
//! Nothing else in the program reads either of them.

mod apply;
mod args;
mod cancel;
mod commands;
mod destination;
mod durations;
mod error;
mod explain;
mod output;
mod outputs;
mod plan_file;
mod progress;
mod project;
mod prompt;
mod sarif;
mod session;
mod target;
mod terminal;
mod trace_file;
mod variables;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::error::Exit;
use crate::session::Session;
use crate::variables::Variables;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn main() -> ExitCode {
    let variables = Variables::new(std::env::vars_os());
    let cli = Cli::parse();
    let session = Session::new(cli.global, variables);
    let exit = commands::dispatch(cli.command, &session).unwrap_or_else(|error| {
        session.output.error(&error);
        error.exit()
    });
    session.shut_down();
    ExitCode::from(Exit::code(exit))
}
