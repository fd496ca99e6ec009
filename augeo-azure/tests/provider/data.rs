//! Databases and caches: parameters that are put back, zones that a failover swaps, a cluster of
//! which nothing came.

use augeo_core::finding::Severity;
use augeo_testkit::emulator::Fault;

use super::lifecycle::find;
use super::*;

const POSTGRES: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
const POSTGRES_VERSION: &str = "2025-08-01";
pub(super) const TENANT: &str = "00000000-0000-0000-0000-0000000000aa";

const SOMEBODY: &str = "00000000-0000-0000-0000-00000000000a";

/// One of each type that has to do with data, but for the server itself.
pub(super) fn add_everything(
    stack: &mut Stack,
    group: &Added<ResourceGroup>,
    server: &Added<PostgresServer>,
) {
    let parameter = PostgresParameter::within(server, "log_statement", "ddl");
    stack.add("postgres/log_statement", parameter);
    let people = PostgresAdministrator::within(server, SOMEBODY, "somebody", TENANT.to_owned());
    stack.add("postgres/somebody", people);
    let mut cache = RedisCache::within(group, RedisSku::new("Standard", 0));
    cache.redis_configuration.aad_enabled = "true".into();
    let cache = stack.add("cache", cache);
    let rule = RedisFirewallRule::within(&cache, "203.0.113.4", "203.0.113.4");
    stack.add("cache/office", rule);
    let windows = vec![RedisPatchWindow::new("Sunday", 2)];
    stack.add("cache/patches", RedisPatchSchedule::within(&cache, windows));
    let access = RedisAccessPolicyAssignment::within(&cache, SOMEBODY, "a", RedisAccess::Reader);
    stack.add("cache/somebody", access);
    let cluster = stack.add("redis", ManagedRedis::within(group, "Balanced_B0"));
    let database = stack.add("redis/data", ManagedRedisDatabase::within(&cluster));
    stack.add("redis/app", ManagedRedisAccess::within(&database, SOMEBODY));
}

fn server(stack: &mut Stack) -> Added<PostgresServer> {
    let group = group(stack);
    let mut server = PostgresServer::without_passwords(&group, TENANT.to_owned());
    server.sku = PostgresSku::named("Standard_D2s_v3");
    server.high_availability.mode = AvailabilityMode::ZoneRedundant;
    stack.add("postgres", server)
}

fn with_parameters(parameters: &[(&str, &str)]) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let server = server(&mut stack);
    for (name, value) in parameters {
        let parameter = PostgresParameter::within(&server, *name, *value);
        stack.add(format!("postgres/{name}"), parameter);
    }
    stack
}

fn parameter(bench: &Bench, name: &str) -> Json {
    let path = format!("{}/configurations/{name}", find(bench, POSTGRES));
    bench.get(&path, POSTGRES_VERSION).unwrap()["properties"].clone()
}

