//! Holds what the emulator answers against the published schemas: no unknown property, no wrong form.

use serde_json::{Value, json};

use super::duration::Durations;
use super::facts::facts;
use super::request::{ArmRequest, Method};
use super::schema::{Additional, Node, TypeSchema};
use super::world::{World, WorldOptions};
use super::{SUBSCRIPTION_ID, VIRTUAL_EPOCH};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";

fn judge(schema: &TypeSchema, node: &Node, value: &Value, path: &str, wrong: &mut Vec<String>) {
    let node = schema.resolve(node);
    if value.is_null() {
        return;
    }
    if node.form.is_some_and(|form| !form.admits(value)) {
        wrong.push(format!("{path}: wrong form {value}"));
        return;
    }
    let known = |text: &str| node.choices.iter().any(|c| c.as_str() == Some(text));
    if !node.choices.is_empty() && !node.open && !value.as_str().is_some_and(known) {
        wrong.push(format!("{path}: {value} is not a published value"));
    }
    if let Some(items) = value.as_array()
        && let Some(child) = &node.items
    {
        for (i, item) in items.iter().enumerate() {
            judge(schema, child, item, &format!("{path}[{i}]"), wrong);
        }
    }
    let Some(body) = value.as_object() else {
        return;
    };
    let chosen = node.discriminator.as_ref().and_then(|property| {
        schema
            .defs
            .get(node.variants.get(body.get(property)?.as_str()?)?)
    });
    let node = chosen.unwrap_or(node);
    for (key, value) in body {
        let at = format!("{path}.{key}");
        match (node.properties.get(key), &node.additional) {
            (Some(child), _) => judge(schema, child, value, &at, wrong),
            (None, Some(Additional::Like(child))) => judge(schema, child, value, &at, wrong),
            (None, Some(Additional::Any(true))) => {}
            (None, _) => wrong.push(format!("{at}: unknown property")),
        }
    }
}

/// One resource of every type, each after what it needs.
fn bodies() -> Vec<(&'static str, Value)> {
    let plan = format!("{GROUP}/providers/Microsoft.Web/serverfarms/plan");
    let workspace = format!("{GROUP}/providers/Microsoft.OperationalInsights/workspaces/law-1");
    let owner =
        "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    vec![
        (
            "Microsoft.Storage/storageAccounts/acc1",
            json!({"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_RAGRS"}, "identity": {"type": "SystemAssigned"}}),
        ),
        (
            "Microsoft.Storage/storageAccounts/acc1/blobServices/default",
            json!({"properties": {"isVersioningEnabled": true}}),
        ),
        (
            "Microsoft.Storage/storageAccounts/acc1/blobServices/default/containers/backups",
            json!({"properties": {"metadata": {"a": "b"}}}),
        ),
        (
            "Microsoft.Storage/storageAccounts/acc1/managementPolicies/default",
            json!({"properties": {"policy": {"rules": [{"name": "r", "type": "Lifecycle", "definition": {"actions": {"baseBlob": {"tierToArchive": {"daysAfterModificationGreaterThan": 90}}}}}]}}}),
        ),
        (
            "Microsoft.OperationalInsights/workspaces/law-1",
            json!({"location": "westeurope"}),
        ),
        (
            "Microsoft.Insights/components/ai-1",
            json!({"location": "westeurope", "kind": "web", "properties": {"Application_Type": "web", "WorkspaceResourceId": workspace}}),
        ),
        (
            "Microsoft.Insights/actionGroups/ops",
            json!({"location": "global", "properties": {"groupShortName": "ops", "enabled": true}}),
        ),
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/api-id",
            json!({"location": "westeurope"}),
        ),
        (
            "Microsoft.Authorization/roleAssignments/11111111-2222-3333-4444-555555555555",
            json!({"properties": {"roleDefinitionId": owner, "principalId": "11111111-2222-3333-4444-555555555555", "principalType": "User"}}),
        ),
        (
            "Microsoft.Authorization/locks/keep",
            json!({"properties": {"level": "CanNotDelete", "notes": "n"}}),
        ),
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/api-id/federatedIdentityCredentials/github",
            json!({"properties": {"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:augeo/app:environment:dev", "audiences": ["api://AzureADTokenExchange"]}}),
        ),
        (
            "Microsoft.Authorization/roleDefinitions/21111111-2222-3333-4444-555555555555",
            json!({"properties": {"roleName": "Locksmith", "permissions": [{"actions": ["Microsoft.Authorization/locks/*"]}], "assignableScopes": [GROUP.rsplit_once("/resourceGroups").expect("a group").0]}}),
        ),
        (
            "Microsoft.Consumption/budgets/dev",
            json!({"properties": {"category": "Cost", "amount": 100, "timeGrain": "Monthly", "timePeriod": {"startDate": "2026-11-01"}, "notifications": {"Actual_80": {"enabled": true, "operator": "GreaterThan", "threshold": 80, "contactEmails": ["ops@augeo.app"]}}}}),
        ),
        (
            "Microsoft.KeyVault/vaults/vault-1",
            json!({"location": "westeurope", "properties": {"tenantId": "00000000-0000-0000-0000-0000000000aa", "sku": {"family": "A", "name": "standard"}}}),
        ),
        (
            "Microsoft.KeyVault/vaults/vault-1/secrets/s",
            json!({"properties": {"value": "x"}}),
        ),
        (
            "Microsoft.Web/serverfarms/plan",
            json!({"location": "westeurope", "sku": {"name": "S1"}, "properties": {"reserved": true}}),
        ),
        (
            "Microsoft.Web/sites/api",
            json!({"location": "westeurope", "kind": "app,linux,container", "identity": {"type": "SystemAssigned"}, "properties": {"serverFarmId": plan, "siteConfig": {"alwaysOn": true, "appSettings": [{"name": "A", "value": "b"}], "connectionStrings": [{"name": "C", "connectionString": "d", "type": "PostgreSQL"}]}}}),
        ),
        (
            "Microsoft.Web/sites/api/config/web",
            json!({"properties": {"http20Enabled": true}}),
        ),
        (
            "Microsoft.Web/sites/api/config/logs",
            json!({"properties": {"detailedErrorMessages": {"enabled": true}}}),
        ),
        (
            "Microsoft.Web/sites/api/config/appsettings",
            json!({"properties": {"A": "c"}}),
        ),
        (
            "Microsoft.Network/dnsZones/example.com",
            json!({"location": "global"}),
        ),
    ]
}

