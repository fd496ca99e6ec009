//! The Azure clouds by name: where their management endpoint is, who signs in, which hosts to trust.

use std::fmt;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use url::Url;

/// A cloud that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// No cloud has this name.
    #[error("there is no cloud named `{name}`; known are {}", Cloud::NAMES.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// The endpoint is not an URL.
    #[error("`{endpoint}` is not an URL of an emulator, such as http://127.0.0.1:4566")]
    NotAnEndpoint {
        /// The endpoint that was asked for.
        endpoint: String,
    },
    /// An emulator's endpoint is not on this machine.
    #[error(
        "`{endpoint}` is not on this machine: an emulator must listen on 127.0.0.1, [::1] or localhost"
    )]
    NotLoopback {
        /// The endpoint that was asked for.
        endpoint: String,
    },
}

/// A place that answers as Azure Resource Manager does.
#[derive(Clone, PartialEq, Eq)]
pub struct Cloud {
    name: &'static str,
    endpoint: Url,
    scope: &'static str,
    authority_host: &'static str,
    emulator: bool,
}

impl Cloud {
    /// The names that [`Cloud::named`] knows, in the spelling of the documentation.
    pub const NAMES: [&'static str; 3] = ["azure-public", "azure-us-government", "azure-china"];

    fn known(
        name: &'static str,
        endpoint: &'static str,
        scope: &'static str,
        authority_host: &'static str,
    ) -> Self {
        Self {
            name,
            endpoint: Url::parse(endpoint).expect("endpoints in this file are URLs"),
            scope,
            authority_host,
            emulator: false,
        }
    }

    /// The public cloud.
    pub fn public() -> Self {
        Self::known(
            "azure-public",
            "https://management.azure.com",
            "https://management.azure.com/.default",
            "https://login.microsoftonline.com",
        )
    }

    /// The cloud of the US government.
    pub fn us_government() -> Self {
        Self::known(
            "azure-us-government",
            "https://management.usgovcloudapi.net",
            "https://management.usgovcloudapi.net/.default",
            "https://login.microsoftonline.us",
        )
    }

    /// The cloud in China.
    pub fn china() -> Self {
        Self::known(
            "azure-china",
            "https://management.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
            "https://login.chinacloudapi.cn",
        )
    }

    /// A cloud by its name, in the spellings of this program, of `az` and of the SDKs.
    ///
    /// # Errors
    /// When no cloud has the name.
    pub fn named(name: &str) -> Result<Self, CloudError> {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "azurepublic" | "azurecloud" | "azurepubliccloud" | "public" => Ok(Self::public()),
            "azureusgovernment" | "azureusgovernmentcloud" | "azuregovernment" | "usgovernment" => {
                Ok(Self::us_government())
            }
            "azurechina" | "azurechinacloud" | "china" => Ok(Self::china()),
            _ => Err(CloudError::Unknown {
                name: name.to_owned(),
            }),
        }
    }

    /// An emulator that answers in process: requests carry the public cloud's URLs and never leave
    /// the program.
    pub fn emulator_in_process() -> Self {
        Self {
            name: "emulator",
            emulator: true,
            ..Self::public()
        }
    }

