//! `[[resource]]`: a resource of any ARM type, by type, api-version and body.

use std::collections::{BTreeMap, BTreeSet};

use augeo_core::finding::SourceLocation;
use augeo_core::name::ResourceName;
use augeo_core::resource::Scope;
use augeo_core::stack::Added;
use augeo_core::value::{Object, OutputRef, Value, to_value};

use super::builder::Builder;
use super::check::{self, RESOURCES};
use super::document::{Entry, Node, NodeValue, Table};
use super::error::Mistake;
use super::form::{self, Form, Objection};
use super::mistakes::{Mistakes, Place, closest};
use super::reference;
use super::setting::{Fallback, Kind, Scalar, SectionSpec, Setting};
use crate::resources::{CATALOGUE, Generic, ResourceGroup, output};
use crate::schema::ArmType;

const TITLE: &str = "[[resource]]";
const BODY: &str = "body";

static RESOURCE_NAME: Form = Form {
    noun: "a name",
    check: |text| {
        if ResourceName::parse(text).is_err() || text.contains('.') || text.ends_with('/') {
            let problem = format!("cannot be `{}`", form::shortened(text));
            let help = "it takes lower-case letters, digits and - _ /, a letter first";
            return Err(Objection::new(problem, help));
        }
        Ok(())
    },
};

static TYPE_NAME: Form = Form {
    noun: "an ARM type such as \"Microsoft.Cache/redis\"",
    check: |text| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let holds = text.contains('.')
            && text.split('/').count() >= 2
            && text.len() <= 200
            && text
                .split('/')
                .all(|part| !part.is_empty() && part.chars().all(allowed));
        if holds {
            return Ok(());
        }
        let problem = format!("cannot be `{}`", form::shortened(text));
        Err(Objection::new(
            problem,
            "it takes an ARM type such as `Microsoft.Cache/redis`",
        ))
    },
};

static API_VERSION: Form = Form {
    noun: "an api-version such as \"2024-11-01\"",
    check: |text| {
        let date = text.get(..10).unwrap_or_default();
        let suffix = text.get(10..).unwrap_or("?");
        let pattern = |(index, c): (usize, char)| match index {
            4 | 7 => c == '-',
            _ => c.is_ascii_digit(),
        };
        let dated = date.len() == 10 && date.chars().enumerate().all(pattern);
        let named = suffix.is_empty()
            || suffix.len() > 1
                && suffix.len() <= 30
                && suffix.starts_with('-')
                && suffix
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-');
        if dated && named {
            return Ok(());
        }
        let problem = format!("cannot be `{}`", form::shortened(text));
        Err(Objection::new(
            problem,
            "it takes a date, such as `2024-11-01` or `2024-11-01-preview`",
        ))
    },
};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "resource",
    about: "One resource of any ARM type; the table is repeated for each. `body` is its body as \
            ARM's reference has it, with the content of `properties` beside `location` and `sku`. \
            In its texts `${data/store.id}` is a property of another resource.",
    settings: &[
        Setting {
            key: "name",
            kind: Kind::Text(&RESOURCE_NAME),
            default: Fallback::Required("name = \"data/cache\""),
            about: "What it is called here: in plans, and in references to it.",
        },
        Setting {
            key: "type",
            kind: Kind::Text(&TYPE_NAME),
            default: Fallback::Required("type = \"Microsoft.Cache/redis\""),
            about: "Its ARM type.",
        },
        Setting {
            key: "api_version",
            kind: Kind::Text(&API_VERSION),
            default: Fallback::Required("api_version = \"2024-11-01\""),
            about: "The version of the type that the body is written in.",
        },
        Setting {
            key: "within",
            kind: Kind::Text(&RESOURCE_NAME),
            default: Fallback::Nothing("the resource group"),
            about: "The resource that it lives in.",
        },
        Setting {
            key: "on",
            kind: Kind::Text(&RESOURCE_NAME),
            default: Fallback::Nothing("none"),
            about: "The resource that it is attached to, for an extension such as a lock.",
        },
        Setting {
            key: "environments",
            kind: Kind::List(&form::ENVIRONMENT),
            default: Fallback::Nothing("all"),
            about: "The environments that have it.",
        },
        Setting {
            key: "physical_name",
            kind: Kind::Text(&form::LINE),
            default: Fallback::Nothing("derived from project, environment and name"),
            about: "Its name in Azure.",
        },
        Setting {
            key: "tags",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(false)),
            about: "Whether the environment's tags are put on it; not every type has tags.",
        },
        Setting {
            key: "holds_data",
            kind: Kind::Flag,
            default: Fallback::Nothing("`true`, but for types that are known to keep none"),
            about: "Whether deleting it loses data, so that `destroy` wants its name with \
                    `--delete-data`. What left this file is judged by its type alone; one that \
                    is known to hold data cannot be `false`.",
        },
    ],
};

