//! Paths to properties.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Into an object.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// A path to a property, such as `sku.name` or `rules[0].action`. A key with a dot or a bracket
/// is written in quotes: `tags["a.b"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct PropertyPath(Vec<Segment>);

impl PropertyPath {
    /// The whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads the form that `Display` writes.
    pub fn parse(text: &str) -> Self {
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix("[\"") {
                let (key, after) = quoted.split_once("\"]").unwrap_or((quoted, ""));
                segments.push(Segment::Key(key.to_owned()));
                rest = after.strip_prefix('.').unwrap_or(after);
            } else if let Some(indexed) = rest.strip_prefix('[') {
                let (index, after) = indexed.split_once(']').unwrap_or((indexed, ""));
                segments.push(
                    index
                        .parse()
                        .map_or_else(|_| Segment::Key(index.to_owned()), Segment::Index),
                );
                rest = after.strip_prefix('.').unwrap_or(after);
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                segments.push(Segment::Key(rest[..end].to_owned()));
                rest = &rest[end..];
                rest = rest.strip_prefix('.').unwrap_or(rest);
            }
        }
        Self(segments)
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The path of the property `key` below this one.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Key(key.to_owned()));
        path
    }

    /// The path of the item `index` below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    /// Whether this path is `pattern` or below it. In a pattern `*` is any key and `[]` any item;
    /// keys are compared without regard to case.
    pub fn is_at_or_below(&self, pattern: &str) -> bool {
        let pattern = Self::parse(pattern);
        pattern.0.len() <= self.0.len()
            && pattern
                .0
                .iter()
                .zip(&self.0)
                .all(|(wanted, found)| match (wanted, found) {
                    (Segment::Key(wanted), Segment::Index(_)) => wanted.is_empty(),
                    (Segment::Key(wanted), Segment::Key(found)) => {
                        wanted == "*" || wanted.eq_ignore_ascii_case(found)
                    }
                    (Segment::Index(wanted), Segment::Index(found)) => wanted == found,
                    (Segment::Index(_), Segment::Key(_)) => false,
                })
    }
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if key.contains(['.', '[', ']']) || key.is_empty() => {
                    write!(f, "[\"{key}\"]")?;
                }
                Segment::Key(key) if position == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

impl From<&str> for PropertyPath {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl Serialize for PropertyPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PropertyPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["sku.name", "rules[0].action", "tags[\"a.b\"].c", "a[1][2]"] {
            assert_eq!(PropertyPath::parse(text).to_string(), text);
        }
    }

    #[test]
    fn patterns_match_what_is_below_them() {
        let path = PropertyPath::parse("properties.rules[3].Name");
        assert!(path.is_at_or_below("properties"));
        assert!(path.is_at_or_below("properties.rules[].name"));
        assert!(path.is_at_or_below("properties.*[3]"));
        assert!(!path.is_at_or_below("properties.rules[2]"));
        assert!(!path.is_at_or_below("properties.rules[3].name.first"));
    }
}
