//! Tokens and where they go, links and where they lead, traces and what they keep.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use augeo_core::provider::{ErrorKind, ProviderError};
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind as CoreErrorKind;
use azure_core::http::headers::HeaderName;
use serde_json::{Value as Json, json};

use super::*;
use crate::client::fake::{Bench, refusal};
use crate::client::*;
use crate::trace::{Redaction, TraceRecord};

/// Issues a new token each time.
#[derive(Debug, Default)]
struct Numbered(Mutex<u32>);

#[async_trait::async_trait]
impl TokenCredential for Numbered {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://management.azure.com/.default"]);
        let mut number = self.0.lock().unwrap();
        *number += 1;
        if *number > 2 {
            let message = "AADSTS700082: the refresh token has expired";
            return Err(azure_core::Error::with_message(
                CoreErrorKind::Credential,
                message,
            ));
        }
        let expires_on = time::macros::datetime!(2026-01-01 01:00:00 UTC);
        Ok(AccessToken::new(format!("token-{number}"), expires_on))
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once() {
    let real = |script| {
        Bench::with(script, |options| {
            options.cloud = Cloud::public();
            options.credential = Credential::new(Arc::new(Numbered::default()));
        })
    };
    let bearer = |bench: &Bench| -> Vec<String> {
        let name = HeaderName::from_static("authorization");
        bench
            .seen()
            .iter()
            .filter_map(|seen| seen.headers.get_optional_string(&name))
            .collect()
    };
    let expired = || refusal(401, "ExpiredAuthenticationToken");
    // The token is kept, replaced when it is refused, and writes are sent again: they were refused.
    let bench = real(vec![ok(), expired(), ok(), ok()]);
    for _ in 0..3 {
        bench
            .client
            .run_operation(&put(), &bench.ctx)
            .await
            .unwrap();
    }
    assert_eq!(
        bearer(&bench),
        [
            "Bearer token-1",
            "Bearer token-1",
            "Bearer token-2",
            "Bearer token-2"
        ]
    );
    assert_eq!(bench.times(), [0; 4]);
    // Only once.
    let bench = real(vec![expired(), expired()]);
    let error = bench.client.get(ID, "1", &bench.ctx).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    // A credential that ends is told with what to do.
    let error = ProviderError::from(bench.client.get(ID, "1", &bench.ctx).await.unwrap_err());
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::Unauthenticated, "CredentialExpired")
    );
    // Five minutes before its end it is renewed, by the run's clock.
    let bench = real(vec![ok(), ok(), ok()]);
    bench.client.get(ID, "1", &bench.ctx).await.unwrap();
    tokio::time::sleep(Duration::from_secs(54 * 60)).await;
    bench.client.get(ID, "1", &bench.ctx).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    bench.client.get(ID, "1", &bench.ctx).await.unwrap();
    assert_eq!(
        bearer(&bench),
        ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_never_leaves_its_cloud() {
    for link in [
        "https://evil.example/next",
        "http://management.azure.com/next",
    ] {
        let bench = Bench::new(vec![answer(
            200,
            &[],
            &json!({"value": [], "nextLink": link}),
        )]);
        let error = bench
            .client
            .list(&ArmRequest::get("/subscriptions", "1"), &bench.ctx)
            .await;
        assert!(
            matches!(error, Err(ArmError::ForeignHost { .. })),
            "{error:?}"
        );
        assert_eq!(bench.seen().len(), 1);
        let bench = Bench::new(vec![answer(202, &[("location", link)], &Json::Null)]);
        let error = bench
            .client
            .run_operation(&put(), &bench.ctx)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(bench.seen().len(), 1);
    }
    // An emulator and a real credential do not go together, nor the other way round.
    let bench = Bench::new(Vec::new());
    let options = |cloud, credential| {
        let id = bench.client.subscription().clone();
        ArmClientOptions::new(cloud, id, credential, Arc::clone(&bench.ctx.clock))
    };
    let real = || Credential::new(Arc::new(Numbered::default()));
    let loopback = Cloud::emulator_at("http://127.0.0.1:1").unwrap();
    assert!(ArmClient::new(options(loopback, real())).is_err());
    let emulator = Credential::emulator(Arc::clone(&bench.ctx.clock));
    assert!(ArmClient::new(options(Cloud::public(), emulator)).is_err());
    let mut named = options(Cloud::public(), real());
    named.application_id = "a/b".to_owned();
    assert!(ArmClient::new(named).is_err());
}

#[tokio::test(start_paused = true)]
async fn lists_are_read_to_their_end() {
    let next = "https://management.azure.com/subscriptions?api-version=1&$skiptoken=a%2Bb%20c";
    let list = ArmRequest::get("/subscriptions", "1");
    let bench = Bench::new(vec![
        answer(200, &[], &json!({"value": [1, 2], "nextLink": next})),
        throttled("5"),
        answer(200, &[], &json!({"value": [3], "nextLink": ""})),
    ]);
    let (client, counter) = bench.client.counted();
    assert_eq!(client.list(&list, &bench.ctx).await.unwrap(), [1, 2, 3]);
    assert_eq!(counter.count(), 3);
    // The link is used as it is.
    assert_eq!(bench.seen()[1].line, format!("GET {next}"));
    for (script, code) in [
        (
            times(3, || {
                answer(200, &[], &json!({"value": [], "nextLink": next}))
            }),
            "MalformedAnswer",
        ),
        (
            vec![answer(200, &[], &json!({"value": 1}))],
            "MalformedAnswer",
        ),
        (vec![answer(200, &[], &json!([1]))], "MalformedAnswer"),
        (
            vec![refusal(404, "ResourceGroupNotFound")],
            "ResourceGroupNotFound",
        ),
    ] {
        let bench = Bench::new(script);
        assert_eq!(
            bench
                .client
                .list(&list, &bench.ctx)
                .await
                .unwrap_err()
                .code(),
            code
        );
    }
    let pages = (0..4).map(|page| {
        answer(
            200,
            &[],
            &json!({"value": [], "nextLink": format!("{next}{page}")}),
        )
    });
    let bench = Bench::with(pages.collect(), |options| options.limits.pages_max = 3);
    assert_eq!(
        bench
            .client
            .list(&list, &bench.ctx)
            .await
            .unwrap_err()
            .code(),
        "LimitReached"
    );
}

#[derive(Debug, Default)]
struct Records(Mutex<Vec<TraceRecord>>);

impl TraceSink for Records {
    fn on_request(&self, record: &TraceRecord) {
        self.0.lock().unwrap().push(record.clone());
    }
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_traced_without_secrets() {
    let records = Arc::<Records>::default();
    let sink = Arc::clone(&records) as Arc<dyn TraceSink>;
    let bench = Bench::with(vec![throttled("1"), ok()], |options| {
        options.trace = Some(sink);
    });
    let body = json!({"properties": {"value": "planted", "password": "planted"}});
    let request =
        ArmRequest::put(ID, "2025-01-01", body).redact(Redaction::of(["properties.value"]));
    bench
        .client
        .run_operation(&request, &bench.ctx)
        .await
        .unwrap();
    let records = records.0.lock().unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|record| (record.method, record.path.as_str(), record.status))
        .collect();
    assert_eq!(told, [("PUT", ID, Some(429)), ("PUT", ID, Some(200))]);
    let text = serde_json::to_string(&*records).unwrap();
    assert!(
        !text.contains("planted") && !text.contains("Bearer"),
        "{text}"
    );
    assert!(!format!("{request:?} {:?}", bench.client).contains("planted"));
}
