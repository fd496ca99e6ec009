//! The web app: a container with an identity of its own, its secrets read from the vault.

use std::collections::BTreeMap;

use augeo_core::stack::Added;
use serde::Deserialize;

use super::app_service_inside::{Inside, Variables};
use super::app_service_plan;
use super::builder::Builder;
use super::communication::Communication;
use super::database::Database;
use super::dns::Dns;
use super::form;
use super::host_names;
use super::redis::Redis;
use super::root::EXISTING;
use super::setting::{ENABLED, Fallback, Kind, Scalar, SectionSpec, Setting, name_of};
use crate::resources::web::WEB_APP;
use crate::resources::{
    AppServicePlan, Component, Generic, ManagedIdentity, ResourceGroup, Role, RoleAssignment,
    SlotConfigNames, UserAssignedIdentity, Vault, WebApp, WebAppSlot,
};

/// The version in which the registry's type is read.
const REGISTRY_VERSION: &str = "2023-07-01";

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "app_service",
    about: "The web app, a Docker container. HTTPS only, TLS 1.2 or later.",
    settings: &[
        ENABLED,
        name_of(&WEB_APP),
        host_names::host_name(
            "A name of one's own, with a certificate that Azure makes and renews. Its DNS records \
             are a CNAME to the app's own name, and a TXT at `asuid.` before it with the app's \
             `customDomainVerificationId`: in the zone of [dns] they are made, elsewhere they must be \
             there first.",
        ),
        Setting {
            key: "image",
            kind: Kind::Text(&form::IMAGE),
            default: Fallback::Always(Scalar::Text("mcr.microsoft.com/appsvc/staticsite:latest")),
            about: "The image that the app is made with. Later images are a release's: a change \
                    of this key changes no app that is there.",
        },
        Setting {
            key: "port",
            kind: Kind::Number {
                min: 1,
                max: 65_535,
            },
            default: Fallback::Always(Scalar::Number(8000)),
            about: "The port that the container listens on.",
        },
        Setting {
            key: "health_check_path",
            kind: Kind::Text(&form::URL_PATH),
            default: Fallback::Always(Scalar::Text("/health")),
            about: "The path that is asked whether an instance works.",
        },
        Setting {
            key: "always_on",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(true)),
            about: "Whether the container stays loaded while nobody asks for anything.",
        },
        Setting {
            key: "staging_slot",
            kind: Kind::Flag,
            default: Fallback::ByEnvironment(|defaults| Scalar::Flag(defaults.app_slot)),
            about: "Whether there is a second app beside it, the slot `staging`, with which a \
                    release swaps it. B sizes have no slots.",
        },
        Setting {
            key: "log_days",
            kind: Kind::Number { min: 1, max: 90 },
            default: Fallback::Always(Scalar::Number(7)),
            about: "For how many days requests and the container's output are kept in files, 35 MB \
                    at most.",
        },
        Setting {
            key: "settings",
            kind: Kind::Map {
                keys: &form::VARIABLE,
                values: &form::VARIABLE_VALUE,
            },
            default: Fallback::Nothing("those that the platform makes"),
            about: "Environment variables of the container, beside those that the platform makes.",
        },
        Setting {
            key: "slot_settings",
            kind: Kind::Map {
                keys: &form::VARIABLE,
                values: &form::VARIABLE_VALUE,
            },
            default: Fallback::Nothing("as in the app"),
            about: "Environment variables that are others in the slot. They stay where they are when \
                    a release swaps app and slot, and so does `DEPLOYMENT_SLOT`, which tells the \
                    container where it runs.",
        },
        Setting {
            key: "secrets",
            kind: Kind::Map {
                keys: &form::VARIABLE,
                values: &form::SECRET_NAME,
            },
            default: Fallback::Nothing("the database's password"),
            about: "Environment variables that are read from the vault: the name of the variable, \
                    and the name of the secret in the vault.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "fields are the keys of the file")]
pub(super) struct Settings {
    enabled: bool,
    name: Option<String>,
    host_name: Option<String>,
    image: String,
    pub(super) port: u16,
    pub(super) health_check_path: String,
    pub(super) always_on: bool,
    staging_slot: bool,
    pub(super) log_days: u16,
    #[serde(default, rename = "settings")]
    pub(super) plain: BTreeMap<String, String>,
    #[serde(default)]
    slot_settings: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, String>,
}

/// What the app uses of the other modules.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) group: &'a Added<ResourceGroup>,
    pub(super) identity: Added<UserAssignedIdentity>,
    pub(super) insights: Option<Added<Component>>,
    pub(super) vault: Option<Added<Vault>>,
    pub(super) database: Option<Database>,
    pub(super) redis: Option<Redis>,
    pub(super) communication: Option<Communication>,
    pub(super) dns: Option<&'a Dns>,
}

