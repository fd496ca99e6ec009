//! Everything the emulator knows, built into the program: schemas, overlays, facts about the cloud.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::overlay::Overlay;
use super::schema::{Schemas, TypeSchema};

/// Limits of a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BucketFacts {
    pub(crate) burst: f64,
    pub(crate) per_second: f64,
}

/// ARM's published limits.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(crate) struct ThrottlingFacts {
    pub(crate) reads: BucketFacts,
    pub(crate) writes: BucketFacts,
    pub(crate) deletes: BucketFacts,
}

/// Facts about the cloud as a whole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CloudFacts {
    #[serde(rename = "source")]
    pub(crate) _source: String,
    pub(crate) throttling: ThrottlingFacts,
    pub(crate) registration_seconds: f64,
    pub(crate) busy_retry_after: u32,
    pub(crate) page_size: usize,
    pub(crate) resources_page_size: usize,
    pub(crate) locations: Vec<[String; 2]>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) always_registered: Vec<String>,
    pub(crate) roles: Vec<[String; 2]>,
}

impl CloudFacts {
    /// The name of a location, however it is spelled; `global` is one.
    pub(crate) fn location(&self, sent: &str) -> Option<&str> {
        let plain: String = sent
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_lowercase();
        if plain == "global" {
            return Some("global");
        }
        self.locations
            .iter()
            .find(|[name, _]| *name == plain)
            .map(|[name, _]| name.as_str())
    }

    /// How the portal writes a location.
    pub(crate) fn display(&self, name: &str) -> String {
        self.locations
            .iter()
            .find(|[n, _]| n == name)
            .map_or_else(|| name.to_owned(), |[_, display]| display.clone())
    }
}

/// Everything the emulator knows, read once.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) schemas: Schemas,
    pub(crate) overlays: BTreeMap<String, Overlay>,
    pub(crate) cloud: CloudFacts,
}

const OVERLAYS: [&str; 11] = [
    include_str!("../../data/overlays/cache.json"),
    include_str!("../../data/overlays/communication.json"),
    include_str!("../../data/overlays/cost.json"),
    include_str!("../../data/overlays/identity.json"),
    include_str!("../../data/overlays/key_vault.json"),
    include_str!("../../data/overlays/management.json"),
    include_str!("../../data/overlays/monitor.json"),
    include_str!("../../data/overlays/network.json"),
    include_str!("../../data/overlays/postgresql.json"),
    include_str!("../../data/overlays/storage.json"),
    include_str!("../../data/overlays/web.json"),
];

/// A type: its schema with its overlay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypeFacts {
    pub(crate) schema: &'static TypeSchema,
    pub(crate) overlay: &'static Overlay,
}

impl TypeFacts {
    pub(crate) fn api_versions(&self) -> Vec<&'static str> {
        let mut versions: Vec<&str> = self
            .overlay
            .api_versions
            .iter()
            .map(String::as_str)
            .collect();
        versions.push(&self.schema.api_version);
        versions.extend(self.schema.newest_preview.as_deref());
        versions.sort_unstable();
        versions.dedup();
        versions.reverse();
        versions
    }

    /// Whether the state of the resource stands in its body.
    pub(crate) fn tells_state(&self) -> bool {
        self.schema.at(&self.overlay.states.path).is_some()
    }
}

/// The facts that are built into the program.
pub(crate) fn facts() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    FACTS.get_or_init(|| {
        let overlays = OVERLAYS
            .iter()
            .flat_map(|text| read(text).expect("the overlays are checked by a test"))
            .map(|overlay| (overlay.type_name.to_lowercase(), overlay))
            .collect();
        let cloud = serde_json::from_str(include_str!("../../data/world.json"))
            .expect("the facts are checked by a test");
        Facts {
            schemas: Schemas::embedded(),
            overlays,
            cloud,
        }
    })
}

