//! Walks a document beside the settings that are known and collects every mistake in it.

use std::collections::BTreeSet;

use super::config::SECTIONS;
use super::custom;
use super::document::{Entry, Node, NodeValue, Table};
use super::environment;
use super::error::Mistake;
use super::form::{self, Form, Objection};
use super::mistakes::{Mistakes, Place, closest};
use super::root::{ENVIRONMENT, ROOT};
use super::setting::{Fallback, Kind, SectionSpec};
use super::{shared, suppress};

/// The table of environments.
pub(super) const ENVIRONMENTS: &str = "environment";
/// The list of resources of other types.
pub(super) const RESOURCES: &str = "resource";
/// The list of findings that are not to be told.
pub(super) const SUPPRESS: &str = "suppress";

/// Checks everything that can be checked without choosing an environment.
pub(super) fn document(root: &Table, mistakes: &mut Mistakes) {
    section(
        root,
        &ROOT,
        "",
        &[ENVIRONMENTS, RESOURCES, SUPPRESS, shared::NAME],
        mistakes,
    );
    if let Some(entry) = root.get(shared::NAME)
        && let Some(table) = expect_table(entry, shared::NAME, "", mistakes)
    {
        section(table, &shared::SECTION, "[shared]", &[], mistakes);
    }
    modules(root, "", mistakes);
    let names = environments(root, mistakes);
    // What an environment can say itself is missed there.
    let inherited = |key: &str| {
        root.contains_key(key) || !names.is_empty() && ENVIRONMENT.setting(key).is_some()
    };
    missing(&ROOT, &Place::new(0..0, ""), inherited, mistakes);
    if let Some(resources) = root.get(RESOURCES) {
        custom::check(resources, &names, mistakes);
    }
    if let Some(list) = root.get(SUPPRESS) {
        suppress::check(list, mistakes);
    }
}

/// The header of a table in another.
pub(super) fn header(outer: &str, name: &str) -> String {
    match outer
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(outer) => format!("[{outer}.{name}]"),
        None => format!("[{name}]"),
    }
}

/// Looks for what has no default: `written` says whether a key has a value.
pub(super) fn missing(
    spec: &SectionSpec,
    place: &Place,
    written: impl Fn(&str) -> bool,
    mistakes: &mut Mistakes,
) {
    for setting in spec.settings.iter().filter(|setting| !written(setting.key)) {
        if let Fallback::Required(example) = setting.default {
            let (key, example) = (setting.key.to_owned(), format!("`{example}`"));
            mistakes.add(place, Mistake::MissingKey { key, example });
        }
    }
}

fn modules(table: &Table, outer: &str, mistakes: &mut Mistakes) {
    for spec in SECTIONS {
        let Some(entry) = table.get(spec.name) else {
            continue;
        };
        if let Some(inner) = expect_table(entry, spec.name, outer, mistakes) {
            section(inner, spec, &header(outer, spec.name), &[], mistakes);
        }
    }
}

fn environments<'a>(root: &'a Table, mistakes: &mut Mistakes) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let whole = Place::new(0..0, "");
    let Some(entry) = root.get(ENVIRONMENTS) else {
        let example = "`[environment.dev]`".to_owned();
        let key = "[environment.NAME]".to_owned();
        mistakes.add(&whole, Mistake::MissingKey { key, example });
        return names;
    };
    let Some(all) = expect_table(entry, ENVIRONMENTS, "", mistakes) else {
        return names;
    };
    for (name, entry) in all {
        names.insert(name.as_str());
        let at_key = Place::new(entry.key.clone(), "[environment]");
        if let Err(objection) = (form::ENVIRONMENT.check)(name) {
            mistakes.object(&at_key, "environment", objection);
        }
        if name == shared::NAME {
            let problem = "cannot be `shared`, which is the stack of all environments";
            let objection = Objection::new(problem, "call it otherwise");
            mistakes.object(&at_key, "environment", objection);
        }
        let Some(table) = expect_table(entry, name, "[environment]", mistakes) else {
            continue;
        };
        let title = header("[environment]", name);
        section(table, &ENVIRONMENT, &title, &[], mistakes);
        modules(table, &title, mistakes);
        let at_environment = Place::new(entry.key.clone(), &title);
        if environment::Defaults::of_kind(name).is_none() && !table.contains_key("like") {
            let example = "`like = \"staging\"`".to_owned();
            let key = "like".to_owned();
            mistakes.add(&at_environment, Mistake::MissingKey { key, example });
        }
        let inherited = |key: &str| root.contains_key(key) || table.contains_key(key);
        missing(&ENVIRONMENT, &at_environment, inherited, mistakes);
    }
    names
}

