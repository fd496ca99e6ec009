//! The in-process transport, under `azure_core`'s own pipeline and tokio's paused clock.

use std::sync::Arc;
use std::time::Duration;

use augeo_testkit::emulator::{Durations, Emulator, Interruption, Moment};
use azure_core::credentials::TokenCredential;
use azure_core::http::{HttpClient, Method, Request, Url};
use serde_json::{Value, json};

use crate::support::{GROUP, account};

const ACCOUNT: &str = "/providers/Microsoft.Storage/storageAccounts/acc1?api-version=2026-04-01";

fn request(emulator: &Emulator, method: Method, path: &str, body: Option<Value>) -> Request {
    let url = Url::parse(&format!("https://management.azure.com{path}")).expect("a URL");
    let mut request = Request::new(url, method);
    request.insert_header(
        "authorization",
        format!("Bearer {}", emulator.credential().token()),
    );
    if let Some(body) = body {
        request.set_body(body.to_string().into_bytes());
    }
    request
}

async fn send(client: &dyn HttpClient, request: &Request) -> (u16, Value) {
    let response = client
        .execute_request(request)
        .await
        .expect("an answer")
        .try_into_raw_response()
        .await
        .expect("a body");
    (
        u16::from(response.status()),
        serde_json::from_slice(response.body()).unwrap_or_default(),
    )
}

#[tokio::test(start_paused = true)]
async fn requests_pass_and_the_service_takes_its_time() {
    let emulator = Emulator::with_durations(Durations::azure());
    let client = emulator
        .transport()
        .with_latency(Duration::from_millis(100));
    let start = tokio::time::Instant::now();
    let group = request(
        &emulator,
        Method::Put,
        &format!("{GROUP}?api-version=2025-04-01"),
        Some(json!({"location": "westeurope"})),
    );
    assert_eq!(send(&client, &group).await.0, 201);
    assert_eq!(
        start.elapsed(),
        Duration::from_millis(1600),
        "1.5 s of work and the way there and back"
    );
    let (status, _) = send(
        &client,
        &request(
            &emulator,
            Method::Put,
            &format!("{GROUP}{ACCOUNT}"),
            Some(account()),
        ),
    )
    .await;
    assert_eq!(status, 202);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (_, body) = send(
        &client,
        &request(&emulator, Method::Get, &format!("{GROUP}{ACCOUNT}"), None),
    )
    .await;
    assert_eq!(body["properties"]["provisioningState"], "Succeeded");
    assert_eq!(
        body["properties"]["creationTime"], "2026-11-23T00:00:01.6500000Z",
        "virtual dates"
    );
    assert_eq!(client.sent(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_test_can_cut_in_before_and_after_each_request() {
    for (after, there) in [(false, false), (true, true)] {
        let emulator = Emulator::with_durations(Durations::instant());
        let client = emulator
            .transport()
            .with_watcher(move |moment| match moment {
                Moment::Before { number: 1, .. } if !after => Interruption::Reset,
                Moment::After { number: 1, .. } if after => Interruption::Reset,
                Moment::Before { .. } | Moment::After { .. } => Interruption::None,
            });
        let put = request(
            &emulator,
            Method::Put,
            &format!("{GROUP}?api-version=2025-04-01"),
            Some(json!({"location": "westeurope"})),
        );
        assert!(client.execute_request(&put).await.is_err());
        let (status, _) = send(
            &client,
            &request(
                &emulator,
                Method::Get,
                &format!("{GROUP}?api-version=2025-04-01"),
                None,
            ),
        )
        .await;
        assert_eq!(status == 200, there);
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_left_by_dropping_it() {
    let emulator = Emulator::with_durations(Durations::instant());
    let client = emulator.transport().with_watcher(|_| Interruption::Silence);
    let put = request(
        &emulator,
        Method::Put,
        &format!("{GROUP}?api-version=2025-04-01"),
        Some(json!({"location": "westeurope"})),
    );
    assert!(
        tokio::time::timeout(Duration::from_secs(3600), client.execute_request(&put))
            .await
            .is_err()
    );
    assert!(emulator.snapshot().is_empty());
}

#[tokio::test(start_paused = true)]
async fn tokens_expire_by_the_worlds_clock() {
    let emulator = Emulator::new();
    let credential: Arc<dyn TokenCredential> = emulator.credential();
    let token = credential
        .get_token(&["https://management.azure.com/.default"], None)
        .await
        .expect("a token");
    assert_eq!(
        token.expires_on,
        emulator.now().get() + time::Duration::hours(1)
    );
    let get = request(
        &emulator,
        Method::Get,
        "/subscriptions?api-version=2022-12-01",
        None,
    );
    let client = emulator.transport();
    assert_eq!(send(&client, &get).await.0, 200);
    tokio::time::sleep(Duration::from_secs(3601)).await;
    let (status, body) = send(&client, &get).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (401, &json!("ExpiredAuthenticationToken"))
    );
}

#[tokio::test(start_paused = true)]
async fn who_looks_sees_what_the_clock_has_brought_about() {
    let emulator = Emulator::with_durations(Durations::azure());
    let client = emulator.transport();
    let path = format!("{GROUP}?api-version=2025-04-01");
    let body = json!({"location": "westeurope"});
    send(&client, &request(&emulator, Method::Put, &path, Some(body))).await;
    let (status, _) = send(&client, &request(&emulator, Method::Delete, &path, None)).await;
    assert_eq!((status, emulator.snapshot().len()), (202, 1));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(emulator.snapshot().is_empty());
    assert!(
        emulator
            .with_world(|world| world.is_empty())
            .expect("in memory")
    );
}
