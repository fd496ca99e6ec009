//! Rules for App Service and static web apps: how they are reached, and what they are told.

use augeo_core::resource::Desired;
use augeo_core::value::Value;

use super::scene::{Found, Scene};
use super::when::When;
use super::{Rule, Test};
use augeo_core::finding::Severity;

const SITES: &[&str] = &["Microsoft.Web/sites", "Microsoft.Web/sites/slots"];
const CONFIG: &[&str] = &[
    "Microsoft.Web/sites/config",
    "Microsoft.Web/sites/slots/config",
];
const SITES_AND_CONFIG: &[&str] = &[
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/slots",
    "Microsoft.Web/sites/config",
    "Microsoft.Web/sites/slots/config",
];

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/web-https",
        title: "A web app answers without TLS.",
        reason: "What is sent over plain HTTP, sessions and passwords included, is read by whoever is \
                 on the way.",
        fix: "set `httpsOnly` to true",
        link: "https://learn.microsoft.com/azure/app-service/configure-ssl-bindings#enforce-https",
        types: SITES,
        test: Test::Property(
            When::Is("httpsOnly", &["false"]),
            "the app answers plain HTTP, too",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-tls",
        title: "A web app speaks TLS older than 1.2.",
        reason: "TLS 1.0 and 1.1 are broken and withdrawn (RFC 8996); no current client needs them.",
        fix: "set it to `1.2`, or `1.3`",
        link: "https://learn.microsoft.com/azure/app-service/overview-tls",
        types: SITES_AND_CONFIG,
        test: Test::Property(
            When::Any(&[
                When::Is("siteConfig.minTlsVersion", OLD_TLS),
                When::Is("minTlsVersion", OLD_TLS),
                When::Is("scmMinTlsVersion", OLD_TLS),
            ]),
            "TLS older than 1.2 is accepted",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-ftp",
        title: "Files are published to a web app over FTP without TLS.",
        reason: "User name and password of the publisher go over the wire as text.",
        fix: "set it to `Disabled`, or `FtpsOnly`",
        link: "https://learn.microsoft.com/azure/app-service/deploy-ftp#enforce-ftps",
        types: SITES_AND_CONFIG,
        test: Test::Property(
            When::Any(&[
                When::Is("siteConfig.ftpsState", &["AllAllowed"]),
                When::Is("ftpsState", &["AllAllowed"]),
            ]),
            "FTP without TLS is accepted",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-publishing",
        title: "Whoever has a user name and a password may publish to a web app.",
        reason: "They are not bound to a person, do not end, and pass by Entra and its conditions.",
        fix: "set `allow` to false, and publish with a token of Entra",
        link: "https://learn.microsoft.com/azure/app-service/configure-basic-auth-disable",
        types: &[
            "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
            "Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies",
        ],
        test: Test::Property(
            When::Is("allow", &["true"]),
            "a user name and a password suffice to publish",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-debugging",
        title: "A web app can be debugged from afar.",
        reason: "A debugger stops the app for everybody and reads its memory; Azure switches it off \
                 by itself only after two days.",
        fix: "set `remoteDebuggingEnabled` to false",
        link: "https://learn.microsoft.com/azure/app-service/configure-common#configure-general-settings",
        types: SITES_AND_CONFIG,
        test: Test::Property(
            When::Any(&[
                When::Is("siteConfig.remoteDebuggingEnabled", &["true"]),
                When::Is("remoteDebuggingEnabled", &["true"]),
            ]),
            "a debugger may attach from the internet",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-routing",
        title: "Two ways of saying what a web app sends through its network are mixed.",
        reason: "`outboundVnetRouting` replaces `vnetRouteAllEnabled` and the flat properties; which of \
                 them holds where they differ is not documented.",
        fix: "use `outboundVnetRouting` alone",
        link: "https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing",
        types: SITES,
        test: Test::Property(
            When::All(&[
                When::IsNot("outboundVnetRouting.allTraffic", &[]),
                When::Any(&[
                    When::IsNot("siteConfig.vnetRouteAllEnabled", &[]),
                    When::IsNot("vnetRouteAllEnabled", &[]),
                ]),
            ]),
            "`vnetRouteAllEnabled` says the same in the old way",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-secret",
        title: "An app setting that is named like a secret is written in clear.",
        reason: "It is readable in the configuration, in its history, and to whoever may list the \
                 settings of the app.",
        fix: "write the secret into the vault and name it in [app_service.secrets]",
        link: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        types: CONFIG,
        test: Test::Each(secret_in_clear),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/web-registry-password",
        title: "A web app pulls its image with a password.",
        reason: "The app's identity can pull by the role AcrPull; the admin user of a registry is \
                 shared by everybody and never ends.",
        fix: "delete the DOCKER_REGISTRY_SERVER settings, and name the registry under [existing]",
        link: "https://learn.microsoft.com/azure/app-service/configure-custom-container#use-managed-identity-to-pull-image-from-azure-container-registry",
        types: CONFIG,
        test: Test::Each(registry_password),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/linked-backend",
        severity: Severity::Error,
        title: "A static web app is linked to the API as its backend.",
        reason: "The link installs a sign-in on the API, which from then on refuses whoever does not \
                 come through the static web app: its own host name is closed, and previews do not \
                 work.",
        fix: "delete it: the administration calls the API by its own name",
        link: "https://learn.microsoft.com/azure/static-web-apps/apis-app-service",
        types: &["Microsoft.Web/staticSites/linkedBackends"],
        test: Test::Each(linked),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/static-domains",
        title: "A static web app has more host names than its tier takes.",
        reason: "Free takes two host names of one's own, Standard five.",
        fix: "take `Standard`, or fewer host names",
        link: "https://learn.microsoft.com/azure/static-web-apps/quotas",
        types: &["Microsoft.Web/staticSites"],
        test: Test::Each(static_domains),
        ..Rule::REFUSED
    },
];

/// The versions that came before 1.2.
pub(super) const OLD_TLS: &[&str] = &["1.0", "1.1", "TLS1_0", "TLS1_1", "TLSv1", "TLSv1.1"];

/// What names of secrets end with.
const SECRET_ENDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "ACCOUNT_KEY",
    "PRIVATE_KEY",
    "SIGNING_KEY",
];

fn secret_in_clear<'a>(_: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    if !desired.ty.title.ends_with(" settings") {
        return Vec::new();
    }
    let settings = desired.value.as_object().into_iter().flatten();
    let clear = settings.filter_map(|(name, value)| {
        let text = value.as_str()?;
        let upper = name.to_ascii_uppercase();
        let secret = SECRET_ENDS.iter().any(|end| upper.ends_with(end));
        // The registry's password has a rule of its own.
        let registry = upper.starts_with("DOCKER_REGISTRY_SERVER_");
        let clear = !text.is_empty() && !text.starts_with("@Microsoft.KeyVault(");
        let message = format!("`{name}` is named like a secret, and its text is in clear");
        (secret && clear && !registry).then(|| Found::at(desired, name, message))
    });
    clear.collect()
}

/// Told without its text, which is a secret.
fn registry_password<'a>(_: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let name = "DOCKER_REGISTRY_SERVER_PASSWORD";
    let written = desired
        .value
        .field(name)
        .is_some_and(|value| value.as_str() != Some(""));
    let message = format!("`{name}` is set: the image is pulled with a password");
    let found = written.then(|| Found::at(desired, name, message));
    found.into_iter().collect()
}

fn linked<'a>(_: &Scene<'a>, link: &'a Desired) -> Vec<Found<'a>> {
    let name = &link.name;
    vec![Found::of(
        link,
        format!(
            "{name} closes the API's own host name: it then answers only through the static web app"
        ),
    )]
}

fn static_domains<'a>(scene: &Scene<'a>, site: &'a Desired) -> Vec<Found<'a>> {
    let tier = site.value.field("sku").and_then(|sku| sku.field("name"));
    let Some(tier) = tier.and_then(Value::as_str) else {
        return Vec::new();
    };
    let most = if tier.eq_ignore_ascii_case("Free") {
        2
    } else {
        5
    };
    let count = scene
        .inside(site, "Microsoft.Web/staticSites/customDomains")
        .count();
    if count <= most {
        return Vec::new();
    }
    let message = format!("has {count} host names; `{tier}` takes {most}");
    vec![Found::at(site, "sku.name", message)]
}
