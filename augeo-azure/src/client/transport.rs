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
    #[test]
    fn it_can_be_made_twice() {
        assert!(super::default_transport().is_ok());
        assert!(super::default_transport().is_ok());
    }
}
