//! The example's three environments, and what an environment takes from where.

use augeo_azure::credential::CredentialKind;
use augeo_azure::platform::{Config, Target};

use crate::shown::{TOP, list, names, no_errors, resource, stack, value};

const EXAMPLE: &str = include_str!("../../../examples/augeo-platform/augeo.toml");

#[test]
fn dev() {
    insta::assert_snapshot!(list(&stack(EXAMPLE, "dev")));
}

#[test]
fn staging() {
    insta::assert_snapshot!(list(&stack(EXAMPLE, "staging")));
}

#[test]
fn production() {
    insta::assert_snapshot!(list(&stack(EXAMPLE, "production")));
}

#[test]
fn every_environment_is_a_graph_without_errors() {
    let config = Config::parse(EXAMPLE, "augeo.toml").unwrap();
    assert_eq!(
        config.environments(),
        ["dev", "production", "staging", "shared"]
    );
    for environment in config.environments() {
        let stack = config.stack(environment).unwrap();
        no_errors(&stack);
        assert_eq!(config.target(environment).unwrap(), Some(Target::Emulator));
        assert_eq!(config.location(environment).unwrap(), "westeurope");
        assert_eq!(config.cloud(environment).unwrap(), "public");
        assert_eq!(config.subscription(environment).unwrap(), None);
    }
}

#[test]
fn the_defaults_are_the_documents_values() {
    for environment in ["dev", "staging", "production"] {
        let with_defaults = stack(TOP, environment);
        let written = stack(EXAMPLE, environment);
        for name in ["data/store", "data/postgres", "security/vault", "web/plan"] {
            let strip = |stack| {
                let mut value = resource(stack, name).value.clone();
                value.as_object_mut().unwrap().shift_remove("tags");
                value
            };
            let (one, other) = (strip(&with_defaults), strip(&written));
            assert_eq!(value(&one), value(&other), "{name} in {environment}");
        }
    }
}

#[test]
fn an_environment_wins_over_what_holds_for_all_and_that_over_the_default() {
    let text = format!(
        "{TOP}
[database]
backup_days = 14
[database.firewall]
office = '203.0.113.0/28'
[environment.staging.database]
backup_days = 21
[environment.staging.database.firewall]
tester = '198.51.100.7'
"
    );
    let days = |environment| {
        let stack = stack(&text, environment);
        let server = &resource(&stack, "data/postgres").value;
        value(
            server
                .field("backup")
                .unwrap()
                .field("backupRetentionDays")
                .unwrap(),
        )
    };
    assert_eq!(days("staging"), "21");
    assert_eq!(days("production"), "14");

    let stack = stack(&text, "staging");
    let rules: Vec<_> = names(&stack)
        .into_iter()
        .filter(|name| name.contains("/allow-"))
        .collect();
    assert_eq!(
        rules,
        ["data/postgres/allow-office", "data/postgres/allow-tester"]
    );
    let server = resource(&stack, "data/postgres");
    let line = |path: &str| {
        let place = &server.sources[path];
        text.lines().nth(place.line as usize - 1).unwrap()
    };
    assert_eq!(line("backup.backupRetentionDays"), "backup_days = 21");
    assert_eq!(line("location"), "location = \"westeurope\"");
    assert_eq!(line("tags.CostCenter"), "cost_center = \"CC-1\"");
    assert_eq!(line("sku.name"), "[environment.staging.database]");
    let place = &resource(&stack, "data/postgres/allow-tester").location;
    assert_eq!(place.to_string(), "augeo.toml:15:10");
}

#[test]
fn defaults_of_an_environment_stand_at_its_table() {
    let stack = stack(TOP, "production");
    let plan = resource(&stack, "web/plan");
    assert_eq!(plan.sources["sku.capacity"].to_string(), "augeo.toml:6:14");
    assert_eq!(plan.location.to_string(), "augeo.toml:6:14");
}

#[test]
fn another_environment_says_whose_defaults_it_has() {
    let text = format!("{TOP}[environment.load-test]\nlike = 'production'\n");
    let stack = stack(&text, "load-test");
    let plan = &resource(&stack, "web/plan").value;
    assert_eq!(
        value(plan.field("sku").unwrap()),
        "{name: \"S1\", capacity: 2}"
    );
    let group = resource(&stack, "group");
    assert_eq!(group.physical_name.as_deref(), Some("augeo-load-test-rg"));
    let tags = group.value.field("tags").unwrap();
    assert_eq!(
        tags.field("Environment").unwrap().as_str(),
        Some("load-test")
    );
}

#[test]
fn an_environment_lives_where_it_says() {
    let text = "\
project = 'augeo'
location = 'westeurope'
target = 'emulator'
subscription = '00000000-0000-0000-0000-000000000001'
[environment.dev]
[environment.production]
target = 'azure'
cloud = 'usgovernment'
location = 'West US 2'
subscription = '00000000-0000-0000-0000-000000000002'
";
    let config = Config::parse(text, "augeo.toml").unwrap();
    assert_eq!(config.target("dev").unwrap(), Some(Target::Emulator));
    assert_eq!(config.target("production").unwrap(), Some(Target::Azure));
    assert_eq!(config.cloud("production").unwrap(), "usgovernment");
    let subscription = |environment| config.subscription(environment).unwrap().unwrap();
    assert!(subscription("dev").ends_with('1'));
    assert!(subscription("production").ends_with('2'));
    let stack = config.stack("production").unwrap();
    let location = resource(&stack, "web/api").value.field("location").unwrap();
    assert_eq!(location.as_str(), Some("westus2"));
}

#[test]
fn an_environment_signs_in_as_it_says() {
    let text = "\
project = 'augeo'
location = 'westeurope'
credential = 'azure-cli'
[environment.dev]
[environment.production]
credential = 'github-oidc'
";
    let config = Config::parse(text, "augeo.toml").unwrap();
    let credential = |environment| config.credential(environment).unwrap();
    assert_eq!(credential("dev"), Some(CredentialKind::AzureCli));
    assert_eq!(credential("production"), Some(CredentialKind::GitHubOidc));
    for kind in CredentialKind::CHOICES {
        let text = text.replace("github-oidc", kind.name());
        let config = Config::parse(&text, "augeo.toml").unwrap();
        assert_eq!(config.credential("production").unwrap(), Some(kind));
    }
    let silent = text.replace("credential = 'azure-cli'\n", "");
    let config = Config::parse(&silent, "augeo.toml").unwrap();
    assert_eq!(config.credential("dev").unwrap(), None);
}
