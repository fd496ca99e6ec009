//! Any text, lines that are nearly right, and damaged configurations.

use proptest::prelude::*;

use super::*;
use crate::damage::input;

const TOP: &str =
    "project = \"augeo\"\nlocation = \"westeurope\"\n[environment.dev]\n[environment.staging]\n";

/// Lines that are right or nearly so, so that what lies behind the parser is reached.
fn line() -> impl Strategy<Value = String> {
    let tables = [
        "[tags]",
        "[storage]",
        "[database]",
        "[environment.dev]",
        "[environment.dev.database]",
        "[environment.qa]",
        "[app_service.secrets]",
        "[existing]",
        "[[resource]]",
        "[resource.body]",
        "[database.firewall]",
        "[app_service_plan]",
        "[environment.dev.tags]",
    ];
    let keys = [
        "project",
        "location",
        "enabled",
        "name",
        "sku",
        "like",
        "type",
        "api_version",
        "on",
        "within",
        "environments",
        "containers",
        "backup_days",
        "firewall",
        "body",
        "office",
        "a",
        "instances",
        "high_availability",
        "environment",
        "resource",
        "tags",
        "registry",
    ];
    let values = [
        "1",
        "'x'",
        "true",
        "[]",
        "['dev']",
        "{}",
        "'${a.b}'",
        "'$${'",
        "'westeurope'",
        "'S1'",
        "'0.0.0.0'",
        "'/subscriptions/x/resourceGroups/y'",
        "2024-01-01",
        "1e400",
        "'2024-01-01'",
        "'A.B/c'",
        "'staging'",
        "99999999999999999999",
        "[[1]]",
        "{ properties = { sku = 1 } }",
        "'ä\\u{1b}'",
        "\"\\u001b[31m\"",
        "'data/store'",
        "30",
        "-1",
        "0.1",
    ];
    prop_oneof![
        1 => prop::sample::select(tables.to_vec()).prop_map(str::to_owned),
        3 => (prop::sample::select(keys.to_vec()), prop::sample::select(values.to_vec()))
            .prop_map(|(key, value)| format!("{key} = {value}")),
    ]
}

proptest! {
    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        config(text.as_bytes());
    }

    #[test]
    fn nearly_right_configurations_are_survived(
        lines in prop::collection::vec(line(), 0..12),
        with_top in any::<bool>(),
    ) {
        let top = if with_top { TOP } else { "" };
        config(format!("{top}{}", lines.join("\n")).as_bytes());
    }

    #[test]
    fn damaged_configurations_are_survived(data in input("config")) {
        config(&data);
    }
}

#[test]
#[should_panic(expected = "is at")]
fn a_place_outside_the_text_would_be_told() {
    let errors = Config::parse("projct = 1", "augeo.toml").unwrap_err();
    check(&errors, "");
}
