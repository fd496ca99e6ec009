//! Headers and bodies of operations: a client is led nowhere but home, waits no longer than it must,
//! and believes in a success only where an answer says so.

use std::time::Duration;

use augeo_azure::cloud::Cloud;
use augeo_azure::operation::{
    Answer, Operation, OperationKind, PollLimits, RETRY_AFTER_MAX, Step, retry_after,
};
use azure_core::http::headers::Headers;
use serde_json::Value as Json;
use time::OffsetDateTime;
use url::Url;

const NOW: OffsetDateTime = time::macros::datetime!(2026-01-01 00:00:00 UTC);
const RESOURCE: &str =
    "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/N/t/r?api-version=1";

/// What was answered: a status, headers, a body.
struct Given {
    status: u16,
    headers: Headers,
    body: Json,
}

/// The first line names what was asked (`write`, `action`, `delete` or `watch`). Answers follow, each
/// ended by a line `===`: a status, headers, an empty line, a body.
pub fn operation(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (kind, answers) = text.split_once('\n').unwrap_or((&text, ""));
    let answers: Vec<Given> = answers.split("\n===\n").map(read).collect();
    follow(kind.trim(), &answers, &Cloud::public());
}

fn read(text: &str) -> Given {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok());
    let mut headers = Headers::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        // HTTP has no other names, and every client reads them in lower case.
        let name = name.trim().to_ascii_lowercase();
        if name.is_ascii() {
            headers.insert(name, value.trim().to_owned());
        }
    }
    Given {
        status: status.unwrap_or(200),
        headers,
        body: serde_json::from_str(body).unwrap_or_default(),
    }
}

fn answer(given: &Given) -> Answer<'_> {
    Answer {
        status: given.status,
        headers: &given.headers,
        body: &given.body,
    }
}

fn follow(kind: &str, answers: &[Given], cloud: &Cloud) {
    let url = Url::parse(RESOURCE).expect("it is an URL");
    let limits = PollLimits::default();
    let Some((first, rest)) = answers.split_first() else {
        return;
    };
    let kind = match kind {
        "action" => Some(OperationKind::Action),
        "delete" => Some(OperationKind::Delete),
        "watch" => None,
        _ => Some(OperationKind::Write),
    };
    let (mut operation, mut step) = match kind {
        // Only a success begins an operation.
        Some(kind) if (200..300).contains(&first.status) => {
            Operation::start(kind, url, cloud, limits, answer(first), NOW)
        }
        Some(_) | None => Operation::watching(url, cloud, limits, answer(first), NOW),
    };
    check(&step, first, kind, cloud);
    for given in rest {
        if !matches!(step, Step::Poll { .. }) {
            return;
        }
        step = operation.advance(answer(given), NOW);
        check(&step, given, kind, cloud);
    }
    missing_ends(operation, step, limits);
}

fn check(step: &Step, given: &Given, kind: Option<OperationKind>, cloud: &Cloud) {
    let asked = retry_after(&given.headers, NOW);
    assert!(asked.unwrap_or_default() <= RETRY_AFTER_MAX, "{asked:?}");
    match step {
        Step::Poll { url, after, .. } => {
            assert!(cloud.admits(url), "it is led to {url}");
            let usual = PollLimits::default().delay;
            let allowed = [Some(Duration::ZERO), asked, Some(usual)];
            assert!(allowed.contains(&Some(*after)), "it waits {after:?}");
            assert!(
                NOW.checked_add(time::Duration::try_from(*after).expect("it is bounded"))
                    .is_some()
            );
        }
        Step::Done(_) => {
            let gone = kind == Some(OperationKind::Delete) && matches!(given.status, 404 | 410);
            let success = (200..300).contains(&given.status);
            assert!(gone || success, "{} is no success", given.status);
        }
        Step::Failed(refusal) => assert!(!refusal.code.is_empty()),
        Step::Lost(reason) => assert!(!reason.is_empty()),
    }
}

/// What is not there for good is not looked for without end.
fn missing_ends(mut operation: Operation, mut step: Step, limits: PollLimits) {
    let given = Given {
        status: 404,
        headers: Headers::new(),
        body: Json::Null,
    };
    let mut looks = 0;
    while matches!(step, Step::Poll { .. }) {
        // The operation first, then the resource.
        assert!(
            looks <= 2 * (limits.missing_max + 1),
            "it looks without end"
        );
        looks += 1;
        step = operation.advance(answer(&given), NOW);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::damage::input;

    proptest! {
        #[test]
        fn answers_are_survived(data in input("operation")) {
            operation(&data);
        }

        #[test]
        fn no_wait_is_endless(
            name in prop::sample::select(vec!["retry-after", "retry-after-ms", "x-ms-retry-after-ms"]),
            value in prop_oneof![
                any::<u64>().prop_map(|number| number.to_string()),
                "(Mon|Thu), [0-3][0-9] (Jan|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT",
                ".{0,20}",
            ],
            status in prop::sample::select(vec![200, 201, 202]),
        ) {
            let body = r#"{"properties": {"provisioningState": "Updating"}}"#;
            let answer = format!("{status}\n{name}: {value}\n\n{body}");
            operation(format!("write\n{answer}\n===\n{answer}").as_bytes());
        }

        #[test]
        fn no_foreign_host_is_asked(
            name in prop::sample::select(vec!["location", "azure-asyncoperation"]),
            link in prop_oneof![
                "https?://[a-z.@:/\\\\%]{0,12}management.azure.com[a-z.@:/\\\\%]{0,12}",
                "[/\\\\]{0,3}[a-z.@:]{0,12}",
                ".{0,20}",
            ],
        ) {
            operation(format!("write\n202\n{name}: {link}\n\n\n===\n202\n{name}: {link}\n\n").as_bytes());
        }
    }

    fn given(status: u16) -> Given {
        Given {
            status,
            headers: Headers::new(),
            body: Json::Null,
        }
    }

    fn poll(url: &str, after: Duration) -> Step {
        Step::Poll {
            url: Url::parse(url).unwrap(),
            after,
            status: String::new(),
        }
    }

    #[test]
    #[should_panic(expected = "it is led to")]
    fn a_foreign_host_would_be_told() {
        let step = poll("https://evil.example/", Duration::ZERO);
        check(&step, &given(202), None, &Cloud::public());
    }

    #[test]
    #[should_panic(expected = "it waits")]
    fn a_wait_that_nobody_asked_for_would_be_told() {
        let step = poll(RESOURCE, Duration::from_secs(3_600));
        check(&step, &given(202), None, &Cloud::public());
    }

    #[test]
    #[should_panic(expected = "no success")]
    fn a_success_without_an_answer_of_success_would_be_told() {
        check(
            &Step::Done(None),
            &given(404),
            Some(OperationKind::Write),
            &Cloud::public(),
        );
    }
}
