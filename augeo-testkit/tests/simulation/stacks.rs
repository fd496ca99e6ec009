//! The stacks that the scenarios provision.

use augeo_azure::resources::{
    ARecords, AppServicePlan, AppSettings, AutoscaleSetting, AvailabilityMode, Budget, CnameRecord,
    CommunicationService, Component, Container, DnsZone, EmailDomain, EmailService,
    FederatedCredential, FirewallRule, HostNameBinding, Lock, ManagedCertificate, ManagedRedis,
    ManagedRedisAccess, ManagedRedisDatabase, MxRecords, NsRecords, Permission,
    PostgresAdministrator, PostgresDatabase, PostgresParameter, PostgresServer, PostgresSku,
    RecordSet, RedisAccess, RedisAccessPolicyAssignment, RedisCache, RedisFirewallRule,
    RedisPatchSchedule, RedisPatchWindow, RedisPersistence, RedisSku, ResourceGroup, Role,
    RoleAssignment, RoleDefinition, SecureHostName, SenderUsername, StaticSite, StaticSiteDomain,
    StorageAccount, TxtRecords, UserAssignedIdentity, Vault, VaultSecret, WebApp, WebAppSlot,
    WebConfig, Workspace,
};
use augeo_core::stack::{Added, Stack};

pub(crate) const WORKSPACES: &str = "Microsoft.OperationalInsights/workspaces";
pub(crate) const IDENTITIES: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
pub(crate) const STORAGE: &str = "Microsoft.Storage/storageAccounts";
pub(crate) const SERVERS: &str = "Microsoft.DBforPostgreSQL/flexibleServers";

fn group() -> (Stack, Added<ResourceGroup>) {
    let mut stack = Stack::new("scene", "test");
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    (stack, group)
}

/// A workspace with a component on it, and two branches that need neither: an identity, an account.
pub(crate) fn monitoring(retention_in_days: u16) -> Stack {
    let (mut stack, group) = group();
    let mut workspace = Workspace::within(&group);
    workspace.retention_in_days = retention_in_days;
    let workspace = stack.add("workspace", workspace);
    stack.add("component", Component::within(&group, &workspace));
    stack.add("identity", UserAssignedIdentity::within(&group));
    stack.add("store", StorageAccount::within(&group));
    stack
}

/// A workspace under a name of one's choice, beside an identity; or the identity alone.
pub(crate) fn workspace(name: Option<&str>, former: Option<&str>) -> Stack {
    let (mut stack, group) = group();
    stack.add("identity", UserAssignedIdentity::within(&group));
    if let Some(name) = name {
        let added = stack.add(name, Workspace::within(&group));
        if let Some(former) = former {
            stack.describe(&added).renamed_from(former);
        }
    }
    stack
}

/// A database server with a standby, which takes eleven minutes, and what lives in it.
pub(crate) fn database() -> Stack {
    let (mut stack, group) = group();
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    let tenant = identity.output(UserAssignedIdentity::TENANT_ID);
    let vault = stack.add("vault", Vault::within(&group, tenant));
    let password = stack.add("password", VaultSecret::generated(&vault, 32));
    let mut server = PostgresServer::within(&group, "augeo", password.secret());
    server.sku = PostgresSku::named("Standard_D2s_v3");
    server.high_availability.mode = AvailabilityMode::ZoneRedundant;
    let server = stack.add("server", server);
    stack.add("database", PostgresDatabase::within(&server));
    stack.add(
        "rule",
        FirewallRule::within(&server, "192.0.2.1", "192.0.2.1"),
    );
    stack
}

/// A workspace in a group that somebody is granted access to first.
pub(crate) fn granted(principal: &str) -> Stack {
    let (mut stack, group) = group();
    let grant = RoleAssignment::on(&group, Role::CONTRIBUTOR, principal.to_owned());
    let grant = stack.add("grant", grant);
    let workspace = stack.add("workspace", Workspace::within(&group));
    stack.describe(&workspace).after(&grant);
    stack
}