/// Checks what can be checked without choosing an environment.
pub(super) fn check(entry: &Entry, environments: &BTreeSet<&str>, mistakes: &mut Mistakes) {
    let NodeValue::List(items) = &entry.node.value else {
        let place = Place::new(entry.key.clone(), "");
        let mistake = Mistake::WrongType {
            key: RESOURCES.to_owned(),
            expected: "a list of tables, each headed `[[resource]]`".to_owned(),
            found: entry.node.value.noun().to_owned(),
        };
        mistakes.add(&place, mistake);
        return;
    };
    for item in items {
        let NodeValue::Table(table) = &item.value else {
            check::wrong_type(item, RESOURCES, "a table", "", mistakes);
            continue;
        };
        check::section(table, &SECTION, TITLE, &[BODY], mistakes);
        check_one(item, table, environments, mistakes);
    }
}

fn check_one(item: &Node, table: &Table, environments: &BTreeSet<&str>, mistakes: &mut Mistakes) {
    let place = Place::new(item.span.clone(), TITLE);
    check::missing(&SECTION, &place, |key| table.contains_key(key), mistakes);
    if let (Some(on), Some(_)) = (table.get("on"), table.get("within")) {
        let (key, other) = ("on".to_owned(), "within".to_owned());
        let place = Place::new(on.key.clone(), TITLE);
        mistakes.add(&place, Mistake::ConflictingKeys { key, other });
    }
    if let Some(NodeValue::List(named)) = table.get("environments").map(|entry| &entry.node.value) {
        for item in named {
            let NodeValue::Text(name) = &item.value else {
                continue;
            };
            if !environments.contains(name.as_str()) {
                let mistake = Mistake::UnknownEnvironment {
                    name: form::shortened(name),
                    meant: closest(name, environments.iter().copied()),
                    known: environments.iter().map(|name| (*name).to_owned()).collect(),
                };
                mistakes.add(&Place::new(item.span.clone(), TITLE), mistake);
            }
        }
    }
    if let Some(body) = table.get(BODY)
        && check::expect_table(body, BODY, TITLE, mistakes).is_some()
    {
        body_value(&body.node, BODY, &mut |node, problem| {
            let place = Place::new(node.span.clone(), "[resource.body]");
            mistakes.object(&place, &problem.0, problem.1);
        });
    }
}

