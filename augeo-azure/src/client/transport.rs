//! The default transport: reqwest over rustls with ring, trusting what the system trusts.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Transport;

use crate::error::ArmError;

const CONNECT_DURATION_MAX: Duration = Duration::from_secs(20);
const READ_DURATION_MAX: Duration = Duration::from_secs(60);

/// Makes a transport. One is enough for all clients and credentials of a program: it keeps the
/// connections.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn default_transport() -> Result<Transport, ArmError> {
    // An embedding program may have installed a provider of its own; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_DURATION_MAX)
        .read_timeout(READ_DURATION_MAX)
        // Redirects would carry the token to wherever they lead.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| ArmError::Unreachable {
            host: "the network".to_owned(),
            reason: error.to_string(),
        })?;
    Ok(Transport::new(Arc::new(client)))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Arc;

    use augeo_core::clock::{Clock, SystemClock};
    use augeo_core::name::StackName;
    use augeo_core::provider::Context;
    use augeo_core::report::Silent;
    use tokio_util::sync::CancellationToken;

    use crate::arm_id::SubscriptionId;
    use crate::client::{ArmClient, ArmClientOptions, default_transport};
    use crate::cloud::Cloud;
    use crate::credential::Credential;

    #[test]
    fn it_can_be_made_twice() {
        assert!(default_transport().is_ok());
        assert!(default_transport().is_ok());
    }

    #[tokio::test]
    async fn an_emulator_on_loopback_is_reached_and_redirects_are_not_followed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let replies = [
                "HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\n{\"a\": 1}",
                "HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            ];
            replies.map(|reply| {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head: Vec<String> = lines
                    .map(Result::unwrap)
                    .take_while(|line| !line.is_empty())
                    .collect();
                stream.write_all(reply.as_bytes()).unwrap();
                head.join("\n")
            })
        });
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let client = ArmClient::new(ArmClientOptions::new(
            Cloud::emulator_at(&endpoint).unwrap(),
            SubscriptionId::parse("00000000-0000-0000-0000-000000000001").unwrap(),
            Credential::emulator(Arc::clone(&clock)),
            Arc::clone(&clock),
        ))
        .unwrap();
        let ctx = Context {
            stack: StackName::parse("shop", "dev").unwrap(),
            resource: None,
            stop: CancellationToken::new(),
            abandon: CancellationToken::new(),
            clock,
            observer: Arc::new(Silent),
        };
        let read = client
            .get("/subscriptions/s", "2022-12-01", &ctx)
            .await
            .unwrap();
        assert_eq!(read, Some(serde_json::json!({"a": 1})));
        let moved = client
            .get("/subscriptions/s", "2022-12-01", &ctx)
            .await
            .unwrap_err();
        assert_eq!(moved.refusal().unwrap().status, 307);
        let heads = server.join().unwrap();
        assert!(
            heads[0].starts_with("GET /subscriptions/s?api-version=2022-12-01 HTTP/1.1"),
            "{}",
            heads[0]
        );
        assert!(
            heads[0]
                .to_ascii_lowercase()
                .contains("authorization: bearer ey")
        );
    }
}
