//! Operations followed, lost, abandoned and waited out.

use std::time::Duration;

use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::report::Event;
use serde_json::{Value as Json, json};

use super::*;
use crate::client::fake::{Bench, refusal};

#[tokio::test(start_paused = true)]
async fn operations_are_followed_to_their_end() {
    let bench = Bench::new(vec![
        answer(
            201,
            &[("azure-asyncoperation", OPERATION), ("retry-after", "15")],
            &Json::Null,
        ),
        answer(200, &[("retry-after", "7")], &json!({"status": "Creating"})),
        answer(503, &[("retry-after", "2")], &Json::Null),
        answer(200, &[], &json!({"status": "Succeeded"})),
        answer(
            200,
            &[],
            &json!({"id": ID, "properties": {"provisioningState": "Succeeded"}}),
        ),
    ]);
    let done = bench
        .client
        .run_operation(&put().query("x", "y"), &bench.ctx)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done["id"], ID);
    assert_eq!(bench.times(), [0, 15_000, 22_000, 24_000, 24_000]);
    let lines: Vec<_> = bench.seen().iter().map(|seen| seen.line.clone()).collect();
    assert_eq!(lines[1], format!("GET {OPERATION}"));
    // The final read is of the resource, without the query of the request.
    assert_eq!(
        lines[4],
        format!("GET https://management.azure.com{ID}?api-version=2025-01-01")
    );
    let waits: Vec<_> = bench
        .events
        .0
        .lock()
        .unwrap()
        .iter()
        .filter_map(|event| {
            let Event::Waiting { status, next, .. } = event else {
                return None;
            };
            Some((status.clone(), next.as_secs()))
        })
        .collect();
    assert_eq!(
        waits,
        [
            ("Accepted".into(), 15),
            ("Creating".into(), 7),
            ("Succeeded".into(), 0)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_fails_is_told_from_one_that_is_lost() {
    let accepted = || {
        answer(
            202,
            &[
                ("location", OPERATION),
                ("x-ms-correlation-request-id", "c-1"),
            ],
            &Json::Null,
        )
    };
    let bench = Bench::new(vec![accepted(), refusal(409, "AnotherOperationInProgress")]);
    let error = ProviderError::from(
        bench
            .client
            .run_operation(&put(), &bench.ctx)
            .await
            .unwrap_err(),
    );
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::OperationFailed, "AnotherOperationInProgress")
    );
    assert_eq!(error.ids.correlation.as_deref(), Some("c-1"));
    // An outage while it is followed says nothing about it.
    let mut script = vec![accepted()];
    script.extend(times(7, || refusal(500, "InternalServerError")));
    let bench = Bench::new(script);
    let error = bench
        .client
        .run_operation(&put(), &bench.ctx)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(bench.left(), 0);
    // Nor does patience that ends.
    let bench = Bench::with(
        std::iter::once(accepted())
            .chain(times(400, || answer(202, &[], &Json::Null)))
            .collect(),
        |options| options.limits.operation_duration_max = Duration::from_secs(3_600),
    );
    let error = bench
        .client
        .run_operation(&put(), &bench.ctx)
        .await
        .unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(bench.times().last(), Some(&3_600_000));
    let bench = Bench::with(
        std::iter::once(accepted())
            .chain(times(3, || {
                answer(202, &[("retry-after", "0")], &Json::Null)
            }))
            .collect(),
        |options| options.limits.polls_max = 3,
    );
    assert!(
        bench
            .client
            .run_operation(&put(), &bench.ctx)
            .await
            .unwrap_err()
            .is_ambiguous()
    );
    assert_eq!(bench.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn cancelling_is_truthful() {
    let cancel_at = async |bench: &Bench, seconds: u64, stop: bool| {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let token = if stop {
            &bench.ctx.stop
        } else {
            &bench.ctx.abandon
        };
        token.cancel();
    };
    // Abandoned while an operation is waited for, and while its request is under way: unknown.
    for first in [
        answer(
            202,
            &[("location", OPERATION), ("retry-after", "60")],
            &Json::Null,
        ),
        Reply::Stall,
    ] {
        let bench = Bench::new(vec![first]);
        let started = tokio::time::Instant::now();
        let request = put();
        let run = bench.client.run_operation(&request, &bench.ctx);
        let (error, ()) = tokio::join!(run, cancel_at(&bench, 5, false));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(started.elapsed().as_secs(), 5);
    }
    // Stopped while an operation is waited for: it is waited for.
    let bench = Bench::new(vec![
        answer(
            202,
            &[("location", OPERATION), ("retry-after", "60")],
            &Json::Null,
        ),
        answer(200, &[], &json!({"id": ID})),
    ]);
    let request = put();
    let run = bench.client.run_operation(&request, &bench.ctx);
    let (done, ()) = tokio::join!(run, cancel_at(&bench, 5, true));
    assert_eq!(done.unwrap(), Some(json!({"id": ID})));
    // Stopped or abandoned before a refused request is sent again: nothing was begun.
    for stop in [true, false] {
        let bench = Bench::new(vec![throttled("60")]);
        let run = bench.client.run_operation(&request, &bench.ctx);
        let (error, ()) = tokio::join!(run, cancel_at(&bench, 5, stop));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Stopped);
    }
    // A read goes on after a stop, and ends when it is abandoned.
    let bench = Bench::new(vec![throttled("60"), ok()]);
    let (read, ()) = tokio::join!(
        bench.client.get(ID, "1", &bench.ctx),
        cancel_at(&bench, 5, true)
    );
    assert!(read.is_ok());
    bench.ctx.abandon.cancel();
    let error = bench.client.get(ID, "1", &bench.ctx).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stopped);
    assert_eq!(bench.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn settling_waits_for_whoever_is_at_it() {
    let state = |word: &str| {
        answer(
            200,
            &[("retry-after", "30")],
            &json!({"properties": {"provisioningState": word}}),
        )
    };
    let settle = async |script: Vec<Reply>| {
        let bench = Bench::new(script);
        let settled = bench
            .client
            .wait_until_settled(ID, "1", &bench.ctx)
            .await
            .unwrap();
        (
            settled.map(|body| body["properties"]["provisioningState"].clone()),
            bench.times(),
        )
    };
    assert_eq!(
        settle(vec![state("Updating"), state("Succeeded")]).await,
        (Some(json!("Succeeded")), vec![0, 30_000])
    );
    assert_eq!(
        settle(vec![state("Deleting"), refusal(404, "ResourceNotFound")]).await,
        (None, vec![0, 30_000])
    );
    assert_eq!(
        settle(vec![state("Failed")]).await,
        (Some(json!("Failed")), vec![0])
    );
}
