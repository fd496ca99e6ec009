//! Who asks: a credential chosen as the ecosystem expects, or by name; never read from the
//! process's environment here.

mod cache;
mod choice;
mod github;
mod identity;

use std::fmt;
use std::sync::Arc;

use augeo_core::clock::Clock;
use azure_core::base64::encode_url_safe;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use serde_json::json;

pub use cache::TokenCache;
pub use choice::CredentialOptions;
pub use identity::Identity;

/// Where tokens come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialKind {
    /// A federated token in a file, as in Kubernetes.
    WorkloadIdentity,
    /// The token that GitHub Actions issues to a job.
    GitHubOidc,
    /// An application's secret.
    ClientSecret,
    /// The identity of the machine or app that this runs on.
    ManagedIdentity,
    /// Whoever is signed in to `az`, else to `azd`.
    DeveloperTools,
    /// Whoever is signed in to `az`.
    AzureCli,
    /// The emulator's own; worth nothing anywhere else.
    Emulator,
    /// One that the embedding program made.
    Custom,
}

impl CredentialKind {
    /// Those that can be chosen by name.
    pub const CHOICES: [Self; 6] = [
        Self::WorkloadIdentity,
        Self::GitHubOidc,
        Self::ClientSecret,
        Self::ManagedIdentity,
        Self::DeveloperTools,
        Self::AzureCli,
    ];

    /// The names of those, in the same order.
    pub const NAMES: [&'static str; Self::CHOICES.len()] = {
        let mut names = [""; Self::CHOICES.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = Self::CHOICES[index].name();
            index += 1;
        }
        names
    };

    /// The name that a configuration uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorkloadIdentity => "workload-identity",
            Self::GitHubOidc => "github-oidc",
            Self::ClientSecret => "client-secret",
            Self::ManagedIdentity => "managed-identity",
            Self::DeveloperTools => "developer-tools",
            Self::AzureCli => "azure-cli",
            Self::Emulator => "emulator",
            Self::Custom => "custom",
        }
    }

    /// The kind that a configuration names.
    ///
    /// # Errors
    /// When no kind that can be chosen has the name.
    pub fn named(name: &str) -> Result<Self, CredentialError> {
        Self::CHOICES
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| CredentialError::UnknownKind {
                name: name.to_owned(),
            })
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// No kind has this name.
    #[error("there is no credential named `{name}`; known are {}", names())]
    UnknownKind {
        /// The name that was asked for.
        name: String,
    },
    /// Something that this kind needs is not set.
    #[error("the credential `{kind}` needs {}, which {} not set", variables.join(" and "), if variables.len() == 1 { "is" } else { "are" })]
    Missing {
        /// Which kind.
        kind: CredentialKind,
        /// Which variables are not set, or empty.
        variables: Vec<&'static str>,
    },
    /// The credentials were good once.
    #[error("the credential `{kind}` has expired")]
    Expired {
        /// Which kind.
        kind: CredentialKind,
        /// What the issuer said.
        #[source]
        source: azure_core::Error,
    },
    /// Whoever issues the tokens could not be asked.
    #[error("the credential `{kind}` got no token: who issues it cannot be reached")]
    Unreachable {
        /// Which kind.
        kind: CredentialKind,
        /// What became of the connection.
        #[source]
        source: azure_core::Error,
    },
    /// No token was issued.
    #[error("the credential `{kind}` got no token")]
    Unavailable {
        /// Which kind.
        kind: CredentialKind,
        /// What the issuer, or the tool, said.
        #[source]
        source: azure_core::Error,
    },
}

/// How the SDK begins an error of several credentials.
const SEVERAL: &str = "Multiple errors were encountered";
/// How the SDK begins its advice, which ours takes the place of.
const ADVICE: &str = "To troubleshoot, visit";

/// An error and its causes.
fn chain(error: &azure_core::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source())
}

fn names() -> String {
    CredentialKind::NAMES.join(", ")
}

impl CredentialError {
    /// A refusal by the issuer or a tool, told apart by what it says.
    pub(crate) fn of(kind: CredentialKind, source: azure_core::Error) -> Self {
        /// Entra's codes for refresh tokens, secrets and assertions that are too old, and the
        /// words of the tools.
        const EXPIRED: [&str; 9] = [
            "AADSTS50173",
            "AADSTS50078",
            "AADSTS70043",
            "AADSTS700024",
            "AADSTS700082",
            "AADSTS7000222",
            "AADSTS500133",
            "has expired",
            "token expired",
        ];
        let told: String = chain(&source).map(ToString::to_string).collect();
        let is_connection = |error: &(dyn std::error::Error + 'static)| {
            let error = error.downcast_ref::<azure_core::Error>();
            error.is_some_and(|error| *error.kind() == ErrorKind::Connection)
        };
        if chain(&source).any(is_connection) {
            Self::Unreachable { kind, source }
        } else if EXPIRED.iter().any(|sign| told.contains(sign)) {
            Self::Expired { kind, source }
        } else {
            Self::Unavailable { kind, source }
        }
    }

