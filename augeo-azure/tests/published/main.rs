//! Checks the catalogue's structs and facts against an extract of the published ARM schemas
//! (`data/published.json`, made by `data/extract.py`). What replaces a resource is not published.

mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use augeo_azure::resources::{CATALOGUE, lookup};
use augeo_azure::schema::{ArmScope, ArmType, NameRule, OwnershipMark, UpdateMode};
use augeo_core::name::TypeName;
use augeo_core::resource::Exclusion;
use augeo_core::value::{Object, PropertyPath, Segment, Value};
use serde::Deserialize;

use samples::samples;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    #[serde(rename = "type")]
    ty: String,
    name: Option<String>,
    api_version: String,
    length: (Option<usize>, Option<usize>),
    paths: BTreeMap<String, String>,
    values: BTreeMap<String, Vec<String>>,
}

impl Published {
    fn is(&self, path: &str, word: &str) -> bool {
        let words = self.paths.get(path).into_iter();
        words
            .flat_map(|words| words.split(' '))
            .any(|is| is == word)
    }

    fn top(&self) -> impl Iterator<Item = &str> {
        let plain = |path: &&String| !path.contains(['.', '[']);
        self.paths.keys().filter(plain).map(String::as_str)
    }
}

fn published() -> Vec<Published> {
    serde_json::from_str(include_str!("../../data/published.json"))
        .expect("data/extract.py wrote it")
}

fn fixed(ty: &ArmType) -> Option<&'static str> {
    if let NameRule::Fixed(name) = ty.name {
        Some(name)
    } else {
        None
    }
}

fn of<'a>(all: &'a [Published], ty: &ArmType) -> &'a Published {
    let same = |entry: &&Published| {
        TypeName::new(entry.ty.clone()) == *ty.name()
            && entry
                .name
                .as_deref()
                .is_none_or(|name| Some(name) == fixed(ty))
    };
    let found = all.iter().find(same);
    found.unwrap_or_else(|| {
        panic!(
            "{} is not in data/published.json: add it to extract.py",
            ty.name()
        )
    })
}

/// Every type with its published schema and the values of its samples.
fn each(mut check: impl FnMut(&ArmType, &Published, &[Value])) {
    let (all, stack) = (published(), samples());
    for ty in CATALOGUE {
        let values: Vec<Value> = stack
            .resources()
            .iter()
            .filter(|sample| sample.ty.name == ty.facts.name && sample.ty.title == ty.facts.title)
            .map(|sample| sample.value.clone())
            .collect();
        assert!(
            !values.is_empty(),
            "{}: add one to `samples`",
            ty.facts.title
        );
        check(ty, of(&all, ty), &values);
    }
}

/// The place in the raw body of a path (or pattern) into the shape.
fn raw(ty: &ArmType, path: &str) -> String {
    let top = path.split(['.', '[']).next().unwrap_or_default();
    match path {
        "" => "properties".to_owned(),
        _ if ty.top_level.contains(&top) || ["id", "name"].contains(&path) => path.to_owned(),
        _ => format!("properties.{path}"),
    }
}

/// A concrete path with `[]` for items, and `*` for keys that the schema leaves open.
fn pattern(published: &Published, path: &PropertyPath, ty: &ArmType) -> String {
    let mut shape = String::new();
    for segment in path.segments() {
        match segment {
            Segment::Index(_) => shape.push_str("[]"),
            Segment::Key(key) => {
                let at = |key: &str| {
                    if shape.is_empty() {
                        key.to_owned()
                    } else {
                        format!("{shape}.{key}")
                    }
                };
                let open = published.paths.contains_key(&raw(ty, &at("*")));
                let declared = published.paths.contains_key(&raw(ty, &at(key)));
                shape = if open && !declared { at("*") } else { at(key) };
            }
        }
    }
    raw(ty, &shape)
}

fn is_key_set(ty: &ArmType, path: &PropertyPath) -> bool {
    ty.key_sets
        .iter()
        .any(|set| path.is_at_or_below(set) && *path != PropertyPath::parse(set))
}

/// What is wrong with a value where the schema has this type.
fn mistyped(published: &Published, path: &str, value: &Value) -> bool {
    let is = |words: &[&str]| {
        published.is(path, "any") || words.iter().any(|word| published.is(path, word))
    };
    !match value {
        Value::Bool(_) => is(&["boolean"]),
        Value::Number(number) if number.is_f64() => is(&["number"]),
        Value::Number(_) => is(&["integer", "number"]),
        Value::String(_) | Value::Secret(_) => is(&["string"]),
        Value::Array(_) => is(&["array", "object"]),
        Value::Object(_) => is(&["object"]),
        Value::Null | Value::Unknown(_) => true,
    }
}

#[test]
fn api_versions_are_the_published_ones() {
    each(|ty, published, _| {
        assert_eq!(ty.api_version(), published.api_version, "{}", ty.name());
        assert!(lookup(ty.name()).is_some());
    });
    let titles: BTreeSet<_> = CATALOGUE.iter().map(|ty| &ty.facts.title).collect();
    assert_eq!(
        titles.len(),
        CATALOGUE.len(),
        "titles tell configs of one type apart"
    );
}

