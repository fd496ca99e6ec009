//! Writes the JSON Schema of `augeo.toml` from the settings themselves, for editors: it completes
//! and explains keys, and marks what is of the wrong type. What takes more is the program's.

use serde_json::{Map, Value as Json, json};

use super::config::SECTIONS;
use super::root::{ENVIRONMENT, ROOT};
use super::setting::{Fallback, Kind, SectionSpec, Setting};
use super::{custom, shared, suppress};

/// The schema as text; `docs/reference/augeo.schema.json` is this text.
pub fn json_schema() -> String {
    let mut top = table(&ROOT);
    with_modules(&mut top);
    let mut environment = table(&ENVIRONMENT);
    with_modules(&mut environment);
    let properties = properties_of(&mut top);
    properties.insert(
        "environment".to_owned(),
        json!({
            "description": "The environments, by name.",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/environment"},
        }),
    );
    properties.insert(shared::NAME.to_owned(), table(&shared::SECTION));
    let mut resource = table(&custom::SECTION);
    let body = json!({"description": "Its body, as ARM's reference has it.", "type": "object"});
    properties_of(&mut resource).insert("body".to_owned(), body);
    for (name, item) in [
        ("resource", resource),
        ("suppress", table(&suppress::SECTION)),
    ] {
        properties.insert(name.to_owned(), json!({"type": "array", "items": item}));
    }
    // What an environment may say itself may be missing here.
    top["required"] = json!(["project", "environment"]);
    environment["required"] = json!([]);
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Generated from augeo-azure/src/platform: AUGEO_UPDATE=1 cargo test -p augeo-azure --test platform references",
        "title": "augeo.toml",
    });
    if let (Some(schema), Json::Object(top)) = (schema.as_object_mut(), top) {
        schema.extend(top);
        schema.insert("$defs".to_owned(), json!({"environment": environment}));
    }
    format!("{schema:#}\n")
}

fn properties_of(table: &mut Json) -> &mut Map<String, Json> {
    table["properties"]
        .as_object_mut()
        .expect("every table is made with properties")
}

fn with_modules(outer: &mut Json) {
    let properties = properties_of(outer);
    for spec in SECTIONS {
        properties.insert(spec.name.to_owned(), table(spec));
    }
}

fn table(spec: &SectionSpec) -> Json {
    let properties = spec.settings.iter();
    let properties: Map<String, Json> = properties
        .map(|setting| (setting.key.to_owned(), property(setting)))
        .collect();
    let required = spec.settings.iter();
    let required = required.filter(|it| matches!(it.default, Fallback::Required(_)));
    let required: Vec<&str> = required.map(|setting| setting.key).collect();
    json!({
        "description": spec.about,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

fn property(setting: &Setting) -> Json {
    let mut schema = match &setting.kind {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Number { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Text(_) | Kind::Name(_) => json!({"type": "string"}),
        Kind::Choice(words) => json!({"type": "string", "enum": words}),
        Kind::List(_) => {
            json!({"type": "array", "uniqueItems": true, "items": {"type": "string"}})
        }
        Kind::Map { .. } => {
            json!({"type": "object", "additionalProperties": {"type": "string"}})
        }
    };
    schema["description"] = setting.about.into();
    if let Fallback::Always(default) = setting.default {
        schema["default"] = json!(default.to_value());
    }
    schema
}
