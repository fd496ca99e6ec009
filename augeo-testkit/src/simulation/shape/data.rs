//! Nodes that are databases and caches.

use augeo_azure::resources::{
    FirewallRule, Lock, ManagedRedis, ManagedRedisAccess, ManagedRedisDatabase, PostgresDatabase,
    PostgresParameter, PostgresServer, RedisCache, RedisFirewallRule, RedisPersistence, RedisSku,
    UserAssignedIdentity,
};

use super::{Built, Kind, Node, chosen, tags};

impl Built {
    pub(super) fn add_data(
        &mut self,
        node: &Node,
        name: &str,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let choice = node.choice;
        match node.kind {
            Kind::Server => self.add_server(name, choice, variant, former)?,
            Kind::Database => {
                let server = chosen(&self.servers, choice)?.clone();
                let added = self.stack.add(name, PostgresDatabase::within(&server));
                self.named(&added, former);
            }
            Kind::Rule => {
                let server = chosen(&self.servers, choice)?.clone();
                let address = format!("192.0.2.{variant}");
                let rule = FirewallRule::within(&server, address.clone(), address.clone());
                let added = self.stack.add(name, rule);
                self.named(&added, former);
                self.expect(name, "/properties/startIpAddress", address);
            }
            Kind::Parameter => {
                let server = chosen(&self.servers, choice)?.clone();
                if !self.once.insert(format!("parameter of {}", server.name())) {
                    return None;
                }
                let value = (10 + u16::from(variant)).to_string();
                let parameter =
                    PostgresParameter::within(&server, "statement_timeout", value.clone());
                let added = self.stack.add(name, parameter);
                self.named(&added, former);
                self.expect(name, "/properties/value", value);
            }
            Kind::Redis => {
                let mut cluster = ManagedRedis::within(&self.group, "Balanced_B1");
                cluster.tags = tags(variant);
                let added = self.stack.add(name, cluster);
                self.named(&added, former);
                self.expect(name, "/tags/variant", variant.to_string());
                self.locks.push(Lock::on(&added));
                self.clusters.push(added);
            }
            Kind::RedisDatabase => self.add_redis_database(name, choice, variant, former)?,
            Kind::RedisAccess => {
                let database = chosen(&self.redis, choice)?.clone();
                let identity = chosen(&self.identities, choice / 2)?.clone();
                let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
                let access = ManagedRedisAccess::within(&database, principal);
                let added = self.stack.add(name, access);
                self.named(&added, former);
            }
            Kind::Cache => {
                let mut cache = RedisCache::within(&self.group, RedisSku::new("Basic", 0));
                cache.tags = tags(variant);
                let added = self.stack.add(name, cache);
                self.named(&added, former);
                self.expect(name, "/tags/variant", variant.to_string());
                self.locks.push(Lock::on(&added));
                self.caches.push(added);
            }
            Kind::CacheRule => {
                let cache = chosen(&self.caches, choice)?.clone();
                let address = format!("192.0.2.{variant}");
                let rule = RedisFirewallRule::within(&cache, address.clone(), address.clone());
                let added = self.stack.add(name, rule);
                self.named(&added, former);
                self.expect(name, "/properties/startIP", address);
            }
            Kind::Workspace
            | Kind::Component
            | Kind::Identity
            | Kind::Storage
            | Kind::Container
            | Kind::Vault
            | Kind::Secret
            | Kind::Plan
            | Kind::Autoscale
            | Kind::App
            | Kind::Settings
            | Kind::Slot
            | Kind::SlotConfig
            | Kind::HostName
            | Kind::Certificate
            | Kind::SecureName
            | Kind::StaticSite
            | Kind::StaticSiteName
            | Kind::Zone
            | Kind::Texts
            | Kind::Alias
            | Kind::Delegation
            | Kind::MailService
            | Kind::MailDomain
            | Kind::MailUser
            | Kind::Messenger
            | Kind::RoleOnStorage
            | Kind::OwnRole
            | Kind::Credential
            | Kind::Budget
            | Kind::Lock => return None,
        }
        Some(())
    }

    fn add_redis_database(
        &mut self,
        name: &str,
        choice: usize,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let cluster = chosen(&self.clusters, choice)?.clone();
        if !self.once.insert(format!("database of {}", cluster.name())) {
            return None;
        }
        let mut database = ManagedRedisDatabase::within(&cluster);
        if variant.is_multiple_of(2) {
            database.persistence = RedisPersistence::aof();
        }
        let added = self.stack.add(name, database);
        self.named(&added, former);
        self.redis.push(added);
        Some(())
    }

    fn add_server(
        &mut self,
        name: &str,
        choice: usize,
        variant: u8,
        former: Option<&String>,
    ) -> Option<()> {
        let secret = chosen(&self.secrets, choice)?.secret();
        let mut server = PostgresServer::within(&self.group, "augeo", secret);
        server.tags = tags(variant);
        server.backup.backup_retention_days = 7 + variant;
        let added = self.stack.add(name, server);
        self.named(&added, former);
        self.expect(name, "/tags/variant", variant.to_string());
        let days = "/properties/backup/backupRetentionDays";
        self.expect(name, days, 7 + variant);
        self.locks.push(Lock::on(&added));
        self.servers.push(added);
        Some(())
    }
}