/// The app with its roles and settings, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    shared: &Shared<'_>,
    plan: Option<&Added<AppServicePlan>>,
) {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return;
    }
    let Some(plan) = plan else {
        let help = "switch `app_service_plan` on, or set `app_service.enabled = false`";
        builder.needs("app_service", &app_service_plan::SECTION, help);
        return;
    };
    let identity = &shared.identity;
    let pulls = registry(builder, identity);

    let mut app = WebApp::within(shared.group, plan, &settings.image);
    app.location = builder.location().into();
    app.physical_name.clone_from(&settings.name);
    app.tags = builder.tags();
    app.identity = Some(ManagedIdentity::user_assigned(identity.id()));
    app.key_vault_reference_identity = Some(identity.id().into());
    if pulls.is_some() {
        app.site_config.acr_use_managed_identity_creds = true;
        let client = identity.output(UserAssignedIdentity::CLIENT_ID);
        app.site_config.acr_user_managed_identity_id = Some(client.into());
    }
    let like = app.clone();
    let app = builder.stack.add("web/api", app);
    builder.describe(&app, &section, IMAGE);
    if let Some(pulls) = &pulls {
        builder.stack.describe(&app).after(pulls);
    }
    if let Some(host_name) = &settings.host_name {
        let named = (&app, host_name.as_str());
        let name = host_names::secure(builder, &section, shared.group, plan, named);
        let place = builder.locate(section.at("host_name"));
        let records = shared
            .dns
            .and_then(|dns| dns.add_api(builder, &app, host_name, &place));
        if let Some((alias, proof)) = records {
            builder.stack.describe(&name).after(&alias).after(&proof);
        }
    }

    let variables = Variables::new(builder, &section, &settings, shared);
    let inside = Inside {
        section: &section,
        settings: &settings,
        shared,
        puller: pulls.is_some().then_some(identity),
    };
    if !settings.staging_slot {
        inside.add(builder, "web/api", &app, variables);
        return;
    }
    let own = variables.clone().with([(SLOT, "production")]);
    inside.add(builder, "web/api", &app, own);
    let names = settings.slot_settings.keys().cloned();
    let sticky = SlotConfigNames::within(&app, names.chain([SLOT.to_owned()]));
    let sticky = builder.stack.add("web/api/sticky", sticky);
    builder.describe(&sticky, &section, &[("appSettingNames", "slot_settings")]);

    let slot = WebAppSlot::within(&app, like);
    let slot = builder.stack.add("web/api/staging", slot);
    builder.describe(&slot, &section, IMAGE);
    let place = builder.locate(section.at("staging_slot"));
    builder.stack.describe(&slot).declared_at(place);
    if let Some(pulls) = &pulls {
        builder.stack.describe(&slot).after(pulls);
    }
    let own = settings.slot_settings.iter();
    let own = own.map(|(name, text)| (name.as_str(), text.as_str()));
    let own = variables.with(own.chain([(SLOT, "staging")]));
    inside.add(builder, "web/api/staging", &slot, own);
}

/// Where the image was written.
const IMAGE: &[(&str, &str)] = &[("siteConfig.linuxFxVersion", "image")];

/// The variable that tells the container in which slot it runs.
const SLOT: &str = "DEPLOYMENT_SLOT";

/// Lets the identity pull images from the registry, if one is named.
fn registry(
    builder: &mut Builder<'_>,
    identity: &Added<UserAssignedIdentity>,
) -> Option<Added<RoleAssignment>> {
    let id = builder.existing("registry")?;
    let registry = Generic::existing(
        "Microsoft.ContainerRegistry/registries",
        REGISTRY_VERSION,
        &id,
    )
    .expect("the document's ids were checked");
    let registry = builder.add_existing("registry", "registry", registry);
    let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
    let role = RoleAssignment::on(&registry, Role::ACR_PULL, principal);
    let role = builder.stack.add("identity/api-pulls-images", role);
    let existing = builder.section(&EXISTING);
    let place = builder.locate(existing.at("registry"));
    builder.stack.describe(&role).declared_at(place);
    Some(role)
}
