//! Rules for key vaults.

use super::when::When;
use super::{Rule, Test};

const VAULT: &str = "Microsoft.KeyVault/vaults";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/vault-retention",
        title: "A deleted vault is to be kept for fewer or more days than it can.",
        reason: "It is kept for 7 to 90 days, settled when the vault is made.",
        fix: "set 7 to 90 days",
        link: "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
        types: &[VAULT],
        test: Test::Property(
            When::Outside("softDeleteRetentionInDays", 7, 90),
            "a deleted vault is kept for 7 to 90 days",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/vault-false",
        title: "A protection of a vault is said to be off, which Azure does not take.",
        reason: "`enablePurgeProtection: false` is refused, and soft delete has been on for all vaults \
                 since 2025; what is off is left out.",
        fix: "delete the property",
        link: "https://learn.microsoft.com/azure/key-vault/general/soft-delete-change",
        types: &[VAULT],
        test: Test::Property(
            When::Any(&[
                When::Is("enablePurgeProtection", &["false"]),
                When::Is("enableSoftDelete", &["false"]),
            ]),
            "Azure refuses the property when it is off",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/vault-policies",
        title: "Access to a vault is by policies and not by roles.",
        reason: "Whoever may write the vault can give themselves its secrets by a policy; roles are \
                 assigned by those who may assign roles. New vaults have roles by default.",
        fix: "set `enableRbacAuthorization` to true, and assign roles",
        link: "https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy",
        types: &[VAULT],
        test: Test::Property(
            When::Is("enableRbacAuthorization", &["false"]),
            "access is by policies",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/vault-purge",
        title: "The vault of production can be purged.",
        reason: "Whoever may purge deletes every secret for good, before anybody can bring it back.",
        fix: "set `purge_protection = true`; it cannot be switched off again",
        link: "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview#purge-protection",
        types: &[VAULT],
        test: Test::Property(
            When::All(&[
                When::Unset("enablePurgeProtection"),
                When::Environment(&["production", "prod"]),
            ]),
            "a deleted vault of production can be purged before its days have passed",
        ),
        ..Rule::BASE
    },
];
