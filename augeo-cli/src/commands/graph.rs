//! `augeo graph`: what needs what, as a drawing, without a target.

use augeo_core::graph::Graph;
use augeo_core::render::graph::{dot, graph_json, mermaid};
use clap::{Args, ValueEnum};

use crate::error::{CliError, Exit};
use crate::session::Session;

/// Draw what depends on what
#[derive(Args, Debug)]
pub(crate) struct GraphArgs {
    /// The environment
    #[arg(value_name = "ENV")]
    environment: String,
    /// The language of the drawing
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: GraphFormat,
}

/// The languages that graphs are drawn in.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Mermaid, which GitHub draws
    #[default]
    Mermaid,
    /// Graphviz
    Dot,
}

pub(crate) fn run(args: &GraphArgs, session: &Session) -> Result<Exit, CliError> {
    let project = session.project()?;
    let environment = project.environment(&args.environment)?;
    let stack = project.stack(&environment)?;
    let graph = Graph::build(&stack).map_err(CliError::Stack)?;
    let output = &session.output;
    output.document_event("graph", "graph", &graph_json(&stack, &graph));
    output.data(&match args.format {
        GraphFormat::Mermaid => mermaid(&stack, &graph),
        GraphFormat::Dot => dot(&stack, &graph),
    });
    Ok(Exit::Done)
}
