//! What a client sends to the emulator's HTTP front: whatever it is, the connection ends, the server
//! goes on, and an answer is HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use augeo_testkit::emulator::{Durations, Emulator, Listener};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A client that has sent all is answered within this time, or something hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// The bytes of a connection; a line `@TOKEN@` among them stands for a right `Authorization`.
///
/// # Panics
/// Where a promise is broken.
pub fn listener_request(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime with sockets can be made");
    runtime.block_on(async {
        let emulator = Emulator::with_durations(Durations::instant());
        let token = format!("Authorization: Bearer {}", emulator.credential().token());
        let bytes = with_token(data, &token);
        let listener = Listener::bind(emulator, SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
            .await
            .expect("a port is free");
        let address = listener.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = listener.serve(async {
            // It stops, too, where the client panics.
            let _ = stopped.await;
        });
        let client = async {
            check(&exchange(address, &bytes).await);
            let alive = format!(
                "GET /subscriptions?api-version=2022-12-01 HTTP/1.1\r\nHost: localhost\r\n{token}\r\nConnection: close\r\n\r\n"
            );
            let answer = exchange(address, alive.as_bytes()).await;
            assert!(answer.starts_with(b"HTTP/1.1 200"), "the server is dead");
            drop(stop);
        };
        let both = async { tokio::join!(server, client) };
        tokio::time::timeout(3 * PATIENCE, both).await.expect("the server does not end");
    });
}

fn with_token(data: &[u8], token: &str) -> Vec<u8> {
    let mark = b"@TOKEN@";
    match data.windows(mark.len()).position(|window| window == mark) {
        Some(at) => [&data[..at], token.as_bytes(), &data[at + mark.len()..]].concat(),
        None => data.to_vec(),
    }
}

/// Sends bytes, tells that there are no more, and reads until the end.
async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let talk = async {
        let mut stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        let (mut from, mut to) = stream.split();
        let write = async {
            // The server may answer and close before all is sent.
            let _ = to.write_all(bytes).await;
            let _ = to.shutdown().await;
        };
        let mut answer = Vec::new();
        let read = async {
            let _ = from.read_to_end(&mut answer).await;
        };
        tokio::join!(write, read);
        answer
    };
    tokio::time::timeout(PATIENCE, talk)
        .await
        .expect("the connection hangs")
}

/// No answer, or one in HTTP's form that is no accident of the server's.
fn check(answer: &[u8]) {
    if answer.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(answer);
    assert!(text.starts_with("HTTP/1."), "{text}");
    assert!(!text.starts_with("HTTP/1.1 500"), "{text}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::damage::{corpus, input};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

        #[test]
        fn requests_are_survived(data in input("listener_request")) {
            listener_request(&data);
        }
    }

    #[test]
    fn the_corpus_holds_a_request_that_is_granted() {
        let with_token = corpus("listener_request")
            .into_iter()
            .filter(|data| data.windows(7).any(|window| window == b"@TOKEN@"));
        assert!(with_token.count() >= 2);
    }

    #[test]
    #[should_panic(expected = "HTTP/1.1 500")]
    fn a_broken_server_would_be_told() {
        check(b"HTTP/1.1 500 Internal Server Error\r\n\r\n");
    }
}
