//! Mistakes: all of them at once, each with its place, its text and its fix.

use augeo_azure::platform::{CODES, Config, ConfigErrors};

use crate::shown::TOP;

/// What is wrong with a configuration, or with the first environment in which something is.
fn errors(text: &str) -> ConfigErrors {
    let config = match Config::parse(text, "augeo.toml") {
        Ok(config) => config,
        Err(errors) => return errors,
    };
    let stack = |environment| config.stack(environment).err();
    config
        .environments()
        .into_iter()
        .find_map(stack)
        .expect("something is wrong")
}

fn shown(text: &str) -> String {
    errors(text).to_string()
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_text() {
    insta::assert_snapshot!(shown(
        r#"
projct = "augeo"
location = 7
target = "emulater"
subscription = "my-subscription"
environmnt = 1

[tags]
"augeo-owner" = "me"
Team = true

[key-vault]
enabled = false

[storage]
redundancy = "lrs"
containers = ["backups", "Backups", "backups", 3]

[environment.dev]
like = "develop"
locaton = "westeurope"

[environment.dev.database]
backup_dyas = 30
backup_days = 90
storage_gb = 99999999999999999999
version = 17
sku = "Standard_M8ms"
administrator = "root"

[environment.dev.database.firewall]
office = "203.0.113.7/28"
"Home Office" = "2001:db8::1"

[environment.qa.app_service]
image = "https://example.com/api"
always_on = "yes"
name = "my_app"
settings = ["LOG_LEVEL"]

[environment.qa.app_service.secrets]
2FAST = "a secret"
"#
    ));
}

#[test]
fn what_is_no_toml() {
    insta::assert_snapshot!(shown(
        "project = \n[environment.dev\nlocation = 'x'\nlocation = 'y'\n"
    ));
}

#[test]
fn what_is_missing() {
    insta::assert_snapshot!(shown(
        "[existing]\nregistry = 'images'\n[[resource]]\nname = 'a'\n"
    ));
}

#[test]
fn what_has_another_shape() {
    insta::assert_snapshot!(shown(
        "project = 'augeo'\nlocation = 'westeurope'\nresource = 1\nstorage = true\n\
         environment = ['dev']\n"
    ));
}

#[test]
fn an_environment_that_is_not_declared() {
    let config = Config::parse(TOP, "augeo.toml").unwrap();
    insta::assert_snapshot!(config.stack("stagign").unwrap_err().to_string());
    let errors = config.target("test").unwrap_err();
    assert_eq!(
        errors.errors()[0].mistake.code(),
        "augeo/unknown-environment"
    );
    assert_eq!(errors.to_findings()[0].location, None);
}

#[test]
fn modules_that_lack_one_another() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[log_analytics]
enabled = false
[key_vault]
enabled = false
[app_service_plan]
enabled = false
"
    )));
}

#[test]
fn values_that_do_not_go_together() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[resource_group]
name = 'mine'
[existing]
resource_group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared'
[app_service.settings]
DATABASE_HOST = 'elsewhere'
"
    )));
}

#[test]
fn resources_that_cannot_be() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[[resource]]
name = 'Cache'
type = 'redis'
api_version = 'latest'
environments = ['dev', 'prod', 'stagin']
within = 'data/store'
on = 'data/store'
colour = 'red'
body = {{ a = '${{x}}', b = '${{data/store.id', c = 2024-01-01, d = nan, e = 99999999999999999999 }}
"
    )));
}

#[test]
fn references_to_nothing_and_names_twice() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[[resource]]
name = 'data/store'
type = 'Microsoft.Cache/redis'
api_version = '2024-11-01'
[[resource]]
name = 'lock'
type = 'Microsoft.Authorization/locks'
api_version = '2020-05-01'
on = 'data/stroe'
body = {{ notes = 'of ${{data/postgers.id}}' }}
"
    )));
}