/// A part of the body as a value; what cannot be one is told to `object`, with its key.
fn body_value(node: &Node, key: &str, object: &mut dyn FnMut(&Node, (String, Objection))) -> Value {
    let mut refuse = |objection: Objection| {
        object(node, (form::shortened(key), objection));
        Value::Null
    };
    match &node.value {
        NodeValue::Text(text) => reference::parse(text)
            .unwrap_or_else(|error| refuse(Objection::new(error.to_string(), reference::HELP))),
        NodeValue::Number(number) => Value::Number((*number).into()),
        NodeValue::HugeNumber => refuse(Objection::new(
            "is too large",
            "write it as text, if ARM takes text there",
        )),
        NodeValue::Float(number) => serde_json::Number::from_f64(*number).map_or_else(
            || refuse(Objection::new("is no finite number", "write a number")),
            Value::Number,
        ),
        NodeValue::Flag(flag) => Value::Bool(*flag),
        NodeValue::Date(date) => {
            let help = format!("write it as text: \"{date}\"");
            refuse(Objection::new("is a date, which JSON does not have", help))
        }
        NodeValue::List(items) => Value::Array(
            items
                .iter()
                .map(|item| body_value(item, key, object))
                .collect(),
        ),
        NodeValue::Table(entries) => {
            let entry = |(key, entry): (&String, &Entry)| {
                (key.clone(), body_value(&entry.node, key, object))
            };
            Value::Object(entries.iter().map(entry).collect::<Object>())
        }
    }
}

fn text<'a>(table: &'a Table, key: &str) -> Option<(&'a str, Place)> {
    let entry = table.get(key)?;
    let NodeValue::Text(text) = &entry.node.value else {
        return None;
    };
    Some((text, Place::new(entry.node.span.clone(), TITLE)))
}

fn flag(table: &Table, key: &str) -> Option<bool> {
    let NodeValue::Flag(flag) = table.get(key)?.node.value else {
        return None;
    };
    Some(flag)
}

fn belongs_to(table: &Table, environment: &str) -> bool {
    match table.get("environments").map(|entry| &entry.node.value) {
        Some(NodeValue::List(named)) => named
            .iter()
            .any(|item| matches!(&item.value, NodeValue::Text(name) if name == environment)),
        _ => true,
    }
}

pub(super) fn add(builder: &mut Builder<'_>, group: &Added<ResourceGroup>) {
    let tables: Vec<Table> = builder
        .resource_tables()
        .filter(|table| belongs_to(table, builder.environment()))
        .cloned()
        .collect();
    let mut known = builder.names();
    for table in &tables {
        let Some((name, place)) = text(table, "name") else {
            continue;
        };
        let here = builder.locate(&place);
        if let Some(first) = known.get(name) {
            let (name, first) = (name.to_owned(), first.clone());
            builder
                .mistakes
                .add(&place, Mistake::DuplicateName { name, first });
        } else {
            known.insert(name.to_owned(), here);
        }
    }
    for table in &tables {
        add_one(builder, table, group, &known);
    }
}

fn add_one(
    builder: &mut Builder<'_>,
    table: &Table,
    group: &Added<ResourceGroup>,
    known: &BTreeMap<String, SourceLocation>,
) {
    let (Some((name, place)), Some((ty, _)), Some((version, _))) = (
        text(table, "name"),
        text(table, "type"),
        text(table, "api_version"),
    ) else {
        return;
    };
    let mut places = Vec::new();
    let body_place = table
        .get(BODY)
        .map_or_else(|| place.clone(), |body| Place::new(body.key.clone(), TITLE));
    let body = table.get(BODY).map_or_else(
        || Value::Object(Object::new()),
        |body| {
            look_at(builder, &body.node, known, String::new(), &mut places);
            body_value(&body.node, BODY, &mut |_, _| {})
        },
    );
    let scope = match (text(table, "within"), text(table, "on")) {
        (Some((name, place)), _) => scope_of(builder, name, &place, known).map(Scope::Within),
        (None, Some((name, place))) => scope_of(builder, name, &place, known).map(Scope::On),
        (None, None) => Some(Scope::Within(group.name().clone())),
    };
    let Some(scope) = scope else { return };
    let body = if flag(table, "tags") == Some(true) {
        with_tags(body, builder.tags())
    } else {
        body
    };
    let mut resource = Generic::new(ty, version, scope, body);
    resource.physical_name = text(table, "physical_name").map(|(text, _)| text.to_owned());
    resource.holds_data = flag(table, "holds_data");
    if let Err(error) = to_value(&resource) {
        let help = "write it where ARM's reference of the type has it";
        let objection = Objection::new(format!("cannot be read: {error}"), help);
        builder.mistakes.object(&body_place, BODY, objection);
        return;
    }
    let added = builder.stack.add(name, resource);
    let declared_at = builder.locate(&place);
    let mut description = builder.stack.describe(&added);
    description.declared_at(declared_at);
    for (property, place) in places {
        description.property_at(&property, place);
    }
}

