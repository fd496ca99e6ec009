//! What a stack says of itself although nothing is wrong with the configuration.

use crate::shown::{TOP, stack};

fn findings(text: &str) -> Vec<String> {
    let stack = stack(text, "dev");
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
        ["warning augeo/database-closed augeo.toml:4:14: \
          the firewall of the database lets nobody in, the web app included"]
    );
    let text = "\
project = 'augeo'
location = 'westeruope'
[environment.dev]
[database.firewall]
a = '0.0.0.0'
b = '10.0.0.0/8'
c = '203.0.113.7'
";
    let found = findings(text);
    assert_eq!(
        found,
        [
            "warning augeo/no-cost-center augeo.toml:3:14: dev has no cost center",
            "warning augeo/unknown-region augeo.toml:2:12: \
             `westeruope` is no region of Azure that is known here",
            "note augeo/database-open augeo.toml:5:5: \
             `0.0.0.0` lets in every service of Azure, of any customer",
            "note augeo/database-open augeo.toml:6:5: `10.0.0.0/8` lets in 16777216 addresses",
        ]
    );
    let stack = stack(text, "dev");
    assert_eq!(
        stack.findings()[1].fix.as_deref(),
        Some("did you mean `westeurope`?")
    );
    assert!(stack.findings().iter().all(|finding| finding.fix.is_some()));
}

#[test]
fn nothing_to_say() {
    let text = format!("{TOP}[database.firewall]\noffice = '203.0.113.7'\n");
    assert_eq!(findings(&text), [""; 0]);
}