    /// An emulator that listens on this machine.
    ///
    /// # Errors
    /// When the endpoint is not an `http` or `https` URL, or not on this machine.
    pub fn emulator_at(endpoint: &str) -> Result<Self, CloudError> {
        let url = Url::parse(endpoint)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| CloudError::NotAnEndpoint {
                endpoint: endpoint.to_owned(),
            })?;
        if !is_loopback(&url) {
            return Err(CloudError::NotLoopback {
                endpoint: endpoint.to_owned(),
            });
        }
        Ok(Self {
            endpoint: url,
            ..Self::emulator_in_process()
        })
    }

    /// The cloud's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where Azure Resource Manager answers.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// What tokens are asked for.
    pub fn scope(&self) -> &'static str {
        self.scope
    }

    /// Who issues tokens.
    pub fn authority_host(&self) -> &'static str {
        self.authority_host
    }

    /// Whether it is an emulator: nothing in it is real, and no real token may reach it.
    pub fn is_emulator(&self) -> bool {
        self.emulator
    }

    /// Whether a request with a token may go to this URL: the endpoint's own host and port, or a
    /// regional host below it; encrypted, unless it is an emulator on this machine.
    pub fn admits(&self, url: &Url) -> bool {
        let (Some(host), Some(own)) = (url.host_str(), self.endpoint.host_str()) else {
            return false;
        };
        let same_port = url.port_or_known_default() == self.endpoint.port_or_known_default();
        let same_host = host == own;
        let regional = !self.emulator
            && host
                .strip_suffix(own)
                .is_some_and(|prefix| prefix.ends_with('.'));
        let no_userinfo = url.username().is_empty() && url.password().is_none();
        url.scheme() == self.endpoint.scheme()
            && (url.scheme() == "https" || (self.emulator && is_loopback(url)))
            && same_port
            && no_userinfo
            && (same_host || regional)
    }

    /// What the credentials of `azure_identity` need to know.
    pub fn configuration(&self) -> CloudConfiguration {
        let mut custom = CustomConfiguration::default();
        self.authority_host.clone_into(&mut custom.authority_host);
        custom.into()
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.endpoint)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_every_spelling() {
        for (name, host) in [
            ("azure-public", "management.azure.com"),
            ("AzureCloud", "management.azure.com"),
            ("AzurePublicCloud", "management.azure.com"),
            ("AzureUSGovernment", "management.usgovcloudapi.net"),
            ("azure-us-government", "management.usgovcloudapi.net"),
            ("AzureChinaCloud", "management.chinacloudapi.cn"),
        ] {
            assert_eq!(Cloud::named(name).unwrap().endpoint.host_str(), Some(host));
        }
        for name in Cloud::NAMES {
            assert_eq!(Cloud::named(name).unwrap().name(), name);
        }
        let error = Cloud::named("AzureGermany").unwrap_err().to_string();
        assert!(error.contains("azure-china"), "{error}");
    }

    #[test]
    fn emulators_must_be_on_this_machine() {
        for endpoint in [
            "http://127.0.0.1:4566",
            "http://[::1]:1",
            "http://localhost:8",
        ] {
            assert!(Cloud::emulator_at(endpoint).is_ok(), "{endpoint}");
        }
        for endpoint in [
            "http://10.0.0.1:4566",
            "http://localhost.example.com",
            "https://management.azure.com",
        ] {
            assert!(matches!(
                Cloud::emulator_at(endpoint),
                Err(CloudError::NotLoopback { .. })
            ));
        }
        for endpoint in ["", "ftp://localhost", "localhost:1"] {
            assert!(matches!(
                Cloud::emulator_at(endpoint),
                Err(CloudError::NotAnEndpoint { .. })
            ));
        }
    }

    #[test]
    fn only_own_hosts_are_admitted() {
        let admits = |cloud: &Cloud, url: &str| cloud.admits(&Url::parse(url).unwrap());
        let public = Cloud::public();
        for url in [
            "https://management.azure.com/subscriptions",
            "https://management.azure.com:443/a?b=c",
            "https://westeurope.management.azure.com/a",
        ] {
            assert!(admits(&public, url), "{url}");
        }
        for url in [
            "http://management.azure.com/",
            "https://management.azure.com.evil.example/",
            "https://evilmanagement.azure.com/",
            "https://management.azure.com@evil.example/",
            "https://user@management.azure.com/",
            "https://management.azure.com:8443/",
            "http://127.0.0.1/",
        ] {
            assert!(!admits(&public, url), "{url}");
        }
        let emulator = Cloud::emulator_at("http://127.0.0.1:4566").unwrap();
        assert!(admits(&emulator, "http://127.0.0.1:4566/a"));
        for url in [
            "http://127.0.0.1:4567/a",
            "http://localhost:4566/a",
            "https://management.azure.com/a",
        ] {
            assert!(!admits(&emulator, url), "{url}");
        }
    }
}
