//! Tokens kept until shortly before they expire, by the clock of the run.

use std::collections::BTreeMap;
use std::sync::Arc;

use augeo_core::clock::Clock;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use tokio::sync::Mutex;

use super::{Credential, CredentialError};

/// How long before its end a token is renewed.
const RENEW_BEFORE: time::Duration = time::Duration::minutes(5);

/// A credential that asks its source once per scope and lifetime of a token. Whoever asks while a
/// token is fetched waits for it.
#[derive(Debug)]
pub struct TokenCache {
    credential: Credential,
    clock: Arc<dyn Clock>,
    tokens: Mutex<BTreeMap<String, AccessToken>>,
}

impl TokenCache {
    /// An empty cache.
    pub fn new(credential: Credential, clock: Arc<dyn Clock>) -> Self {
        Self {
            credential,
            clock,
            tokens: Mutex::new(BTreeMap::new()),
        }
    }

    /// The credential behind it.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// A token for a scope.
    ///
    /// # Errors
    /// When the source issues none and the last one is no longer valid.
    pub async fn token(&self, scope: &str) -> Result<AccessToken, CredentialError> {
        let mut tokens = self.tokens.lock().await;
        let now = self.clock.now();
        let kept = tokens.get(scope);
        if let Some(token) = kept.filter(|token| token.expires_on - RENEW_BEFORE > now) {
            return Ok(token.clone());
        }
        match self.credential.source.get_token(&[scope], None).await {
            Ok(token) => {
                tokens.insert(scope.to_owned(), token.clone());
                Ok(token)
            }
            Err(error) => match kept.filter(|token| token.expires_on > now) {
                Some(token) => {
                    tracing::warn!(%error, "the token was not renewed; the last one is still valid");
                    Ok(token.clone())
                }
                None => Err(CredentialError::of(self.credential.kind, error)),
            },
        }
    }

    /// Forgets a token that was not accepted, unless another one took its place already.
    pub async fn forget(&self, scope: &str, refused: &str) {
        let mut tokens = self.tokens.lock().await;
        if tokens
            .get(scope)
            .is_some_and(|token| token.token.secret() == refused)
        {
            tokens.remove(scope);
        }
    }
}

#[async_trait::async_trait]
impl TokenCredential for TokenCache {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.first().copied().unwrap_or_default();
        self.token(scope).await.map_err(|error| {
            azure_core::Error::with_error(
                azure_core::error::ErrorKind::Credential,
                error,
                "there is no token",
            )
        })
    }
}
