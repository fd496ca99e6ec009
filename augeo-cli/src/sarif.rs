//! Findings as a SARIF log, which code scanning shows beside the lines that they are about
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::BTreeMap;

use augeo_azure::rules::{self, Suppression};
use augeo_core::finding::{Finding, Severity, SourceLocation};
use serde_json::{Value as Json, json};

use crate::explain::{self, Entry};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/augeo-platform/augeo";

/// A log of one run: what was found in a configuration, and what is suppressed there.
pub(crate) fn log(file: &str, findings: &[Finding], suppressed: &[(Finding, Suppression)]) -> Json {
    let all = || {
        findings
            .iter()
            .chain(suppressed.iter().map(|(finding, _)| finding))
    };
    let mut positions: BTreeMap<&str, usize> =
        all().map(|finding| (finding.rule.as_str(), 0)).collect();
    for (position, place) in positions.values_mut().enumerate() {
        *place = position;
    }
    let entries = explain::entries();
    let rules: Vec<Json> = positions
        .keys()
        .map(|id| descriptor(id, &entries))
        .collect();
    let open = findings
        .iter()
        .map(|finding| result(file, finding, &positions));
    let hidden = suppressed.iter().map(|(finding, suppression)| {
        let mut result = result(file, finding, &positions);
        let until = suppression.until;
        let why = format!("{} (until {until})", suppression.reason);
        result["suppressions"] = json!([{"kind": "external", "justification": why}]);
        result
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "augeo",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": open.chain(hidden).collect::<Vec<Json>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// What is to be known of a code: of a rule, or of a mistake in the configuration.
fn descriptor(id: &str, entries: &[Entry]) -> Json {
    let mut descriptor = json!({"id": id});
    if let Some(entry) = explain::find(entries, id) {
        descriptor["shortDescription"] = json!({"text": entry.what()});
        let help = entry.why_and_fix();
        descriptor["help"] = json!({"text": help});
        if let Some(link) = entry.link() {
            descriptor["helpUri"] = link.into();
        }
    }
    if let Some(rule) = rules::find(id) {
        descriptor["fullDescription"] = json!({"text": rule.reason});
        descriptor["defaultConfiguration"] = json!({"level": level(rule.severity)});
        let date = rule.date.map(|date| date.to_string());
        descriptor["properties"] = json!({"enforced": rule.enforced, "date": date});
    }
    descriptor
}

fn result(file: &str, finding: &Finding, positions: &BTreeMap<&str, usize>) -> Json {
    let mut message = finding.message.clone();
    if let Some(property) = &finding.property {
        message = format!("{property}: {message}");
    }
    if let Some(fix) = &finding.fix {
        message = format!("{message}. Fix: {fix}");
    }
    let start = SourceLocation::new(file, 1, 1);
    let at = finding.location.as_ref().unwrap_or(&start);
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&at.file)},
        "region": {"startLine": at.line, "startColumn": at.column},
    }});
    let resource = finding.resource.as_ref().map(ToString::to_string);
    if let Some(name) = &resource {
        location["logicalLocations"] = json!([{"fullyQualifiedName": name, "kind": "resource"}]);
    }
    // The same finding after lines were added above it is the same finding.
    let fingerprint = format!("{}|{}", finding.rule, resource.unwrap_or_default());
    json!({
        "ruleId": finding.rule,
        "ruleIndex": positions.get(finding.rule.as_str()),
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"augeoFinding/v1": fingerprint},
    })
}

/// A digit of a byte in hexadecimal.
fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).map_or('0', |c| c.to_ascii_uppercase())
}

/// A path as a relative reference: with slashes, and what has a meaning in a URI as its code.
fn uri(path: &str) -> String {
    let mut text = String::new();
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'\\' => text.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            other => text.extend(['%', hex(other >> 4), hex(other & 15)]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("./a b/augeo.toml"), "a%20b/augeo.toml");
        assert_eq!(uri("a\\b.toml"), "a/b.toml");
    }
}
