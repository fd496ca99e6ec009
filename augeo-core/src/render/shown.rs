//! A value as people read it: unknowns say what they wait for, secrets say nothing.

use std::collections::BTreeSet;

use super::style::{is_unsafe, printable};
use crate::name::ResourceName;
use crate::plan::{Action, Plan};
use crate::value::{Expression, Value};

/// What stands for a secret, everywhere.
pub(super) const SECRET: &str = "(secret)";

/// The value on one line.
pub(super) fn shown(value: &Value, plan: &Plan) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(text) => shown_text(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| shown(item, plan)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let fields: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("{}: {}", printable(key), shown(value, plan)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Unknown(expression) => until(expression, plan),
        Value::Secret(_) => SECRET.to_owned(),
    }
}

/// Text is quoted where it would otherwise read as something else.
fn shown_text(text: &str) -> String {
    let speaks_for_itself = text.starts_with(|c: char| c.is_alphanumeric() || "/.".contains(c))
        && text.parse::<f64>().is_err()
        && !matches!(text, "true" | "false" | "null")
        && !text
            .chars()
            .any(|c| c.is_whitespace() || is_unsafe(c) || "\"'`[]{},".contains(c));
    if speaks_for_itself {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if is_unsafe(c) => quoted.extend(c.escape_unicode()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What an expression waits for.
fn until(expression: &Expression, plan: &Plan) -> String {
    let mut waits: Vec<String> = Vec::new();
    for reference in expression.references() {
        let name = reference.resource.as_str();
        let done = match plan.change(name).map(|change| change.action) {
            Some(Action::Replace) => "replaced",
            Some(Action::Update | Action::Adopt) => "updated",
            Some(Action::Recover) => "recovered",
            Some(Action::Create | Action::Delete | Action::Lift) => "created",
            Some(Action::NoOp | Action::Forget) | None => "read",
        };
        let wait = format!("{} is {done}", printable(name));
        if !waits.contains(&wait) {
            waits.push(wait);
        }
    }
    if waits.is_empty() {
        return "unknown until it is executed".to_owned();
    }
    format!("unknown until {}", waits.join(" and "))
}

/// Whether a secret is anywhere in the value.
pub(super) fn has_secret(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::Array(items) => items.iter().any(has_secret),
        Value::Object(object) => object.values().any(has_secret),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => {
            false
        }
    }
}

/// The name of a resource; what no stack names is called by what the provider calls it.
pub(super) fn name_text(name: &ResourceName) -> String {
    printable(name.as_str())
}

/// The names of resources, each once, as text.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a ResourceName>) -> String {
    let mut seen = BTreeSet::new();
    let unique: Vec<String> = names
        .into_iter()
        .filter(|name| seen.insert(*name))
        .map(name_text)
        .collect();
    unique.join(", ")
}
