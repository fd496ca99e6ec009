//! Databases and caches.

use augeo_core::forecast::Work::{Create, Delete, Update};

use super::{DELETION, Row, SMALL, UPDATE, guess, row};

const POSTGRES: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
const DATABASE: &str = "Microsoft.DBforPostgreSQL/flexibleServers/databases";
const FIREWALL: &str = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules";
const PARAMETER: &str = "Microsoft.DBforPostgreSQL/flexibleServers/configurations";
const ADMINISTRATOR: &str = "Microsoft.DBforPostgreSQL/flexibleServers/administrators";
const REDIS: &str = "Microsoft.Cache/redis";
const REDIS_FIREWALL: &str = "Microsoft.Cache/redis/firewallRules";
const REDIS_PATCHES: &str = "Microsoft.Cache/redis/patchSchedules";
const REDIS_ACCESS: &str = "Microsoft.Cache/redis/accessPolicyAssignments";
const MANAGED_REDIS: &str = "Microsoft.Cache/redisEnterprise";
const MANAGED_DATABASE: &str = "Microsoft.Cache/redisEnterprise/databases";
const MANAGED_ACCESS: &str = "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments";

/// Where a server that keeps a standby says so.
const HIGH_AVAILABILITY: (&str, &[&str]) =
    ("highAvailability.mode", &["ZoneRedundant", "SameZone"]);

pub(super) static ROWS: &[Row] = &[
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
        PARAMETER,
        Create,
        20_000,
        60_000,
        "estimate: no log found; a parameter of the static kind needs a restart besides",
    ),
    guess(
        PARAMETER,
        Update,
        20_000,
        60_000,
        "estimate: like the creation",
    ),
    guess(
        PARAMETER,
        Delete,
        20_000,
        60_000,
        "estimate: like the creation",
    ),
    guess(
        ADMINISTRATOR,
        Create,
        60_000,
        180_000,
        "estimate: no log found",
    ),
    guess(
        ADMINISTRATOR,
        Update,
        60_000,
        180_000,
        "estimate: like the creation",
    ),
    guess(ADMINISTRATOR, Delete, 30_000, 90_000, DELETION),
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
    guess(REDIS, Update, 384_000, 960_000, UPDATE),
    guess(REDIS, Delete, 360_000, 480_000, "estimate: 4 to 8 min"),
    guess(REDIS_FIREWALL, Create, 3_000, 10_000, SMALL),
    guess(REDIS_FIREWALL, Update, 3_000, 10_000, SMALL),
    guess(REDIS_FIREWALL, Delete, 3_000, 10_000, SMALL),
    guess(REDIS_PATCHES, Create, 3_000, 10_000, SMALL),
    guess(REDIS_PATCHES, Update, 3_000, 10_000, SMALL),
    guess(REDIS_PATCHES, Delete, 3_000, 10_000, SMALL),
    guess(
        REDIS_ACCESS,
        Create,
        60_000,
        180_000,
        "estimate: no log found",
    ),
    guess(
        REDIS_ACCESS,
        Update,
        60_000,
        180_000,
        "estimate: like the creation",
    ),
    guess(REDIS_ACCESS, Delete, 30_000, 90_000, DELETION),
    guess(
        MANAGED_REDIS,
        Create,
        360_000,
        600_000,
        "estimate after a public apply log of 7 min 32 s (2026-09, centralus) for a cluster with its \
         database",
    ),
    guess(MANAGED_REDIS, Update, 144_000, 288_000, UPDATE),
    guess(MANAGED_REDIS, Delete, 300_000, 600_000, DELETION),
    guess(
        MANAGED_DATABASE,
        Create,
        90_000,
        180_000,
        "estimate: part of the 7 min 32 s of a cluster with its database",
    ),
    guess(
        MANAGED_DATABASE,
        Update,
        60_000,
        180_000,
        "estimate: two thirds of the creation",
    ),
    guess(MANAGED_DATABASE, Delete, 60_000, 180_000, DELETION),
    guess(
        MANAGED_ACCESS,
        Create,
        30_000,
        90_000,
        "estimate: no log found",
    ),
    guess(
        MANAGED_ACCESS,
        Update,
        30_000,
        90_000,
        "estimate: like the creation",
    ),
    guess(MANAGED_ACCESS, Delete, 30_000, 90_000, DELETION),
];
