//! Redis: Managed Redis with its database, or a classic cache for who has one, and what the web app
//! needs to reach it.

use augeo_core::stack::Added;
use augeo_core::value::{Input, Piece};

use super::address::AddressRange;
use super::app_service_inside::Variables;
use super::builder::Builder;
use super::redis_settings::{Classic, Kept, SECTION, Settings};
use super::section::Section;
use super::{app_service, storage};
use crate::resources::managed_redis::MANAGED_REDIS_PORT;
use crate::resources::{
    AppSettings, ManagedIdentity, ManagedRedis, ManagedRedisAccess, ManagedRedisDatabase,
    RedisAccess, RedisAccessPolicyAssignment, RedisCache, RedisFirewallRule, RedisPatchSchedule,
    RedisPatchWindow, ResourceGroup, Role, RoleAssignment, StorageAccount, Switch,
    UserAssignedIdentity,
};

/// The port for TLS of classic caches.
const CLASSIC_PORT: u16 = 6380;

/// What other modules made, and Redis may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared<'a> {
    pub(super) group: &'a Added<ResourceGroup>,
    pub(super) identity: Option<&'a Added<UserAssignedIdentity>>,
    pub(super) store: Option<&'a Added<StorageAccount>>,
}

/// Redis, as its users reach it.
#[derive(Clone, Debug)]
pub(super) enum Redis {
    Managed {
        cluster: Added<ManagedRedis>,
        database: Added<ManagedRedisDatabase>,
        access: Option<Added<ManagedRedisAccess>>,
    },
    Classic {
        cache: Added<RedisCache>,
        access: Option<Added<RedisAccessPolicyAssignment>>,
    },
}

impl Redis {
    /// Tells the app where Redis is, and as whom it signs in, if it does that by Entra.
    pub(super) fn tell(&self, variables: &mut Variables, identity: &Added<UserAssignedIdentity>) {
        let (host, port, signs_in): (Input<String>, _, _) = match self {
            Self::Managed {
                cluster, access, ..
            } => (
                cluster.output(ManagedRedis::HOST_NAME).into(),
                MANAGED_REDIS_PORT,
                access.is_some(),
            ),
            Self::Classic { cache, access } => (
                cache.output(RedisCache::HOST_NAME).into(),
                CLASSIC_PORT,
                access.is_some(),
            ),
        };
        variables
            .setting("REDIS_HOST", host)
            .setting("REDIS_PORT", port.to_string())
            .setting("REDIS_SSL", "true");
        if signs_in {
            let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
            variables.setting("REDIS_USER", principal);
        }
    }

    /// What is told is of use only once the app is let in.
    pub(super) fn precede(&self, builder: &mut Builder<'_>, variables: &Added<AppSettings>) {
        let mut variables = builder.stack.describe(variables);
        match self {
            Self::Managed {
                access: Some(access),
                ..
            } => variables.after(access),
            Self::Managed { database, .. } => variables.after(database),
            Self::Classic {
                access: Some(access),
                ..
            } => variables.after(access),
            Self::Classic { .. } => &mut variables,
        };
    }
}

/// Redis with who is let in, unless it is switched off.
pub(super) fn add(builder: &mut Builder<'_>, shared: Shared<'_>) -> Option<Redis> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    // Whoever signs in by Entra must be named; the app is, where there is one.
    let app = builder.section(&app_service::SECTION).is_on();
    let user = shared.identity.filter(|_| settings.entra && app);
    let redis = if settings.is_classic() {
        let classic = settings.classic(builder, &section);
        add_classic(builder, &section, shared, &settings, classic, user)?
    } else {
        add_managed(builder, &section, shared, &settings, user)
    };
    Some(redis)
}

fn add_managed(
    builder: &mut Builder<'_>,
    section: &Section,
    shared: Shared<'_>,
    settings: &Settings,
    user: Option<&Added<UserAssignedIdentity>>,
) -> Redis {
    let wanted = settings.managed(builder, section);
    let switch = |on| {
        if on {
            Switch::Enabled
        } else {
            Switch::Disabled
        }
    };
    let mut cluster = ManagedRedis::within(shared.group, wanted.sku);
    cluster.location = builder.location().into();
    cluster.physical_name.clone_from(&settings.name);
    cluster.tags = builder.tags();
    cluster.high_availability = switch(wanted.high_availability);
    let cluster = builder.stack.add("data/redis", cluster);
    let places = [
        ("sku.name", "sku"),
        ("highAvailability", "high_availability"),
    ];
    builder.describe(&cluster, section, &places);
    if settings.lock {
        builder.lock(&cluster, section);
    }

    let mut database = ManagedRedisDatabase::within(&cluster);
    database.clustering_policy = wanted.clustering;
    database.eviction_policy = wanted.eviction.into();
    database.persistence = wanted.persistence;
    database.access_keys_authentication = switch(!settings.entra);
    let database = builder.stack.add("data/redis/database", database);
    let places = [
        ("clusteringPolicy", "clustering"),
        ("evictionPolicy", "eviction"),
        ("persistence", "persistence"),
        ("accessKeysAuthentication", "entra"),
    ];
    builder.describe(&database, section, &places);

    let access = user.map(|identity| {
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let access = ManagedRedisAccess::within(&database, principal);
        let access = builder.stack.add("data/redis/database/api", access);
        builder.describe(&access, section, &[]);
        access
    });
    Redis::Managed {
        cluster,
        database,
        access,
    }
}

