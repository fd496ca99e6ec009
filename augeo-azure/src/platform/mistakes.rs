//! Collects the mistakes of a configuration, each with its place.

use std::ops::Range;

use augeo_core::finding::SourceLocation;

use super::error::{ConfigError, ConfigErrors, Mistake};
use super::form::Objection;
use super::source::Source;

/// A part of the text, and the table that it stands in as its header reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) table: String,
}

impl Place {
    pub(super) fn new(span: Range<usize>, table: &str) -> Self {
        Self {
            span,
            table: table.to_owned(),
        }
    }
}

/// What was found so far.
#[derive(Clone, Debug)]
pub(super) struct Mistakes {
    source: Source,
    errors: Vec<ConfigError>,
}

impl Mistakes {
    pub(super) fn new(source: &Source) -> Self {
        Self {
            source: source.clone(),
            errors: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, place: &Place, mistake: Mistake) {
        self.errors.push(ConfigError {
            mistake,
            location: Some(self.location(place)),
            span: Some(place.span.clone()),
            table: place.table.clone(),
        });
    }

    /// A mistake that was not made in the file.
    pub(super) fn add_elsewhere(&mut self, mistake: Mistake) {
        let table = String::new();
        self.errors.push(ConfigError {
            mistake,
            location: None,
            span: None,
            table,
        });
    }

    pub(super) fn object(&mut self, place: &Place, key: &str, objection: Objection) {
        let Objection { problem, help } = objection;
        self.add(
            place,
            Mistake::InvalidValue {
                key: key.to_owned(),
                problem,
                help,
            },
        );
    }

    pub(super) fn location(&self, place: &Place) -> SourceLocation {
        self.source.location(place.span.start)
    }

    /// The value, if nothing was found.
    pub(super) fn or<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.into_errors())
        }
    }

    /// What was found, where there is something.
    pub(super) fn into_errors(self) -> ConfigErrors {
        ConfigErrors::new(self.source, self.errors)
    }
}

/// The word among those known that somebody most likely meant.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let written = plain(word);
    let length = written.chars().count();
    if length > 64 {
        return None;
    }
    let distances = known.into_iter().map(|candidate| {
        (
            strsim::damerau_levenshtein(&written, &plain(candidate)),
            candidate,
        )
    });
    let (distance, candidate) = distances.min_by(|a, b| a.0.cmp(&b.0))?;
    let near = distance <= 1 + length / 4 && distance < length.max(1);
    near.then(|| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        let known = ["backup_days", "sku", "key_vault", "dev", "staging"];
        let closest = |word| closest(word, known);
        assert_eq!(closest("backup_dyas").as_deref(), Some("backup_days"));
        assert_eq!(closest("Key-Vault").as_deref(), Some("key_vault"));
        assert_eq!(closest("stagign").as_deref(), Some("staging"));
        assert_eq!(closest("redis"), None);
        assert_eq!(closest("x"), None);
        assert_eq!(closest(""), None);
    }
}
