//! The key vault: secrets, read by roles alone, kept for a while after they are deleted.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::setting::{ENABLED, Fallback, Kind, LOCK, Scalar, SectionSpec, Setting, name_of};
use crate::resources::key_vault::VAULT;
use crate::resources::{ResourceGroup, UserAssignedIdentity, Vault};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "key_vault",
    about: "The key vault. Access is by role (RBAC); there are no access policies.",
    settings: &[
        ENABLED,
        name_of(&VAULT),
        LOCK,
        Setting {
            key: "soft_delete_days",
            kind: Kind::Number { min: 7, max: 90 },
            default: Fallback::ByEnvironment(|defaults| {
                Scalar::Number(defaults.vault_soft_delete_days)
            }),
            about: "For how many days a deleted vault or secret can be brought back. It cannot be \
                    changed once the vault is there.",
        },
        Setting {
            key: "purge_protection",
            kind: Kind::Flag,
            default: Fallback::ByEnvironment(|defaults| {
                Scalar::Flag(defaults.vault_purge_protection)
            }),
            about: "Whether nobody may purge what is deleted before those days have passed. It \
                    cannot be switched off again.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    lock: bool,
    name: Option<String>,
    soft_delete_days: u16,
    purge_protection: bool,
}

/// The vault, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
    identity: &Added<UserAssignedIdentity>,
) -> Option<Added<Vault>> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    // The directory is told by what lives in it, so that nobody has to write it down.
    let tenant = identity.output(UserAssignedIdentity::TENANT_ID);
    let mut vault = Vault::within(group, tenant);
    vault.location = builder.location().into();
    vault.physical_name = settings.name;
    vault.tags = builder.tags();
    vault.soft_delete_retention_in_days = settings.soft_delete_days;
    vault.enable_purge_protection = settings.purge_protection;
    let vault = builder.stack.add("security/vault", vault);
    let places = [
        ("softDeleteRetentionInDays", "soft_delete_days"),
        ("enablePurgeProtection", "purge_protection"),
    ];
    builder.describe(&vault, &section, &places);
    if settings.lock {
        builder.lock(&vault, &section);
    }
    Some(vault)
}
