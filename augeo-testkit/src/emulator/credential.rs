//! The credential that the emulator's clients present: a token without a signature.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};

use super::clock::Now;
use super::token;

/// The principal of [`EmulatorCredential`], unless another is given.
pub const PRINCIPAL_ID: &str = "00000000-0000-0000-0000-0000000000cc";

/// A credential for emulators: its tokens are not signed, so nothing else accepts them.
#[derive(Clone, Debug)]
pub struct EmulatorCredential {
    tenant: String,
    principal: String,
    lifetime: Duration,
    now: Now,
}

impl EmulatorCredential {
    /// A credential in a tenant, whose tokens live for an hour.
    pub fn new(tenant: impl Into<String>, now: Now) -> Arc<Self> {
        Arc::new(Self {
            tenant: tenant.into(),
            principal: PRINCIPAL_ID.to_owned(),
            lifetime: Duration::from_secs(3600),
            now,
        })
    }

    /// The same with another principal.
    #[must_use]
    pub fn with_principal(self: Arc<Self>, principal: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            principal: principal.into(),
            ..Arc::unwrap_or_clone(self)
        })
    }

    /// The same with tokens of another lifetime.
    #[must_use]
    pub fn with_lifetime(self: Arc<Self>, lifetime: Duration) -> Arc<Self> {
        Arc::new(Self {
            lifetime,
            ..Arc::unwrap_or_clone(self)
        })
    }

    /// The object id that requests are made with.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// A token that is valid from now on.
    pub fn token(&self) -> String {
        let now = self.now.get();
        token::unsigned(
            &self.tenant,
            &self.principal,
            now,
            now.saturating_add(
                time::Duration::try_from(self.lifetime).unwrap_or(time::Duration::HOUR),
            ),
        )
    }
}

#[async_trait]
impl TokenCredential for EmulatorCredential {
    async fn get_token(
        &self,
        _scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let expires = self.now.get().saturating_add(
            time::Duration::try_from(self.lifetime).unwrap_or(time::Duration::HOUR),
        );
        Ok(AccessToken::new(self.token(), expires))
    }
}
