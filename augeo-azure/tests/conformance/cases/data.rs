//! Databases and caches.

use augeo_azure::resources::*;
use augeo_testkit::conformance::Case;
use serde_json::json;

use super::{TENANT, edit, shop};

const SOMEBODY: &str = "00000000-0000-0000-0000-00000000000a";

/// Parameters are set, put back and edited; administrators are replaced.
pub(crate) fn entra_database() -> Case {
    let stack = |administrator: &str, connections: bool| {
        let (mut stack, group) = shop();
        let server = PostgresServer::without_passwords(&group, TENANT.to_owned());
        let server = stack.add("postgres", server);
        let parameter = |name: &str, value: &str| PostgresParameter::within(&server, name, value);
        stack.add("postgres/tls", parameter("require_secure_transport", "on"));
        stack.add("postgres/statements", parameter("log_statement", "DDL"));
        if connections {
            stack.add("postgres/connections", parameter("log_connections", "off"));
        }
        let mut people =
            PostgresAdministrator::within(&server, SOMEBODY, administrator, TENANT.to_owned());
        people.principal_type = AdministratorType::Group;
        stack.add("postgres/people", people);
        stack
    };
    Case {
        name: "a database that knows people by Entra",
        stack: stack("operations", true),
        edited: stack("Developers", false),
        edits: vec![
            edit("postgres/tls", "value", &json!("off")),
            edit("postgres/statements", "value", &json!("all")),
            edit("postgres/people", "principalName", &json!("somebody else")),
        ],
    }
}

pub(crate) fn classic_redis() -> Case {
    let stack = |policy: &str, hour: u8| {
        let (mut stack, group) = shop();
        let mut cache = RedisCache::within(&group, RedisSku::new("Standard", 1));
        cache.redis_configuration.aad_enabled = "true".into();
        cache.redis_configuration.maxmemory_policy = policy.into();
        let cache = stack.add("cache", cache);
        let rule = RedisFirewallRule::within(&cache, "203.0.113.4", "203.0.113.9");
        stack.add("cache/office", rule);
        let windows = vec![
            RedisPatchWindow::new("Sunday", hour),
            RedisPatchWindow::new("Monday", 3),
        ];
        stack.add("cache/patches", RedisPatchSchedule::within(&cache, windows));
        let access = RedisAccess::Contributor;
        let app = RedisAccessPolicyAssignment::within(&cache, SOMEBODY, "app", access);
        stack.add("cache/app", app);
        // The other defaults: no Entra, no patches.
        stack.add(
            "plain",
            RedisCache::within(&group, RedisSku::new("Basic", 0)),
        );
        stack
    };
    Case {
        name: "a classic cache",
        stack: stack("volatile-lru", 2),
        edited: stack("allkeys-lru", 4),
        edits: vec![
            edit(
                "cache",
                "redisConfiguration.maxmemory-policy",
                &json!("noeviction"),
            ),
            edit("plain", "redisConfiguration.aad-enabled", &json!("True")),
            edit("cache/office", "endIP", &json!("203.0.113.200")),
        ],
    }
}

pub(crate) fn managed_redis() -> Case {
    let stack = |persistence: RedisPersistence| {
        let (mut stack, group) = shop();
        let identity = stack.add("identity", UserAssignedIdentity::within(&group));
        let cluster = stack.add("redis", ManagedRedis::within(&group, "Balanced_B1"));
        let mut database = ManagedRedisDatabase::within(&cluster);
        database.persistence = persistence;
        let database = stack.add("redis/data", database);
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        stack.add(
            "redis/app",
            ManagedRedisAccess::within(&database, principal),
        );
        stack
    };
    Case {
        name: "Managed Redis",
        stack: stack(RedisPersistence::off()),
        edited: stack(RedisPersistence::aof()),
        edits: vec![
            edit("redis", "minimumTlsVersion", &json!("1.0")),
            edit("redis/data", "evictionPolicy", &json!("NoEviction")),
            edit("redis/data", "persistence.rdbEnabled", &json!(true)),
        ],
    }
}