/// Checks the keys and values of one table; `more` are keys that are checked elsewhere.
pub(super) fn section(
    table: &Table,
    spec: &'static SectionSpec,
    title: &str,
    more: &[&'static str],
    mistakes: &mut Mistakes,
) {
    let holds_modules = spec.name == ROOT.name || spec.name == ENVIRONMENT.name;
    let modules = SECTIONS
        .iter()
        .filter(|_| holds_modules)
        .map(|module| module.name);
    let own = spec.settings.iter().map(|setting| setting.key);
    let known: Vec<&str> = own.chain(modules).chain(more.iter().copied()).collect();
    for (key, entry) in table {
        if let Some(setting) = spec.setting(key) {
            value(&entry.node, key, &setting.kind, title, mistakes);
        } else if !known.contains(&key.as_str()) {
            unknown_key(key, entry, &known, title, mistakes);
        }
    }
}

pub(super) fn unknown_key(
    key: &str,
    entry: &Entry,
    known: &[&str],
    title: &str,
    mistakes: &mut Mistakes,
) {
    let mistake = Mistake::UnknownKey {
        key: form::shortened(key),
        meant: closest(key, known.iter().copied()),
        known: known.iter().map(|name| (*name).to_owned()).collect(),
    };
    mistakes.add(&Place::new(entry.key.clone(), title), mistake);
}

pub(super) fn expect_table<'a>(
    entry: &'a Entry,
    key: &str,
    title: &str,
    mistakes: &mut Mistakes,
) -> Option<&'a Table> {
    if entry.table().is_none() {
        wrong_type(&entry.node, key, "a table", title, mistakes);
    }
    entry.table()
}

pub(super) fn wrong_type(
    node: &Node,
    key: &str,
    expected: &str,
    title: &str,
    mistakes: &mut Mistakes,
) {
    let mistake = Mistake::WrongType {
        key: key.to_owned(),
        expected: expected.to_owned(),
        found: node.value.noun().to_owned(),
    };
    mistakes.add(&Place::new(node.span.clone(), title), mistake);
}

/// Checks one value.
pub(super) fn value(node: &Node, key: &str, kind: &Kind, title: &str, mistakes: &mut Mistakes) {
    let place = Place::new(node.span.clone(), title);
    match (kind, &node.value) {
        (Kind::Flag, NodeValue::Flag(_)) => {}
        (Kind::Number { min, max }, NodeValue::Number(number)) => {
            if !(*min..=*max).contains(number) {
                let problem = format!("cannot be {number}");
                let help = format!("it takes {}", kind.noun());
                mistakes.object(&place, key, Objection::new(problem, help));
            }
        }
        (Kind::Number { .. }, NodeValue::HugeNumber) => {
            let help = format!("it takes {}", kind.noun());
            mistakes.object(&place, key, Objection::new("is too large", help));
        }
        (Kind::Text(form), NodeValue::Text(text)) => formed(text, form, key, &place, mistakes),
        (Kind::Name(ty), NodeValue::Text(text)) => {
            if let Err(objection) = form::check_name(text, ty) {
                mistakes.object(&place, key, objection);
            }
        }
        (Kind::Choice(words), NodeValue::Text(word)) => {
            if !words.contains(&word.as_str()) {
                let problem = format!("cannot be `{}`", form::shortened(word));
                let help = match closest(word, words.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`? it takes {}", kind.noun()),
                    None => format!("it takes {}", kind.noun()),
                };
                mistakes.object(&place, key, Objection::new(problem, help));
            }
        }
        (Kind::List(form), NodeValue::List(items)) => {
            let mut seen = BTreeSet::new();
            for item in items {
                let place = Place::new(item.span.clone(), title);
                let NodeValue::Text(text) = &item.value else {
                    wrong_type(item, key, form.noun, title, mistakes);
                    continue;
                };
                formed(text, form, key, &place, mistakes);
                if !seen.insert(text) {
                    let problem = format!("holds `{}` twice", form::shortened(text));
                    mistakes.object(&place, key, Objection::new(problem, "delete one of them"));
                }
            }
        }
        (Kind::Map { keys, values }, NodeValue::Table(entries)) => {
            let title = header(title, key);
            for (name, entry) in entries {
                formed(
                    name,
                    keys,
                    key,
                    &Place::new(entry.key.clone(), &title),
                    mistakes,
                );
                let NodeValue::Text(text) = &entry.node.value else {
                    wrong_type(&entry.node, name, values.noun, &title, mistakes);
                    continue;
                };
                let place = Place::new(entry.node.span.clone(), &title);
                formed(text, values, name, &place, mistakes);
            }
        }
        (
            Kind::Flag
            | Kind::Number { .. }
            | Kind::Text(_)
            | Kind::Name(_)
            | Kind::Choice(_)
            | Kind::List(_)
            | Kind::Map { .. },
            _,
        ) => wrong_type(node, key, &kind.noun(), title, mistakes),
    }
}

pub(super) fn formed(text: &str, form: &Form, key: &str, place: &Place, mistakes: &mut Mistakes) {
    if let Err(objection) = (form.check)(text) {
        mistakes.object(place, key, objection);
    }
}
