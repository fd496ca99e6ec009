//! The extract of the published schemas: what bodies of a type may hold.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

/// One type of the extract.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TypeSchema {
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    pub(crate) api_version: String,
    pub(crate) newest_preview: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) name: Node,
    pub(crate) body: Node,
    #[serde(default)]
    pub(crate) defs: BTreeMap<String, Node>,
    #[serde(default)]
    pub(crate) body_by_name: BTreeMap<String, String>,
}

/// The JSON form that a node admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
}

impl Form {
    pub(crate) fn admits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            // A double without a fraction is what many clients send for an integer.
            Self::Integer => {
                value.as_i64().is_some() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// Properties beyond the named ones.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Additional {
    Any(bool),
    Like(Box<Node>),
}

/// One node of a schema.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    #[serde(rename = "type")]
    pub(crate) form: Option<Form>,
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, Node>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) additional: Option<Additional>,
    pub(crate) items: Option<Box<Node>>,
    #[serde(default, rename = "enum")]
    pub(crate) choices: Vec<Value>,
    #[serde(default)]
    pub(crate) open: bool,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) min_length: Option<usize>,
    pub(crate) max_length: Option<usize>,
    pub(crate) min_items: Option<usize>,
    pub(crate) max_items: Option<usize>,
    pub(crate) pattern: Option<String>,
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(default)]
    pub(crate) write_only: bool,
    pub(crate) discriminator: Option<String>,
    #[serde(default)]
    pub(crate) variants: BTreeMap<String, String>,
    #[serde(rename = "ref")]
    pub(crate) reference: Option<String>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl Node {
    /// Whether text fits the pattern; a pattern that cannot be read admits everything.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(pattern) = &self.pattern else {
            return true;
        };
        self.compiled
            .get_or_init(|| Regex::new(pattern).ok())
            .as_ref()
            .is_none_or(|regex| regex.is_match(text))
    }

    /// Whether the pattern can be read at all.
    #[cfg(test)]
    pub(crate) fn pattern_compiles(&self) -> bool {
        self.pattern
            .as_ref()
            .is_none_or(|pattern| Regex::new(pattern).is_ok())
    }
}

impl TypeSchema {
    /// The node behind a reference.
    pub(crate) fn resolve<'a>(&'a self, node: &'a Node) -> &'a Node {
        node.reference
            .as_ref()
            .and_then(|name| self.defs.get(name))
            .unwrap_or(node)
    }

    /// The node of the whole body of the resource with this name.
    pub(crate) fn body_of(&self, name: &str) -> &Node {
        self.body_by_name
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .and_then(|(_, definition)| self.defs.get(definition))
            .unwrap_or(&self.body)
    }

    /// The node at a dotted path of the body.
    pub(crate) fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(&self.body, |node, part| {
            self.resolve(node).properties.get(part)
        })
    }

    /// Whether the body has tags.
    pub(crate) fn has_tags(&self) -> bool {
        self.body.properties.contains_key("tags")
    }

    /// Whether ARM keeps the resource in its own lists: it has tags and a location of its own.
    pub(crate) fn is_tracked(&self) -> bool {
        self.has_tags()
            && self
                .body
                .properties
                .get("location")
                .is_some_and(|node| !node.read_only)
    }
}

/// The lines of the extract, each read when first asked for.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    lines: BTreeMap<String, (&'static str, OnceLock<TypeSchema>)>,
}

const EXTRACT: &str = include_str!("../../data/types.jsonl");

impl Schemas {
    pub(crate) fn embedded() -> Self {
        let lines = EXTRACT
            .lines()
            .filter_map(|line| {
                let name = line.strip_prefix("{\"type\":\"")?.split('"').next()?;
                Some((name.to_lowercase(), (line, OnceLock::new())))
            })
            .collect();
        Self { lines }
    }

    /// The schema of a type, its name without regard to case.
    pub(crate) fn get(&self, type_name: &str) -> Option<&TypeSchema> {
        let (line, cell) = self.lines.get(&type_name.to_lowercase())?;
        Some(
            cell.get_or_init(|| {
                serde_json::from_str(line).expect("the extract is checked by a test")
            }),
        )
    }

    /// The names of all types, in order.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &TypeSchema> {
        self.lines.keys().filter_map(|key| self.get(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(node: &Node, visit: &mut dyn FnMut(&Node)) {
        visit(node);
        for child in node.properties.values() {
            walk(child, visit);
        }
        if let Some(items) = &node.items {
            walk(items, visit);
        }
        if let Some(Additional::Like(child)) = &node.additional {
            walk(child, visit);
        }
    }

    #[test]
    fn every_line_of_the_extract_can_be_read() {
        let schemas = Schemas::embedded();
        assert!(schemas.all().count() >= 20);
        for schema in schemas.all() {
            let mut check = |node: &Node| {
                assert!(
                    node.pattern_compiles(),
                    "{}: {:?}",
                    schema.type_name,
                    node.pattern
                );
                if let Some(name) = &node.reference {
                    assert!(
                        schema.defs.contains_key(name),
                        "{}: {name}",
                        schema.type_name
                    );
                }
            };
            walk(&schema.body, &mut check);
            walk(&schema.name, &mut check);
            schema.defs.values().for_each(|node| walk(node, &mut check));
        }
    }

    #[test]
    fn paths_reach_through_references() {
        let schemas = Schemas::embedded();
        let accounts = schemas
            .get("microsoft.storage/storageaccounts")
            .expect("extracted");
        assert!(accounts.at("sku.tier").is_some_and(|node| node.read_only));
        assert!(
            accounts
                .at("properties.encryption.services.blob.enabled")
                .is_some()
        );
        assert!(accounts.at("properties.nothing").is_none());
        assert!(accounts.is_tracked());
    }
}