fn with_tags(mut body: Value, tags: BTreeMap<String, String>) -> Value {
    if let Some(object) = body.as_object_mut() {
        let own = object
            .shift_remove("tags")
            .unwrap_or_else(|| Value::Object(Object::new()));
        let mut all: Object = tags
            .into_iter()
            .map(|(key, text)| (key, text.into()))
            .collect();
        all.extend(own.as_object().cloned().unwrap_or_default());
        object.insert("tags".to_owned(), Value::Object(all));
    }
    body
}

fn scope_of(
    builder: &mut Builder<'_>,
    name: &str,
    place: &Place,
    known: &BTreeMap<String, SourceLocation>,
) -> Option<ResourceName> {
    if known.contains_key(name) {
        return ResourceName::parse(name).ok();
    }
    unknown(builder, name, place, known);
    None
}

fn unknown(
    builder: &mut Builder<'_>,
    name: &str,
    place: &Place,
    known: &BTreeMap<String, SourceLocation>,
) {
    let mistake = Mistake::UnknownReference {
        name: form::shortened(name),
        meant: closest(name, known.keys().map(String::as_str)),
        environment: builder.environment().to_owned(),
    };
    builder.mistakes.add(place, mistake);
}

/// Tells of a property that no resource of the type has. Only of those that the modules declare:
/// what is in a table of its own may be of any api-version.
fn unknown_output(builder: &mut Builder<'_>, reference: &OutputRef, place: &Place) {
    let name = &reference.resource;
    let declared = builder.stack.resources().iter();
    let declared = declared.filter(|desired| desired.name == *name);
    let existing = builder.stack.existing_resources().get(name);
    let facts = declared
        .map(|desired| &desired.ty)
        .chain(existing.map(|entry| &entry.ty))
        .next();
    let same = |ty: &&&'static ArmType| facts.is_some_and(|facts| ty.facts.title == facts.title);
    let Some(ty) = CATALOGUE.iter().find(same) else {
        return;
    };
    if output::has_output(ty, &reference.path) {
        return;
    }
    let written = reference.path.to_string();
    let outputs = output::outputs(ty);
    let mistake = Mistake::UnknownOutput {
        resource: name.to_string(),
        output: form::shortened(&written),
        title: ty.facts.title.to_string(),
        meant: closest(&written, outputs.keys().map(String::as_str)),
    };
    builder.mistakes.add(place, mistake);
}

/// Notes where each property was written, and what refers to nothing.
fn look_at(
    builder: &mut Builder<'_>,
    node: &Node,
    known: &BTreeMap<String, SourceLocation>,
    path: String,
    places: &mut Vec<(String, SourceLocation)>,
) {
    let place = Place::new(node.span.clone(), "[resource.body]");
    match &node.value {
        NodeValue::Table(entries) => {
            for (key, entry) in entries {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                look_at(builder, &entry.node, known, path, places);
            }
            return;
        }
        NodeValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                look_at(builder, item, known, format!("{path}[{index}]"), places);
            }
        }
        NodeValue::Text(text) => {
            if let Ok(Value::Unknown(expression)) = reference::parse(text) {
                for reference in expression.references() {
                    if known.contains_key(reference.resource.as_str()) {
                        unknown_output(builder, reference, &place);
                    } else {
                        unknown(builder, reference.resource.as_str(), &place, known);
                    }
                }
            }
        }
        NodeValue::Number(_)
        | NodeValue::HugeNumber
        | NodeValue::Float(_)
        | NodeValue::Flag(_)
        | NodeValue::Date(_) => {}
    }
    places.push((path, builder.locate(&place)));
}
