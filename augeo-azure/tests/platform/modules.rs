//! Modules that are switched off, and what is there already.

use crate::shown::{TOP, list, names, resource, stack, value};

#[test]
fn everything_but_the_group_can_be_switched_off() {
    let off = [
        "log_analytics",
        "monitoring",
        "storage",
        "key_vault",
        "database",
        "redis",
        "app_service_plan",
        "app_service",
        "static_web_app",
        "dns",
        "communication",
    ];
    let tables = off
        .map(|name| format!("[{name}]\nenabled = false\n"))
        .concat();
    let stack = stack(&format!("{TOP}{tables}"), "dev");
    assert_eq!(names(&stack), ["group"]);
}

#[test]
fn what_is_off_leaves_no_trace_in_the_others() {
    let text = format!(
        "{TOP}[environment.dev.monitoring]\nenabled = false\n\
         [environment.dev.database]\nenabled = false\n\
         [environment.dev.redis]\nenabled = false\n\
         [environment.dev.key_vault]\nenabled = false\n\
         [environment.dev.communication]\nenabled = false\n"
    );
    let stack = stack(&text, "dev");
    let settings = resource(&stack, "web/api/settings")
        .value
        .as_object()
        .unwrap();
    let variables: Vec<&String> = settings.keys().collect();
    let expected = [
        "AZURE_CLIENT_ID",
        "ENVIRONMENT",
        "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
        "WEBSITES_PORT",
    ];
    assert_eq!(variables, expected);
    let text = list(&stack);
    for gone in ["vault", "postgres", "insights"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
}

#[test]
fn nobody_needs_an_identity_without_a_vault_and_an_app() {
    let text = format!(
        "{TOP}[database]\nenabled = false\n[key_vault]\nenabled = false\n\
         [app_service]\nenabled = false\n"
    );
    assert!(!names(&stack(&text, "dev")).contains(&"identity/api"));
}

#[test]
fn what_is_there_already_is_referred_to() {
    let text = format!(
        "{TOP}
[existing]
resource_group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared'
log_analytics = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ops/providers/Microsoft.OperationalInsights/workspaces/logs'
registry = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ops/providers/Microsoft.ContainerRegistry/registries/images'
"
    );
    let stack = stack(&text, "dev");
    let line = |key: &str| text.lines().position(|line| line.starts_with(key)).unwrap() + 1;
    let existing: Vec<String> = stack
        .existing_resources()
        .iter()
        .map(|(name, entry)| format!("{name} = {} {}", entry.id.label(), entry.location))
        .collect();
    // What is not there is told where its id is written.
    let written =
        |entry: &str, key: &str, column: u32| format!("{entry} augeo.toml:{}:{column}", line(key));
    assert_eq!(
        existing,
        [
            written("group = shared", "resource_group", 18),
            written("monitoring/logs = logs", "log_analytics", 17),
            written("registry = images", "registry", 12),
        ]
    );
    assert!(!names(&stack).contains(&"group"));
    assert!(!names(&stack).contains(&"monitoring/logs"));
    let insights = &resource(&stack, "monitoring/insights").value;
    let workspace = insights.field("WorkspaceResourceId").unwrap();
    assert_eq!(value(workspace), "${monitoring/logs.id}");

    let role = resource(&stack, "identity/api-pulls-images");
    assert_eq!(role.scope.resource().unwrap().as_str(), "registry");
    let config = &resource(&stack, "web/api/config").value;
    assert_eq!(
        value(config.field("acrUseManagedIdentityCreds").unwrap()),
        "true"
    );
    let client = config.field("acrUserManagedIdentityID").unwrap();
    assert_eq!(value(client), "${identity/api.clientId}");
    let app = resource(&stack, "web/api");
    assert!(
        app.after.contains(&role.name),
        "the first pull needs the role"
    );
}

#[test]
fn settings_wait_for_the_role_that_reads_the_vault() {
    let stack = stack(TOP, "dev");
    let settings = resource(&stack, "web/api/settings");
    let role = resource(&stack, "identity/api-reads-vault");
    assert!(settings.after.contains(&role.name));
    let password = settings.value.field("DATABASE_PASSWORD").unwrap();
    assert_eq!(
        value(password),
        "\"@Microsoft.KeyVault(SecretUri=${security/vault/postgres-password.secretUri})\""
    );
}

#[test]
fn a_slot_has_what_its_app_has_and_variables_of_its_own() {
    let text = format!("{TOP}[app_service.slot_settings]\nLOG_LEVEL = 'debug'\n");
    let stack = stack(&text, "staging");
    let [app, slot] = ["web/api", "web/api/staging"].map(|name| resource(&stack, name));
    assert_eq!(value(&app.value), value(&slot.value));
    assert!(app.value.field("keyVaultReferenceIdentity").is_some());
    let of = |name: &str| {
        let settings = resource(&stack, name);
        let role = resource(&stack, "identity/api-reads-vault");
        assert!(settings.after.contains(&role.name), "{name}");
        settings.value.as_object().unwrap().clone()
    };
    let (mut own, mut slots) = (of("web/api/settings"), of("web/api/staging/settings"));
    let take = |settings: &mut augeo_core::value::Object, name: &str| {
        settings.shift_remove(name).map(|text| value(&text))
    };
    let production = take(&mut own, "DEPLOYMENT_SLOT");
    assert_eq!(production.as_deref(), Some("\"production\""));
    let staging = take(&mut slots, "DEPLOYMENT_SLOT");
    assert_eq!(staging.as_deref(), Some("\"staging\""));
    let level = take(&mut slots, "LOG_LEVEL");
    assert_eq!(level.as_deref(), Some("\"debug\""));
    assert_eq!(own.len(), slots.len());
    let sticky = resource(&stack, "web/api/sticky")
        .value
        .field("appSettingNames");
    assert_eq!(
        value(sticky.unwrap()),
        "[\"LOG_LEVEL\", \"DEPLOYMENT_SLOT\"]"
    );
    for way in ["ftp", "scm"] {
        for site in ["web/api", "web/api/staging"] {
            let policy = &resource(&stack, &format!("{site}/{way}")).value;
            assert_eq!(value(policy.field("allow").unwrap()), "false");
        }
    }
}

#[test]
fn dev_has_no_slot_and_nothing_that_belongs_to_one() {
    let stack = stack(TOP, "dev");
    let of_slots = |name: &&&str| name.contains("staging") || name.contains("sticky");
    assert_eq!(names(&stack).iter().find(of_slots), None);
    let settings = &resource(&stack, "web/api/settings").value;
    assert!(settings.field("DEPLOYMENT_SLOT").is_none());
}

#[test]
fn names_can_be_given() {
    let text = format!(
        "{TOP}[environment.dev.resource_group]\nname = 'my-group'\n\
         [environment.dev.storage]\nname = 'mystore7'\ncontainers = []\nkeep_deleted_days = 7\n"
    );
    let stack = stack(&text, "dev");
    let name = |name| resource(&stack, name).physical_name.as_deref();
    assert_eq!(name("group"), Some("my-group"));
    assert_eq!(name("data/store"), Some("mystore7"));
    assert!(
        !names(&stack).contains(&"data/store-lifecycle"),
        "there is nothing to archive"
    );
    let blobs = &resource(&stack, "data/store-blobs").value;
    let kept = value(blobs.field("deleteRetentionPolicy").unwrap());
    assert_eq!(kept, "{enabled: true, days: 7}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one text")]
fn every_key_of_every_module_can_be_written() {
    let text = format!(
        "{TOP}
[resource_group]
name = 'g'
[log_analytics]
enabled = true
name = 'logs'
retention_days = 31
lock = true
daily_cap_gb = 2
[monitoring]
enabled = true
name = 'insights'
[storage]
enabled = true
name = 'store'
redundancy = 'RAGRS'
containers = ['one']
archive_after_days = 1
keep_deleted_days = 2
[key_vault]
enabled = true
name = 'vault'
soft_delete_days = 8
purge_protection = true
[database]
enabled = true
name = 'server'
version = '18'
sku = 'Standard_E2ds_v5'
storage_gb = 64
high_availability = 'same-zone'
backup_days = 35
administrator = 'boss'
password_auth = true
administrators = {{ 'boss@example.com' = 'user 00000000-0000-4000-8000-00000000000a' }}
database = 'things'
configurations = {{ log_statement = 'ddl', max_connections = '100' }}
firewall = {{ me = '203.0.113.7' }}
[redis]
enabled = true
name = 'cache'
kind = 'managed'
sku = 'MemoryOptimized_M10'
high_availability = false
persistence = 'rdb-6h'
clustering = 'none'
eviction = 'allkeys-lfu'
entra = false
firewall = {{ }}
patch_days = []
patch_hour = 3
[app_service_plan]
enabled = true
name = 'plan'
sku = 'P1v3'
instances = 5
autoscale_max = 9
[app_service]
enabled = true
name = 'app'
host_name = 'api.example.org'
image = 'ghcr.io/augeo/api@sha256:0011'
port = 80
health_check_path = '/up'
always_on = false
staging_slot = true
log_days = 3
settings = {{ A = 'a' }}
slot_settings = {{ A = 'b' }}
secrets = {{ B = 'b' }}
[static_web_app]
enabled = true
name = 'admin'
host_name = 'admin.example.org'
location = 'westus2'
sku = 'Free'
previews = false
settings = {{ C = 'c' }}
[dns]
enabled = true
zone = 'example.org'
delegations = {{ dev = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/r/providers/Microsoft.Network/dnsZones/dev.example.org' }}
texts = ['google-site-verification=x']
[communication]
enabled = true
name = 'sender'
data_location = 'Germany'
domain = 'mail.example.org'
spf = ['include:_spf.example.com']
dmarc = 'quarantine'
tracking = true
senders = {{ support = 'Help' }}
[budget]
amount = 70
emails = ['ops@augeo.app']
"
    );
    let reference = augeo_azure::platform::reference();
    let modules = reference
        .lines()
        .skip_while(|line| *line != "## `[resource_group]`");
    for line in modules.take_while(|line| *line != "## `[existing]`") {
        if let Some(key) = line
            .strip_prefix("| `")
            .and_then(|rest| rest.split('`').next())
        {
            let written = text
                .lines()
                .any(|line| line.starts_with(&format!("{key} = ")));
            assert!(written, "`{key}` is not tried here");
        }
    }
    insta::assert_snapshot!(list(&stack(&text, "dev")));
}

#[test]
fn production_locks_what_holds_data_and_others_do_when_they_are_told() {
    let text = format!("{TOP}[environment.dev.storage]\nlock = true\n");
    let locks = |environment: &str| -> Vec<String> {
        let stack = stack(&text, environment);
        let locks = names(&stack).into_iter();
        let locks = locks.filter(|name| name.ends_with("-lock"));
        locks.map(str::to_owned).collect()
    };
    assert_eq!(locks("dev"), ["data/store-lock"]);
    let all = [
        "monitoring/logs-lock",
        "data/store-lock",
        "security/vault-lock",
        "data/postgres-lock",
        "data/redis-lock",
    ];
    assert_eq!(locks("production"), all);
}

#[test]
fn a_budget_tells_its_addresses_at_80_and_100_percent_and_of_what_is_expected() {
    let text = format!("{TOP}[budget]\namount = 60\nemails = [\"ops@augeo.app\"]\n");
    let of = stack(&text, "dev");
    let told = resource(&of, "budget").value.to_json().unwrap();
    assert_eq!(told["amount"], 60);
    let percents: Vec<_> = ["used-80", "used-100", "expected-100"]
        .iter()
        .map(|name| told["notifications"][name].clone())
        .collect();
    let thresholds: Vec<_> = percents.iter().map(|it| it["threshold"].clone()).collect();
    assert_eq!(thresholds, [80, 100, 100]);
    assert_eq!(percents[2]["thresholdType"], "Forecasted");
    assert_eq!(percents[0]["contactEmails"][0], "ops@augeo.app");
    assert!(!names(&stack(TOP, "dev")).contains(&"budget"));
}

#[test]
fn a_budget_without_an_address_is_a_mistake() {
    let text = format!("{TOP}[environment.dev.budget]\namount = 60\n");
    let config = augeo_azure::platform::Config::parse(&text, "augeo.toml").unwrap();
    let errors = config.stack("dev").unwrap_err().to_string();
    assert!(errors.contains("budget.emails"), "{errors}");
}
