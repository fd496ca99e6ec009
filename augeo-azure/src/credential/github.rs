//! The token that GitHub Actions issues to a job, as a client assertion for Entra.

use azure_core::credentials::Secret;
use azure_core::http::{ClientMethodOptions, ClientOptions, Method, Pipeline, Request, Url};
use azure_identity::ClientAssertion;
use serde::Deserialize;

/// The audience that Entra expects.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// Asks GitHub for a fresh assertion each time: they live for minutes.
#[derive(Debug)]
pub(super) struct GitHubAssertion {
    url: Url,
    token: Secret,
    pipeline: Pipeline,
}

#[derive(Deserialize)]
struct Issued {
    value: String,
}

impl GitHubAssertion {
    pub(super) fn new(
        url: &str,
        token: Secret,
        options: ClientOptions,
    ) -> azure_core::Result<Self> {
        let refuse = |message: &'static str| {
            azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, message)
        };
        let mut url =
            Url::parse(url).map_err(|_| refuse("ACTIONS_ID_TOKEN_REQUEST_URL is no URL"))?;
        if url.scheme() != "https" {
            return Err(refuse("ACTIONS_ID_TOKEN_REQUEST_URL is not encrypted"));
        }
        url.query_pairs_mut().append_pair("audience", AUDIENCE);
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            options,
            Vec::new(),
            Vec::new(),
            None,
        );
        Ok(Self {
            url,
            token,
            pipeline,
        })
    }
}

#[async_trait::async_trait]
impl ClientAssertion for GitHubAssertion {
    async fn secret(&self, options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let mut request = Request::new(self.url.clone(), Method::Get);
        request.insert_header("authorization", format!("Bearer {}", self.token.secret()));
        request.insert_header("accept", "application/json");
        let options = options.unwrap_or_default();
        let context = options.context.to_borrowed();
        let response = self.pipeline.send(&context, &mut request, None).await?;
        let issued: Issued = serde_json::from_slice(response.body()).map_err(|_| {
            azure_core::Error::with_message(
                azure_core::error::ErrorKind::Credential,
                "GitHub's answer holds no token",
            )
        })?;
        Ok(issued.value)
    }
}
