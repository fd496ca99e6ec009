//! The command line: global options and the list of commands. Doc comments are the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    completions, destroy, drift, emulator, explain, graph, init, plan, provision, rehearse, rules,
    show, validate,
};

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed, or a finding of severity error
  2    wrong usage, no target, or no terminal to ask
  3    changes are pending (plan --check, drift)
  4    the outcome of a change is unknown
  130  cancelled

Environment variables:
  AUGEO_ACCESSIBLE=1  lines that stay, instead of rows that are redrawn
  NO_COLOR=1          no colours; CLICOLOR_FORCE=1 colours also where there is no terminal";

/// Plan and apply environments on Azure, or on the embedded emulator
#[derive(Debug, Parser)]
#[command(
    name = "augeo",
    version,
    color = clap::ColorChoice::Never,
    after_help = EXIT_CODES,
    max_term_width = 100,
    disable_help_subcommand = true,
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The configuration: a file, or the folder of an augeo.toml
    #[arg(
        short,
        long,
        global = true,
        value_name = "PATH",
        default_value = "augeo.toml"
    )]
    pub(crate) config: PathBuf,
    /// Where to act; otherwise the environment's `target` in the configuration
    #[arg(long, global = true, value_enum, value_name = "TARGET")]
    pub(crate) target: Option<TargetKind>,
    /// An emulator that already listens on this machine, such as `http://127.0.0.1:9443`
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The subscription; otherwise `AZURE_SUBSCRIPTION_ID`, then the configuration
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) subscription: Option<String>,
    /// How much faster than Azure the embedded emulator runs; 0 waits for nothing [default: 60]
    #[arg(long, global = true, value_name = "FACTOR")]
    pub(crate) time_scale: Option<u32>,
    /// Write every ARM request to this file, one JSON line each, without secrets
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Print events as JSON lines on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: ColorChoice,
}

/// Where a command acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetKind {
    /// The emulator: nothing is real, nothing costs
    Emulator,
    /// Azure
    Azure,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` or the like says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands, in the order in which they are met.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::InitArgs),
    Validate(validate::ValidateArgs),
    Plan(plan::PlanArgs),
    Rehearse(rehearse::RehearseArgs),
    Provision(provision::ProvisionArgs),
    Drift(drift::DriftArgs),
    Destroy(destroy::DestroyArgs),
    Show(show::ShowArgs),
    Graph(graph::GraphArgs),
    Emulator(emulator::EmulatorArgs),
    Rules(rules::RulesArgs),
    Explain(explain::ExplainArgs),
    Completions(completions::CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_has_help_without_a_full_stop() {
        fn visit(command: &clap::Command) {
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_else(|| panic!("{} has no help", command.get_name()));
            assert!(!about.ends_with('.'), "{about}");
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string);
                let help = help.unwrap_or_else(|| panic!("{} has no help", argument.get_id()));
                assert!(!help.ends_with('.'), "{help}");
            }
            command.get_subcommands().for_each(visit);
        }
        visit(&Cli::command());
    }
}