/// Slots, host names, static web apps.
fn web() -> Vec<(&'static str, Value)> {
    let plan = format!("{GROUP}/providers/Microsoft.Web/serverfarms/plan");
    vec![
        (
            "Microsoft.Web/sites/api/slots/staging",
            json!({"location": "westeurope", "kind": "app,linux,container", "properties": {"serverFarmId": plan}}),
        ),
        (
            "Microsoft.Web/sites/api/slots/staging/config/appsettings",
            json!({"properties": {"A": "c"}}),
        ),
        (
            "Microsoft.Web/sites/api/config/connectionstrings",
            json!({"properties": {"C": {"value": "d", "type": "PostgreSQL"}}}),
        ),
        (
            "Microsoft.Web/sites/api/config/slotConfigNames",
            json!({"properties": {"appSettingNames": ["A"]}}),
        ),
        (
            "Microsoft.Web/sites/api/basicPublishingCredentialsPolicies/ftp",
            json!({"properties": {"allow": false}}),
        ),
        (
            "Microsoft.Web/sites/api/hostNameBindings/api.example.org",
            json!({"properties": {"customHostNameDnsRecordType": "CName"}}),
        ),
        (
            "Microsoft.Web/certificates/api",
            json!({"location": "westeurope", "properties": {"canonicalName": "api.example.org", "serverFarmId": plan}}),
        ),
        (
            "Microsoft.Web/staticSites/admin",
            json!({"location": "westeurope", "sku": {"name": "Standard", "tier": "Standard"}}),
        ),
        (
            "Microsoft.Web/staticSites/admin/config/appsettings",
            json!({"properties": {"A": "c"}}),
        ),
        (
            "Microsoft.Web/staticSites/admin/customDomains/admin.example.org",
            json!({"properties": {"validationMethod": "cname-delegation"}}),
        ),
        (
            "Microsoft.Insights/autoscalesettings/scale",
            json!({"location": "westeurope", "properties": {"targetResourceUri": plan, "profiles": [{"name": "p", "capacity": {"minimum": "1", "maximum": "2", "default": "1"}, "rules": []}]}}),
        ),
    ]
}

