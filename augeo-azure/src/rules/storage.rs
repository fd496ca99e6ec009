//! Rules for storage accounts.

use augeo_core::finding::Severity;
use augeo_core::resource::Desired;
use augeo_core::value::{PropertyPath, Value};
use time::macros::date;

use super::scene::{Found, Scene, items, plain, text};
use super::web::OLD_TLS;
use super::when::When;
use super::{Rule, Test};

const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";
const BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices";
const POLICY: &str = "Microsoft.Storage/storageAccounts/managementPolicies";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/storage-tls",
        severity: Severity::Error,
        title: "A storage account is to take TLS older than 1.2.",
        reason: "Azure Storage ended TLS 1.0 and 1.1 on all accounts; no client that needs them gets an \
                 answer.",
        fix: "set `minimumTlsVersion` to `TLS1_2`",
        link: "https://learn.microsoft.com/azure/storage/common/transport-layer-security-configure-migrate-to-tls2",
        date: Some(date!(2026 - 02 - 03)),
        types: &[ACCOUNT],
        test: Test::Property(
            When::Is("minimumTlsVersion", OLD_TLS),
            "storage has ended TLS older than 1.2",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/storage-https",
        title: "A storage account answers plain HTTP.",
        reason: "Data, and the signatures by which they are reached, are read by whoever is on the way.",
        fix: "set `supportsHttpsTrafficOnly` to true",
        link: "https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer",
        types: &[ACCOUNT],
        test: Test::Property(
            When::Is("supportsHttpsTrafficOnly", &["false"]),
            "the account answers plain HTTP",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/storage-public",
        title: "Blobs can be read by everybody.",
        reason: "A container that is open is found and copied by machines; one that may be opened will be \
                 by mistake.",
        fix: "set `allowBlobPublicAccess` to false and `publicAccess` to `None`",
        link: "https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent",
        types: &[
            ACCOUNT,
            "Microsoft.Storage/storageAccounts/blobServices/containers",
        ],
        test: Test::Property(
            When::Any(&[
                When::Is("allowBlobPublicAccess", &["true"]),
                When::Is("publicAccess", &["Blob", "Container"]),
            ]),
            "blobs are, or may be, read without a sign-in",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/storage-copies",
        title: "Data may be copied into accounts of other tenants.",
        reason: "Object replication to a foreign account is a way out that no firewall sees.",
        fix: "set `allowCrossTenantReplication` to false",
        link: "https://learn.microsoft.com/azure/storage/blobs/object-replication-prevent-cross-tenant-policies",
        types: &[ACCOUNT],
        test: Test::Property(
            When::Is("allowCrossTenantReplication", &["true"]),
            "blobs may be replicated into another tenant",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/storage-retention",
        title: "Deleted blobs are to be kept for fewer or more days than they can.",
        reason: "What is deleted can be brought back for 1 to 365 days.",
        fix: "set 1 to 365 days, or switch it off",
        link: "https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview",
        types: &[BLOBS],
        test: Test::Property(
            When::Any(&[
                When::All(&[
                    When::Outside("deleteRetentionPolicy.days", 1, 365),
                    When::Is("deleteRetentionPolicy.enabled", &["true"]),
                ]),
                When::All(&[
                    When::Outside("containerDeleteRetentionPolicy.days", 1, 365),
                    When::Is("containerDeleteRetentionPolicy.enabled", &["true"]),
                ]),
            ]),
            "what is deleted is kept for 1 to 365 days",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/storage-archive",
        title: "Blobs are to be archived in an account whose redundancy has no archive.",
        reason: "The archive tier exists with LRS, GRS and RA-GRS; zone-redundant accounts (ZRS, GZRS, \
                 RA-GZRS) have none.",
        fix: "set `archive_after_days = 0`, or a redundancy of LRS, GRS or RAGRS",
        link: "https://learn.microsoft.com/azure/storage/blobs/access-tiers-overview#archive-access-tier",
        types: &[POLICY],
        test: Test::Each(archive),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/storage-archive-blobs",
        title: "A lifecycle rule archives blobs that have no tiers.",
        reason: "Only block blobs change their tier. Append blobs, into which logs are written, and page \
                 blobs can only be deleted.",
        fix: "name `blockBlob` alone, and let a rule of its own delete the others",
        link: "https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-overview",
        types: &[POLICY],
        test: Test::Each(archived_blobs),
        ..Rule::REFUSED
    },
];

/// The rules of a policy that archive something: each with its index.
fn archiving(policy: &Desired) -> impl Iterator<Item = (usize, &Value)> {
    let rules = items(policy, "policy.rules").iter().enumerate();
    let path = PropertyPath::parse("definition.actions.baseBlob.tierToArchive");
    rules.filter(move |(_, rule)| rule.get(&path).is_some_and(|it| *it != Value::Null))
}

fn archive<'a>(scene: &Scene<'a>, policy: &'a Desired) -> Vec<Found<'a>> {
    let sku = scene
        .parent(policy)
        .and_then(|account| text(account, "sku.name"));
    let Some(sku) = sku.filter(|sku| sku.to_ascii_uppercase().ends_with("ZRS")) else {
        return Vec::new();
    };
    if archiving(policy).next().is_none() {
        return Vec::new();
    }
    let message = format!("asks for an archive, which {sku} has not");
    vec![Found::at(policy, "policy.rules", message)]
}

fn archived_blobs<'a>(_: &Scene<'a>, policy: &'a Desired) -> Vec<Found<'a>> {
    let types = PropertyPath::parse("definition.filters.blobTypes");
    let mut found = Vec::new();
    for (index, rule) in archiving(policy) {
        let kinds = rule
            .get(&types)
            .and_then(Value::as_array)
            .unwrap_or_default();
        let other = kinds
            .iter()
            .filter_map(plain)
            .find(|kind| !kind.eq_ignore_ascii_case("blockBlob"));
        if let Some(kind) = other {
            let path = format!("policy.rules[{index}]");
            found.push(Found::at(policy, &path, format!("`{kind}` has no archive")));
        }
    }
    found
}
