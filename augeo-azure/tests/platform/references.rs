//! What is generated from the code, and the page that answers the platform's document line by line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use augeo_azure::{platform, resources, rules};
use serde_json::Value as Json;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable says that the files are to be written"
)]
fn references_are_what_the_code_says() {
    let made = [
        ("docs/reference/configuration.md", platform::reference()),
        ("docs/reference/augeo.schema.json", platform::json_schema()),
        ("docs/reference/resources.md", resources::reference()),
        ("docs/reference/rules.md", rules::reference()),
    ];
    for (name, text) in made {
        if std::env::var_os("AUGEO_UPDATE").is_some() {
            fs::write(file(name), &text).unwrap();
        }
        let kept = fs::read_to_string(file(name)).unwrap_or_default();
        assert!(
            kept == text,
            "{name} is out of date: AUGEO_UPDATE=1 cargo test -p augeo-azure --test platform references"
        );
    }
}

/// What of a document a schema does not admit: types, words, ranges and keys, which is all that ours
/// says.
fn objections(schema: &Json, root: &Json, value: &Json, path: &str) -> Vec<String> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root
            .pointer(&reference[1..])
            .expect("a reference leads somewhere"),
        None => schema,
    };
    let is = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        other => panic!("{other:?} at {path}"),
    };
    if !is {
        return vec![format!("{path} is no {}", schema["type"])];
    }
    let mut found = Vec::new();
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{path} is none of the words"));
    }
    let outside = |end: &str, wrong: fn(i64, i64) -> bool| {
        let bound = schema[end].as_i64();
        bound
            .zip(value.as_i64())
            .is_some_and(|(bound, value)| wrong(value, bound))
    };
    if outside("minimum", |value, bound| value < bound)
        || outside("maximum", |value, bound| value > bound)
    {
        found.push(format!("{path} is out of range"));
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(objections(
            &schema["items"],
            root,
            item,
            &format!("{path}[]"),
        ));
    }
    let Some(entries) = value.as_object() else {
        return found;
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let missing =
        required.filter(|key| !entries.contains_key(key.as_str().expect("a key is a text")));
    found.extend(missing.map(|key| format!("{path} lacks {key}")));
    for (key, value) in entries {
        let path = format!("{path}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Json::Null, Json::Bool(false)) => found.push(format!("{path} is not known")),
            (Json::Null, Json::Null) => {}
            (Json::Null, more) => found.extend(objections(more, root, value, &path)),
            (known, _) => found.extend(objections(known, root, value, &path)),
        }
    }
    found
}

fn of_schema(toml: &str) -> Vec<String> {
    let schema: Json = serde_json::from_str(&platform::json_schema()).expect("it is JSON");
    let document: toml::Table = toml.parse().expect("it is TOML");
    let document = serde_json::to_value(document).expect("TOML fits in JSON");
    objections(&schema, &schema, &document, "")
}

#[test]
fn the_schema_admits_the_examples_and_names_itself_there() {
    for name in ["augeo.toml", "as-documented.toml"] {
        let text = fs::read_to_string(file("examples/augeo-platform").join(name)).unwrap();
        assert_eq!(of_schema(&text), [""; 0], "{name}");
        let first = text.lines().next().unwrap();
        let schema = first
            .strip_prefix("#:schema ")
            .expect("the first line names the schema");
        assert!(
            file("examples/augeo-platform").join(schema).is_file(),
            "{schema}"
        );
    }
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let top = "project = 'augeo'\nlocation = 'westeurope'\n[environment.dev]\n";
    assert_eq!(of_schema(top), [""; 0]);
    for (text, objection) in [
        ("[stores]\n", ".stores is not known"),
        (
            "[storage]\nredundancy = 'lrs'\n",
            ".storage.redundancy is none of the words",
        ),
        (
            "[environment.dev.database]\nbackup_days = 90\n",
            ".environment.dev.database.backup_days is out of range",
        ),
        (
            "[app_service]\nalways_on = 'yes'\n",
            ".app_service.always_on is no \"boolean\"",
        ),
        (
            "[[suppress]]\nrule = 'augeo/database-open'\n",
            ".suppress[] lacks \"reason\"",
        ),
        ("[[resource]]\nname = 'x'\n", ".resource[] lacks \"type\""),
    ] {
        let found = of_schema(&format!("{top}{text}"));
        assert!(found.contains(&objection.to_owned()), "{text}: {found:?}");
        let refused = platform::Config::parse(&format!("{top}{text}"), "augeo.toml");
        assert!(refused.is_err(), "{text}");
    }
}

#[test]
fn every_line_of_the_document_has_an_answer() {
    let page = fs::read_to_string(file("docs/reference/platform-decisions.md")).unwrap();
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let is_row = |line: &&str| {
        let id = line
            .strip_prefix("| A")
            .or_else(|| line.strip_prefix("| B"));
        id.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    for line in page.lines().filter(is_row) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
        assert!(
            ["decision", "rule", "not here"]
                .iter()
                .any(|it| cells[2].contains(it)),
            "{line}"
        );
        *rows.entry(cells[0]).or_default() += 1;
    }
    let ids = (1..=12)
        .map(|n| format!("A{n}"))
        .chain((1..=18).map(|n| format!("B{n}")));
    let ids: Vec<String> = ids.collect();
    for id in &ids {
        assert_eq!(rows.get(id.as_str()), Some(&1), "{id}");
    }
    assert_eq!(rows.len(), ids.len());
    let named = page.split('`').filter(|text| text.starts_with("augeo/"));
    let unknown: Vec<&str> = named.filter(|id| rules::find(id).is_none()).collect();
    assert!(unknown.is_empty(), "no such rules: {unknown:?}");
    let links = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    for link in links.filter(|link| !link.starts_with("https://")) {
        assert!(file("docs/reference").join(link).exists(), "{link}");
    }
}
