//! One table as it holds in one environment: what the environment says, else what holds for all,
//! else the default; and where each value was written.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::check::{ENVIRONMENTS, header};
use super::document::{Entry, NodeValue, Table};
use super::environment::Defaults;
use super::mistakes::Place;
use super::root::ROOT;
use super::setting::{Fallback, SectionSpec};
use super::shared;

/// A table with every default filled in.
#[derive(Clone, Debug)]
pub(super) struct Section {
    values: toml::Table,
    places: BTreeMap<String, Place>,
    place: Place,
}

/// A table that was written, with the place of its name and its header.
struct Layer<'a> {
    table: &'a Table,
    place: Place,
    title: String,
}

/// An environment, where it is declared.
pub(super) struct Declared<'a> {
    pub(super) name: &'a str,
    pub(super) entry: &'a Entry,
    pub(super) defaults: &'static Defaults,
}

impl Declared<'_> {
    fn title(&self) -> String {
        if self.name == shared::NAME {
            return header("", self.name);
        }
        header(&format!("[{ENVIRONMENTS}]"), self.name)
    }

    /// Where the environment is declared.
    pub(super) fn place(&self) -> Place {
        Place::new(self.entry.key.clone(), &self.title())
    }

    fn layer(&self) -> Option<Layer<'_>> {
        Some(Layer {
            table: self.entry.table()?,
            place: self.place(),
            title: self.title(),
        })
    }
}

fn inner<'a>(table: &'a Table, name: &str, outer: &str) -> Option<Layer<'a>> {
    let entry = table.get(name)?;
    let title = header(outer, name);
    Some(Layer {
        table: entry.table()?,
        place: Place::new(entry.key.clone(), &title),
        title,
    })
}

impl Section {
    /// The table of a module, or the top of the document for `ROOT`.
    pub(super) fn merge(root: &Table, declared: &Declared<'_>, spec: &SectionSpec) -> Self {
        let environment = declared.layer();
        let (general, special) = if spec.name == ROOT.name {
            let top = Layer {
                table: root,
                place: Place::new(0..0, ""),
                title: String::new(),
            };
            (Some(top), declared.layer())
        } else {
            let special = environment
                .as_ref()
                .and_then(|layer| inner(layer.table, spec.name, &layer.title));
            (inner(root, spec.name, ""), special)
        };
        let at_environment = special
            .as_ref()
            .or(environment.as_ref())
            .map_or_else(|| Place::new(0..0, ""), |layer| layer.place.clone());
        let mut section = Self {
            values: toml::Table::new(),
            places: BTreeMap::new(),
            place: match (&special, &general) {
                (Some(layer), _) => layer.place.clone(),
                (None, Some(layer)) if !layer.title.is_empty() => layer.place.clone(),
                (None, _) => at_environment.clone(),
            },
        };
        for setting in spec.settings {
            if let Some(default) = setting.default.value(declared.defaults) {
                section
                    .values
                    .insert(setting.key.to_owned(), default.to_value());
                if matches!(setting.default, Fallback::ByEnvironment(_)) {
                    section
                        .places
                        .insert(setting.key.to_owned(), at_environment.clone());
                }
            }
            for layer in [&general, &special].into_iter().flatten() {
                if let Some(entry) = layer.table.get(setting.key) {
                    section.set(setting.key, entry, &layer.title);
                }
            }
        }
        section
    }

    fn set(&mut self, key: &str, entry: &Entry, title: &str) {
        let place = Place::new(entry.node.span.clone(), title);
        if let NodeValue::Table(entries) = &entry.node.value {
            let map = self
                .values
                .entry(key)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            let title = header(title, key);
            for (name, entry) in entries {
                if let (Some(map), NodeValue::Text(text)) = (map.as_table_mut(), &entry.node.value)
                {
                    map.insert(name.clone(), text.clone().into());
                    let place = Place::new(entry.node.span.clone(), &title);
                    self.places.insert(format!("{key}.{name}"), place);
                }
            }
            self.places
                .insert(key.to_owned(), Place::new(entry.key.clone(), &title));
            return;
        }
        if let NodeValue::List(items) = &entry.node.value {
            for (index, item) in items.iter().enumerate() {
                let place = Place::new(item.span.clone(), title);
                self.places.insert(format!("{key}.{index}"), place);
            }
        }
        if let Some(value) = plain(&entry.node.value) {
            self.values.insert(key.to_owned(), value);
            self.places.insert(key.to_owned(), place);
        }
    }

    /// The settings as the module's own struct.
    pub(super) fn read<T: DeserializeOwned>(&self) -> T {
        toml::Value::Table(self.values.clone())
            .try_into()
            .expect("the document was checked, and a test compares each struct with its keys")
    }

    /// Whether the module is part of the environment.
    pub(super) fn is_on(&self) -> bool {
        self.values
            .get(super::setting::ENABLED.key)
            .and_then(toml::Value::as_bool)
            != Some(false)
    }

    /// The text of a key that has one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(toml::Value::as_str)
    }

    /// The entries of a key that holds a table.
    pub(super) fn map(&self, key: &str) -> BTreeMap<String, String> {
        let entries = self.values.get(key).and_then(toml::Value::as_table);
        let text = |(name, value): (&String, &toml::Value)| {
            value.as_str().map(|text| (name.clone(), text.to_owned()))
        };
        entries.into_iter().flatten().filter_map(text).collect()
    }

    /// Where a value was written: `key`, or `key.entry` of a list or table; where its default
    /// comes from if it was not.
    pub(super) fn at(&self, key: &str) -> &Place {
        let whole = |key: &str| {
            key.rsplit_once('.')
                .and_then(|(key, _)| self.places.get(key))
        };
        self.places
            .get(key)
            .or_else(|| whole(key))
            .unwrap_or(&self.place)
    }

    /// Whether somebody wrote it.
    pub(super) fn is_written(&self, key: &str) -> bool {
        self.places
            .get(key)
            .is_some_and(|place| place.span != self.place.span)
    }

    /// Where the table begins.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }
}

fn plain(value: &NodeValue) -> Option<toml::Value> {
    Some(match value {
        NodeValue::Text(text) => text.clone().into(),
        NodeValue::Number(number) => (*number).into(),
        NodeValue::Flag(flag) => (*flag).into(),
        NodeValue::List(items) => items
            .iter()
            .map(|item| plain(&item.value))
            .collect::<Option<Vec<_>>>()?
            .into(),
        NodeValue::HugeNumber | NodeValue::Float(_) | NodeValue::Date(_) | NodeValue::Table(_) => {
            return None;
        }
    })
}
