//! The storage account: containers for what is to be kept, and the archive that they age into.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::form;
use super::setting::{ENABLED, Fallback, Kind, LOCK, Scalar, SectionSpec, Setting, name_of};
use crate::resources::storage::{RetentionPolicy, STORAGE_ACCOUNT};
use crate::resources::{
    BlobService, Container, LifecycleRule, ManagementPolicy, ResourceGroup, StorageAccount,
    StorageSku,
};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "storage",
    about: "The storage account for backups, snapshots and audit logs.",
    settings: &[
        ENABLED,
        name_of(&STORAGE_ACCOUNT),
        LOCK,
        Setting {
            key: "redundancy",
            kind: Kind::Choice(&["LRS", "ZRS", "GRS", "RAGRS", "GZRS"]),
            default: Fallback::ByEnvironment(|defaults| Scalar::Text(defaults.storage_redundancy)),
            about: "Where the copies are: in one place (LRS), in three zones (ZRS), also in the \
                    paired region (GRS, RAGRS, GZRS).",
        },
        Setting {
            key: "containers",
            kind: Kind::List(&form::CONTAINER),
            default: Fallback::Always(Scalar::List(&["backups", "redis-snapshots", "audit-logs"])),
            about: "The containers, all of them private.",
        },
        Setting {
            key: "archive_after_days",
            kind: Kind::Number {
                min: 0,
                max: 36_500,
            },
            default: Fallback::Always(Scalar::Number(90)),
            about: "Block blobs that did not change for so many days move to the archive, from \
                    which reading takes hours; 0 means never.",
        },
        Setting {
            key: "keep_deleted_days",
            kind: Kind::Number { min: 0, max: 365 },
            default: Fallback::Always(Scalar::Number(0)),
            about: "For so many days deleted blobs and containers can be brought back; 0 means \
                    not at all.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    lock: bool,
    name: Option<String>,
    redundancy: String,
    containers: Vec<String>,
    archive_after_days: u32,
    keep_deleted_days: u16,
}

/// The account with its containers, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
) -> Option<Added<StorageAccount>> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    let mut account = StorageAccount::within(group);
    account.location = builder.location().into();
    account.physical_name = settings.name;
    account.sku = match settings.redundancy.as_str() {
        "LRS" => StorageSku::StandardLrs,
        "ZRS" => StorageSku::StandardZrs,
        "GRS" => StorageSku::StandardGrs,
        "RAGRS" => StorageSku::StandardRagrs,
        _ => StorageSku::StandardGzrs,
    };
    account.tags = builder.tags();
    let account = builder.stack.add("data/store", account);
    builder.describe(&account, &section, &[("sku.name", "redundancy")]);
    if settings.lock {
        builder.lock(&account, &section);
    }

    let mut service = BlobService::within(&account);
    if settings.keep_deleted_days > 0 {
        service.delete_retention_policy = RetentionPolicy::days(settings.keep_deleted_days);
        service.container_delete_retention_policy = service.delete_retention_policy.clone();
    }
    let service = builder.stack.add("data/store-blobs", service);
    let kept = [
        ("deleteRetentionPolicy", "keep_deleted_days"),
        ("containerDeleteRetentionPolicy", "keep_deleted_days"),
    ];
    builder.describe(&service, &section, &kept);

    let mut containers = Vec::new();
    for (index, name) in settings.containers.iter().enumerate() {
        let container = Container::within(&account);
        let container = builder.stack.add(format!("data/store/{name}"), container);
        let place = builder.locate(section.at(&format!("containers.{index}")));
        // Setting the service up takes the whole account for itself for a moment.
        builder
            .stack
            .describe(&container)
            .declared_at(place)
            .after(&service);
        containers.push(container);
    }

    let days = settings.archive_after_days;
    if days == 0 || settings.containers.is_empty() {
        return Some(account);
    }
    let prefixes = settings.containers.iter().map(|name| format!("{name}/"));
    let rule = LifecycleRule::for_block_blobs("archive", prefixes).archive_after(days);
    let policy = ManagementPolicy::within(&account, vec![rule]);
    let policy = builder.stack.add("data/store-lifecycle", policy);
    builder.describe(&policy, &section, &[("policy.rules", "archive_after_days")]);
    for container in &containers {
        builder.stack.describe(&policy).after(container);
    }
    Some(account)
}