fn add_classic(
    builder: &mut Builder<'_>,
    section: &Section,
    shared: Shared<'_>,
    settings: &Settings,
    wanted: Classic,
    user: Option<&Added<UserAssignedIdentity>>,
) -> Option<Redis> {
    let premium = wanted.sku.name == "Premium";
    let mut cache = RedisCache::within(shared.group, wanted.sku);
    cache.location = builder.location().into();
    cache.physical_name.clone_from(&settings.name);
    cache.tags = builder.tags();
    cache.redis_configuration.maxmemory_policy = wanted.eviction;
    if settings.entra {
        cache.redis_configuration.aad_enabled = "true".into();
        cache.disable_access_key_authentication = true;
    }
    if premium {
        // What is switched off again must be said; the other tiers have neither.
        let off = || Some("false".to_owned());
        cache.redis_configuration.aof_backup_enabled = off();
        cache.redis_configuration.rdb_backup_enabled = off();
    }
    let mut role = None;
    if wanted.kept != Kept::Nothing {
        keep(&mut cache, wanted.kept);
        if premium {
            role = Some(keep_in_storage(
                builder,
                section,
                shared,
                &mut cache,
                wanted.kept,
            )?);
        }
    }
    let cache = builder.stack.add("data/redis", cache);
    let places = [
        ("sku", "sku"),
        ("redisConfiguration.maxmemory-policy", "eviction"),
        ("redisConfiguration.aad-enabled", "entra"),
        ("redisConfiguration.aof-backup-enabled", "persistence"),
        ("redisConfiguration.rdb-backup-enabled", "persistence"),
        ("disableAccessKeyAuthentication", "entra"),
    ];
    builder.describe(&cache, section, &places);
    if settings.lock {
        builder.lock(&cache, section);
    }
    if let Some(role) = &role {
        builder.stack.describe(&cache).after(role);
    }
    add_firewall(builder, section, &cache, settings);
    if let Some((days, hour)) = wanted.patches {
        let windows = days.into_iter().map(|day| RedisPatchWindow::new(day, hour));
        let schedule = RedisPatchSchedule::within(&cache, windows.collect());
        let schedule = builder.stack.add("data/redis/patches", schedule);
        builder.describe(&schedule, section, &[("scheduleEntries", "patch_days")]);
    }
    let access = user.map(|identity| {
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let alias = identity.output(UserAssignedIdentity::NAME);
        let access = RedisAccess::Contributor;
        let access = RedisAccessPolicyAssignment::within(&cache, principal, alias, access);
        let access = builder.stack.add("data/redis/api", access);
        builder.describe(&access, section, &[]);
        access
    });
    Some(Redis::Classic { cache, access })
}

fn keep(cache: &mut RedisCache, kept: Kept) {
    let configuration = &mut cache.redis_configuration;
    let on = || Some("true".to_owned());
    match kept {
        Kept::Nothing => {}
        Kept::Writes => configuration.aof_backup_enabled = on(),
        Kept::Copies(hours) => {
            configuration.rdb_backup_enabled = on();
            configuration.rdb_backup_frequency = Some((hours * 60).to_string());
        }
    }
}

/// A Premium cache keeps its files in the storage account, as the app's identity: no key of the
/// account is anywhere
/// (<https://learn.microsoft.com/azure/azure-cache-for-redis/cache-managed-identity>).
fn keep_in_storage(
    builder: &mut Builder<'_>,
    section: &Section,
    shared: Shared<'_>,
    cache: &mut RedisCache,
    kept: Kept,
) -> Option<Added<RoleAssignment>> {
    let (Some(store), Some(identity)) = (shared.store, shared.identity) else {
        let (needed, help) = if shared.store.is_none() {
            (
                &storage::SECTION,
                "switch `storage` on, or set `redis.persistence = \"off\"`",
            )
        } else {
            (
                &app_service::SECTION,
                "switch `app_service` on, or set `redis.persistence = \"off\"`",
            )
        };
        builder.needs("redis.persistence", needed, help);
        return None;
    };
    let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
    let role = RoleAssignment::on(store, Role::STORAGE_BLOB_DATA_CONTRIBUTOR, principal);
    let role = builder.stack.add("identity/api-keeps-redis", role);
    builder.describe(&role, section, &[]);
    cache.identity = Some(ManagedIdentity::user_assigned(identity.id()));
    let endpoint = Input::format([
        Piece::from("BlobEndpoint="),
        store.output(StorageAccount::BLOB_ENDPOINT).into(),
    ]);
    let configuration = &mut cache.redis_configuration;
    configuration.preferred_data_persistence_auth_method = Some("ManagedIdentity".to_owned());
    if kept == Kept::Writes {
        configuration.aof_storage_connection_string = Some(endpoint);
    } else {
        configuration.rdb_storage_connection_string = Some(endpoint);
    }
    Some(role)
}

fn add_firewall(
    builder: &mut Builder<'_>,
    section: &Section,
    cache: &Added<RedisCache>,
    settings: &Settings,
) {
    for (name, text) in &settings.firewall {
        let range = AddressRange::parse(text).expect("the document's addresses were checked");
        let (first, last) = (range.first.to_string(), range.last.to_string());
        let rule = RedisFirewallRule::within(cache, first, last);
        let rule = builder.stack.add(format!("data/redis/allow-{name}"), rule);
        let place = builder.locate(section.at(&format!("firewall.{name}")));
        builder
            .stack
            .describe(&rule)
            .declared_at(place.clone())
            .property_at("startIP", place.clone())
            .property_at("endIP", place);
    }
}