/// A vault that nobody can purge.
pub(crate) fn vault() -> Stack {
    let (mut stack, group) = group();
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    let tenant = identity.output(UserAssignedIdentity::TENANT_ID);
    let mut vault = Vault::within(&group, tenant);
    vault.enable_purge_protection = true;
    stack.add("vault", vault);
    stack
}

/// A web app with two documents of configuration.
pub(crate) fn site() -> Stack {
    let (mut stack, group) = group();
    let plan = stack.add("plan", AppServicePlan::within(&group, "S1"));
    let app = stack.add("app", WebApp::within(&group, &plan, "DOCKER|nginx:1"));
    let mut settings = AppSettings::within(&app);
    settings.setting("LOG_LEVEL", "info");
    stack.add("settings", settings);
    stack.add("config", WebConfig::within(&app));
    stack
}

/// A web app with a slot, scaled by itself, under a name of its own with TLS; an edit gives it
/// another name.
pub(crate) fn names(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let plan = stack.add("plan", AppServicePlan::within(&group, "S1"));
    let most = if edited { 4 } else { 3 };
    let scale = AutoscaleSetting::by_processor(&group, &plan, 1, most);
    stack.add("plan/scale", scale);
    let app = WebApp::within(&group, &plan, "DOCKER|nginx:1");
    let like = app.clone();
    let app = stack.add("app", app);
    let slot = stack.add("app/staging", WebAppSlot::within(&app, like));
    stack.add("app/staging/config", WebConfig::within(&slot));
    let host = if edited {
        "www.example.org"
    } else {
        "api.example.org"
    };
    let name = stack.add("app/name", HostNameBinding::within(&app, host));
    let certificate = ManagedCertificate::within(&group, &plan, &name);
    let certificate = stack.add("app/certificate", certificate);
    let secure = SecureHostName::finishing(&name, &certificate);
    stack.add("app/tls", secure);
    let site = stack.add("site", StaticSite::within(&group, "westeurope"));
    let domain = StaticSiteDomain::within(&site, format!("admin.{host}"));
    stack.add("site/name", domain);
    stack
}

/// A web app under a name with TLS; an edit takes the certificate away and keeps the name.
pub(crate) fn secured(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let plan = stack.add("plan", AppServicePlan::within(&group, "S1"));
    let app = stack.add("app", WebApp::within(&group, &plan, "DOCKER|nginx:1"));
    let name = HostNameBinding::within(&app, "api.example.org");
    let name = stack.add("app/name", name);
    if !edited {
        let certificate = ManagedCertificate::within(&group, &plan, &name);
        let certificate = stack.add("app/certificate", certificate);
        let secure = SecureHostName::finishing(&name, &certificate);
        stack.add("app/tls", secure);
    }
    stack
}

const SOMEBODY: &str = "00000000-0000-0000-0000-00000000000a";

/// A server without passwords; an edit takes a parameter away and replaces its administrator.
pub(crate) fn people(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    let tenant = || identity.output(UserAssignedIdentity::TENANT_ID);
    let server = PostgresServer::without_passwords(&group, tenant());
    let server = stack.add("server", server);
    if !edited {
        let parameter = PostgresParameter::within(&server, "log_statement", "ddl");
        stack.add("server/statements", parameter);
    }
    let parameter = PostgresParameter::within(&server, "log_connections", "off");
    stack.add("server/connections", parameter);
    let name = if edited { "developers" } else { "operations" };
    let people = PostgresAdministrator::within(&server, SOMEBODY, name, tenant());
    stack.add("server/people", people);
    stack
}

/// A classic cache; an edit lets somebody else in.
pub(crate) fn cache(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let mut cache = RedisCache::within(&group, RedisSku::new("Standard", 0));
    "true".clone_into(&mut cache.redis_configuration.aad_enabled);
    let cache = stack.add("cache", cache);
    let address = if edited { "192.0.2.1" } else { "192.0.2.2" };
    let rule = RedisFirewallRule::within(&cache, address, address);
    stack.add("cache/office", rule);
    let windows = vec![RedisPatchWindow::new("Sunday", 2)];
    stack.add("cache/patches", RedisPatchSchedule::within(&cache, windows));
    let access = RedisAccess::Reader;
    let access = RedisAccessPolicyAssignment::within(&cache, SOMEBODY, "app", access);
    stack.add("cache/app", access);
    stack
}

