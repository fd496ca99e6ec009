//! `augeo emulator start`: the embedded emulator for other programs, over HTTP on this machine.

use clap::{Args, Subcommand};

use crate::error::{CliError, Exit};
use crate::session::Session;
use crate::world;

/// Run the emulator for other programs
#[derive(Args, Debug)]
pub(crate) struct EmulatorArgs {
    #[command(subcommand)]
    command: EmulatorCommand,
}

/// What can be done with the emulator.
#[derive(Debug, Subcommand)]
enum EmulatorCommand {
    /// Listen on this machine until Ctrl-C
    Start {
        /// The port; 0 takes a free one
        #[arg(long, value_name = "PORT", default_value_t = 9443)]
        port: u16,
    },
}

pub(crate) fn run(args: &EmulatorArgs, session: &Session) -> Result<Exit, CliError> {
    let EmulatorCommand::Start { port } = args.command;
    session.run(world::serve(session, port))
}