#[test]
fn every_declared_property_exists_and_can_be_written() {
    each(|ty, published, values| {
        for value in values {
            value.walk(&mut |path, value| {
                if path.segments().is_empty() || is_key_set(ty, path) {
                    return;
                }
                let at = pattern(published, path, ty);
                let name = ty.name();
                assert!(
                    published.paths.contains_key(&at),
                    "{name}: there is no {at}"
                );
                // What an action brings about is sent by nobody.
                let asked = matches!(ty.update, UpdateMode::Action { .. });
                let read_only = published.is(&at, "read");
                assert!(asked || !read_only, "{name}: {at} is read-only");
                assert!(
                    !mistyped(published, &at, value),
                    "{name}: {at} is no {value:?}"
                );
                let secret = matches!(value, Value::Secret(_));
                let sensitive = published.is(&at, "sensitive");
                assert!(secret || !sensitive, "{name}: {at} must be a secret");
                if let (Some(known), Some(text)) = (published.values.get(&at), value.as_str()) {
                    assert!(
                        known.iter().any(|known| known == text),
                        "{name}: {at} is no `{text}`"
                    );
                }
            });
        }
    });
}

/// The raw bodies of a value, as the provider puts them together.
fn body(ty: &ArmType, value: &Value) -> Value {
    let object = value.as_object().expect("a body is an object").clone();
    let (mut body, inner): (Object, Object) = object
        .into_iter()
        .partition(|(key, _)| ty.top_level.contains(&key.as_str()));
    body.insert("properties".to_owned(), Value::Object(inner));
    Value::Object(body)
}

