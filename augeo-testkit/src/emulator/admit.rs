//! Judges a body against its schema and hands back what the service would keep of it.

use serde_json::{Map, Value};

use super::schema::{Additional, Form, Node, TypeSchema};
use super::tree::Body;

/// How a body is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All of it: what is required must be there.
    Whole,
    /// A merge: only what is sent is judged, and null removes.
    Merge,
}

/// What is wrong with a body, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) path: String,
    pub(crate) message: String,
}

struct Judge<'a> {
    schema: &'a TypeSchema,
    mode: Mode,
    violations: Vec<Violation>,
}

/// The body without what is read-only, in the schema's spelling of enums, or all that is wrong with it.
pub(crate) fn admit(
    schema: &TypeSchema,
    name: &str,
    body: &Body,
    mode: Mode,
) -> Result<Body, Vec<Violation>> {
    let mut judge = Judge {
        schema,
        mode,
        violations: Vec::new(),
    };
    let node = schema.body_of(name);
    let by_name = !schema.body_by_name.is_empty();
    let mut sent = body.clone();
    if by_name {
        // The variant wants its name in the body; in the protocol it stands in the URL.
        sent.remove("name");
        if let Some(constant) = node.properties.get("name").and_then(|n| n.choices.first()) {
            sent.insert("name".to_owned(), constant.clone());
        }
    }
    let mut kept = judge.object(node, &sent, "");
    for envelope in ["id", "name", "type"] {
        kept.remove(envelope);
    }
    if judge.violations.is_empty() {
        Ok(kept)
    } else {
        Err(judge.violations)
    }
}

impl<'a> Judge<'a> {
    fn blame(&mut self, path: &str, message: impl Into<String>) {
        self.violations.push(Violation {
            path: path.to_owned(),
            message: message.into(),
        });
    }

