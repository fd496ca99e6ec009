//! The stacks that are tried: together they have every type of the catalogue.

pub(crate) mod authorization;
pub(crate) mod data;
pub(crate) mod names;
pub(crate) mod web;

use augeo_azure::resources::*;
use augeo_core::Stack;
use augeo_core::name::ResourceName;
use augeo_core::stack::Added;
use augeo_core::value::{PropertyPath, SecretRef, Value};
use augeo_testkit::conformance::{Case, Edit};
use serde_json::{Value as Json, json};

pub(crate) const ALL: [fn() -> Case; 12] = [
    storage,
    database,
    data::entra_database,
    data::classic_redis,
    data::managed_redis,
    web_app,
    web::slots,
    web::host_names,
    names::dns,
    names::email,
    authorization::deployment,
    authorization::guarded,
];

const TENANT: &str = "00000000-0000-0000-0000-0000000000aa";

fn shop() -> (Stack, Added<ResourceGroup>) {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    (stack, group)
}

fn edit(resource: &str, path: &str, value: &Json) -> Edit {
    Edit {
        resource: ResourceName::parse(resource).unwrap(),
        path: PropertyPath::parse(path),
        value: Value::from(value.clone()),
    }
}

pub(crate) fn storage() -> Case {
    let stack = |days: u16, with_more: bool| {
        let (mut stack, group) = shop();
        let account = stack.add("storage", StorageAccount::within(&group));
        stack.add("storage/blobs", BlobService::within(&account));
        stack.add("storage/backups", Container::within(&account));
        if with_more {
            stack.add("storage/exports", Container::within(&account));
        }
        let ageing = LifecycleRule::for_block_blobs("archive", ["backups/".to_owned()]);
        let ageing = ageing.archive_after(days.into());
        stack.add(
            "storage/policy",
            ManagementPolicy::within(&account, vec![ageing]),
        );
        stack
    };
    Case {
        name: "storage",
        stack: stack(90, false),
        edited: stack(120, true),
        edits: vec![
            edit("storage", "minimumTlsVersion", &json!("TLS1_0")),
            edit("storage/backups", "publicAccess", &json!("Blob")),
        ],
    }
}

pub(crate) fn database() -> Case {
    let stack = |backups: u8| {
        let (mut stack, group) = shop();
        let vault = stack.add("vault", Vault::within(&group, TENANT.to_owned()));
        let secret = stack.add("vault/password", VaultSecret::generated(&vault, 40));
        let kept = SecretRef::KeptBy(secret.name().clone());
        let mut server = PostgresServer::within(&group, "augeo", kept);
        server.backup.backup_retention_days = backups;
        let server = stack.add("postgres", server);
        stack.add("postgres/app", PostgresDatabase::within(&server));
        stack.add(
            "postgres/office",
            FirewallRule::within(&server, "10.1.2.3", "10.1.2.3"),
        );
        stack
    };
    Case {
        name: "a vault and a database",
        stack: stack(7),
        edited: stack(14),
        edits: vec![
            edit("vault", "enabledForDeployment", &json!(true)),
            edit("postgres", "backup.backupRetentionDays", &json!(21)),
            edit("postgres/office", "endIpAddress", &json!("10.1.2.9")),
        ],
    }
}

pub(crate) fn web_app() -> Case {
    let stack = |retention: u16, pool: &str| {
        let (mut stack, group) = shop();
        let identity = stack.add("identity", UserAssignedIdentity::within(&group));
        let mut workspace = Workspace::within(&group);
        workspace.retention_in_days = retention;
        let workspace = stack.add("logs", workspace);
        stack.add("insights", Component::within(&group, &workspace));
        let account = stack.add("storage", StorageAccount::within(&group));
        let role = RoleAssignment::on(
            &account,
            Role::STORAGE_BLOB_DATA_CONTRIBUTOR,
            identity.output(UserAssignedIdentity::PRINCIPAL_ID),
        );
        stack.add("identity/writes-blobs", role);
        let plan = stack.add("plan", AppServicePlan::within(&group, "B1"));
        let mut app = WebApp::within(&group, &plan, "DOCKER|nginx:1");
        app.identity = Some(ManagedIdentity::user_assigned(identity.id()));
        let app = stack.add("api", app);
        let mut settings = AppSettings::within(&app);
        settings.setting("POOL", pool.to_owned());
        stack.add("api/settings", settings);
        stack.add("api/web", WebConfig::within(&app));
        stack
    };
    Case {
        name: "a web app",
        stack: stack(30, "1"),
        edited: stack(60, "2"),
        edits: vec![
            edit("logs", "retentionInDays", &json!(90)),
            edit("api", "httpsOnly", &json!(false)),
            edit("api/settings", "POOL", &json!("9")),
            edit("api/web", "alwaysOn", &json!(false)),
        ],
    }
}
