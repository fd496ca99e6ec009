//! What a stack says of itself although nothing is wrong with the configuration.

use crate::shown::{TOP, judged};

fn findings(text: &str) -> Vec<String> {
    let stack = judged(text, "dev");
    let findings = stack.findings().iter();
    findings
        .map(|finding| {
            let place = finding
                .location
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            format!(
                "{} {} {place}: {}",
                finding.severity, finding.rule, finding.message
            )
        })
        .collect()
}

#[test]
fn what_is_worth_knowing() {
    let nobody = findings(TOP);
    assert_eq!(
        nobody,
        [
            "warning augeo/database-closed augeo.toml:4:14: \
             the firewall of the database lets nobody in, the web app included",
            "note augeo/redis-public augeo.toml:4:14: Managed Redis is reached from any address, \
             by TLS and who signs in, until it has a private endpoint",
        ]
    );
    let text = "\
project = 'augeo'
location = 'westeruope'
[environment.dev]
[redis]
kind = 'classic'
entra = false
[database.configurations]
max_connections = '100'
[database.firewall]
a = '0.0.0.0'
b = '20.0.0.0/8'
c = '203.0.113.7'
";
    let found = findings(text);
    assert_eq!(
        found,
        [
            "warning augeo/no-cost-center augeo.toml:3:14: dev has no cost center",
            "warning augeo/unknown-region augeo.toml:2:12: \
             `westeruope` is no region of Azure that is known here",
            "note augeo/restart-needed augeo.toml:8:19: \
             a new value of `max_connections` works after a restart of the server",
            "note augeo/database-open augeo.toml:10:5: \
             `0.0.0.0` lets in every service of Azure, of any customer",
            "note augeo/database-open augeo.toml:11:5: `20.0.0.0-20.255.255.255` lets in 16777216 \
             addresses",
            "note augeo/redis-keys augeo.toml:6:9: the web app signs in to Redis with an access \
             key, which Augeo neither reads nor sets",
            "note augeo/redis-public augeo.toml:4:2: the cache has no firewall: \
             it is reached from any address, by TLS and who signs in",
            "warning augeo/redis-retired augeo.toml:4:2: Azure Cache for Redis is closed to who had \
             none before 2026-04-01, and is switched off after 2028-09-30",
        ]
    );
    let stack = judged(text, "dev");
    assert_eq!(
        stack.findings()[1].fix.as_deref(),
        Some("did you mean `westeurope`?")
    );
    assert!(stack.findings().iter().all(|finding| finding.fix.is_some()));
}

#[test]
fn a_link_between_the_static_web_app_and_the_api_is_an_error() {
    let text = format!(
        "{TOP}[database]\nenabled = false\n[redis]\nenabled = false\n
[[resource]]
name = 'web/admin/link'
type = 'Microsoft.Web/staticSites/linkedBackends'
api_version = '2025-03-01'
within = 'web/admin'
body = {{ backendResourceId = '${{web/api.id}}', region = 'westeurope' }}
"
    );
    let found = findings(&text);
    let expected = "web/admin/link closes the API's own host name: it then answers only through \
                    the static web app";
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error augeo/linked-backend augeo.toml:"));
    assert!(found[0].ends_with(expected), "{}", found[0]);
}

#[test]
fn what_sizes_do_not_have_is_told_where_it_was_asked_for() {
    let text = "\
project = 'augeo'
location = 'westeurope'
cost_center = 'CC-1'
[environment.dev]
[storage]
redundancy = 'ZRS'
[database]
high_availability = 'zone-redundant'
[database.firewall]
office = '203.0.113.7'
[redis]
enabled = false
[app_service_plan]
instances = 4
autoscale_max = 2
[app_service]
staging_slot = true
";
    insta::assert_snapshot!(findings(text).join("\n"));
}

#[test]
fn nothing_to_say() {
    let text =
        format!("{TOP}[database.firewall]\noffice = '203.0.113.7'\n[redis]\nenabled = false\n");
    assert_eq!(findings(&text), [""; 0]);
}
