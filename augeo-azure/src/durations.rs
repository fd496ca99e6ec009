//! How long Azure takes, by type and work: medians and 95th percentiles, each with a link to where
//! it was measured, or called an estimate.
//!
//! It is a table, not code: an estimate waits for a measurement, also where it follows logs to which
//! no link was kept. Where a source is a run of another tool, the waits that it adds are taken off.

use std::borrow::Cow;
use std::time::Duration;

use augeo_core::forecast::{Basis, Distribution, DurationModel, Figure, When, Work};
use augeo_core::name::TypeName;

use Work::{Create, Delete, Update};

/// A duration of one kind of work on one type.
#[derive(Clone, Copy, Debug)]
struct Row {
    ty: &'static str,
    work: Work,
    /// The property (in the shape) and the values for which it holds; `None`: all others.
    when: Option<(&'static str, &'static [&'static str])>,
    p50: Duration,
    p95: Duration,
    basis: Basis,
    source: &'static str,
}

const fn row(ty: &'static str, work: Work, p50: u64, p95: u64, source: &'static str) -> Row {
    Row {
        ty,
        work,
        when: None,
        p50: Duration::from_millis(p50),
        p95: Duration::from_millis(p95),
        basis: Basis::Measured,
        source,
    }
}

/// A row that nobody has measured.
const fn guess(ty: &'static str, work: Work, p50: u64, p95: u64, source: &'static str) -> Row {
    let mut row = row(ty, work, p50, p95, source);
    row.basis = Basis::Estimate;
    row
}

/// An update: 0.4 of the creation unless it was measured.
const UPDATE: &str = "estimate: 0.4 of the creation";
const SMALL: &str = "estimate: a small synchronous request";
const DELETION: &str = "estimate: no log found";

const GROUP: &str = "Microsoft.Resources/resourceGroups";
const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
const ROLE: &str = "Microsoft.Authorization/roleAssignments";
const WORKSPACE: &str = "Microsoft.OperationalInsights/workspaces";
const COMPONENT: &str = "Microsoft.Insights/components";
const STORAGE: &str = "Microsoft.Storage/storageAccounts";
const BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices";
const CONTAINER: &str = "Microsoft.Storage/storageAccounts/blobServices/containers";
const POLICY: &str = "Microsoft.Storage/storageAccounts/managementPolicies";
const VAULT: &str = "Microsoft.KeyVault/vaults";
const SECRET: &str = "Microsoft.KeyVault/vaults/secrets";
const POSTGRES: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
const DATABASE: &str = "Microsoft.DBforPostgreSQL/flexibleServers/databases";
const FIREWALL: &str = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules";
const PLAN: &str = "Microsoft.Web/serverfarms";
const SITE: &str = "Microsoft.Web/sites";
const SITE_CONFIG: &str = "Microsoft.Web/sites/config";
const REDIS: &str = "Microsoft.Cache/redis";
const MANAGED_REDIS: &str = "Microsoft.Cache/redisEnterprise";

/// Where a server that keeps a standby says so.
const HIGH_AVAILABILITY: (&str, &[&str]) =
    ("highAvailability.mode", &["ZoneRedundant", "SameZone"]);

static ROWS: &[Row] = &[
    row(
        GROUP,
        Create,
        1_500,
        4_000,
        "apply logs of 1 to 5 s: https://github.com/turbot/steampipe-plugin-azure/pull/64, \
         https://github.com/turbot/steampipe-plugin-azure/pull/299",
    ),
    guess(GROUP, Update, 600, 1_500, UPDATE),
    guess(
        GROUP,
        Delete,
        20_000,
        60_000,
        "estimate: what is left once everything in it is gone",
    ),
    guess(
        IDENTITY,
        Create,
        2_000,
        10_000,
        "estimate after public apply logs of 1 to 28 s",
    ),
    guess(IDENTITY, Update, 1_000, 4_000, UPDATE),
    guess(IDENTITY, Delete, 2_000, 8_000, DELETION),
    guess(
        ROLE,
        Create,
        1_500,
        4_000,
        "estimate after public apply logs, without the 25 s that the other tool waits",
    ),
    guess(ROLE, Update, 1_500, 4_000, SMALL),
    guess(ROLE, Delete, 1_500, 4_000, SMALL),
    guess(
        WORKSPACE,
        Create,
        12_000,
        45_000,
        "estimate after a public apply log of 46 s, asked every 10 s",
    ),
    guess(WORKSPACE, Update, 5_000, 18_000, UPDATE),
    guess(WORKSPACE, Delete, 5_000, 20_000, DELETION),
    guess(
        COMPONENT,
        Create,
        5_000,
        20_000,
        "estimate: synchronous, no log found",
    ),
    guess(COMPONENT, Update, 2_000, 8_000, UPDATE),
    guess(COMPONENT, Delete, 5_000, 20_000, DELETION),
    guess(
        STORAGE,
        Create,
        20_000,
        32_000,
        "estimate after public apply logs of 18 to 45 s",
    ),
    guess(STORAGE, Update, 8_000, 13_000, UPDATE),
    guess(STORAGE, Delete, 5_000, 15_000, DELETION),
    guess(BLOBS, Create, 1_000, 3_000, SMALL),
    guess(BLOBS, Update, 1_000, 3_000, SMALL),
    guess(BLOBS, Delete, 1_000, 3_000, SMALL),
    guess(CONTAINER, Create, 1_000, 3_000, SMALL),
    guess(CONTAINER, Update, 1_000, 3_000, SMALL),
    guess(CONTAINER, Delete, 1_000, 3_000, SMALL),
    guess(POLICY, Create, 1_000, 3_000, SMALL),
    guess(POLICY, Update, 1_000, 3_000, SMALL),
    guess(POLICY, Delete, 1_000, 3_000, SMALL),
    guess(
        VAULT,
        Create,
        5_000,
        20_000,
        "estimate after public apply logs: 4 s, and 2 min 7 s to 2 min 42 s with the 130 s that the \
         other tool waits",
    ),
    guess(VAULT, Update, 2_000, 8_000, UPDATE),
    guess(VAULT, Delete, 5_000, 20_000, DELETION),
    guess(
        SECRET,
        Create,
        400,
        2_000,
        "estimate after public apply logs of 1 to 3 s, most of it the other tool's",
    ),
    guess(SECRET, Update, 400, 2_000, SMALL),
    guess(SECRET, Delete, 400, 2_000, SMALL),
    guess(
        POSTGRES,
        Create,
        330_000,
        660_000,
        "estimate after a public apply log of 5 min 6 s (2026-09, centralus), one of 9 min 23 s",
    ),
    Row {
        when: Some(HIGH_AVAILABILITY),
        ..guess(
            POSTGRES,
            Create,
            660_000,
            1_320_000,
            "estimate; reports of more than 60 min: \
             https://github.com/hashicorp/terraform-provider-azurerm/issues/27948, \
             https://github.com/hashicorp/terraform-provider-azurerm/issues/13939",
        )
    },
    guess(POSTGRES, Update, 132_000, 264_000, UPDATE),
    Row {
        when: Some(HIGH_AVAILABILITY),
        ..guess(
            POSTGRES,
            Update,
            264_000,
            528_000,
            "estimate: 0.4 of the creation with a standby",
        )
    },
    guess(POSTGRES, Delete, 120_000, 180_000, "estimate: 1 to 3 min"),
    guess(
        DATABASE,
        Create,
        12_000,
        30_000,
        "estimate after a public apply log of 14 s",
    ),
    guess(DATABASE, Update, 5_000, 12_000, UPDATE),
    guess(DATABASE, Delete, 12_000, 30_000, DELETION),
    guess(
        FIREWALL,
        Create,
        12_000,
        30_000,
        "estimate after a public apply log of 14 s",
    ),
    guess(FIREWALL, Update, 5_000, 12_000, UPDATE),
    guess(FIREWALL, Delete, 12_000, 30_000, DELETION),
    guess(
        PLAN,
        Create,
        7_000,
        18_000,
        "estimate after public apply logs of 6, 6, 12 and 15 s",
    ),
    guess(PLAN, Update, 3_000, 7_000, UPDATE),
    guess(PLAN, Delete, 3_000, 10_000, DELETION),
    guess(
        SITE,
        Create,
        18_000,
        40_000,
        "estimate after public apply logs of 22 to 59 s, with some eight requests that follow",
    ),
    guess(SITE, Update, 7_000, 16_000, UPDATE),
    guess(SITE, Delete, 5_000, 15_000, DELETION),
    guess(SITE_CONFIG, Create, 2_000, 5_000, SMALL),
    guess(SITE_CONFIG, Update, 2_000, 5_000, SMALL),
    guess(SITE_CONFIG, Delete, 2_000, 5_000, SMALL),
    // Types that are not in the catalogue yet, for those who use them as `Generic`.
    row(
        REDIS,
        Create,
        960_000,
        1_440_000,
        "\"20+ minutes is a typical provisioning duration\": \
         https://github.com/Azure/AzureCacheForRedis/issues/6; 14 min: \
         https://github.com/pulumi/pulumi-azure-native/issues/2007",
    ),
    Row {
        when: Some(("sku.name", &["Premium"])),
        ..row(
            REDIS,
            Create,
            1_500_000,
            2_400_000,
            "more than 21 min: \
             https://github.com/hashicorp/terraform-provider-azurerm/issues/28405",
        )
    },
    guess(REDIS, Delete, 360_000, 480_000, "estimate: 4 to 8 min"),
    guess(
        MANAGED_REDIS,
        Create,
        450_000,
        720_000,
        "estimate after a public apply log of 7 min 32 s (2026-09, centralus), with its database",
    ),
    guess(
        "Microsoft.Web/sites/slots",
        Create,
        20_000,
        45_000,
        "estimate: like a web app",
    ),
    guess(
        "Microsoft.Web/staticSites",
        Create,
        15_000,
        130_000,
        "estimate; 2 min 15 s in an example of the documentation",
    ),
    guess(
        "Microsoft.Network/dnsZones",
        Create,
        3_000,
        8_000,
        "estimate: synchronous, no log found",
    ),
    guess(
        "Microsoft.Network/privateDnsZones",
        Create,
        25_000,
        45_000,
        "estimate after public apply logs of 32 and 35 s",
    ),
    guess(
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        Create,
        25_000,
        45_000,
        "estimate after a public apply log of 32 s",
    ),
    row(
        "Microsoft.Network/virtualNetworks",
        Create,
        5_000,
        10_000,
        "8 s: https://github.com/turbot/steampipe-plugin-azure/pull/824",
    ),
    row(
        "Microsoft.Network/virtualNetworks/subnets",
        Create,
        5_000,
        10_000,
        "6 s: https://github.com/turbot/steampipe-plugin-azure/pull/824",
    ),
    guess(
        "Microsoft.Network/privateEndpoints",
        Create,
        60_000,
        150_000,
        "estimate: no log found",
    ),
    guess(
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        Create,
        3_000,
        15_000,
        "estimate after a public apply log of 28 s, most of it the other tool's",
    ),
    guess(
        "Microsoft.Communication/communicationServices",
        Create,
        15_000,
        60_000,
        "estimate: no log found",
    ),
];

/// How long Azure takes, by type and work. What a caller learnt is added by
/// [`DurationModel::refined`].
pub fn durations() -> DurationModel {
    let mut model = DurationModel::new();
    for row in ROWS {
        let when = row.when.map(|(path, one_of)| When {
            path: Cow::Borrowed(path),
            one_of: one_of.iter().copied().map(Cow::Borrowed).collect(),
        });
        let figure = Figure {
            when,
            distribution: Distribution::new(row.p50, row.p95),
            basis: row.basis,
            source: Cow::Borrowed(row.source),
        };
        model.insert(TypeName::from_static(row.ty), row.work, figure);
    }
    model
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::CATALOGUE;

    #[test]
    fn every_type_of_the_catalogue_has_figures_that_order_its_work_too() {
        let model = durations();
        for ty in CATALOGUE {
            let usual = ty.facts.usual;
            for (work, usual) in [
                (Create, usual.create),
                (Update, usual.update),
                (Delete, usual.delete),
            ] {
                let figures = model.figures(ty.name(), work);
                let otherwise = figures.iter().find(|figure| figure.when.is_none());
                let otherwise = otherwise.unwrap_or_else(|| panic!("{}: {work:?}", ty.name()));
                assert_eq!(
                    otherwise.distribution.p50(),
                    usual,
                    "{}: {work:?}",
                    ty.name()
                );
            }
        }
    }

    #[test]
    fn every_row_has_a_source_a_spread_and_no_twin() {
        for (at, row) in ROWS.iter().enumerate() {
            assert!(row.p95 > row.p50 && row.source.len() > 10, "{row:?}");
            let guessed = row.source.starts_with("estimate");
            assert_eq!(guessed, row.basis == Basis::Estimate, "{row:?}");
            assert!(guessed || row.source.contains("https://"), "{row:?}");
            let twin =
                |other: &Row| (other.ty, other.work, other.when) == (row.ty, row.work, row.when);
            assert!(!ROWS[..at].iter().any(twin), "{row:?}");
        }
    }
}