/// DNS and e-mail.
fn names() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Microsoft.Network/dnsZones/example.com/A/www",
            json!({"properties": {"TTL": 60, "metadata": {"a": "b"}, "ARecords": [{"ipv4Address": "203.0.113.4"}]}}),
        ),
        (
            "Microsoft.Network/dnsZones/example.com/CNAME/api",
            json!({"properties": {"TTL": 60, "CNAMERecord": {"cname": "www.example.com"}}}),
        ),
        (
            "Microsoft.Network/dnsZones/example.com/TXT/@",
            json!({"properties": {"TTL": 60, "TXTRecords": [{"value": ["v=spf1 -all"]}, {"value": ["x".repeat(300)]}]}}),
        ),
        (
            "Microsoft.Network/dnsZones/example.com/MX/@",
            json!({"properties": {"TTL": 60, "MXRecords": [{"preference": 10, "exchange": "mx.example.com"}]}}),
        ),
        (
            "Microsoft.Network/dnsZones/example.com/NS/dev",
            json!({"properties": {"TTL": 60, "NSRecords": [{"nsdname": "ns.example.com"}]}}),
        ),
        (
            "Microsoft.Communication/communicationServices/sender",
            json!({"location": "global", "properties": {"dataLocation": "Europe"}}),
        ),
        (
            "Microsoft.Communication/emailServices/mail",
            json!({"location": "global", "properties": {"dataLocation": "Europe"}}),
        ),
        (
            "Microsoft.Communication/emailServices/mail/domains/AzureManagedDomain",
            json!({"location": "global", "properties": {"domainManagement": "AzureManaged"}}),
        ),
        (
            "Microsoft.Communication/emailServices/mail/domains/example.com",
            json!({"location": "global", "properties": {"domainManagement": "CustomerManaged"}}),
        ),
    ]
}

/// Databases and caches.
fn data() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1",
            json!({"location": "westeurope", "sku": {"name": "Standard_D2s_v3", "tier": "GeneralPurpose"}, "properties": {"administratorLogin": "augeo", "administratorLoginPassword": "Canary-Passw0rd", "highAvailability": {"mode": "ZoneRedundant"}, "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Enabled"}}}),
        ),
        (
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1/databases/augeo",
            json!({}),
        ),
        (
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1/firewallRules/office",
            json!({"properties": {"startIpAddress": "1.2.3.4", "endIpAddress": "1.2.3.4"}}),
        ),
        (
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1/configurations/log_statement",
            json!({"properties": {"value": "ddl", "source": "user-override"}}),
        ),
        (
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1/administrators/11111111-2222-3333-4444-555555555555",
            json!({"properties": {"principalType": "User", "principalName": "somebody", "tenantId": "00000000-0000-0000-0000-0000000000aa"}}),
        ),
        (
            "Microsoft.Cache/redis/cache-1",
            json!({"location": "westeurope", "properties": {"sku": {"name": "Standard", "family": "C", "capacity": 1}, "redisConfiguration": {"aad-enabled": "true"}}}),
        ),
        (
            "Microsoft.Cache/redis/cache-1/firewallRules/office",
            json!({"properties": {"startIP": "1.2.3.4", "endIP": "1.2.3.4"}}),
        ),
        (
            "Microsoft.Cache/redis/cache-1/patchSchedules/default",
            json!({"properties": {"scheduleEntries": [{"dayOfWeek": "Sunday", "startHourUtc": 2}]}}),
        ),
        (
            "Microsoft.Cache/redis/cache-1/accessPolicyAssignments/app",
            json!({"properties": {"objectId": "11111111-2222-3333-4444-555555555555", "objectIdAlias": "app", "accessPolicyName": "Data Owner"}}),
        ),
        (
            "Microsoft.Cache/redisEnterprise/redis-1",
            json!({"location": "westeurope", "sku": {"name": "Balanced_B1"}, "properties": {"publicNetworkAccess": "Enabled"}}),
        ),
        (
            "Microsoft.Cache/redisEnterprise/redis-1/databases/default",
            json!({"properties": {"persistence": {"aofEnabled": true, "aofFrequency": "1s"}}}),
        ),
        (
            "Microsoft.Cache/redisEnterprise/redis-1/databases/default/accessPolicyAssignments/app",
            json!({"properties": {"accessPolicyName": "default", "user": {"objectId": "11111111-2222-3333-4444-555555555555"}}}),
        ),
    ]
}

