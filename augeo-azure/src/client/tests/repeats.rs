//! What is sent again, when, how often; and what is not.

use std::collections::BTreeSet;
use std::time::Duration;

use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::report::Event;
use azure_core::error::ErrorKind as CoreErrorKind;
use azure_core::http::headers::HeaderName;
use serde_json::{Value as Json, json};

use super::*;
use crate::client::fake::{Bench, refusal};
use crate::client::*;
use crate::throttle::Rate;

#[tokio::test(start_paused = true)]
async fn reads_tell_absent_from_refused() {
    let bench = Bench::new(vec![
        ok(),
        refusal(404, "ResourceNotFound"),
        refusal(404, "ParentResourceNotFound"),
        refusal(404, "SubscriptionNotFound"),
        refusal(403, "AuthorizationFailed"),
    ]);
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(bench.client.get(ID, "2025-01-01", &bench.ctx).await);
    }
    assert_eq!(told[0].as_ref().unwrap(), &Some(json!({"id": ID})));
    assert_eq!(told[1].as_ref().unwrap(), &None);
    assert_eq!(told[2].as_ref().unwrap(), &None);
    assert_eq!(told[3].as_ref().unwrap_err().code(), "SubscriptionNotFound");
    assert_eq!(told[4].as_ref().unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(bench.times(), [0; 5]);
    let seen = bench.seen();
    assert_eq!(
        seen[0].line,
        format!("GET https://management.azure.com{ID}?api-version=2025-01-01")
    );
    let header = |name| {
        seen[0]
            .headers
            .get_optional_string(&HeaderName::from_static(name))
    };
    assert!(header("authorization").unwrap().starts_with("Bearer ey"));
    assert!(header("user-agent").unwrap().starts_with("augeo "));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_exactly() {
    for (headers, wait) in [
        (("retry-after", "17"), 17_000),
        (("retry-after", "300"), 300_000),
        (("retry-after-ms", "1700"), 1_700),
        (("retry-after", "Thu, 01 Jan 2026 00:01:30 GMT"), 90_000),
    ] {
        for status in [429, 503, 500, 408] {
            let bench = Bench::new(vec![answer(status, &[headers], &Json::Null), ok()]);
            bench.client.get(ID, "1", &bench.ctx).await.unwrap();
            assert_eq!(bench.times(), [0, wait], "{status} {headers:?}");
        }
    }
    // A refused write was not begun: it is sent again, after the same wait.
    let bench = Bench::new(vec![throttled("21"), ok()]);
    bench
        .client
        .run_operation(&put(), &bench.ctx)
        .await
        .unwrap();
    assert_eq!(bench.times(), [0, 21_000]);
    assert!(matches!(
        &bench.events.0.lock().unwrap()[..],
        [Event::Retrying { after, reason, .. }] if after.as_secs() == 21 && reason.contains("TooManyRequests")
    ));
    // Longer than anyone would wait: told, not cut short.
    let bench = Bench::new(vec![throttled("90000")]);
    let error = ProviderError::from(bench.client.get(ID, "1", &bench.ctx).await.unwrap_err());
    let retry_after = Some(Duration::from_secs(90_000));
    assert_eq!(error.kind, ErrorKind::Throttled { retry_after });
}

#[tokio::test(start_paused = true)]
async fn each_class_of_refusal_has_a_budget_of_its_own() {
    let mut script = times(12, || refusal(409, "AnotherOperationInProgress"));
    script.push(refusal(400, "PrincipalNotFound"));
    script.push(throttled("1"));
    script.extend(times(12, || refusal(409, "AnotherOperationInProgress")));
    script.push(ok());
    let bench = Bench::with(script, |options| {
        options.limits.busy.failures_max = 12;
        options.limits.settling.failures_max = 1;
        options.limits.throttled.failures_max = 1;
    });
    bench
        .client
        .run_operation(&put(), &bench.ctx)
        .await
        .unwrap();
    assert_eq!(bench.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn budgets_end_and_return_the_last_refusal() {
    let bench = Bench::with(times(3, || refusal(409, "ServerIsBusy")), |options| {
        options.limits.busy.failures_max = 2;
    });
    let error = bench
        .client
        .run_operation(&put(), &bench.ctx)
        .await
        .unwrap_err();
    assert_eq!((error.code(), bench.left()), ("ServerIsBusy", 0));
    // What cannot be cured is not tried again.
    for (status, code) in [
        (409, "ResourceGroupBeingDeleted"),
        (409, "StorageAccountAlreadyTaken"),
        (404, "ParentResourceNotFound"),
        (403, "AuthorizationFailed"),
        (400, "InvalidParameter"),
    ] {
        let bench = Bench::new(vec![refusal(status, code)]);
        let error = bench
            .client
            .run_operation(&put(), &bench.ctx)
            .await
            .unwrap_err();
        assert_eq!(error.code(), code);
    }
    // Unless the caller knows that it will pass.
    let bench = Bench::new(vec![
        refusal(404, "ParentResourceNotFound"),
        refusal(403, "AuthorizationFailed"),
        ok(),
    ]);
    let request = put().expecting(Lag::NewParent).expecting(Lag::NewGrant);
    bench
        .client
        .run_operation(&request, &bench.ctx)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_outcome_was_not_seen_is_not_repeated() {
    type Make = fn() -> Reply;
    let unseen: [Make; 4] = [
        || Reply::Refuse(CoreErrorKind::Io),
        || Reply::Stall,
        || refusal(500, "InternalServerError"),
        || answer(503, &[("retry-after", "3")], &Json::Null),
    ];
    for make in unseen {
        for request in [
            put(),
            ArmRequest::patch(ID, "1", json!({})),
            ArmRequest::post(format!("{ID}/restart"), "1", None),
            ArmRequest::delete(ID, "1"),
        ] {
            let bench = Bench::new(vec![make()]);
            let error = bench
                .client
                .run_operation(&request, &bench.ctx)
                .await
                .unwrap_err();
            assert!(error.is_ambiguous(), "{request}: {error}");
            let error = ProviderError::from(error);
            assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
            assert!(error.ids.request.is_some() && error.message.contains(request.path()));
            assert_eq!(bench.seen().len(), 1);
        }
        let bench = Bench::new(vec![make(), ok()]);
        bench
            .client
            .run_operation(&put().safe_to_repeat(), &bench.ctx)
            .await
            .unwrap();
        let bench = Bench::new(vec![make(), make(), ok()]);
        bench.client.get(ID, "1", &bench.ctx).await.unwrap();
    }
    // A connection that was never made carried nothing.
    let bench = Bench::new(vec![Reply::Refuse(CoreErrorKind::Connection), ok()]);
    bench
        .client
        .run_operation(&put(), &bench.ctx)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_endless_outage_ends() {
    let bench = Bench::new(times(7, || Reply::Refuse(CoreErrorKind::Connection)));
    let error = bench.client.get(ID, "1", &bench.ctx).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "management.azure.com cannot be reached: reset by peer"
    );
    assert_eq!(bench.left(), 0);
    let bench = Bench::new(times(7, || answer(502, &[], &json!("<html>"))));
    assert_eq!(
        bench
            .client
            .get(ID, "1", &bench.ctx)
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Transient
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_waits_and_names_alike() {
    let run = async |seed| {
        let bench = Bench::with(
            vec![
                refusal(500, "x"),
                refusal(502, "x"),
                refusal(503, "x"),
                ok(),
            ],
            |options| options.seed = seed,
        );
        bench.client.get(ID, "1", &bench.ctx).await.unwrap();
        let name = HeaderName::from_static("x-ms-client-request-id");
        let ids: Vec<_> = bench
            .seen()
            .iter()
            .filter_map(|seen| seen.headers.get_optional_string(&name))
            .collect();
        (bench.times(), ids)
    };
    let (one, again, other) = (run(7).await, run(7).await, run(8).await);
    assert_eq!(one, again);
    assert_ne!(one.0, other.0);
    assert_ne!(one.1, other.1);
    assert_eq!(one.1.iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(one.1[0].len(), 36);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_subscription_holds_back_everyone() {
    let body = json!({"error": {"code": "SubscriptionRequestsThrottled", "message": "m"}});
    let script = vec![answer(429, &[("retry-after", "10")], &body), ok(), ok()];
    let bench = Bench::with(script, |options| {
        options.throttle = ThrottleOptions {
            reads: Rate::new(1, 1, Duration::from_secs(1)),
            ..ThrottleOptions::default()
        };
    });
    let read = || bench.client.get(ID, "1", &bench.ctx);
    let (one, other) = tokio::join!(read(), read());
    assert!(one.is_ok() && other.is_ok());
    // The second had its turn after a second, and waits nevertheless.
    assert_eq!(bench.times(), [0, 10_000, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_are_bounded() {
    let bench = Bench::with(times(2, || Reply::Stall), |options| {
        options.limits.requests_max = 2;
        options.limits.transient.failures_max = 0;
    });
    let read = || bench.client.get(ID, "1", &bench.ctx);
    let look = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let under_way = bench.seen().len();
        bench.ctx.abandon.cancel();
        under_way
    };
    let (.., under_way) = tokio::join!(read(), read(), read(), look);
    assert_eq!(under_way, 2);
}
