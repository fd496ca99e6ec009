//! Every shape of error body that Azure is known to send, and what becomes of it.

use std::collections::BTreeSet;

use augeo_core::provider::ProviderError;

use super::*;
use crate::error::{ArmError, ERROR_FACTS};

fn parse(status: u16, body: &str) -> (String, String, Option<String>) {
    let refusal = Refusal::parse(status, body.as_bytes());
    (refusal.code, refusal.message, refusal.target)
}

#[test]
fn bodies_of_every_shape_are_read() {
    let cases: &[(u16, &str, &str, &str)] = &[
        (
            409,
            r#"{"error":{"code":"AnotherOperationInProgress","message":"m"}}"#,
            "AnotherOperationInProgress",
            "m",
        ),
        // Escapes, which the SDK's own parser gives up on.
        (
            400,
            r#"{"error":{"code":"Bad\u0051uote","message":"say \"no\"\r\nagain"}}"#,
            "BadQuote",
            "say \"no\"\r\nagain",
        ),
        (
            400,
            r#"{"code":"NoWrapper","message":"m"}"#,
            "NoWrapper",
            "m",
        ),
        (
            400,
            r#"{"Code":"BadRequest","Message":"web","Details":[{"Message":"web"},{"Code":"x"}]}"#,
            "BadRequest",
            "web",
        ),
        (
            400,
            r#"{"error":{"code":"C","message":"m","details":null,"innererror":null}}"#,
            "C",
            "m",
        ),
        (
            400,
            r#"{"error":{"code":"C","message":"m","details":[]}}"#,
            "C",
            "m",
        ),
        // The innermost of nested details.
        (
            400,
            r#"{"error":{"code":"InvalidTemplateDeployment","message":"outer","details":[{"code":"Mid","message":"mid","details":[{"code":"SkuNotAvailable","message":"inner"}]}]}}"#,
            "SkuNotAvailable",
            "inner",
        ),
        // A known code around an unknown one stays.
        (
            403,
            r#"{"error":{"code":"RequestDisallowedByPolicy","message":"policy","details":[{"code":"Odd","message":"odd"}]}}"#,
            "RequestDisallowedByPolicy",
            "policy",
        ),
        // An answer inside a message.
        (
            409,
            r#"{"error":{"code":"Conflict","message":"{\"error\":{\"code\":\"StorageAccountAlreadyTaken\",\"message\":\"taken\"}}"}}"#,
            "StorageAccountAlreadyTaken",
            "taken",
        ),
        (
            401,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: \u0027secret\u0027"}"#,
            "invalid_client",
            "AADSTS7000215: 'secret'",
        ),
        (
            502,
            "<html><head><title>502 Bad\nGateway</title></head><body>x</body></html>",
            "502",
            "502 Bad Gateway",
        ),
        (
            503,
            "<h1>Our services</h1> are down",
            "503",
            "Our services are down",
        ),
        (503, "", "503", "Azure is out of order"),
        (404, "   ", "404", "it does not exist"),
        (
            400,
            "\u{feff}{\"error\":{\"code\":\"Bom\",\"message\":\"m\"}}",
            "Bom",
            "m",
        ),
        (400, r#""just text""#, "400", "just text"),
        (400, "[]", "400", "the request is wrong"),
        (400, r#"{"error":{}}"#, "400", "the request is wrong"),
        (418, "{}", "418", "it was refused without a reason"),
    ];
    for (status, body, code, message) in cases {
        let (got_code, got_message, _) = parse(*status, body);
        assert_eq!(
            (got_code.as_str(), got_message.as_str()),
            (*code, *message),
            "{body}"
        );
    }
}

#[test]
fn the_target_becomes_the_property() {
    let refusal = Refusal::parse(
        400,
        br#"{"error":{"code":"InvalidParameter","message":"m","details":[{"code":"TooShort","message":"n","target":"properties.name"}]}}"#,
    );
    assert_eq!(
        refusal.kind(),
        ErrorKind::Invalid {
            property: Some("properties.name".into())
        }
    );
}

#[test]
fn long_pages_are_cut() {
    let body = format!("oops {}", "ä".repeat(9_000));
    let (_, message, _) = parse(500, &body);
    assert_eq!(message.chars().count(), MESSAGE_LENGTH_MAX + 1);
}

#[test]
fn the_reason_of_a_failed_operation_is_cut_too() {
    let long = "ä".repeat(9_000);
    let body = serde_json::json!({"code": long, "message": long, "target": long});
    let refusal = Refusal::of_json(200, &body);
    let length = |text: &str| text.chars().count();
    assert_eq!(length(&refusal.message), MESSAGE_LENGTH_MAX + 1);
    assert_eq!(length(&refusal.code), CODE_LENGTH_MAX + 1);
    assert_eq!(
        refusal.target.as_deref().map(length),
        Some(CODE_LENGTH_MAX + 1)
    );
}

#[test]
fn deep_nesting_ends() {
    let body = (0..40).fold(r#"{"code":"End","message":"m"}"#.to_owned(), |inner, _| {
        format!(r#"{{"code":"C","message":"m","details":[{inner}]}}"#)
    });
    assert_eq!(parse(400, &body).0, "C");
}

#[test]
fn codes_decide_and_statuses_only_where_codes_are_silent() {
    let class =
        |status, code: &str, message: &str| Refusal::new(status, code, message).retry_class();
    for (status, code, message, wanted) in [
        (429, "TooManyRequests", "", RetryClass::Throttled),
        (
            429,
            "RetryableErrorDueToAnotherOperation",
            "",
            RetryClass::Busy,
        ),
        (
            429,
            "Conflict",
            "Another operation is in progress",
            RetryClass::Busy,
        ),
        (429, "Conflict", "", RetryClass::Throttled),
        (
            409,
            "Conflict",
            "Cannot modify: another operation is running",
            RetryClass::Busy,
        ),
        (409, "Conflict", "the name is taken", RetryClass::Never),
        (
            409,
            "ResourceGroupBeingDeleted",
            "operation in progress",
            RetryClass::Never,
        ),
        (409, "anotheroperationinprogress", "", RetryClass::Busy),
        (503, "ServerIsBusy", "", RetryClass::Busy),
        (400, "PrincipalNotFound", "", RetryClass::Settling),
        (404, "ParentResourceNotFound", "", RetryClass::NewParent),
        (403, "AuthorizationFailed", "", RetryClass::NewGrant),
        (403, "Forbidden", "", RetryClass::Never),
        (500, "Unheard", "", RetryClass::Transient),
        (501, "Unheard", "", RetryClass::Never),
        (400, "InternalServerError", "", RetryClass::Transient),
    ] {
        assert_eq!(
            class(status, code, message),
            wanted,
            "{status} {code} {message}"
        );
    }
    let kind = |status, code: &str| Refusal::new(status, code, "").kind();
    assert_eq!(kind(404, "SubscriptionNotFound"), ErrorKind::Denied);
    assert_eq!(kind(404, "ResourceNotFound"), ErrorKind::NotFound);
    assert_eq!(kind(412, "?"), ErrorKind::Moved);
}

#[test]
fn the_table_is_sound() {
    let codes: BTreeSet<_> = ERROR_FACTS
        .iter()
        .map(|fact| fact.code.to_ascii_lowercase())
        .collect();
    assert_eq!(codes.len(), ERROR_FACTS.len(), "a code is there twice");
    for fact in ERROR_FACTS {
        assert!(fact.help.len() <= 2, "{}", fact.code);
        for help in fact.help {
            assert!(
                !help.ends_with('.') && !help.is_empty(),
                "{}: {help}",
                fact.code
            );
        }
    }
}

#[test]
fn a_refusal_keeps_its_words_ids_and_help() {
    let mut refusal = Refusal::parse(
        409,
        br#"{"error":{"code":"MissingSubscriptionRegistration","message":"not registered to use namespace 'Microsoft.Cache'"}}"#,
    );
    refusal.ids.correlation = Some("c-1".into());
    let error = ProviderError::from(ArmError::Refused(Box::new(refusal)));
    assert_eq!(error.code, "MissingSubscriptionRegistration");
    assert_eq!(
        error.message,
        "not registered to use namespace 'Microsoft.Cache'"
    );
    assert_eq!(
        error.help,
        ["register the provider: `az provider register --wait --namespace Microsoft.Cache`"]
    );
    assert_eq!(error.ids.correlation.as_deref(), Some("c-1"));
    assert_eq!(error.status, Some(409));
}