fn world() -> World {
    let options = WorldOptions {
        durations: Durations::instant(),
        ..WorldOptions::default()
    };
    let mut world = World::new(options);
    assert!(GROUP.contains(SUBSCRIPTION_ID));
    let mut put = |path: String, version: &str, body: &Value| {
        let url = format!("{path}?api-version={version}");
        let request = ArmRequest::new(Method::Put, url).json(body).bearer("t");
        let response = world.handle(VIRTUAL_EPOCH, &request);
        assert!(response.status < 300, "{path}: {}", response.json());
    };
    put(
        GROUP.to_owned(),
        "2025-04-01",
        &json!({"location": "westeurope"}),
    );
    let more = web().into_iter().chain(data()).chain(names());
    for (path, body) in bodies().into_iter().chain(more) {
        let path = format!("{GROUP}/providers/{path}");
        let address = super::path::Address::parse(&path).expect("an id");
        let schema = facts().schemas.get(&address.type_name()).expect("a type");
        put(path, &schema.api_version, &body);
    }
    world
}

#[test]
fn every_resource_shows_itself_as_published() {
    let world = world();
    let mut types = std::collections::BTreeSet::new();
    for id in world.live_ids() {
        let view = world.resource_body(&id).expect("live");
        let address = super::path::Address::parse(&id).expect("an id");
        let schema = facts().schemas.get(&address.type_name()).expect("a type");
        types.insert(schema.type_name.clone());
        let mut wrong = Vec::new();
        judge(
            schema,
            schema.body_of(address.name()),
            &view,
            address.name(),
            &mut wrong,
        );
        assert!(wrong.is_empty(), "{id}: {wrong:#?}");
        for required in &schema.body.required {
            assert!(view.get(required).is_some(), "{id}: {required}");
        }
    }
    let known: std::collections::BTreeSet<_> = facts()
        .schemas
        .all()
        .map(|schema| schema.type_name.clone())
        .collect();
    assert_eq!(types, known, "a type without a resource here");
}

#[test]
fn no_placeholder_is_left_and_what_is_write_only_is_gone() {
    let world = world();
    for id in world.live_ids() {
        let text = world.resource_body(&id).expect("live").to_string();
        for template in [
            "{name}",
            "{uuid",
            "{hex",
            "{digits",
            "{created}",
            "{location",
            "{root",
            "{sku",
        ] {
            assert!(!text.contains(template), "{id}: {template}: {text}");
        }
        assert!(!text.contains("Canary-Passw0rd"), "{id}");
    }
}

#[test]
fn what_a_get_shows_can_be_put_back_and_changes_nothing() {
    let mut world = world();
    let writable: Vec<_> = world
        .live_ids()
        .into_iter()
        .filter(|id| !id.contains("/secrets/") && !id.contains("/databases/a"))
        .collect();
    for id in writable {
        let address = super::path::Address::parse(&id).expect("an id");
        let schema = facts().schemas.get(&address.type_name()).expect("a type");
        let facts = facts().of(&schema.type_name).expect("a type");
        if facts.overlay.update.is_none() {
            continue;
        }
        let before = world.resource_body(&id).expect("live");
        let url = format!("{id}?api-version={}", schema.api_version);
        let request = ArmRequest::new(Method::Put, url).json(&before).bearer("t");
        let response = world.handle(VIRTUAL_EPOCH, &request);
        assert_eq!(response.status, 200, "{id}: {}", response.json());
        let mut after = world.resource_body(&id).expect("live");
        let mut before = before;
        // Its version is another one after each write. That of a budget reads as the time of the
        // last (https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update).
        let version = facts.overlay.etag_key.as_deref().unwrap_or("etag");
        let [former, latter] = [&mut before, &mut after]
            .map(|body| body.as_object_mut().expect("an object").remove(version));
        let told = facts.overlay.etag.as_deref() == Some("body");
        assert!(!told || (former.is_some() && former != latter), "{id}");
        assert_eq!(before, after, "{id}");
    }
}

#[test]
fn operations_that_nobody_can_ask_for_leave_no_row() {
    let world = world();
    assert_eq!(world.store.operations().len(), 0);
    assert_eq!(world.next_change(), None);
}
