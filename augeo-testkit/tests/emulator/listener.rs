//! The HTTP front on loopback.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use augeo_testkit::emulator::{Durations, Emulator, ListenError, Listener};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::support::{GROUP, account};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Sends bytes on a connection of their own and reads until its end.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    // The server may answer and close before all of a hostile request is sent.
    let _ = stream.write_all(bytes).await;
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

async fn send(
    address: SocketAddr,
    token: &str,
    method: &str,
    path: &str,
    body: &str,
) -> (u16, String, Value) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        address.port(),
        body.len()
    );
    let text = raw(address, request.as_bytes()).await;
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .expect("a status");
    (
        status,
        head.to_lowercase(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

async fn with_server<F: Future<Output = ()>>(test: impl FnOnce(SocketAddr, Emulator) -> F) {
    let emulator = Emulator::with_durations(Durations::scaled(600));
    let listener = Listener::bind(emulator.clone(), LOOPBACK)
        .await
        .expect("a port");
    let address = listener.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = listener.serve(async {
        let _ = stopped.await;
    });
    let client = async {
        test(address, emulator).await;
        let _ = stop.send(());
    };
    tokio::time::timeout(Duration::from_secs(60), async {
        tokio::join!(server, client)
    })
    .await
    .expect("it ends");
}

#[tokio::test]
async fn the_same_answers_over_http_with_links_that_lead_back() {
    with_server(|address, emulator| async move {
        let token = format!("Bearer {}", emulator.credential().token());
        assert_eq!(
            send(
                address,
                "",
                "GET",
                &format!("{GROUP}?api-version=2025-04-01"),
                ""
            )
            .await
            .0,
            401
        );
        let (status, _, _) = send(
            address,
            &token,
            "PUT",
            &format!("{GROUP}?api-version=2025-04-01"),
            r#"{"location":"westeurope"}"#,
        )
        .await;
        assert_eq!(status, 201);
        let path = format!(
            "{GROUP}/providers/Microsoft.Storage/storageAccounts/acc1?api-version=2026-04-01"
        );
        let (status, head, _) = send(address, &token, "PUT", &path, &account().to_string()).await;
        assert_eq!(status, 202);
        assert!(
            head.contains(&format!(
                "location: http://localhost:{}/subscriptions/",
                address.port()
            )),
            "{head}"
        );
        assert!(head.contains("retry-after: 1"), "{head}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (status, _, body) = send(address, &token, "GET", &path, "").await;
        assert_eq!(
            (status, body["properties"]["provisioningState"].as_str()),
            (200, Some("Succeeded"))
        );
        let (status, _, _) = send(
            address,
            &token,
            "HEAD",
            &format!("{GROUP}?api-version=2025-04-01"),
            "",
        )
        .await;
        assert_eq!(status, 204);
    })
    .await;
}

#[tokio::test]
async fn hostile_requests_are_answered_and_the_server_lives() {
    with_server(|address, emulator| async move {
        let token = format!("Bearer {}", emulator.credential().token());
        let big = format!(
            "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            64 * 1024 * 1024
        );
        let answer = raw(
            address,
            [big.as_bytes(), &vec![b'x'; 5 * 1024 * 1024]]
                .concat()
                .as_slice(),
        )
        .await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
            "{answer}"
        );
        let flood = "X-Again: y\r\n".repeat(5000);
        let answer = raw(
            address,
            format!("GET / HTTP/1.1\r\nHost: h\r\n{flood}\r\n").as_bytes(),
        )
        .await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
        let answer = raw(address, b"\x16\x03\x01nonsense\r\n\r\n").await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "{answer}"
        );
        let deep = "[".repeat(100_000);
        let (status, _, _) = send(
            address,
            &token,
            "PUT",
            &format!("{GROUP}?api-version=2025-04-01"),
            &deep,
        )
        .await;
        assert_eq!(status, 400);
        let (status, _, _) = send(address, &token, "BREW", "/coffee", "").await;
        assert_eq!(status, 405);
        let (status, _, _) = send(
            address,
            &token,
            "GET",
            "/subscriptions/../../etc/passwd?api-version=2025-04-01",
            "",
        )
        .await;
        assert_eq!(status, 404);
        let (status, _, _) = send(
            address,
            &token,
            "GET",
            "/subscriptions?api-version=2022-12-01",
            "",
        )
        .await;
        assert_eq!(status, 200, "it lives");
    })
    .await;
}

/// Writes `piece` again and again until the server has had enough; how many bytes it took, and what
/// it said.
async fn flood(
    address: SocketAddr,
    head: &str,
    piece: &[u8],
    pieces_max: usize,
) -> (usize, String) {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let (mut from, mut to) = stream.split();
    let write = async {
        let mut taken = 0;
        to.write_all(head.as_bytes()).await.expect("it listens");
        for _ in 0..pieces_max {
            if to.write_all(piece).await.is_err() {
                break;
            }
            taken += piece.len();
        }
        taken
    };
    let read = async {
        let mut text = Vec::new();
        let _ = from.read_to_end(&mut text).await;
        String::from_utf8_lossy(&text).into_owned()
    };
    tokio::join!(write, read)
}

/// What a server holds of a body is no more than it took from its socket.
#[tokio::test]
async fn a_body_without_end_is_refused_before_it_fills_the_memory() {
    const GIGABYTE: usize = 1 << 30;
    // ARM's limit of 4 MB, and what both ends of a socket may hold.
    const TAKEN_MAX: usize = 64 << 20;
    with_server(|address, emulator| async move {
        let token = format!("Bearer {}", emulator.credential().token());
        let data = "x".repeat(0xffff);
        let chunk = format!("ffff\r\n{data}\r\n");
        let url = format!("{GROUP}?api-version=2025-04-01");
        for (length, piece) in [
            ("Transfer-Encoding: chunked", &chunk),
            ("Content-Length: 1073741824", &data),
            ("Content-Length: 18446744073709551614", &data),
        ] {
            let head = format!(
                "PUT {url} HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n{length}\r\n\r\n"
            );
            let pieces = GIGABYTE / piece.len();
            let (swallowed, answer) = flood(address, &head, piece.as_bytes(), pieces).await;
            assert!(swallowed < TAKEN_MAX, "{length}: it took {swallowed} bytes");
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
                "{length}: {answer}"
            );
        }
        let (status, _, _) = send(
            address,
            &token,
            "GET",
            "/subscriptions?api-version=2022-12-01",
            "",
        )
        .await;
        assert_eq!(status, 200, "it lives");
    })
    .await;
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = Listener::bind(Emulator::new(), LOOPBACK)
        .await
        .expect("a port");
    let error = Listener::bind(Emulator::new(), taken.address())
        .await
        .expect_err("refused");
    assert!(matches!(error, ListenError::PortInUse { .. }));
    assert!(
        error
            .to_string()
            .contains(&taken.address().port().to_string())
    );
    let open = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    assert!(matches!(
        Listener::bind(Emulator::new(), open).await,
        Err(ListenError::NotLoopback { .. })
    ));
}
