//! What the platform document gives development, staging and production, as typed defaults.

/// The values that differ from one environment to the next. Each can be set in `augeo.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of the file by itself"
)]
pub struct Defaults {
    /// The word for `like`, and the environment's usual name.
    pub kind: &'static str,
    /// The size of the App Service plan.
    pub plan_sku: &'static str,
    /// How many instances it has.
    pub plan_instances: i64,
    /// Up to how many autoscale makes; 0 where it is off.
    pub plan_autoscale_max: i64,
    /// Whether the web app has a slot.
    pub app_slot: bool,
    /// The size of the database server.
    pub database_sku: &'static str,
    /// Whether it has a standby.
    pub database_high_availability: &'static str,
    /// How many days its backups are kept.
    pub database_backup_days: i64,
    /// The size of Managed Redis.
    pub redis_sku: &'static str,
    /// The size of a classic cache.
    pub redis_classic_sku: &'static str,
    /// Whether Managed Redis has a second node.
    pub redis_high_availability: bool,
    /// What Managed Redis keeps on disk.
    pub redis_persistence: &'static str,
    /// Where copies of what is stored are kept.
    pub storage_redundancy: &'static str,
    /// How many days a deleted vault can be brought back.
    pub vault_soft_delete_days: i64,
    /// Whether nobody may purge the vault before those days have passed.
    pub vault_purge_protection: bool,
    /// Whether locks keep what holds data from being deleted.
    pub locks: bool,
}

/// Small, cheap, and quickly thrown away.
pub const DEV: Defaults = Defaults {
    kind: "dev",
    plan_sku: "B1",
    plan_instances: 1,
    plan_autoscale_max: 0,
    app_slot: false,
    database_sku: "Standard_B1ms",
    database_high_availability: "off",
    database_backup_days: 7,
    redis_sku: "Balanced_B0",
    redis_classic_sku: "Basic_C0",
    redis_high_availability: false,
    redis_persistence: "off",
    storage_redundancy: "LRS",
    vault_soft_delete_days: 7,
    vault_purge_protection: false,
    locks: false,
};

/// Production's sizes without its second copies.
pub const STAGING: Defaults = Defaults {
    kind: "staging",
    plan_sku: "S1",
    plan_instances: 1,
    plan_autoscale_max: 0,
    app_slot: true,
    database_sku: "Standard_D2s_v3",
    database_high_availability: "off",
    database_backup_days: 7,
    redis_sku: "Balanced_B1",
    redis_classic_sku: "Standard_C1",
    redis_high_availability: true,
    redis_persistence: "off",
    storage_redundancy: "LRS",
    vault_soft_delete_days: 90,
    vault_purge_protection: false,
    locks: false,
};

/// Two of everything that may fail.
pub const PRODUCTION: Defaults = Defaults {
    kind: "production",
    plan_sku: "S1",
    plan_instances: 2,
    plan_autoscale_max: 5,
    app_slot: true,
    database_sku: "Standard_D2s_v3",
    database_high_availability: "zone-redundant",
    database_backup_days: 30,
    redis_sku: "Balanced_B1",
    redis_classic_sku: "Standard_C1",
    redis_high_availability: true,
    redis_persistence: "aof",
    storage_redundancy: "GRS",
    vault_soft_delete_days: 90,
    vault_purge_protection: true,
    locks: true,
};

/// The three, in the order in which a change travels.
pub const ALL: [&Defaults; 3] = [&DEV, &STAGING, &PRODUCTION];

/// The words for `like`.
pub(super) const KINDS: &[&str] = &[DEV.kind, STAGING.kind, PRODUCTION.kind];

impl Defaults {
    /// The defaults that go by this word.
    pub fn of_kind(kind: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|defaults| defaults.kind == kind)
    }
}
