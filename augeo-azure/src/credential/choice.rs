//! Which credential, and what it is made of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use super::github::GitHubAssertion;
use super::{Credential, CredentialError, CredentialKind};
use crate::cloud::Cloud;

const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
const FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const GITHUB_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
const TENANT_ID: &str = "AZURE_TENANT_ID";
const TOKEN_CREDENTIALS: &str = "AZURE_TOKEN_CREDENTIALS";

/// What a credential is chosen and made from.
pub struct CredentialOptions<'a> {
    /// The kind that a configuration names; without it, `variables` decide.
    pub kind: Option<CredentialKind>,
    /// The environment's variables, read by whoever may.
    pub variables: &'a BTreeMap<String, String>,
    /// The cloud to sign in to.
    pub cloud: &'a Cloud,
    /// How to reach the issuer; see [`crate::client::default_transport`].
    pub transport: Transport,
}

impl fmt::Debug for CredentialOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialOptions")
            .field("kind", &self.kind)
            .field("cloud", &self.cloud)
            .finish_non_exhaustive()
    }
}

impl CredentialOptions<'_> {
    /// A variable that is set to something.
    fn set(&self, name: &str) -> Option<&String> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// The values of all of these variables, or the names of those that are not set.
    fn needs(
        &self,
        kind: CredentialKind,
        names: &[&'static str],
    ) -> Result<Vec<String>, CredentialError> {
        let missing: Vec<_> = names
            .iter()
            .copied()
            .filter(|name| self.set(name).is_none())
            .collect();
        if missing.is_empty() {
            Ok(names
                .iter()
                .filter_map(|name| self.set(name))
                .cloned()
                .collect())
        } else {
            Err(CredentialError::Missing {
                kind,
                variables: missing,
            })
        }
    }

    fn client_options(&self) -> ClientOptions {
        ClientOptions {
            transport: Some(self.transport.clone()),
            cloud: Some(Arc::new(self.cloud.configuration())),
            retry: RetryOptions::exponential(ExponentialRetryOptions {
                max_retries: 3,
                ..ExponentialRetryOptions::default()
            }),
            ..ClientOptions::default()
        }
    }
}

impl CredentialKind {
    /// The kind that the ecosystem's clients would choose here: what `AZURE_TOKEN_CREDENTIALS`
    /// names, else the first whose variables are set, in the order of the SDKs' default chain.
    /// A machine's identity is chosen unasked only where the platform announces it: asking for
    /// one that is not there takes a long time.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Self {
        let set = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
        let named = variables
            .get(TOKEN_CREDENTIALS)
            .map(|name| name.trim().to_ascii_lowercase());
        match named.as_deref() {
            Some("azureclicredential") => return Self::AzureCli,
            Some("dev" | "azuredeveloperclicredential") => return Self::DeveloperTools,
            Some("workloadidentitycredential") => return Self::WorkloadIdentity,
            Some("managedidentitycredential") => return Self::ManagedIdentity,
            Some("environmentcredential") => return Self::ClientSecret,
            _ => {}
        }
        if set(CLIENT_SECRET) {
            Self::ClientSecret
        } else if set(FEDERATED_TOKEN_FILE) {
            Self::WorkloadIdentity
        } else if set(GITHUB_URL) && set(GITHUB_TOKEN) && set(CLIENT_ID) {
            Self::GitHubOidc
        } else if set(IDENTITY_ENDPOINT) || named.as_deref() == Some("prod") {
            Self::ManagedIdentity
        } else {
            Self::DeveloperTools
        }
    }
}

impl Credential {
    /// Makes the credential that is named, or that the variables call for.
    ///
    /// # Errors
    /// When something that it needs is not set, or cannot be read.
    pub fn choose(options: &CredentialOptions<'_>) -> Result<Self, CredentialError> {
        let kind = options
            .kind
            .unwrap_or_else(|| CredentialKind::from_variables(options.variables));
        let needs = |names| options.needs(kind, names);
        let client_options = || options.client_options();
        let optional = |name| options.set(name).cloned();
        let refuse = |source| CredentialError::of(kind, source);
        let source: Arc<dyn TokenCredential> = match kind {
            CredentialKind::ClientSecret => {
                let set = needs(&[TENANT_ID, CLIENT_ID, CLIENT_SECRET])?;
                let options = ClientSecretCredentialOptions {
                    client_options: client_options(),
                };
                let secret = Secret::new(set[2].clone());
                ClientSecretCredential::new(&set[0], set[1].clone(), secret, Some(options))
                    .map_err(refuse)?
            }
            CredentialKind::WorkloadIdentity => {
                let set = needs(&[TENANT_ID, CLIENT_ID, FEDERATED_TOKEN_FILE])?;
                WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions {
                        client_options: client_options(),
                    },
                    tenant_id: Some(set[0].clone()),
                    client_id: Some(set[1].clone()),
                    token_file_path: Some(set[2].clone().into()),
                }))
                .map_err(refuse)?
            }
            CredentialKind::GitHubOidc => {
                let set = needs(&[TENANT_ID, CLIENT_ID, GITHUB_URL, GITHUB_TOKEN])?;
                let token = Secret::new(set[3].clone());
                let assertion =
                    GitHubAssertion::new(&set[2], token, client_options()).map_err(refuse)?;
                let options = ClientAssertionCredentialOptions {
                    client_options: client_options(),
                };
                ClientAssertionCredential::new(
                    set[0].clone(),
                    set[1].clone(),
                    assertion,
                    Some(options),
                )
                .map_err(refuse)?
            }
            CredentialKind::ManagedIdentity => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: optional(CLIENT_ID).map(UserAssignedId::ClientId),
                    client_options: client_options(),
                }))
                .map_err(refuse)?
            }
            CredentialKind::AzureCli => AzureCliCredential::new(Some(AzureCliCredentialOptions {
                tenant_id: optional(TENANT_ID),
                ..AzureCliCredentialOptions::default()
            }))
            .map_err(refuse)?,
            CredentialKind::DeveloperTools => {
                DeveloperToolsCredential::new(None).map_err(refuse)?
            }
            CredentialKind::Emulator | CredentialKind::Custom => {
                return Err(CredentialError::UnknownKind {
                    name: kind.name().to_owned(),
                });
            }
        };
        Ok(Self { kind, source })
    }
}
