//! A TOML document as a tree whose every key and value knows its place in the text.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) value: NodeValue,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum NodeValue {
    Text(String),
    Number(i64),
    /// A whole number that no setting can take.
    HugeNumber,
    Float(f64),
    Flag(bool),
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

impl NodeValue {
    /// What it is, with an article, for a message.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) | Self::HugeNumber => "a whole number",
            Self::Float(_) => "a decimal number",
            Self::Flag(_) => "a switch (true or false)",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Entries by key.
pub(super) type Table = BTreeMap<String, Entry>;

/// One entry of a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where its key is written; for a table, in its header.
    pub(super) key: Range<usize>,
    pub(super) node: Node,
}

impl Entry {
    /// What it holds, if it is a table.
    pub(super) fn table(&self) -> Option<&Table> {
        if let NodeValue::Table(table) = &self.node.value {
            Some(table)
        } else {
            None
        }
    }
}

/// Why a text is no document.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) span: Range<usize>,
    pub(super) problem: String,
}

/// Reads a document, or says everything that keeps it from being one.
pub(super) fn parse(text: &str) -> Result<Table, Vec<SyntaxError>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(table(document.get_ref()));
    }
    let syntax = |error: &toml::de::Error| SyntaxError {
        span: error.span().unwrap_or(0..0),
        problem: error.message().lines().collect::<Vec<_>>().join("; "),
    };
    Err(errors.iter().map(syntax).collect())
}

fn table(source: &DeTable<'_>) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        (
            key.get_ref().to_string(),
            Entry {
                key: key.span(),
                node: node(value),
            },
        )
    };
    source.iter().map(entry).collect()
}

fn node(source: &Spanned<DeValue<'_>>) -> Node {
    let value = match source.get_ref() {
        DeValue::String(text) => NodeValue::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(NodeValue::HugeNumber, NodeValue::Number),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or(NodeValue::HugeNumber, NodeValue::Float),
        DeValue::Boolean(flag) => NodeValue::Flag(*flag),
        DeValue::Datetime(date) => NodeValue::Date(date.to_string()),
        DeValue::Array(items) => NodeValue::List(items.iter().map(node).collect()),
        DeValue::Table(entries) => NodeValue::Table(table(entries)),
    };
    Node {
        span: source.span(),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_know_their_places() {
        let text = "a = 1\n[b.c]\nd = ['x', true]\n";
        let document = parse(text).unwrap();
        let b = &document["b"];
        assert_eq!(&text[b.key.clone()], "b");
        let c = &b.table().unwrap()["c"];
        assert_eq!(&text[c.key.clone()], "c");
        let d = &c.table().unwrap()["d"];
        let NodeValue::List(items) = &d.node.value else {
            panic!("{d:?}")
        };
        assert_eq!(&text[items[0].span.clone()], "'x'");
    }

    #[test]
    fn every_syntax_error_is_told() {
        let errors = parse("a = \nb = 1\nb = 2\n").unwrap_err();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[1].problem.contains("duplicate"), "{errors:?}");
    }

    #[test]
    fn numbers_beyond_reach_are_kept_as_such() {
        let document = parse("a = 99999999999999999999\nb = 0x1_0\n").unwrap();
        assert!(matches!(document["a"].node.value, NodeValue::HugeNumber));
        assert!(matches!(document["b"].node.value, NodeValue::Number(16)));
    }
}
