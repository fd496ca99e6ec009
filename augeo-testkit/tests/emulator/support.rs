//! A client without a network: it sends requests to a world and moves its clock.

use augeo_testkit::emulator::{
    ArmRequest, ArmResponse, Durations, Method, SUBSCRIPTION_ID, VIRTUAL_EPOCH, World, WorldOptions,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

pub(crate) const GROUP: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";

/// The newest api-version of a type in the extract.
pub(crate) fn version(resource_type: &str) -> &'static str {
    let resource_type = resource_type.to_lowercase();
    match resource_type.split('/').next().unwrap_or_default() {
        "microsoft.storage" => "2026-04-01",
        "microsoft.keyvault" => "2026-02-01",
        "microsoft.web" => "2025-03-01",
        "microsoft.dbforpostgresql" => "2025-08-01",
        "microsoft.cache" if resource_type.ends_with("redisenterprise") => "2025-07-01",
        "microsoft.cache" => "2024-11-01",
        "microsoft.operationalinsights" => "2026-03-01",
        "microsoft.consumption" => "2026-06-01",
        "microsoft.managedidentity" => "2024-11-30",
        "microsoft.network" => "2018-05-01",
        "microsoft.communication" => "2026-03-18",
        "microsoft.insights" if resource_type.ends_with("actiongroups") => "2023-01-01",
        "microsoft.insights" => "2020-02-02",
        "microsoft.authorization" if resource_type.ends_with("locks") => "2020-05-01",
        "microsoft.authorization" => "2022-04-01",
        _ => "2025-04-01",
    }
}

/// The api-version that goes with a path.
fn version_of(path: &str) -> &'static str {
    let Some((_, rest)) = path.rsplit_once("/providers/") else {
        return "2025-04-01";
    };
    let mut parts = rest.split(['/', '?']);
    let namespace = parts.next().unwrap_or_default();
    version(&format!("{namespace}/{}", parts.next().unwrap_or_default()))
}

pub(crate) struct Arm {
    pub(crate) world: World,
    pub(crate) now: OffsetDateTime,
}

impl Arm {
    pub(crate) fn new(durations: Durations) -> Self {
        Self::with(WorldOptions {
            durations,
            ..WorldOptions::default()
        })
    }

    pub(crate) fn with(options: WorldOptions) -> Self {
        Self {
            world: World::new(options),
            now: VIRTUAL_EPOCH,
        }
    }

    /// A world in which operations take no time, with a resource group.
    pub(crate) fn instant() -> Self {
        let mut arm = Self::new(Durations::instant());
        arm.put_ok(GROUP, &json!({"location": "westeurope"}));
        arm
    }

    /// A world with Azure's durations and a resource group.
    pub(crate) fn slow() -> Self {
        let mut arm = Self::new(Durations::azure());
        arm.put_ok(GROUP, &json!({"location": "westeurope"}));
        arm.pass(10);
        arm
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += Duration::seconds(seconds);
    }

    pub(crate) fn send(&mut self, request: ArmRequest) -> ArmResponse {
        self.world.handle(self.now, &request.bearer("test"))
    }

    fn url(path: &str) -> String {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{GROUP}/providers/{path}")
        };
        if path.contains("api-version=") {
            return path;
        }
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}api-version={}", version_of(&path))
    }

    pub(crate) fn call(&mut self, method: Method, path: &str, body: Option<&Value>) -> ArmResponse {
        let request = ArmRequest::new(method, Self::url(path));
        self.send(match body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    pub(crate) fn get(&mut self, path: &str) -> ArmResponse {
        self.call(Method::Get, path, None)
    }

    pub(crate) fn put(&mut self, path: &str, body: &Value) -> ArmResponse {
        self.call(Method::Put, path, Some(body))
    }

    pub(crate) fn patch(&mut self, path: &str, body: &Value) -> ArmResponse {
        self.call(Method::Patch, path, Some(body))
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> ArmResponse {
        self.call(Method::Post, path, Some(body))
    }

    pub(crate) fn delete(&mut self, path: &str) -> ArmResponse {
        self.call(Method::Delete, path, None)
    }

    pub(crate) fn put_ok(&mut self, path: &str, body: &Value) -> Value {
        let response = self.put(path, body);
        assert!(
            (200..300).contains(&response.status),
            "PUT {path}: {} {}",
            response.status,
            response.json()
        );
        response.json()
    }

    pub(crate) fn get_ok(&mut self, path: &str) -> Value {
        let response = self.get(path);
        assert_eq!(response.status, 200, "GET {path}: {}", response.json());
        response.json()
    }

    /// The names in a list.
    pub(crate) fn names(&mut self, path: &str) -> Vec<String> {
        let list = self.get_ok(path);
        list["value"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| item["name"].as_str().expect("a name").to_owned())
            .collect()
    }
}

/// Checks a refusal.
#[track_caller]
pub(crate) fn refused(response: &ArmResponse, status: u16, code: &str) {
    assert_eq!(
        (response.status, response.error_code().as_deref()),
        (status, Some(code)),
        "{}",
        response.json()
    );
    assert!(
        !response.json()["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .is_empty()
    );
}

pub(crate) fn subscription() -> String {
    format!("/subscriptions/{SUBSCRIPTION_ID}")
}

pub(crate) fn account() -> Value {
    json!({"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": {"Environment": "dev"}, "properties": {"minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false}})
}

pub(crate) fn vault() -> Value {
    json!({"location": "westeurope", "properties": {"tenantId": "00000000-0000-0000-0000-0000000000aa", "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": true, "softDeleteRetentionInDays": 7}})
}

pub(crate) fn server() -> Value {
    json!({"location": "westeurope", "sku": {"name": "Standard_B1ms", "tier": "Burstable"}, "properties": {"version": "17", "administratorLogin": "augeo", "administratorLoginPassword": "Canary-Passw0rd", "storage": {"storageSizeGB": 32}, "backup": {"backupRetentionDays": 7}}})
}

pub(crate) fn plan(sku: &str) -> Value {
    json!({"location": "westeurope", "kind": "linux", "sku": {"name": sku}, "properties": {"reserved": true}})
}

pub(crate) fn site() -> Value {
    json!({"location": "westeurope", "kind": "app,linux,container", "properties": {"serverFarmId": format!("{GROUP}/providers/Microsoft.Web/serverfarms/plan"), "httpsOnly": true,
        "siteConfig": {"linuxFxVersion": "DOCKER|registry/api:1", "alwaysOn": true, "appSettings": [{"name": "A", "value": "1"}]}}})
}
