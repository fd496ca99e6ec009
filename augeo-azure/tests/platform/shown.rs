//! A stack as text, for snapshots: every resource with its type, place and properties.

use std::fmt::Write as _;

use augeo_azure::platform::Config;
use augeo_core::graph::Graph;
use augeo_core::resource::{Desired, Scope};
use augeo_core::stack::Stack;
use augeo_core::value::{Expression, Object, Piece, Value};
use time::macros::date;

/// The top of a configuration whose environments are `dev`, `staging` and `production`.
pub(crate) const TOP: &str = "\
project = \"augeo\"
location = \"westeurope\"
cost_center = \"CC-1\"
[environment.dev]
[environment.staging]
[environment.production]
";

/// The stack of an environment of a configuration that has no mistakes.
pub(crate) fn stack(text: &str, environment: &str) -> Stack {
    let config = Config::parse(text, "augeo.toml").unwrap_or_else(|errors| panic!("{errors}"));
    config
        .stack(environment)
        .unwrap_or_else(|errors| panic!("{errors}"))
}

/// The same with what the rules say of it on a day of December 2026.
pub(crate) fn judged(text: &str, environment: &str) -> Stack {
    let config = Config::parse(text, "augeo.toml").unwrap_or_else(|errors| panic!("{errors}"));
    let judged = config.judged(environment, date!(2026 - 12 - 01));
    judged.unwrap_or_else(|errors| panic!("{errors}")).stack
}

/// References lead somewhere, nothing needs itself, no finding stops the plan.
pub(crate) fn no_errors(stack: &Stack) {
    let graph = Graph::build(stack).unwrap_or_else(|findings| panic!("{findings:?}"));
    assert_eq!(graph.order().len(), stack.resources().len());
}

/// A resource of a stack.
pub(crate) fn resource<'a>(stack: &'a Stack, name: &str) -> &'a Desired {
    let mut all = stack.resources().iter();
    all.find(|desired| desired.name.as_str() == name)
        .unwrap_or_else(|| panic!("`{name}` is not among {:?}", names(stack)))
}

/// The names of a stack's resources.
pub(crate) fn names(stack: &Stack) -> Vec<&str> {
    stack
        .resources()
        .iter()
        .map(|desired| desired.name.as_str())
        .collect()
}

/// Tags without the signs of what has none, and those signs.
fn without_signs(tags: &Value) -> (Value, String) {
    let tags = tags.as_object().cloned().unwrap_or_default();
    let (signs, plain): (Object, Object) = tags
        .into_iter()
        .partition(|(key, _)| key.starts_with("augeo-"));
    let signs = signs.keys().map(|key| format!(" and {key}"));
    (Value::Object(plain), signs.collect())
}

/// All resources, each with its properties but for the tags, which are told once.
pub(crate) fn list(stack: &Stack) -> String {
    let mut text = format!("stack {}\n", stack.name());
    let mut all = stack.resources().iter();
    let tags = all.find_map(|desired| Some(without_signs(desired.value.field("tags")?).0));
    writeln!(
        text,
        "tags  {}",
        tags.as_ref().map(value).unwrap_or_default()
    )
    .expect("text takes whatever is written");
    for desired in stack.resources() {
        let scope = match &desired.scope {
            Scope::Stack => String::new(),
            Scope::Within(name) => format!(" in {name}"),
            Scope::On(name) => format!(" on {name}"),
        };
        let named = desired.physical_name.as_deref().unwrap_or_default();
        let named = if named.is_empty() {
            String::new()
        } else {
            format!(" called {named}")
        };
        writeln!(
            text,
            "\n{}: {}{scope}{named}",
            desired.name, desired.ty.name
        )
        .expect("text takes whatever is written");
        for (key, property) in desired.value.as_object().into_iter().flatten() {
            if key == "tags" {
                let (plain, signs) = without_signs(property);
                assert_eq!(Some(plain), tags, "{} has other tags", desired.name);
                writeln!(text, "  tags{signs}").expect("text takes whatever is written");
            } else if *property != Value::Null {
                writeln!(text, "  {key} = {}", value(property))
                    .expect("text takes whatever is written");
            }
        }
        for other in &desired.after {
            writeln!(text, "  after {other}").expect("text takes whatever is written");
        }
        for other in &desired.once_ready {
            writeln!(text, "  once ready {other}").expect("text takes whatever is written");
        }
    }
    text
}

/// A value in one line, references as `${name.path}`.
pub(crate) fn value(value: &Value) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Output(reference) => format!("${{{reference}}}"),
    };
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(self::value).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Object(object) => {
            let entries = object.iter().filter(|(_, value)| **value != Value::Null);
            let entries = entries.map(|(key, value)| format!("{key}: {}", self::value(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Unknown(Expression::Output(reference)) => format!("${{{reference}}}"),
        Value::Unknown(Expression::Format(pieces)) => {
            format!("\"{}\"", pieces.iter().map(piece).collect::<String>())
        }
        Value::Secret(secret) => format!("<{secret}>"),
    }
}
