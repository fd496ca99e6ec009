//! Which credential is chosen, what its errors advise, and how tokens are kept.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use augeo_core::clock::TokioClock;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode, Transport};

use augeo_core::provider::ProviderError;

use super::*;
use crate::cloud::Cloud;
use crate::error::ArmError;

const START: time::OffsetDateTime = time::macros::datetime!(2026-01-01 00:00:00 UTC);

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Answers like GitHub and Entra, and keeps what it was asked.
#[derive(Debug, Default)]
struct Issuers {
    asked: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl HttpClient for Issuers {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let body = azure_core::Bytes::from(request.body());
        let bearer = request
            .headers()
            .iter()
            .find(|(name, _)| name.as_str() == "authorization")
            .map_or("", |(_, value)| value.as_str());
        self.asked.lock().unwrap().push(format!(
            "{} {bearer} {}",
            request.url(),
            String::from_utf8_lossy(&body)
        ));
        let answer = if request.url().host_str() == Some("actions.example") {
            r#"{"value":"the-assertion"}"#
        } else {
            r#"{"token_type":"Bearer","expires_in":3600,"ext_expires_in":3600,"access_token":"the-token"}"#
        };
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::Ok,
            Headers::new(),
            answer,
        ))
    }
}

fn choose(
    kind: Option<CredentialKind>,
    pairs: &[(&str, &str)],
    issuers: &Arc<Issuers>,
) -> Result<Credential, CredentialError> {
    Credential::choose(&CredentialOptions {
        kind,
        variables: &variables(pairs),
        cloud: &Cloud::us_government(),
        transport: Transport::new(Arc::clone(issuers) as Arc<dyn HttpClient>),
    })
}

#[test]
fn the_environment_chooses_as_the_sdks_do() {
    for (pairs, kind) in [
        (&[][..], CredentialKind::DeveloperTools),
        (&[("AZURE_CLIENT_ID", "c")], CredentialKind::DeveloperTools),
        (
            &[("AZURE_CLIENT_SECRET", "s")],
            CredentialKind::ClientSecret,
        ),
        (
            &[("AZURE_CLIENT_SECRET", "")],
            CredentialKind::DeveloperTools,
        ),
        (
            &[("AZURE_FEDERATED_TOKEN_FILE", "f")],
            CredentialKind::WorkloadIdentity,
        ),
        (
            &[("IDENTITY_ENDPOINT", "e")],
            CredentialKind::ManagedIdentity,
        ),
        (
            &[("AZURE_TOKEN_CREDENTIALS", "prod")],
            CredentialKind::ManagedIdentity,
        ),
        (
            &[
                ("AZURE_TOKEN_CREDENTIALS", "dev"),
                ("AZURE_CLIENT_SECRET", "s"),
            ],
            CredentialKind::DeveloperTools,
        ),
        (
            &[("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")],
            CredentialKind::AzureCli,
        ),
        (
            &[
                ("ACTIONS_ID_TOKEN_REQUEST_URL", "u"),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t"),
                ("AZURE_CLIENT_ID", "c"),
            ],
            CredentialKind::GitHubOidc,
        ),
    ] {
        assert_eq!(
            CredentialKind::from_variables(&variables(pairs)),
            kind,
            "{pairs:?}"
        );
    }
    for kind in CredentialKind::CHOICES {
        assert_eq!(CredentialKind::named(kind.name()).unwrap(), kind);
    }
    assert!(CredentialKind::named("emulator").is_err());
}

#[test]
fn what_is_missing_is_named() {
    let issuers = Arc::default();
    let error = choose(None, &[("AZURE_CLIENT_SECRET", "planted")], &issuers).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the credential `client-secret` needs AZURE_TENANT_ID and AZURE_CLIENT_ID, which are not set"
    );
    assert_eq!(error.help(), ["set AZURE_TENANT_ID and AZURE_CLIENT_ID"]);
    let error = choose(
        Some(CredentialKind::WorkloadIdentity),
        &[
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "c"),
            ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token"),
        ],
        &issuers,
    )
    .unwrap_err();
    assert_eq!(error.code(), "CredentialUnavailable");
}

#[tokio::test]
async fn github_tokens_are_exchanged_at_the_clouds_authority() {
    let issuers = Arc::<Issuers>::default();
    let pairs = [
        (
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "https://actions.example/token?api-version=2",
        ),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted"),
        ("AZURE_CLIENT_ID", "client"),
        ("AZURE_TENANT_ID", "tenant"),
    ];
    let credential = choose(None, &pairs, &issuers).unwrap();
    assert_eq!(credential.kind(), CredentialKind::GitHubOidc);
    let scope = "https://management.usgovcloudapi.net/.default";
    let token = credential.source().get_token(&[scope], None).await.unwrap();
    assert_eq!(token.token.secret(), "the-token");
    let asked = issuers.asked.lock().unwrap();
    assert_eq!(
        asked[0].trim(),
        "https://actions.example/token?api-version=2&audience=api%3A%2F%2FAzureADTokenExchange Bearer planted"
    );
    assert!(
        asked[1].starts_with("https://login.microsoftonline.us/tenant/oauth2/v2.0/token"),
        "{}",
        asked[1]
    );
    assert!(asked[1].contains("client_assertion=the-assertion"));
    assert!(!format!("{credential:?}").contains("planted"));
    let plain = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://actions.example/"),
        pairs[1],
        pairs[2],
        pairs[3],
    ];
    assert!(choose(None, &plain, &issuers).is_err());
}

