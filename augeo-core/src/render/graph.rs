//! The graph of a stack as Mermaid, as Graphviz's dot, and as JSON.

use std::fmt::Write as _;

use serde_json::json;

use super::json::to_text;
use crate::graph::Graph;
use crate::name::ResourceName;
use crate::stack::Stack;

/// Title and name of each resource, in the graph's order.
fn nodes<'a>(
    stack: &'a Stack,
    graph: &'a Graph,
) -> impl Iterator<Item = (&'a ResourceName, &'a str)> {
    graph.order().iter().filter_map(|name| {
        let desired = stack
            .resources()
            .iter()
            .find(|desired| desired.name == *name)?;
        Some((name, &*desired.ty.title))
    })
}

/// A name that both languages take as an identifier.
fn identifier(name: &ResourceName) -> String {
    name.as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// The graph for programs: each resource, its type, and what it needs.
pub fn graph_json(stack: &Stack, graph: &Graph) -> String {
    let resources: Vec<_> = nodes(stack, graph)
        .map(|(name, title)| {
            json!({"name": name, "title": title, "needs": graph.dependencies(name)})
        })
        .collect();
    to_text(&json!({
        "schema": "augeo.graph/1",
        "project": stack.name().project(),
        "environment": stack.name().environment(),
        "resources": resources,
    }))
}

/// The graph as a Mermaid flowchart: arrows point at what is needed.
pub fn mermaid(stack: &Stack, graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (name, title) in nodes(stack, graph) {
        let _ = writeln!(text, "  {}[\"{name}<br/>{title}\"]", identifier(name));
    }
    for name in graph.order() {
        for needed in graph.dependencies(name) {
            let _ = writeln!(text, "  {} --> {}", identifier(name), identifier(needed));
        }
    }
    text
}

/// The graph in Graphviz's language: arrows point at what is needed.
pub fn dot(stack: &Stack, graph: &Graph) -> String {
    let mut text = format!(
        "digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box];\n",
        stack.name()
    );
    for (name, title) in nodes(stack, graph) {
        let _ = writeln!(text, "  \"{name}\" [label=\"{name}\\n{title}\"];");
    }
    for name in graph.order() {
        for needed in graph.dependencies(name) {
            let _ = writeln!(text, "  \"{name}\" -> \"{needed}\";");
        }
    }
    text.push_str("}\n");
    text
}