/// Managed Redis; an edit has it keep a log.
pub(crate) fn redis(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let identity = stack.add("identity", UserAssignedIdentity::within(&group));
    let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
    let cluster = stack.add("redis", ManagedRedis::within(&group, "Balanced_B1"));
    let mut database = ManagedRedisDatabase::within(&cluster);
    if edited {
        database.persistence = RedisPersistence::aof();
    }
    let database = stack.add("redis/data", database);
    stack.add(
        "redis/app",
        ManagedRedisAccess::within(&database, principal),
    );
    stack
}

/// A zone with records of every type, and one below it; an edit changes some and takes one away.
pub(crate) fn zone(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let zone = stack.add("zone", DnsZone::within(&group, "example.org"));
    let below = stack.add("below", DnsZone::within(&group, "dev.example.org"));
    let servers = NsRecords::delegating_to(&below);
    stack.add("zone/dev", RecordSet::within(&zone, "dev", servers));
    let address = if edited { "192.0.2.1" } else { "192.0.2.2" };
    let records = ARecords::of([address]);
    stack.add("zone/www", RecordSet::within(&zone, "www", records));
    let texts = TxtRecords::of(["v=spf1 -all", address]);
    stack.add("zone/texts", RecordSet::within(&zone, "@", texts));
    let mail = MxRecords::of([(10, "mx.example.org")]);
    stack.add("zone/mail", RecordSet::within(&zone, "@", mail));
    if !edited {
        let record = CnameRecord::of("www.example.org");
        stack.add("zone/api", RecordSet::within(&zone, "api", record));
    }
    stack
}

/// What sends mail, with the records of its domain; an edit takes a sender away.
pub(crate) fn mail(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let zone = stack.add("zone", DnsZone::within(&group, "mail.example"));
    let service = stack.add("mail", EmailService::within(&group, "Europe"));
    let domain = stack.add("mail/domain", EmailDomain::within(&service, "mail.example"));
    let proof = domain.output(EmailDomain::OWNERSHIP_RECORD);
    let texts = TxtRecords::of([proof]);
    stack.add("zone/texts", RecordSet::within(&zone, "@", texts));
    let shown = if edited { "Help" } else { "Support" };
    let sender = SenderUsername::within(&domain, "support", shown);
    stack.add("mail/domain/support", sender);
    if !edited {
        let sender = SenderUsername::within(&domain, "news", "News");
        stack.add("mail/domain/news", sender);
    }
    let mut messenger = CommunicationService::within(&group, "Europe");
    messenger.linked_domains = vec![domain.id().into()];
    stack.add("messenger", messenger);
    stack
}

/// An account with a lock, a budget, and who deploys; an edit takes a container away, for which the
/// lock is lifted, and changes the role.
pub(crate) fn guarded(edited: bool) -> Stack {
    let (mut stack, group) = group();
    let account = stack.add("store", StorageAccount::within(&group));
    stack.add("store/kept", Container::within(&account));
    if !edited {
        stack.add("store/gone", Container::within(&account));
    }
    stack.add("store/lock", Lock::on(&account));
    stack.add("budget", Budget::on(&group, if edited { 200 } else { 100 }));
    let identity = stack.add("deploy", UserAssignedIdentity::within(&group));
    for subject in ["dev", "main"] {
        let credential = FederatedCredential::github(&identity, format!("repo:a/b:{subject}"));
        stack.add(format!("deploy/{subject}"), credential);
    }
    let action = if edited { "Microsoft.Web/*" } else { "*/read" };
    let role = RoleDefinition::within(&group, "Deployer", Permission::actions([action]));
    let role = stack.add("role", role);
    let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
    let may = RoleAssignment::at_subscription(role.output(RoleDefinition::ROLE), principal);
    stack.add("deploy/may", may);
    stack
}
