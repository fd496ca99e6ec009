//! `[[resource]]`: resources of any type, and their references.

use augeo_azure::platform::Config;

use crate::shown::{TOP, list, names, no_errors, resource, stack, value};

const LOCK_AND_CACHE: &str = r#"
[[resource]]
name = "data/cache"
type = "Microsoft.Search/searchServices"
api_version = "2024-11-01"
physical_name = "augeo-cache"
tags = true
environments = ["dev", "staging"]

[resource.body]
location = "${group.location}"
sku = { name = "Basic", family = "C", capacity = 0 }
redisConfiguration = { comment = "kept in ${data/store.primaryEndpoints.blob}, $${not} there" }
zones = ["1"]
ratio = 0.5

[[resource]]
name = "data/cache-lock"
type = "Microsoft.Authorization/locks"
api_version = "2020-05-01"
on = "data/cache"
environments = ["dev"]
body = { level = "CanNotDelete", notes = "for ${later.id}" }

[[resource]]
name = "later"
type = "Microsoft.Network/publicIPAddresses"
api_version = "2025-05-01"
body.location = "westeurope"
"#;

fn one_of_these(text: &str, environment: &str) -> String {
    let whole = format!("{TOP}{text}");
    let stack = stack(&whole, environment);
    no_errors(&stack);
    let listed = list(&stack);
    let wanted = ["data/cache:", "data/cache-lock:", "later:"];
    let blocks = listed
        .split("\n\n")
        .filter(|block| wanted.iter().any(|name| block.starts_with(name)));
    blocks.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn resources_of_any_type() {
    insta::assert_snapshot!(one_of_these(LOCK_AND_CACHE, "dev"));
}

#[test]
fn an_environment_has_those_that_name_it() {
    let text = format!("{TOP}{LOCK_AND_CACHE}");
    let production = stack(&text, "production");
    assert!(names(&production).contains(&"later"));
    assert!(!names(&production).contains(&"data/cache"));
    let config = Config::parse(&text, "augeo.toml").unwrap();
    let staging = config.stack("staging").unwrap();
    assert!(!names(&staging).contains(&"data/cache-lock"));
}

#[test]
fn data_is_assumed_unless_the_author_says_otherwise() {
    let held = |key: &str| {
        let cache = "api_version = \"2024-11-01\"\n";
        let written = LOCK_AND_CACHE.replacen(cache, &format!("{cache}{key}\n"), 1);
        let stack = stack(&format!("{TOP}{written}"), "dev");
        ["data/cache", "data/cache-lock", "later"].map(|name| resource(&stack, name).ty.holds_data)
    };
    assert_eq!(held(""), [true, false, false]);
    assert_eq!(held("holds_data = true"), [true, false, false]);
    assert_eq!(held("holds_data = false"), [false, false, false]);
}

#[test]
fn properties_know_their_lines() {
    let text = format!("{TOP}{LOCK_AND_CACHE}");
    let stack = stack(&text, "dev");
    let cache = resource(&stack, "data/cache");
    let line = |path: &str| {
        let place = cache
            .sources
            .get(path)
            .unwrap_or_else(|| panic!("{:?}", cache.sources));
        text.lines().nth(place.line as usize - 1).unwrap()
    };
    assert!(line("sku.capacity").starts_with("sku = "));
    assert!(line("zones[0]").starts_with("zones = "));
    assert!(line("ratio").starts_with("ratio = "));
    let declared = text.lines().nth(cache.location.line as usize - 1).unwrap();
    assert_eq!(declared, "name = \"data/cache\"");
    let tags = cache.value.field("tags").unwrap();
    assert_eq!(value(tags.field("CostCenter").unwrap()), "\"CC-1\"");
}
