//! The `$filter` expressions that clients send, as far as ARM answers them.

use super::entry::Entry;
use super::tree;

/// A conjunction of comparisons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) tag_name: Option<String>,
    pub(crate) tag_value: Option<String>,
    resource_type: Option<String>,
    not_type: Option<String>,
    name: Option<String>,
    group: Option<String>,
    location: Option<String>,
    principal: Option<String>,
    pub(crate) at_scope: bool,
    /// A part that was not understood.
    pub(crate) unknown: Option<String>,
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for part in split_and(text) {
            let part = part.trim().trim_start_matches('(').trim();
            let part = if part.contains('(') {
                part
            } else {
                part.trim_end_matches(')').trim()
            };
            let lower = part.to_lowercase();
            if part.is_empty() {
                continue;
            }
            if lower == "atscope()" {
                filter.at_scope = true;
                continue;
            }
            if let Some(argument) = lower
                .strip_prefix("assignedto(")
                .and_then(|rest| rest.strip_suffix(')'))
            {
                filter.principal = Some(argument.trim().trim_matches('\'').to_owned());
                continue;
            }
            let mut words = part.splitn(3, char::is_whitespace);
            let (field, operator, value) = (
                words.next().unwrap_or_default().to_lowercase(),
                words.next().unwrap_or_default().to_lowercase(),
                words.next().map(literal),
            );
            let slot = match (field.as_str(), operator.as_str()) {
                ("tagname", "eq") => &mut filter.tag_name,
                ("tagvalue", "eq") => &mut filter.tag_value,
                ("resourcetype", "eq") => &mut filter.resource_type,
                ("resourcetype", "ne") => &mut filter.not_type,
                ("name", "eq") => &mut filter.name,
                ("resourcegroup", "eq") => &mut filter.group,
                ("location", "eq") => &mut filter.location,
                ("principalid", "eq") => &mut filter.principal,
                _ => {
                    filter.unknown = Some(part.to_owned());
                    continue;
                }
            };
            *slot = value;
            if slot.is_none() {
                filter.unknown = Some(part.to_owned());
            }
        }
        filter
    }

    pub(crate) fn admits(&self, key: &str, entry: &Entry) -> bool {
        let tags = entry
            .body
            .get("tags")
            .and_then(serde_json::Value::as_object);
        let tag = |name: &str| {
            tags.into_iter()
                .flatten()
                .find(|(k, _)| k.eq_ignore_ascii_case(name))
                .and_then(|(_, v)| v.as_str())
        };
        let same = |wanted: &Option<String>, got: Option<&str>| {
            wanted
                .as_ref()
                .is_none_or(|w| got.is_some_and(|g| g.eq_ignore_ascii_case(w)))
        };
        let tagged = match (&self.tag_name, &self.tag_value) {
            (Some(name), Some(value)) => tag(name) == Some(value.as_str()),
            (Some(name), None) => tag(name).is_some(),
            (None, Some(value)) => tags
                .into_iter()
                .flatten()
                .any(|(_, v)| v.as_str() == Some(value)),
            (None, None) => true,
        };
        let group = || key.split('/').nth(4);
        tagged
            && same(&self.resource_type, Some(&entry.type_name))
            && self.not_type.as_ref().is_none_or(|t| !entry.is(t))
            && same(&self.name, Some(&entry.name))
            && (self.group.is_none() || same(&self.group, group()))
            && same(&self.location, tree::text(&entry.body, "location"))
            && same(
                &self.principal,
                tree::text(&entry.body, "properties.principalId")
                    .or(Some(""))
                    .filter(|p| self.principal.is_none() || !p.is_empty()),
            )
    }
}

/// Splits at `and` outside of quotes.
fn split_and(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        if c == '\'' {
            quoted = !quoted;
        }
        if !quoted && i >= start && lower[i..].starts_with(" and ") {
            parts.push(&text[start..i]);
            start = i + 5;
        }
    }
    parts.push(&text[start..]);
    parts
}

fn literal(text: &str) -> String {
    let text = text.trim();
    let bare = text
        .strip_prefix('\'')
        .and_then(|t| t.strip_suffix('\''))
        .unwrap_or(text);
    bare.replace("''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conjunction_is_read_in_any_case_and_with_quotes() {
        let filter = Filter::parse("tagName eq 'augeo-stack' AND tagvalue eq 'a and b''s/dev'");
        assert_eq!(filter.tag_name.as_deref(), Some("augeo-stack"));
        assert_eq!(filter.tag_value.as_deref(), Some("a and b's/dev"));
        assert_eq!(filter.unknown, None);
        assert!(Filter::parse("atScope()").at_scope);
        assert_eq!(
            Filter::parse("assignedTo('X')").principal.as_deref(),
            Some("x")
        );
    }

    #[test]
    fn what_is_not_understood_is_told() {
        assert_eq!(
            Filter::parse("plan/publisher eq 'x'").unknown.as_deref(),
            Some("plan/publisher eq 'x'")
        );
        assert!(Filter::parse("name eq").unknown.is_some());
        let _ = Filter::parse("' and 'ü and ");
    }
}
