//! Tables of answers as Azure gives them, and where each leads.

use azure_core::http::headers::Headers;
use serde_json::json;

use super::*;

pub(super) const RESOURCE: &str =
    "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/N/t/r?api-version=1";
pub(super) const STATUS: &str =
    "https://management.azure.com/ops/1?api-version=1&t=638&c=MII%2Ba&s=x%20y&h=a+b";
const RESULT: &str = "https://management.azure.com/results/1?x=%2F";
pub(super) const NOW: OffsetDateTime = time::macros::datetime!(2026-01-01 00:00:00 UTC);

/// One answer: status, headers, body.
type Given<'a> = (u16, &'a [(&'static str, &'static str)], Json);

pub(super) fn headers(pairs: &[(&'static str, &'static str)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        headers.insert(*name, *value);
    }
    headers
}

/// Short text for a step, to compare tables by.
fn told(step: &Step) -> String {
    match step {
        Step::Poll { url, after, status } => {
            let place = match url.as_str() {
                RESOURCE => "resource",
                STATUS => "status",
                RESULT => "result",
                other => other,
            };
            format!("{place} in {}s: {status}", after.as_secs())
        }
        Step::Done(None) => "done".to_owned(),
        Step::Done(Some(body)) => format!("done {body}"),
        Step::Failed(refusal) => format!("failed {refusal}"),
        Step::Lost(reason) => format!("lost: {reason}"),
    }
}

