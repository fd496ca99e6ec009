//! Which properties a resource of a type has to refer to, after what Azure publishes of the type.
//!
//! A reference to one that is not there would be found out only when the resource exists and its
//! answer lacks it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use augeo_core::value::{PropertyPath, Segment};
use serde::Deserialize;

use crate::schema::{ArmType, NameRule};

/// What is published of one type: every path in its body, with words for what stands there.
#[derive(Deserialize)]
struct Published {
    #[serde(rename = "type")]
    ty: String,
    /// The name, where there is exactly one and its body is its own.
    name: Option<String>,
    paths: BTreeMap<String, String>,
}

fn published() -> &'static [Published] {
    static TYPES: OnceLock<Vec<Published>> = OnceLock::new();
    TYPES.get_or_init(|| {
        serde_json::from_str(include_str!("../../data/published.json"))
            .expect("data/extract.py wrote it, and a test reads it")
    })
}

/// The paths of a type that can be read, as resources are declared and referred to here: what ARM
/// keeps in `properties` stands beside the envelope. `[]` stands for any item, `*` for any key.
pub fn outputs(ty: &ArmType) -> BTreeMap<String, &'static str> {
    let fixed = if let NameRule::Fixed(name) = ty.name {
        Some(name)
    } else {
        None
    };
    let of = |it: &&Published| {
        it.ty.eq_ignore_ascii_case(ty.name().as_str())
            && (it.name.is_none() || it.name.as_deref() == fixed)
    };
    let Some(found) = published().iter().find(of) else {
        return BTreeMap::new();
    };
    let readable = found.paths.iter().filter(|(_, words)| !is(words, "write"));
    let shaped = readable.filter(|(path, _)| *path != "properties");
    shaped
        .map(|(path, words)| {
            let path = path.strip_prefix("properties.").unwrap_or(path);
            (path.to_owned(), words.as_str())
        })
        .collect()
}

/// Whether resources of this type have such a property to refer to. What nothing is published of
/// may have any.
pub fn has_output(ty: &ArmType, path: &PropertyPath) -> bool {
    let known = outputs(ty);
    if known.is_empty() || path.to_string() == "id" {
        return true;
    }
    let get = |wanted: &str| {
        let same = |(known, _): &(&String, &&str)| known.eq_ignore_ascii_case(wanted);
        known.iter().find(same).map(|(path, words)| (path, *words))
    };
    let mut at = String::new();
    for segment in path.segments() {
        let next = |key: &str| match (at.as_str(), segment) {
            (_, Segment::Index(_)) => format!("{at}[]"),
            ("", Segment::Key(_)) => key.to_owned(),
            (_, Segment::Key(_)) => format!("{at}.{key}"),
        };
        let written = match segment {
            Segment::Key(key) => key.as_str(),
            Segment::Index(_) => "",
        };
        let found = get(&next(written)).or_else(|| get(&next("*")));
        let Some((found, words)) = found else {
            return false;
        };
        at.clone_from(found);
        let below = |path: &String| path.len() > at.len() && path.starts_with(&at);
        if (is(words, "any") || is(words, "object")) && !known.keys().any(below) {
            // Nothing is published of what is in it.
            return true;
        }
    }
    true
}

fn is(words: &str, word: &str) -> bool {
    words.split(' ').any(|is| is == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{CATALOGUE, postgresql, storage, web_config};

    fn has(ty: &ArmType, path: &str) -> bool {
        has_output(ty, &PropertyPath::parse(path))
    }

    #[test]
    fn what_is_published_can_be_referred_to_and_nothing_else() {
        let server = &postgresql::POSTGRES_SERVER;
        for path in [
            "id",
            "name",
            "location",
            "sku.name",
            "fullyQualifiedDomainName",
        ] {
            assert!(has(server, path), "{path}");
        }
        for path in [
            "nothing",
            "sku.nothing",
            "administratorLoginPassword",
            "name.x",
        ] {
            assert!(!has(server, path), "{path}");
        }
        assert!(has(&storage::STORAGE_ACCOUNT, "primaryEndpoints.blob"));
        assert!(has(&storage::STORAGE_ACCOUNT, "tags.Owner"));
        assert!(has(&web_config::APP_SETTINGS, "ANYTHING"));
    }

    #[test]
    fn every_type_has_outputs() {
        for ty in CATALOGUE {
            assert!(!outputs(ty).is_empty(), "{}", ty.facts.title);
        }
    }
}