/// The overlays of a file. One that says that it is `like` another of the file has what that one
/// has, where it does not say otherwise itself.
fn read(text: &str) -> Result<Vec<Overlay>, serde_json::Error> {
    let all: Vec<Map<String, Value>> = serde_json::from_str(text)?;
    let named = |name: &Value| all.iter().find(|overlay| overlay.get("type") == Some(name));
    let whole = all.iter().map(|overlay| {
        let mut whole = overlay.clone();
        let model = whole.remove("like").as_ref().and_then(named);
        for (key, value) in model.into_iter().flatten() {
            whole.entry(key.clone()).or_insert_with(|| value.clone());
        }
        serde_json::from_value(Value::Object(whole))
    });
    whole.collect()
}

impl Facts {
    /// A type by its name, without regard to case.
    pub(crate) fn of(&'static self, type_name: &str) -> Option<TypeFacts> {
        Some(TypeFacts {
            schema: self.schemas.get(type_name)?,
            overlay: self.overlays.get(&type_name.to_lowercase())?,
        })
    }

    /// The canonical spelling of a namespace.
    pub(crate) fn namespace(&'static self, name: &str) -> Option<&'static str> {
        let own = self.cloud.namespaces.iter().map(String::as_str);
        let types = self
            .overlays
            .values()
            .filter_map(|overlay| overlay.type_name.split('/').next());
        own.chain(types)
            .find(|known| known.eq_ignore_ascii_case(name))
    }

    /// All namespaces, in order.
    pub(crate) fn namespaces(&'static self) -> Vec<&'static str> {
        let own = self.cloud.namespaces.iter().map(String::as_str);
        let types = self
            .overlays
            .values()
            .filter_map(|overlay| overlay.type_name.split('/').next());
        let mut all: Vec<&str> = own.chain(types).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_lite::Regex;

    /// What is said of where facts come from, wherever it stands.
    fn sources<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("source").and_then(|source| source.as_str()));
                fields.values().for_each(|field| sources(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| sources(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_source_can_be_looked_up_or_calls_itself_a_guess() {
        let world = include_str!("../../data/world.json");
        for text in OVERLAYS.into_iter().chain([world]) {
            let value = serde_json::from_str(text).unwrap();
            let mut found = Vec::new();
            sources(&value, &mut found);
            assert!(!found.is_empty());
            for source in found {
                let usable = ["https://", "estimate", "unverified"];
                assert!(usable.iter().any(|it| source.contains(it)), "{source}");
            }
        }
        for overlay in facts().overlays.values() {
            let link = format!(
                "https://learn.microsoft.com/azure/templates/{}",
                overlay.type_name.to_lowercase()
            );
            assert!(overlay.source.starts_with(&link), "{}", overlay.source);
        }
    }

    #[test]
    fn every_overlay_belongs_to_a_schema_and_every_schema_has_one() {
        let facts = facts();
        for overlay in facts.overlays.values() {
            let schema = facts
                .schemas
                .get(&overlay.type_name)
                .unwrap_or_else(|| panic!("no schema: {}", overlay.type_name));
            assert_eq!(schema.type_name, overlay.type_name);
            for path in overlay
                .immutable
                .iter()
                .map(|i| &i.path)
                .chain(&overlay.keep)
                .chain(&overlay.write_only)
            {
                assert!(schema.at(path).is_some(), "{}: {path}", overlay.type_name);
            }
            assert!(
                overlay
                    .name
                    .pattern
                    .as_ref()
                    .is_none_or(|p| Regex::new(p).is_ok()),
                "{}",
                overlay.type_name
            );
        }
        for schema in facts.schemas.all() {
            assert!(
                facts.of(&schema.type_name).is_some(),
                "no overlay: {}",
                schema.type_name
            );
        }
    }

    #[test]
    fn locations_are_known_in_any_spelling() {
        let cloud = &facts().cloud;
        assert_eq!(cloud.location("West Europe"), Some("westeurope"));
        assert_eq!(cloud.location("mars"), None);
        assert_eq!(cloud.display("westeurope"), "West Europe");
    }
}