    fn object(&mut self, node: &'a Node, body: &Body, path: &str) -> Body {
        let mut kept = Map::new();
        let Some(node) = self.variant(node, body, path) else {
            return body.clone();
        };
        for (key, value) in body {
            let at = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            match (node.properties.get(key), &node.additional) {
                (Some(child), _) if child.read_only || self.schema.resolve(child).read_only => {}
                (Some(child), _) => {
                    if let Some(value) = self.value(child, value, &at) {
                        kept.insert(key.clone(), value);
                    }
                }
                (None, Some(Additional::Like(child))) => {
                    // A map from an id to nothing asks for an identity to be taken away or given.
                    if value.is_null() && self.mode == Mode::Merge {
                        kept.insert(key.clone(), Value::Null);
                    } else if let Some(value) = self.value(child, value, &at) {
                        kept.insert(key.clone(), value);
                    }
                }
                (None, Some(Additional::Any(true))) => {
                    kept.insert(key.clone(), value.clone());
                }
                (None, None | Some(Additional::Any(false))) => {
                    let hint = near(key, node.properties.keys())
                        .map_or(String::new(), |name| format!(" Did you mean '{name}'?"));
                    self.blame(
                        &at,
                        format!(
                            "Could not find member '{key}' on object of type '{}'.{hint}",
                            self.schema.type_name
                        ),
                    );
                }
            }
        }
        if self.mode == Mode::Whole {
            for name in &node.required {
                if body.get(name).is_none_or(Value::is_null) {
                    let at = if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path}.{name}")
                    };
                    self.blame(
                        &at,
                        format!("Required property '{name}' not found in JSON."),
                    );
                }
            }
        }
        kept
    }

    /// The node that a discriminator selects; `None` where none fits, which is blamed.
    fn variant(&mut self, node: &'a Node, body: &Body, path: &str) -> Option<&'a Node> {
        let Some(property) = &node.discriminator else {
            return Some(node);
        };
        let chosen = body.get(property).and_then(Value::as_str);
        let found = chosen.and_then(|text| {
            node.variants
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(text))
        });
        match found {
            Some((_, definition)) => self.schema.defs.get(definition),
            None if self.mode == Mode::Merge && chosen.is_none() => None,
            None => {
                let at = if path.is_empty() {
                    property.clone()
                } else {
                    format!("{path}.{property}")
                };
                let names: Vec<_> = node.variants.keys().map(String::as_str).collect();
                self.blame(
                    &at,
                    format!("'{property}' must be one of: {}.", names.join(", ")),
                );
                None
            }
        }
    }

    fn value(&mut self, node: &'a Node, value: &Value, path: &str) -> Option<Value> {
        let node = self.schema.resolve(node);
        if value.is_null() {
            // Azure reads null as absent in a whole body, as a removal in a merge.
            return (self.mode == Mode::Merge).then_some(Value::Null);
        }
        if let Some(form) = node.form
            && !form.admits(value)
        {
            self.blame(
                path,
                format!("Error converting value {value} to type '{}'.", form.word()),
            );
            return None;
        }
        match value {
            Value::Object(body) if node.form == Some(Form::Object) => {
                Some(Value::Object(self.object(node, body, path)))
            }
            Value::Array(items) => Some(Value::Array(self.array(node, items, path))),
            Value::String(text) => Some(self.text(node, text, path)),
            Value::Number(number) => {
                let n = number.as_f64().unwrap_or_default();
                if node.min.is_some_and(|min| n < min) || node.max.is_some_and(|max| n > max) {
                    self.blame(path, format!("The value {number} is out of range."));
                }
                Some(value.clone())
            }
            Value::Null | Value::Bool(_) | Value::Object(_) => Some(value.clone()),
        }
    }

    fn array(&mut self, node: &'a Node, items: &[Value], path: &str) -> Vec<Value> {
        if node.min_items.is_some_and(|min| items.len() < min)
            || node.max_items.is_some_and(|max| items.len() > max)
        {
            self.blame(
                path,
                format!("An array of {} items is not allowed here.", items.len()),
            );
        }
        // The items of an array are whole, also in a merge.
        let outer = std::mem::replace(&mut self.mode, Mode::Whole);
        let kept = items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| match &node.items {
                Some(child) => self.value(child, item, &format!("{path}[{i}]")),
                None => Some(item.clone()),
            })
            .collect();
        self.mode = outer;
        kept
    }

    fn text(&mut self, node: &Node, text: &str, path: &str) -> Value {
        if !node.choices.is_empty() {
            let known = node.choices.iter().find(|choice| {
                choice
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(text))
            });
            match known {
                Some(choice) => return choice.clone(),
                None if node.open => {}
                None => {
                    let names: Vec<_> = node.choices.iter().filter_map(Value::as_str).collect();
                    self.blame(
                        path,
                        format!("The value '{text}' is not one of: {}.", names.join(", ")),
                    );
                }
            }
        }
        let length = text.chars().count();
        if node.min_length.is_some_and(|min| length < min)
            || node.max_length.is_some_and(|max| length > max)
        {
            self.blame(
                path,
                format!("A text of {length} characters is not allowed here."),
            );
        }
        if !node.matches(text) {
            self.blame(
                path,
                format!(
                    "The value '{text}' does not match the pattern {}.",
                    node.pattern.as_deref().unwrap_or_default()
                ),
            );
        }
        Value::String(text.to_owned())
    }
}

/// Takes away what is never returned.
pub(crate) fn conceal(schema: &TypeSchema, name: &str, body: &mut Body) {
    hide(schema, schema.body_of(name), body);
}

fn hide(schema: &TypeSchema, node: &Node, body: &mut Body) {
    let variant = node.discriminator.as_ref().and_then(|property| {
        let chosen = body.get(property)?.as_str()?;
        let (_, definition) = node
            .variants
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(chosen))?;
        schema.defs.get(definition)
    });
    let node = variant.unwrap_or(node);
    body.retain(|key, _| {
        !node
            .properties
            .get(key)
            .is_some_and(|child| child.write_only || schema.resolve(child).write_only)
    });
    for (key, value) in body.iter_mut() {
        let child = match (node.properties.get(key), &node.additional) {
            (Some(child), _) => child,
            (None, Some(Additional::Like(child))) => child,
            _ => continue,
        };
        hide_value(schema, child, value);
    }
}

