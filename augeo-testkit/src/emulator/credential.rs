//! The credential that the emulator's clients present: a token without a signature.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};

use super::clock::Now;
use super::token;

/// The principal of [`EmulatorCredential`], unless another is given.
pub const PRINCIPAL_ID: &str = "00000000-0000-0000-0000-0000000000cc";

/// How long a token is valid, as Entra's are.
const LIFETIME: time::Duration = time::Duration::HOUR;

/// A credential for emulators: its tokens are not signed, so nothing else accepts them.
#[derive(Clone, Debug)]
pub struct EmulatorCredential {
    tenant: String,
    principal: String,
    now: Now,
}

impl EmulatorCredential {
    /// A credential in a tenant, whose tokens live for an hour.
    pub fn new(tenant: impl Into<String>, now: Now) -> Arc<Self> {
        Arc::new(Self {
            tenant: tenant.into(),
            principal: PRINCIPAL_ID.to_owned(),
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
            now.saturating_add(LIFETIME),
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
        let expires = self.now.get().saturating_add(LIFETIME);
        Ok(AccessToken::new(self.token(), expires))
    }
}