#[test]
fn an_owner_without_a_name_is_none() {
    for key in ["owner", "cost_center"] {
        let text = format!("project = 'p'\nlocation = 'westeurope'\n{key} = ' '\n");
        let told = shown(&format!("{text}[environment.dev]\n"));
        assert!(told.contains("one line of 1 to 256 characters"), "{told}");
    }
}

#[test]
fn a_reference_to_a_property_that_its_type_does_not_have() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[[resource]]
name = 'alert'
type = 'Microsoft.Insights/metricAlerts'
api_version = '2018-03-01'
[resource.body]
host = 'at ${{data/postgres.fullyQualifiedDomainNam}}'
blob = '${{data/store.primaryEndpoints.blob}}'
odd = '${{data/postgres.nothing}}'
own = '${{alert.whatever.it.has}}'
"
    )), @r"
    error[augeo/unknown-output]: `data/postgres` has no property `fullyQualifiedDomainNam` (PostgreSQL server)
      --> augeo.toml:13:8    in [resource.body]
       |
    13 | host = 'at ${data/postgres.fullyQualifiedDomainNam}'
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `fullyQualifiedDomainName`?
    help: write `fullyQualifiedDomainName`

    error[augeo/unknown-output]: `data/postgres` has no property `nothing` (PostgreSQL server)
      --> augeo.toml:15:7    in [resource.body]
       |
    15 | odd = '${data/postgres.nothing}'
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: name a property that ARM's reference of the type has, such as `id`
    ");
}

#[test]
fn a_body_with_keys_in_the_wrong_place() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[[resource]]
name = 'ip'
type = 'Microsoft.Network/publicIPAddresses'
api_version = '2025-05-01'
body = {{ properties = {{ sku = {{ name = 'Standard' }} }} }}
"
    )));
}

#[test]
fn what_a_file_contains_cannot_move_the_cursor() {
    for text in [
        "[environment.dev]\nenvironment = 1\n\"\\u001b[31m\" = 1",
        "project = \"\\u001b[31m\"\nlocation = 'westeurope'\n[environment.\"\\u001b[31m\"]",
        "project = 'augeo'\nlocation = 'westeurope'\n[environment.dev]\nlike = \"\\u001b[31m\"",
    ] {
        let shown = shown(text);
        assert!(shown.contains("[31m"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}

#[test]
fn findings_carry_the_same() {
    let errors = errors("project = 'augeo'\nlocation = 'westeurope'\n[environment.dev]\nlke = 1\n");
    let findings = errors.to_findings();
    assert_eq!(findings.len(), errors.errors().len());
    let finding = &findings[0];
    assert_eq!(finding.rule, "augeo/unknown-key");
    assert_eq!(finding.message, "unknown key `lke`");
    assert_eq!(finding.fix.as_deref(), Some("write `like`"));
    assert_eq!(
        finding.location.as_ref().unwrap().to_string(),
        "augeo.toml:4:1"
    );
    let span = errors.errors()[0].span.clone().unwrap();
    assert_eq!(span.len(), "lke".len());
}

#[test]
fn codes_are_all_explained_once() {
    let mut codes: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
    assert!(
        CODES
            .iter()
            .all(|(code, text)| code.starts_with("augeo/") && text.ends_with('.'))
    );
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let text = format!("a = {}1{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(shown(&text).starts_with("error[augeo/"));
    let keys = vec!["a"; 20_000].join(".");
    assert!(shown(&format!("{keys} = 1")).starts_with("error[augeo/"));
}

#[test]
fn names_in_the_world_and_what_is_said_of_them() {
    insta::assert_snapshot!(shown(&format!(
        "{TOP}
[dns]
zone = 'Example.org'
texts = ['v=spf1 -all']
[dns.delegations]
'a b' = 'dev.example.org'
[communication]
data_location = 'Mars'
domain = 'example'
spf = ['v=spf1']
[communication.senders]
donotreply = 'Us'
"
    )));
    insta::assert_snapshot!(shown(&format!(
        "{TOP}[communication.senders]\nsupport = 'Help'\n"
    )));
}
