//! The one auth policy: a token for requests to the cloud's own hosts, for no other.

use std::sync::Arc;

use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};

use crate::cloud::Cloud;
use crate::credential::{CredentialError, TokenCache};

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuthError {
    #[error("`{0}` is no host of the cloud")]
    ForeignHost(String),
    #[error(transparent)]
    Credential(CredentialError),
}

/// Puts the token on each request, after a last look at where it goes.
#[derive(Debug)]
pub(super) struct AuthPolicy {
    pub(super) cloud: Cloud,
    pub(super) tokens: Arc<TokenCache>,
}

#[async_trait::async_trait]
impl Policy for AuthPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let refuse = |error| {
            azure_core::Error::with_error(
                azure_core::error::ErrorKind::Credential,
                error,
                "the request was not sent",
            )
        };
        if !self.cloud.admits(request.url()) {
            let host = request.url().host_str().unwrap_or("nowhere").to_owned();
            return Err(refuse(AuthError::ForeignHost(host)));
        }
        let token = self
            .tokens
            .token(self.cloud.scope())
            .await
            .map_err(|error| refuse(AuthError::Credential(error)))?;
        let value = format!("Bearer {}", token.token.secret());
        request.insert_header("authorization", value);
        next[0].send(ctx, request, &next[1..]).await
    }
}