fn hide_value(schema: &TypeSchema, node: &Node, value: &mut Value) {
    let node = schema.resolve(node);
    match value {
        Value::Object(body) => hide(schema, node, body),
        Value::Array(items) => {
            if let Some(child) = &node.items {
                for item in items {
                    hide_value(schema, child, item);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The name that differs least from what was sent, if it is near.
fn near<'a>(sent: &str, names: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let sent = sent.to_lowercase();
    names
        .map(|name| (distance(&sent, &name.to_lowercase()), name))
        .min()
        .filter(|(steps, _)| *steps <= 2)
        .map(|(_, name)| name.as_str())
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let step = (before + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            before = std::mem::replace(&mut row[j + 1], step);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schemas;
    use super::*;
    use serde_json::json;

    fn judge(
        type_name: &str,
        name: &str,
        body: Value,
        mode: Mode,
    ) -> Result<Value, Vec<Violation>> {
        let schemas = Schemas::embedded();
        let schema = schemas.get(type_name).expect("extracted");
        let Value::Object(body) = body else {
            panic!("not an object")
        };
        admit(schema, name, &body, mode).map(Value::Object)
    }

    fn account() -> Value {
        json!({"location": "westeurope", "kind": "StorageV2", "sku": {"name": "standard_lrs", "tier": "x"}, "properties": {"minimumTlsVersion": "TLS1_2", "primaryLocation": "x"}})
    }

    #[test]
    fn read_only_properties_are_dropped_and_enums_take_their_published_spelling() {
        let kept = judge(
            "Microsoft.Storage/storageAccounts",
            "a",
            account(),
            Mode::Whole,
        )
        .expect("valid");
        assert_eq!(
            kept,
            json!({"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {"minimumTlsVersion": "TLS1_2"}})
        );
    }

    #[test]
    fn each_mistake_is_named_with_its_path() {
        for (path, value, at) in [
            (
                "/properties/minimumTlsVersio",
                json!("TLS1_2"),
                "properties.minimumTlsVersio",
            ),
            (
                "/properties/networkAcls",
                json!({"defaultAction": "Perhaps"}),
                "properties.networkAcls.defaultAction",
            ),
            ("/sku", json!({}), "sku.name"),
            ("/kind", json!(3), "kind"),
        ] {
            let mut body = account();
            let (parent, key) = path.rsplit_once('/').expect("a pointer");
            body.pointer_mut(parent).expect("there")[key] = value;
            let violations =
                judge("Microsoft.Storage/storageAccounts", "a", body, Mode::Whole).expect_err(at);
            assert_eq!(violations[0].path, at);
        }
    }

    #[test]
    fn a_merge_needs_nothing_but_what_it_sends() {
        assert!(
            judge(
                "Microsoft.Storage/storageAccounts",
                "a",
                json!({"tags": {"a": null}}),
                Mode::Merge
            )
            .is_ok()
        );
        assert!(
            judge(
                "Microsoft.Storage/storageAccounts",
                "a",
                json!({"properties": {"accessTier": "Lukewarm"}}),
                Mode::Merge
            )
            .is_err()
        );
    }

    #[test]
    fn a_variant_is_chosen_by_the_name_of_the_resource() {
        assert!(
            judge(
                "Microsoft.Web/sites/config",
                "appsettings",
                json!({"properties": {"A": "b"}}),
                Mode::Whole
            )
            .is_ok()
        );
        assert!(
            judge(
                "Microsoft.Web/sites/config",
                "appsettings",
                json!({"properties": {"A": 1}}),
                Mode::Whole
            )
            .is_err()
        );
        assert!(
            judge(
                "Microsoft.Web/sites/config",
                "web",
                json!({"properties": {"alwaysOn": true}}),
                Mode::Whole
            )
            .is_ok()
        );
        assert!(
            judge(
                "Microsoft.Web/sites/config",
                "web",
                json!({"properties": {"alwaysOm": true}}),
                Mode::Whole
            )
            .is_err()
        );
    }

    #[test]
    fn a_near_name_is_suggested() {
        let violations = judge(
            "Microsoft.Web/sites/config",
            "web",
            json!({"properties": {"alwaysOm": true}}),
            Mode::Whole,
        )
        .expect_err("unknown");
        assert!(
            violations[0].message.contains("Did you mean 'alwaysOn'?"),
            "{violations:?}"
        );
    }
}