#[test]
fn expired_credentials_are_told_from_missing_ones() {
    let told = |message: &'static str| {
        let source = azure_core::Error::with_message(ErrorKind::Credential, message);
        let outer = azure_core::Error::with_error(ErrorKind::Credential, source, "outer");
        CredentialError::of(CredentialKind::AzureCli, outer)
    };
    let expired = told("AADSTS700082: The refresh token has expired due to inactivity.");
    assert_eq!(expired.code(), "CredentialExpired");
    assert_eq!(expired.help(), ["sign in with `az login`"]);
    assert_eq!(
        told("Azure CLI not found on path").code(),
        "CredentialUnavailable"
    );
}

#[test]
fn an_issuer_out_of_reach_is_no_missing_sign_in() {
    let cause = azure_core::Error::with_message(ErrorKind::Connection, "no such name");
    let policy = azure_core::Error::with_error(ErrorKind::Other, cause, "retry policy expired");
    let outer = azure_core::Error::with_error(
        ErrorKind::Credential,
        policy,
        "ClientSecretCredential authentication failed. retry policy expired\nTo troubleshoot, visit x",
    );
    let error = CredentialError::of(CredentialKind::ClientSecret, outer);
    assert_eq!(error.code(), "CredentialUnreachable");
    assert_eq!(error.reasons(), ["no such name"]);
    let error = ProviderError::from(ArmError::from(error));
    assert_eq!(error.kind, augeo_core::provider::ErrorKind::Transient);
    assert!(error.help[0].starts_with("check the network"), "{error:?}");
}

#[test]
fn each_credential_that_was_tried_has_a_line() {
    let told = "Multiple errors were encountered while attempting to authenticate:\n\
                AzureCliCredential authentication failed. az not found on PATH\n\
                To troubleshoot, visit https://aka.ms/a - az not found on PATH\n\
                AzureDeveloperCliCredential authentication failed. azd not found on PATH\n\
                To troubleshoot, visit https://aka.ms/b - azd not found on PATH";
    let error = azure_core::Error::with_message(ErrorKind::Credential, told);
    let error = CredentialError::of(CredentialKind::DeveloperTools, error);
    let error = ProviderError::from(ArmError::from(error));
    assert_eq!(
        error.message,
        "the credential `developer-tools` got no token\n\
         AzureCliCredential: az not found on PATH\n\
         AzureDeveloperCliCredential: azd not found on PATH"
    );
}

#[test]
fn identities_are_read_from_claims() {
    let token = |claims: serde_json::Value| format!("x.{}.y", encode_url_safe(claims.to_string()));
    let told = |claims| Identity::of_token(&token(claims)).to_string();
    assert_eq!(
        told(json!({"upn": "ada@example.com", "appid": "1"})),
        "ada@example.com"
    );
    assert_eq!(told(json!({"appid": "1", "oid": "2"})), "application 1");
    assert_eq!(told(json!({"oid": "2"})), "object 2");
    assert_eq!(told(json!({"upn": "evil\u{1b}[2J"})), "unknown identity");
    for opaque in ["", "a.b", "a.!!!.c", "....."] {
        assert_eq!(Identity::of_token(opaque).to_string(), "unknown identity");
    }
}

/// Issues numbered tokens that live ten minutes, until it is told to refuse.
#[derive(Debug)]
struct Numbered {
    clock: Arc<dyn Clock>,
    issued: Mutex<u32>,
    refuse_from: u32,
}

#[async_trait::async_trait]
impl TokenCredential for Numbered {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mut issued = self.issued.lock().unwrap();
        *issued += 1;
        if *issued >= self.refuse_from {
            return Err(azure_core::Error::with_message(
                ErrorKind::Credential,
                "no more",
            ));
        }
        Ok(AccessToken::new(
            format!("token-{issued}"),
            self.clock.now() + time::Duration::minutes(10),
        ))
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_are_kept_until_five_minutes_before_their_end() {
    let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(START));
    let source = Arc::new(Numbered {
        clock: Arc::clone(&clock),
        issued: Mutex::new(0),
        refuse_from: 4,
    });
    let cache = TokenCache::new(Credential::new(source), clock);
    let token = async |scope: &str| {
        cache
            .token(scope)
            .await
            .map(|token| token.token.secret().to_owned())
    };
    let later = async |minutes: u64| tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
    assert_eq!(token("a").await.unwrap(), "token-1");
    later(4).await;
    assert_eq!(token("a").await.unwrap(), "token-1");
    assert_eq!(token("b").await.unwrap(), "token-2");
    later(1).await;
    assert_eq!(token("a").await.unwrap(), "token-3");
    cache.forget("a", "token-1").await;
    assert_eq!(token("a").await.unwrap(), "token-3");
    // Not renewed, but still valid; then neither.
    later(9).await;
    assert_eq!(token("a").await.unwrap(), "token-3");
    later(1).await;
    assert_eq!(
        token("a").await.unwrap_err().code(),
        "CredentialUnavailable"
    );
}

#[tokio::test(start_paused = true)]
async fn the_emulators_token_names_itself() {
    let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(START));
    let credential = Credential::emulator(clock);
    let token = credential
        .source()
        .get_token(&["https://x/.default"], None)
        .await
        .unwrap();
    assert_eq!(
        Identity::of_token(token.token.secret()).to_string(),
        "emulator"
    );
    assert_eq!(token.expires_on, START + time::Duration::HOUR);
}
