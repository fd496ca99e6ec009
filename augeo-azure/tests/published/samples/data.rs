//! Databases and caches.

use augeo_azure::resources::{
    AdministratorType, AvailabilityMode, FirewallRule, ManagedIdentity, ManagedRedis,
    ManagedRedisAccess, ManagedRedisDatabase, PostgresAdministrator, PostgresDatabase,
    PostgresParameter, PostgresServer, RedisAccess, RedisAccessPolicyAssignment, RedisCache,
    RedisFirewallRule, RedisPatchSchedule, RedisPatchWindow, RedisPersistence, RedisSku,
    ResourceGroup, VaultSecret,
};
use augeo_core::stack::{Added, Stack};

const SOMEBODY: &str = "00000000-0000-0000-0000-00000000000a";

pub(super) fn add(
    stack: &mut Stack,
    group: &Added<ResourceGroup>,
    password: &Added<VaultSecret>,
    identity: Option<ManagedIdentity>,
) {
    let server = PostgresServer::within(group, "augeo", password.secret());
    let server = stack.add("server", server);
    let mut full = PostgresServer::within(group, "augeo", password.secret());
    full.identity.clone_from(&identity);
    full.availability_zone = Some("1".to_owned());
    full.high_availability.mode = AvailabilityMode::ZoneRedundant;
    full.high_availability.standby_availability_zone = Some("2".to_owned());
    full.network.delegated_subnet_resource_id = Some("/subscriptions/s".into());
    full.network.private_dns_zone_arm_resource_id = Some("/subscriptions/s".into());
    stack.add("server/full", full);
    stack.add(
        "server/entra",
        PostgresServer::without_passwords(group, "0"),
    );
    stack.add("database", PostgresDatabase::within(&server));
    stack.add(
        "rule",
        FirewallRule::within(&server, "203.0.113.4", "203.0.113.5"),
    );
    let parameter = PostgresParameter::within(&server, "require_secure_transport", "on");
    stack.add("parameter", parameter);
    let mut administrator = PostgresAdministrator::within(&server, SOMEBODY, "operations", "0");
    administrator.principal_type = AdministratorType::Group;
    stack.add("administrator", administrator);

    let cache = RedisCache::within(group, RedisSku::new("Standard", 1));
    let cache = stack.add("cache", cache);
    let mut full = RedisCache::within(group, RedisSku::new("Premium", 1));
    full.identity = identity;
    full.shard_count = Some(2);
    full.subnet_id = Some("/subscriptions/s".into());
    let configuration = &mut full.redis_configuration;
    for option in [
        &mut configuration.maxmemory_reserved,
        &mut configuration.maxfragmentationmemory_reserved,
        &mut configuration.notify_keyspace_events,
        &mut configuration.aof_backup_enabled,
        &mut configuration.rdb_backup_enabled,
        &mut configuration.rdb_backup_frequency,
        &mut configuration.preferred_data_persistence_auth_method,
    ] {
        *option = Some("1".to_owned());
    }
    for option in [
        &mut configuration.aof_storage_connection_string,
        &mut configuration.rdb_storage_connection_string,
        &mut configuration.storage_subscription_id,
    ] {
        *option = Some("0".into());
    }
    stack.add("cache/full", full);
    stack.add(
        "cache/rule",
        RedisFirewallRule::within(&cache, "203.0.113.4", "203.0.113.5"),
    );
    let windows = vec![RedisPatchWindow::new("Sunday", 2)];
    stack.add("cache/patches", RedisPatchSchedule::within(&cache, windows));
    let assignment =
        RedisAccessPolicyAssignment::within(&cache, SOMEBODY, "operations", RedisAccess::Owner);
    stack.add("cache/operations", assignment);

    let cluster = stack.add("redis", ManagedRedis::within(group, "Balanced_B1"));
    let database = stack.add("redis/data", ManagedRedisDatabase::within(&cluster));
    let mut kept = ManagedRedisDatabase::within(&cluster);
    kept.persistence = RedisPersistence::aof();
    stack.add("redis/log", kept);
    let mut kept = ManagedRedisDatabase::within(&cluster);
    kept.persistence = RedisPersistence::rdb("6h");
    stack.add("redis/copies", kept);
    stack.add(
        "redis/user",
        ManagedRedisAccess::within(&database, SOMEBODY),
    );
}