/// Every required property that is missing below `value`, which is at `at` in the schema.
fn missing(published: &Published, at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let prefix = if at.is_empty() {
                String::new()
            } else {
                format!("{at}.")
            };
            for path in published.paths.keys() {
                let Some(key) = path.strip_prefix(&prefix) else {
                    continue;
                };
                if !key.contains(['.', '['])
                    && published.is(path, "required")
                    && !object.contains_key(key)
                {
                    found.push(path.clone());
                }
            }
            for (key, child) in object {
                missing(published, &format!("{prefix}{key}"), child, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                missing(published, &format!("{at}[]"), item, found);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Unknown(_)
        | Value::Secret(_) => {}
    }
}

#[test]
fn every_required_property_is_declared() {
    each(|ty, published, values| {
        // A patch of what another write made sends what it changes, an action what it takes.
        if ty.scope == ArmScope::Finish && ty.update != UpdateMode::Put {
            return;
        }
        for value in values {
            let mut found = Vec::new();
            missing(published, "", &body(ty, value), &mut found);
            // The name of a config is in its address, and the provider sets the month.
            let month = ty.month_at.map(|path| raw(ty, path));
            found.retain(|path| path != "name" && Some(path) != month.as_ref());
            assert!(found.is_empty(), "{}: {found:?} are required", ty.name());
        }
    });
}

#[test]
fn what_stays_at_the_top_is_what_the_schema_has_there() {
    each(|ty, published, _| {
        let name = ty.name();
        for key in ty.top_level {
            let inside = format!("properties.{key}");
            assert!(
                !published.paths.contains_key(&inside),
                "{name}: {inside} is inside"
            );
        }
        let envelope = ["id", "name", "type", "properties", "systemData", "etag"];
        for key in published.top().filter(|key| !envelope.contains(key)) {
            let written = !published.is(key, "read") && !ty.top_level.is_empty();
            assert!(
                !written || ty.top_level.contains(&key),
                "{name}: {key} is at the top"
            );
        }
    });
}

#[test]
fn the_paths_of_facts_exist() {
    each(|ty, published, values| {
        let facts = &ty.facts;
        let mut paths: Vec<&str> = Vec::new();
        paths.extend(
            facts
                .immutable
                .iter()
                .chain(facts.initial)
                .chain(facts.set_once)
                .chain(facts.write_only),
        );
        paths.extend(facts.whole_maps);
        paths.extend(ty.compare.iter().map(|(path, _)| *path));
        paths.extend(ty.secret_version_at.iter().chain(&ty.principal_at));
        paths.extend(ty.ready_when.iter().map(|(path, _)| *path));
        paths.extend(ty.ready_with);
        paths.extend(ty.stillborn_when.iter().map(|(path, _)| *path));
        paths.extend(ty.left_out.iter().map(|(path, _)| *path));
        paths.extend(
            ty.reset
                .iter()
                .flat_map(|reset| [reset.value, reset.default, reset.source.0, reset.read_only]),
        );
        paths.extend(
            ty.soft_delete
                .iter()
                .filter_map(|soft| Some(soft.recover?.0)),
        );
        if published.paths.contains_key("identity") {
            paths.extend(ty.key_sets);
        }
        if let OwnershipMark::Field(path) | OwnershipMark::Metadata(path) = ty.ownership {
            paths.push(path);
        }
        for exclusion in facts.exclusion {
            if let Exclusion::Property(path) = exclusion {
                paths.push(path);
            }
        }
        if ty.ownership == OwnershipMark::Tag {
            paths.push("tags");
        }
        for path in paths {
            let at = raw(ty, path);
            assert!(
                published.paths.contains_key(&at),
                "{}: there is no {at}",
                ty.name()
            );
        }
        if let Some((path, text)) = ty.ready_when {
            assert!(
                published.values[&raw(ty, path)]
                    .iter()
                    .any(|known| known == text)
            );
        }
        if let Some((path, text)) = ty.stillborn_when {
            assert!(facts.stillborn.contains(&text), "{}", ty.name());
            assert!(
                published.values[&raw(ty, path)]
                    .iter()
                    .any(|known| known == text)
            );
        }
        for (path, text) in ty.soft_delete.iter().filter_map(|soft| soft.recover) {
            assert!(
                published.values[&raw(ty, path)]
                    .iter()
                    .any(|known| known == text)
            );
        }
        // What is never returned would differ for ever.
        for value in values {
            value.walk(&mut |path, _| {
                let at = pattern(published, path, ty);
                let hidden = facts
                    .write_only
                    .iter()
                    .any(|pattern| path.is_at_or_below(pattern));
                assert!(
                    !published.is(&at, "write") || hidden,
                    "{}: {at} is write-only",
                    ty.name()
                );
            });
        }
    });
}

#[test]
fn what_a_parent_must_say_is_published_there() {
    let all = published();
    for ty in CATALOGUE {
        let Some((path, _)) = ty.only_where else {
            continue;
        };
        let (parent, _) = ty.name().as_str().rsplit_once('/').unwrap();
        let parent = lookup(&TypeName::new(parent.to_owned())).unwrap();
        let at = raw(parent, path);
        let known = of(&all, parent).paths.contains_key(&at);
        assert!(known, "{}: there is no {at}", parent.name());
    }
}

#[test]
fn name_rules_are_not_wider_than_the_published_ones() {
    each(|ty, published, _| {
        let (least, most) = published.length;
        if let NameRule::Derived {
            length_min,
            length_max,
            ..
        }
        | NameRule::Own {
            length_min,
            length_max,
            ..
        } = ty.name
        {
            assert!(
                least.is_none_or(|least| length_min >= least),
                "{}",
                ty.name()
            );
            assert!(most.is_none_or(|most| length_max <= most), "{}", ty.name());
        }
    });
}

/// The outputs are read from the source, so that none can be forgotten here.
#[test]
fn every_output_exists() {
    let owners: BTreeMap<&str, &str> = [
        ("ResourceGroup", "Resource group"),
        ("UserAssignedIdentity", "Managed identity"),
        ("RoleDefinition", "Role"),
        ("Workspace", "Log Analytics workspace"),
        ("Component", "Application Insights"),
        ("StorageAccount", "Storage account"),
        ("Container", "Blob container"),
        ("Vault", "Key vault"),
        ("VaultSecret", "Key vault secret"),
        ("PostgresServer", "PostgreSQL server"),
        ("PostgresDatabase", "PostgreSQL database"),
        ("RedisCache", "Redis cache (classic)"),
        ("ManagedRedis", "Managed Redis"),
        ("WebApp", "Web app"),
        ("WebAppSlot", "Deployment slot"),
        ("HostNameBinding", "Host name"),
        ("ManagedCertificate", "Managed certificate"),
        ("StaticSite", "Static web app"),
        ("StaticSiteDomain", "Static web app host name"),
        ("DnsZone", "DNS zone"),
        ("EmailDomain", "E-mail domain"),
        ("CommunicationService", "Communication service"),
    ]
    .into();
    let all = published();
    let mut seen = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/resources");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut owner = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("impl ") {
                owner = name.trim_end_matches(" {");
            }
            let Some((_, rest)) = line.split_once("OutputPath::new(\"") else {
                continue;
            };
            let path = rest.split('"').next().unwrap();
            let title = owners
                .get(owner)
                .unwrap_or_else(|| panic!("who is {owner}?"));
            let ty = CATALOGUE
                .iter()
                .find(|ty| ty.facts.title == *title)
                .unwrap();
            let at = pattern(of(&all, ty), &PropertyPath::parse(path), ty);
            assert!(
                of(&all, ty).paths.contains_key(&at),
                "{owner}: there is no {at}"
            );
            seen.insert(owner.to_owned());
        }
    }
    let expected: BTreeSet<_> = owners.keys().map(|owner| (*owner).to_owned()).collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_guide_shows_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let code = read("src/resources/identity.rs");
    let guide = read("../docs/guides/add-a-resource-type.md");
    let blocks: Vec<&str> = guide
        .split("```rust\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 5);
    for block in blocks {
        assert!(code.contains(block), "this is not in identity.rs:\n{block}");
    }
}