    /// Why, a line for each credential that was tried, without what the SDK says around it.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let source = match self {
            Self::UnknownKind { .. } | Self::Missing { .. } => return Vec::new(),
            Self::Expired { source, .. }
            | Self::Unreachable { source, .. }
            | Self::Unavailable { source, .. } => source,
        };
        let mut reasons: Vec<String> = Vec::new();
        for cause in chain(source) {
            let text = cause.to_string();
            let lines = text.lines().filter(|line| !line.starts_with(SEVERAL));
            for line in lines {
                let line = line.split(ADVICE).next().unwrap_or_default().trim();
                let line = line.replacen(" authentication failed. ", ": ", 1);
                if !line.is_empty() && !reasons.iter().any(|known| known.contains(&line)) {
                    reasons.push(line);
                }
            }
        }
        if let Self::Unreachable { .. } = self {
            // The outer ones tell of attempts and policies, the innermost what is wrong.
            reasons.drain(..reasons.len().saturating_sub(1));
        }
        reasons
    }

    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind { .. } => "CredentialUnknown",
            Self::Missing { .. } => "CredentialMissing",
            Self::Expired { .. } => "CredentialExpired",
            Self::Unreachable { .. } => "CredentialUnreachable",
            Self::Unavailable { .. } => "CredentialUnavailable",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Vec<String> {
        let sign_in = |kind: CredentialKind| match kind {
            CredentialKind::DeveloperTools => "sign in with `az login` or `azd auth login`",
            CredentialKind::AzureCli => "sign in with `az login`",
            CredentialKind::ClientSecret => {
                "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; a secret has an end date"
            }
            CredentialKind::GitHubOidc => {
                "give the job `permissions: id-token: write`, and check the federated credential's subject in Entra"
            }
            CredentialKind::WorkloadIdentity => {
                "check that AZURE_FEDERATED_TOKEN_FILE can be read, and the federated credential's subject in Entra"
            }
            CredentialKind::ManagedIdentity => {
                "check that this machine has a managed identity, and AZURE_CLIENT_ID if it has several"
            }
            CredentialKind::Emulator | CredentialKind::Custom => "check the program's credential",
        };
        match self {
            Self::UnknownKind { .. } => Vec::new(),
            Self::Missing { variables, .. } => {
                vec![format!("set {}", variables.join(" and "))]
            }
            Self::Unreachable { .. } => vec![
                "check the network, the proxy and the name of whoever issues tokens, then run the same command again"
                    .to_owned(),
            ],
            Self::Expired { kind, .. } | Self::Unavailable { kind, .. } => {
                vec![sign_in(*kind).to_owned()]
            }
        }
    }
}

/// A source of tokens, and which kind it is.
#[derive(Clone)]
pub struct Credential {
    kind: CredentialKind,
    source: Arc<dyn TokenCredential>,
}

impl Credential {
    /// One that the embedding program made.
    pub fn new(source: Arc<dyn TokenCredential>) -> Self {
        Self {
            kind: CredentialKind::Custom,
            source,
        }
    }

    /// The emulator's own.
    pub fn emulator(clock: Arc<dyn Clock>) -> Self {
        Self {
            kind: CredentialKind::Emulator,
            source: Arc::new(EmulatorCredential { clock }),
        }
    }

    /// Which kind it is.
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// The source itself, for other clients of the SDK.
    pub fn source(&self) -> &Arc<dyn TokenCredential> {
        &self.source
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Issues tokens without a signature, for an hour each, as Entra's look.
#[derive(Debug)]
struct EmulatorCredential {
    clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl TokenCredential for EmulatorCredential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let now = self.clock.now();
        let expires_on = now + time::Duration::HOUR;
        let audience = scopes
            .first()
            .map_or("", |scope| scope.trim_end_matches("/.default"));
        let header = json!({"alg": "none", "typ": "JWT"});
        let claims = json!({
            "aud": audience,
            "exp": expires_on.unix_timestamp(),
            "iat": now.unix_timestamp(),
            "name": "emulator",
            "oid": "00000000-0000-0000-0000-00000000e701",
            "tid": "00000000-0000-0000-0000-00000000e700",
        });
        let part = |json: serde_json::Value| encode_url_safe(json.to_string());
        let token = format!("{}.{}.", part(header), part(claims));
        Ok(AccessToken::new(token, expires_on))
    }
}

#[cfg(test)]
mod tests;