#[tokio::test(start_paused = true)]
async fn only_parameters_that_somebody_set_count() {
    let bench = Bench::new();
    let set = [
        ("require_secure_transport", "on"),
        ("log_connections", "off"),
    ];
    bench.apply(&with_parameters(&set)).await;
    assert_eq!(parameter(&bench, "log_connections")["value"], "off");
    // Somebody else overrides another one: it is not declared, so it is put back.
    let path = format!("{}/configurations/log_duration", find(&bench, POSTGRES));
    let body = json!({"properties": {"value": "on", "source": "user-override"}});
    let answer = bench.request(Method::Put, &path, POSTGRES_VERSION, Some(body));
    assert_eq!(answer.status, 202);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let plan = bench.again().plan(&with_parameters(&set)).await;
    let changes: Vec<_> = plan.pending().map(|change| change.action).collect();
    assert_eq!(changes, [Action::Delete]);
    // What leaves the stack is put back, too, and nothing is deleted.
    let bench = bench.again();
    bench.apply(&with_parameters(&set[..1])).await;
    for name in ["log_connections", "log_duration"] {
        let found = parameter(&bench, name);
        assert_eq!(found["value"], found["defaultValue"], "{name}");
        assert_eq!(found["source"], "system-default", "{name}");
    }
    assert!(
        !bench
            .sent
            .take()
            .iter()
            .any(|sent| sent.starts_with("DELETE"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_parameter_is_written_whatever_it_was_before() {
    let bench = Bench::new();
    bench.apply(&with_parameters(&[])).await;
    let bench = bench.again();
    let plan = bench
        .plan(&with_parameters(&[("log_statement", "ddl")]))
        .await;
    let changes: Vec<_> = plan.pending().map(|change| change.action).collect();
    assert_eq!(changes, [Action::Update]);
    let bench = bench.again();
    bench
        .apply(&with_parameters(&[("log_statement", "ddl")]))
        .await;
    // The default is no change, and neither is another case.
    let same = with_parameters(&[("log_statement", "DDL"), ("log_checkpoints", "on")]);
    assert!(bench.again().plan(&same).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_without_passwords_can_be_given_one_and_it_stays() {
    let with = |login: &str| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let vault = stack.add("vault", Vault::within(&group, TENANT.to_owned()));
        let secret = stack.add("vault/password", VaultSecret::generated(&vault, 40));
        let mut server = PostgresServer::within(&group, login, secret.secret());
        server.auth_config.active_directory_auth = Switch::Enabled;
        server.auth_config.tenant_id = Some(TENANT.into());
        server.sku = PostgresSku::named("Standard_D2s_v3");
        server.high_availability.mode = AvailabilityMode::ZoneRedundant;
        stack.add("postgres", server);
        stack
    };
    let bench = Bench::new();
    let mut without = Stack::new("augeo", "dev");
    server(&mut without);
    bench.apply(&without).await;
    let bench = bench.again();
    bench.apply(&with("augeo")).await;
    let made = bench
        .get(&find(&bench, POSTGRES), POSTGRES_VERSION)
        .unwrap();
    assert_eq!(made["properties"]["administratorLogin"], "augeo");
    let plan = bench.again().plan(&with("somebody")).await;
    assert_eq!(plan.change("postgres").unwrap().action, Action::Replace);
    assert!(plan.ensure_executable().is_err(), "data are protected");
}

#[tokio::test(start_paused = true)]
async fn a_failover_is_no_drift() {
    let bench = Bench::new();
    let mut stack = Stack::new("augeo", "dev");
    server(&mut stack);
    bench.apply(&stack).await;
    let swapped = json!({"properties": {"availabilityZone": "2", "highAvailability": {"standbyAvailabilityZone": "1"}}});
    let id = find(&bench, POSTGRES);
    let edited = bench.emulator.with_world(|world| world.edit(&id, &swapped));
    assert!(edited.unwrap());
    assert!(bench.again().plan(&stack).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_cluster_whose_creation_failed_is_replaced_and_one_whose_update_failed_is_not() {
    let redis = |sku: &str| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let cluster = stack.add("redis", ManagedRedis::within(&group, sku));
        stack.add("redis/data", ManagedRedisDatabase::within(&cluster));
        stack
    };
    let fail = |bench: &Bench, id: &str| {
        let fault = Fault::fail_operation(id, "OperationFailed", "The operation failed.");
        let injected = bench
            .emulator
            .with_world(|world| world.inject(fault.times(1)));
        injected.unwrap();
    };
    let bench = Bench::new();
    let plan = bench.plan(&redis("Balanced_B1")).await;
    let id = plan.change("redis").unwrap().id.text().to_owned();
    fail(&bench, &id);
    let report = bench.engine.execute(&plan).await;
    assert_eq!(
        report.outcome("redis").unwrap().code(),
        Some("OperationFailed")
    );
    // There is nothing in it that could be lost: nobody has to allow anything.
    let bench = bench.again();
    let plan = bench.plan(&redis("Balanced_B1")).await;
    assert_eq!(plan.change("redis").unwrap().action, Action::Replace);
    bench.apply(&redis("Balanced_B1")).await;
    let bench = bench.again();
    let plan = bench.plan(&redis("Balanced_B3")).await;
    fail(&bench, &id);
    let report = bench.engine.execute(&plan).await;
    assert_eq!(
        report.outcome("redis").unwrap().code(),
        Some("OperationFailed")
    );
    let bench = bench.again();
    let plan = bench.plan(&redis("Balanced_B3")).await;
    assert_eq!(plan.change("redis").unwrap().action, Action::Update);
    bench.apply(&redis("Balanced_B3")).await;
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_cache_that_is_taken_is_told_before_anything_is_made() {
    for (taken, found) in [("redis/cache-of-mine", true), ("redis/another", false)] {
        let options = WorldOptions {
            taken_names: vec![taken.to_owned()],
            ..WorldOptions::default()
        };
        let bench = Bench::over(Emulator::with_options(options));
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let mut cache = RedisCache::within(&group, RedisSku::new("Basic", 0));
        cache.physical_name = Some("cache-of-mine".to_owned());
        stack.add("cache", cache);
        let plan = bench.plan(&stack).await;
        let rules: Vec<&str> = plan.findings.iter().map(|it| it.rule.as_str()).collect();
        assert_eq!(rules == ["azure/name-taken"], found, "{:#?}", plan.findings);
        assert!(found || rules.is_empty(), "{:#?}", plan.findings);
    }
}

#[tokio::test(start_paused = true)]
async fn what_managed_redis_cannot_change_is_protected() {
    let redis = |policy: ClusteringPolicy| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let cluster = stack.add("redis", ManagedRedis::within(&group, "Balanced_B1"));
        let mut database = ManagedRedisDatabase::within(&cluster);
        database.clustering_policy = policy;
        stack.add("redis/data", database);
        stack
    };
    let bench = Bench::new();
    bench
        .apply(&redis(ClusteringPolicy::EnterpriseCluster))
        .await;
    let plan = bench
        .again()
        .plan(&redis(ClusteringPolicy::NoCluster))
        .await;
    let blocked = plan.ensure_executable().unwrap_err();
    assert_eq!(blocked.findings[0].rule, "augeo/protected", "{blocked:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_version_that_has_ended_is_not_made_and_lives_on_where_it_is() {
    let of = |backup_days: u8| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let mut server = PostgresServer::without_passwords(&group, TENANT.to_owned());
        server.version = "14".to_owned();
        server.backup.backup_retention_days = backup_days;
        stack.add("postgres", server);
        stack
    };
    let ended = |plan: &Plan| {
        let mut findings = plan.findings.iter();
        findings.any(|it| it.rule == "augeo/database-version" && it.severity == Severity::Error)
    };
    let (bench, empty) = (Bench::new(), Bench::new());
    bench.apply(&of(7)).await;
    tokio::time::sleep(std::time::Duration::from_secs(30 * 86_400)).await;
    let old = bench.again().plan(&of(8)).await;
    assert!(!old.is_empty() && !ended(&old), "{:?}", old.findings);
    let new = empty.again().plan(&of(7)).await;
    assert!(ended(&new), "{:?}", new.findings);
    assert!(new.ensure_executable().is_err());
}

fn in_region(region: &str, mode: AvailabilityMode, sku: &str) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let mut server = PostgresServer::without_passwords(&group, TENANT.to_owned());
    server.location = region.into();
    server.sku = PostgresSku::named(sku);
    server.high_availability.mode = mode;
    stack.add("postgres", server);
    stack
}

#[tokio::test(start_paused = true)]
async fn what_can_only_grow_and_what_is_not_offered_stops_an_update() {
    let of = |version: &str, gigabytes: u32, sku: &str| {
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let mut server = PostgresServer::without_passwords(&group, TENANT.to_owned());
        version.clone_into(&mut server.version);
        server.storage.storage_size_gb = gigabytes;
        server.sku = PostgresSku::named(sku);
        stack.add("postgres", server);
        stack
    };
    let bench = Bench::new();
    bench.apply(&of("16", 64, "Standard_D2s_v3")).await;
    let rules = |plan: &Plan| -> Vec<(String, String)> {
        let findings = plan.findings.iter();
        let errors = findings.filter(|it| it.severity == Severity::Error);
        errors
            .map(|it| (it.rule.clone(), it.property.clone().unwrap_or_default()))
            .collect()
    };
    let pair = |rule: &str, property: &str| (rule.to_owned(), property.to_owned());
    let plan = bench.again().plan(&of("15", 32, "Standard_D3s_v3")).await;
    assert_eq!(
        rules(&plan),
        [
            pair("azure/not-offered", "sku.name"),
            pair("azure/only-grows", "storage.storageSizeGB"),
            pair("azure/only-grows", "version"),
        ]
    );
    let plan = bench.again().plan(&of("17", 128, "Standard_D4s_v3")).await;
    assert_eq!(rules(&plan), []);
}

/// Servers of both families and accounts, so many of each.
fn counted(servers: usize, accounts: usize) -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    for number in 0..servers {
        let mut server = PostgresServer::without_passwords(&group, TENANT.to_owned());
        server.sku = PostgresSku::named("Standard_D2s_v3");
        server.high_availability.mode = AvailabilityMode::ZoneRedundant;
        stack.add(format!("postgres{number}"), server);
    }
    for number in 0..accounts {
        stack.add(format!("storage{number}"), StorageAccount::within(&group));
    }
    stack
}

fn quotas(plan: &Plan) -> Vec<&str> {
    let findings = plan.findings.iter();
    let mine = findings.filter(|it| it.rule == "azure/quota");
    mine.map(|it| it.message.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_quota_has_no_room_for_stops_the_plan() {
    let limits = [
        ("cores", 7),
        ("standardDSv3Family", 8),
        ("StorageAccounts", 2),
    ];
    let bench = Bench::limited(limits);
    assert_eq!(quotas(&bench.plan(&counted(1, 2)).await), [""; 0]);
    let plan = bench.plan(&counted(2, 3)).await;
    assert_eq!(
        quotas(&plan),
        [
            "postgres0, postgres1 (PostgreSQL server) would take 8 of the quota `cores` in \
             westeurope, of which 0 of 7 are in use",
            "storage0, storage1, storage2 (Storage account) would take 3 of the quota \
             `StorageAccounts` in westeurope, of which 0 of 2 are in use",
        ]
    );
    assert!(plan.ensure_executable().is_err());
    bench.apply(&counted(1, 1)).await;
    let plan = bench.again().plan(&counted(2, 2)).await;
    assert_eq!(
        quotas(&plan),
        [
            "postgres1 (PostgreSQL server) would take 4 of the quota `cores` in westeurope, of which \
          4 of 7 are in use"
        ]
    );
}

fn not_offered(plan: &Plan) -> Vec<(String, String)> {
    let findings = plan.findings.iter();
    let mine = findings.filter(|it| it.rule == "azure/not-offered");
    mine.map(|it| (it.property.clone().unwrap(), it.fix.clone().unwrap()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_region_does_not_offer_stops_the_plan() {
    let bench = Bench::new();
    let zones = AvailabilityMode::ZoneRedundant;
    let plan = bench
        .plan(&in_region("westeurope", zones.clone(), "Standard_D2s_v3"))
        .await;
    assert_eq!(not_offered(&plan), []);
    let plan = bench
        .plan(&in_region("West US", zones, "Standard_D2s_v3"))
        .await;
    let mode = (
        "highAvailability.mode".to_owned(),
        "it offers SameZone".to_owned(),
    );
    assert_eq!(not_offered(&plan), [mode]);
    assert!(plan.ensure_executable().is_err());
    let none = AvailabilityMode::Disabled;
    let plan = bench
        .plan(&in_region("westeurope", none, "Standard_D3s_v3"))
        .await;
    assert_eq!(not_offered(&plan)[0].0, "sku.name");
}

#[tokio::test(start_paused = true)]
async fn what_a_region_offers_is_not_verified_where_it_may_not_be_asked() {
    let bench = Bench::new();
    let denied = Fault::deny("Microsoft.DBforPostgreSQL/locations/capabilities");
    let refused = bench.emulator.with_world(|world| world.inject(denied));
    refused.unwrap();
    let mode = AvailabilityMode::ZoneRedundant;
    let plan = bench
        .plan(&in_region("westus", mode, "Standard_D2s_v3"))
        .await;
    let mut findings = plan.findings.iter();
    let told = findings.find(|it| it.message.contains("whether westus offers"));
    assert_eq!(told.expect("it is told").rule, "azure/not-verified");
    assert!(plan.ensure_executable().is_ok());
}