fn run(kind: OperationKind, answers: &[Given<'_>]) -> Vec<String> {
    let resource = Url::parse(RESOURCE).unwrap();
    let mut operation = None;
    let mut steps = Vec::new();
    for (status, pairs, body) in answers {
        let headers = headers(pairs);
        let answer = Answer {
            status: *status,
            headers: &headers,
            body,
        };
        let step = match &mut operation {
            None => {
                let limits = PollLimits {
                    missing_max: 2,
                    ..PollLimits::default()
                };
                let (started, step) = Operation::start(
                    kind,
                    resource.clone(),
                    &Cloud::public(),
                    limits,
                    answer,
                    NOW,
                );
                operation = Some(started);
                step
            }
            Some(operation) => operation.advance(answer, NOW),
        };
        let end = !matches!(step, Step::Poll { .. });
        steps.push(told(&step));
        if end {
            break;
        }
    }
    assert_eq!(steps.len(), answers.len(), "it ended early: {steps:?}");
    steps
}

pub(super) fn state(word: &str) -> Json {
    json!({"properties": {"provisioningState": word}})
}

pub(super) const ASYNC: &[(&str, &str)] =
    &[("azure-asyncoperation", STATUS), ("retry-after", "15")];
pub(super) const LOCATED: &[(&str, &str)] = &[("location", RESULT), ("retry-after", "3")];

#[test]
fn writes_end_with_the_resource() {
    use OperationKind::Write;
    // At once, with and without a state.
    assert_eq!(
        run(Write, &[(200, &[], json!({"id": "x"}))]),
        [r#"done {"id":"x"}"#]
    );
    assert_eq!(
        run(Write, &[(201, &[], state("Succeeded"))])[0],
        r#"done {"properties":{"provisioningState":"Succeeded"}}"#
    );
    // A status document, an unknown word, then a resource that is still at it.
    assert_eq!(
        run(
            Write,
            &[
                (201, ASYNC, state("Creating")),
                (200, &[("retry-after", "7")], json!({"status": "WarmingUp"})),
                (200, &[], json!({"status": "Succeeded"})),
                (200, &[("retry-after", "2")], state("Updating")),
                (200, &[], json!({"id": "r"})),
            ]
        ),
        [
            "status in 15s: Creating",
            "status in 7s: WarmingUp",
            "resource in 0s: Succeeded",
            "resource in 2s: Updating",
            r#"done {"id":"r"}"#,
        ]
    );
    // 200 with a running state and no header is asynchronous too.
    assert_eq!(
        run(
            Write,
            &[
                (200, &[], state("Updating")),
                (200, &[], state("Succeeded"))
            ]
        )[0],
        "resource in 10s: Updating"
    );
    // A location that answers with something else than the resource.
    assert_eq!(
        run(
            Write,
            &[
                (202, LOCATED, Json::Null),
                (202, &[], Json::Null),
                (200, &[], json!({"count": 1})),
                (200, &[], json!({"id": "r"})),
            ]
        ),
        [
            "result in 3s: Accepted",
            "result in 10s: InProgress",
            "resource in 0s: Succeeded",
            r#"done {"id":"r"}"#
        ]
    );
    // A location that answers with the resource needs no further read.
    let own = json!({"id": "/subscriptions/S/resourcegroups/g/providers/N/t/r"});
    assert_eq!(
        run(
            Write,
            &[(202, LOCATED, Json::Null), (200, &[], own.clone())]
        )[1],
        format!("done {own}")
    );
    // 201 with a Location and a body that has a state: the Location is just an address.
    assert!(run(Write, &[(201, LOCATED, state("Succeeded"))])[0].starts_with("done"));
    assert_eq!(
        run(Write, &[(201, LOCATED, json!({"id": "r"}))]),
        ["result in 3s: Accepted"]
    );
    assert_eq!(
        run(Write, &[(202, &[], Json::Null)]),
        ["resource in 10s: Accepted"]
    );
}

#[test]
fn deletes_end_with_nothing() {
    use OperationKind::Delete;
    assert_eq!(run(Delete, &[(200, &[], state("Deleting"))]), ["done"]);
    assert_eq!(run(Delete, &[(204, &[], Json::Null)]), ["done"]);
    assert_eq!(
        run(
            Delete,
            &[
                (202, LOCATED, Json::Null),
                (202, &[], Json::Null),
                (204, &[], Json::Null)
            ]
        )[2],
        "done"
    );
    assert_eq!(
        run(
            Delete,
            &[
                (202, LOCATED, Json::Null),
                (404, &[], Json::Null),
                (404, &[], Json::Null)
            ]
        )[1..],
        ["resource in 0s: InProgress", "done"]
    );
    assert_eq!(
        run(
            Delete,
            &[
                (202, &[], Json::Null),
                (200, &[], state("Deleting")),
                (404, &[], Json::Null)
            ]
        ),
        [
            "resource in 10s: Deleting",
            "resource in 10s: Deleting",
            "done"
        ]
    );
    assert_eq!(
        run(
            Delete,
            &[
                (202, ASYNC, Json::Null),
                (200, &[], json!({"status": "Succeeded"}))
            ]
        )[1],
        "done"
    );
}

#[test]
fn actions_end_with_their_result() {
    use OperationKind::Action;
    assert_eq!(
        run(Action, &[(200, &[], json!({"keys": []}))]),
        [r#"done {"keys":[]}"#]
    );
    assert_eq!(run(Action, &[(202, &[], Json::Null)]), ["done"]);
    let both: &[_] = &[("azure-asyncoperation", STATUS), ("location", RESULT)];
    assert_eq!(
        run(
            Action,
            &[
                (202, both, Json::Null),
                (200, &[], json!({"status": "Succeeded"})),
                (200, &[], json!({"a": 1}))
            ]
        ),
        [
            "status in 10s: Accepted",
            "result in 0s: Succeeded",
            r#"done {"a":1}"#
        ]
    );
    assert_eq!(
        run(
            Action,
            &[
                (202, ASYNC, Json::Null),
                (
                    200,
                    &[],
                    json!({"status": "Succeeded", "properties": {"b": 2}})
                )
            ]
        )[1],
        r#"done {"b":2}"#
    );
    assert_eq!(
        run(
            Action,
            &[(202, LOCATED, Json::Null), (200, &[], json!({"c": 3}))]
        )[1],
        r#"done {"c":3}"#
    );
}

#[test]
fn failures_keep_their_reason() {
    use OperationKind::{Delete, Write};
    let error = json!({"status": "Failed", "error": {"code": "SkuNotAvailable", "message": "no"}});
    assert_eq!(
        run(Write, &[(201, ASYNC, Json::Null), (200, &[], error)])[1],
        "failed SkuNotAvailable: no"
    );
    assert_eq!(
        run(
            Write,
            &[
                (201, ASYNC, Json::Null),
                (200, &[], json!({"status": "Canceled"}))
            ]
        )[1],
        "failed OperationCanceled: the operation ended as Canceled, without a reason"
    );
    assert_eq!(
        run(Write, &[(200, &[], state("Failed"))])[0],
        "failed OperationFailed: the operation ended as Failed, without a reason"
    );
    let inner = json!({"properties": {"provisioningState": "Failed", "error": {"code": "C", "message": "m"}}});
    assert_eq!(run(Write, &[(200, &[], inner)])[0], "failed C: m");
    assert_eq!(
        run(
            Delete,
            &[
                (202, LOCATED, Json::Null),
                (
                    409,
                    &[],
                    json!({"error": {"code": "ScopeLocked", "message": "locked"}})
                )
            ]
        )[1],
        "failed ScopeLocked: locked"
    );
    // The operation says succeeded, the resource does not.
    assert_eq!(
        run(
            Write,
            &[
                (201, ASYNC, Json::Null),
                (200, &[], json!({"status": "Succeeded"})),
                (200, &[], state("Failed"))
            ]
        )[2],
        "failed OperationFailed: the operation ended as Failed, without a reason"
    );
}

#[test]
fn a_lost_status_falls_back_to_the_resource() {
    use OperationKind::{Action, Write};
    let gone: Given<'_> = (404, &[], Json::Null);
    assert_eq!(
        run(
            Write,
            &[
                (201, ASYNC, Json::Null),
                gone.clone(),
                gone.clone(),
                gone.clone(),
                (200, &[], state("Creating")),
                (200, &[], state("Succeeded"))
            ]
        )[1..5],
        [
            "status in 10s: InProgress",
            "status in 10s: InProgress",
            "resource in 0s: InProgress",
            "resource in 10s: Creating"
        ]
    );
    // Misses count only in a row.
    let running: Given<'_> = (200, &[], json!({"status": "InProgress"}));
    assert!(
        run(
            Write,
            &[
                (201, ASYNC, Json::Null),
                gone.clone(),
                gone.clone(),
                running,
                gone.clone(),
                gone.clone()
            ]
        )[5]
        .starts_with("status")
    );
    // It is never taken for a success: the resource may be missing as well.
    assert!(
        run(
            Write,
            &[
                (202, ASYNC, Json::Null),
                gone.clone(),
                gone.clone(),
                gone.clone(),
                gone.clone(),
                gone.clone(),
                gone.clone()
            ]
        )[6]
        .starts_with("failed ResourceNotFound")
    );
    assert!(
        run(
            Action,
            &[(202, ASYNC, Json::Null), gone.clone(), gone.clone(), gone]
        )[3]
        .starts_with("lost")
    );
    assert_eq!(
        run(Write, &[(202, ASYNC, Json::Null), (403, &[], Json::Null)])[1],
        "resource in 0s: InProgress"
    );
    // A resource that cannot be read says nothing about the operation.
    assert!(run(Write, &[(202, &[], Json::Null), (403, &[], Json::Null)])[1].starts_with("lost"));
}

#[test]
fn links_are_followed_as_they_are_and_only_at_home() {
    use OperationKind::Write;
    let (_, step) = start_with(&[("azure-asyncoperation", STATUS)]);
    let Step::Poll { url, .. } = step else {
        panic!("{step:?}")
    };
    assert_eq!(url.as_str(), STATUS);
    assert_eq!(
        run(
            Write,
            &[(202, &[("location", "/results/1?x=%2F")], Json::Null)]
        )[0],
        "result in 10s: Accepted"
    );
    for foreign in [
        "https://evil.example/op",
        "http://management.azure.com/op",
        "//evil.example/op",
    ] {
        let (_, step) = start_with(&[("azure-asyncoperation", foreign)]);
        assert!(matches!(step, Step::Lost(_)), "{foreign}: {step:?}");
    }
    // A status document outweighs a location.
    let (_, step) = start_with(&[("location", RESULT), ("azure-asyncoperation", STATUS)]);
    assert!(told(&step).starts_with("status"));
}

fn start_with(pairs: &[(&'static str, &'static str)]) -> (Operation, Step) {
    let headers = headers(pairs);
    let answer = Answer {
        status: 202,
        headers: &headers,
        body: &Json::Null,
    };
    let url = Url::parse(RESOURCE).unwrap();
    Operation::start(
        OperationKind::Write,
        url,
        &Cloud::public(),
        PollLimits::default(),
        answer,
        NOW,
    )
}

#[test]
fn retry_after_has_three_forms() {
    let wait = |pairs: &[(&'static str, &'static str)]| retry_after(&headers(pairs), NOW);
    assert_eq!(wait(&[]), None);
    assert_eq!(
        wait(&[("retry-after", " 17 ")]),
        Some(Duration::from_secs(17))
    );
    assert_eq!(
        wait(&[("retry-after-ms", "1700"), ("retry-after", "9")]),
        Some(Duration::from_millis(1700))
    );
    assert_eq!(
        wait(&[("retry-after", "Thu, 01 Jan 2026 00:02:00 GMT")]),
        Some(Duration::from_secs(120))
    );
    assert_eq!(
        wait(&[("retry-after", "Wed, 31 Dec 2025 00:00:00 GMT")]),
        Some(Duration::ZERO)
    );
    assert_eq!(wait(&[("retry-after", "soon")]), None);
    for hostile in [
        "18446744073709551615",
        "2592001",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        assert_eq!(wait(&[("retry-after", hostile)]), Some(RETRY_AFTER_MAX));
    }
}

#[test]
fn watching_waits_out_what_runs() {
    let none = Headers::new();
    let url = Url::parse(RESOURCE).unwrap();
    let busy = state("Updating");
    let answer = Answer {
        status: 200,
        headers: &none,
        body: &busy,
    };
    let (mut operation, step) =
        Operation::watching(url, &Cloud::public(), PollLimits::default(), answer, NOW);
    assert_eq!(told(&step), "resource in 10s: Updating");
    let ready = state("Succeeded");
    let answer = Answer {
        status: 200,
        headers: &none,
        body: &ready,
    };
    assert!(matches!(
        operation.advance(answer, NOW),
        Step::Done(Some(_))
    ));
}
