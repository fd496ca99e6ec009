//! `[[suppress]]`: findings of rules that somebody takes upon themselves, with a reason and a last day.

use time::Date;
use time::macros::format_description;

use super::check::{self, SUPPRESS};
use super::document::{Entry, NodeValue, Table};
use super::error::Mistake;
use super::form::{self, Form, Objection};
use super::mistakes::{Mistakes, Place, closest};
use super::setting::{Fallback, Kind, SectionSpec, Setting};
use super::source::Source;
use crate::rules::{self, Suppression};

const TITLE: &str = "[[suppress]]";

static RULE: Form = Form {
    noun: "the code of a rule",
    check: |text| {
        let problem = format!("cannot be `{}`", form::shortened(text));
        match rules::find(text) {
            Some(rule) if rule.enforced => Err(Objection::new(
                format!("{problem}: Azure refuses what this rule objects to"),
                format!("do what it asks for: `augeo explain {text}`"),
            )),
            Some(_) => Ok(()),
            None => {
                let known = rules::all();
                let known = known.iter().map(|rule| rule.id);
                let help = match closest(text, known) {
                    Some(meant) => format!("did you mean `{meant}`? `augeo rules` lists them"),
                    None => "`augeo rules` lists the rules".to_owned(),
                };
                Err(Objection::new(
                    format!("{problem}: there is no such rule"),
                    help,
                ))
            }
        }
    },
};

static DAY: Form = Form {
    noun: "a day such as \"2027-03-01\"",
    check: |text| match day(text) {
        Some(_) => Ok(()),
        None => Err(Objection::new(
            format!("cannot be `{}`", form::shortened(text)),
            "it takes a day such as `2027-03-01`",
        )),
    },
};

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "suppress",
    about: "A finding that is known and taken upon oneself; the table is repeated for each. What \
            Azure itself refuses cannot be suppressed. One that has expired, or that hides nothing in \
            any environment, is told.",
    settings: &[
        Setting {
            key: "rule",
            kind: Kind::Text(&RULE),
            default: Fallback::Required("rule = \"augeo/database-open\""),
            about: "The code of the rule; `augeo rules` lists them.",
        },
        Setting {
            key: "resource",
            kind: Kind::Text(&form::LINE),
            default: Fallback::Nothing("wherever the rule fires"),
            about: "The resource, as plans name it.",
        },
        Setting {
            key: "reason",
            kind: Kind::Text(&form::LINE),
            default: Fallback::Required("reason = \"the office has no fixed address\""),
            about: "Why the finding does not matter here.",
        },
        Setting {
            key: "until",
            kind: Kind::Text(&DAY),
            default: Fallback::Required("until = \"2027-03-01\""),
            about: "The last day on which it holds.",
        },
    ],
};

/// Checks the list of suppressions.
pub(super) fn check(entry: &Entry, mistakes: &mut Mistakes) {
    let NodeValue::List(items) = &entry.node.value else {
        let mistake = Mistake::WrongType {
            key: SUPPRESS.to_owned(),
            expected: format!("a list of tables, each headed `{TITLE}`"),
            found: entry.node.value.noun().to_owned(),
        };
        mistakes.add(&Place::new(entry.key.clone(), ""), mistake);
        return;
    };
    for item in items {
        let NodeValue::Table(table) = &item.value else {
            check::wrong_type(item, SUPPRESS, "a table", "", mistakes);
            continue;
        };
        check::section(table, &SECTION, TITLE, &[], mistakes);
        let place = Place::new(item.span.clone(), TITLE);
        check::missing(&SECTION, &place, |key| table.contains_key(key), mistakes);
    }
}

/// The suppressions of a checked document.
pub(super) fn read(root: &Table, source: &Source) -> Vec<Suppression> {
    let list = root.get(SUPPRESS).map(|entry| &entry.node.value);
    let Some(NodeValue::List(items)) = list else {
        return Vec::new();
    };
    let read = items.iter().filter_map(|item| {
        let NodeValue::Table(table) = &item.value else {
            return None;
        };
        let entry = |key: &str| {
            let NodeValue::Text(text) = &table.get(key)?.node.value else {
                return None;
            };
            Some(text.as_str())
        };
        let mut suppression =
            Suppression::new(entry("rule")?, entry("reason")?, day(entry("until")?)?);
        suppression.resource = entry("resource").map(str::to_owned);
        let at_rule = table.get("rule").map(|entry| entry.node.span.start);
        suppression.location = at_rule.map(|at| source.location(at));
        Some(suppression)
    });
    read.collect()
}
