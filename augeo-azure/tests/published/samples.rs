//! One of every type of the catalogue: as its constructor makes it, and with what is optional.

use augeo_azure::resources::{
    BlobService, Budget, Component, Container, FederatedCredential, IdentityType, LifecycleRule,
    Lock, LockLevel, ManagedIdentity, ManagementPolicy, Notification, Permission, ResourceGroup,
    RetentionPolicy, Role, RoleAssignment, RoleDefinition, StorageAccount, ThresholdType,
    UserAssignedIdentity, Vault, VaultSecret, Workspace, key_vault, storage,
};
use augeo_core::stack::Stack;

mod data;
mod names;
mod web;

/// One of every type as its constructor makes it, and some with what is optional.
pub(crate) fn samples() -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = stack.add("group", ResourceGroup::at("westeurope"));
    let mut identity = UserAssignedIdentity::within(&group);
    identity
        .tags
        .insert("Project".to_owned(), "augeo".to_owned());
    let identity = stack.add("identity", identity);
    stack.add(
        "identity/github",
        FederatedCredential::github(&identity, "repo:augeo/app:environment:dev"),
    );
    let mut role = RoleDefinition::within(
        &group,
        "Locksmith",
        Permission::actions(["Microsoft.Authorization/locks/*"]),
    );
    role.description = Some("Puts locks on and takes them off.".to_owned());
    let role = stack.add("role", role);
    stack.add(
        "identity/role",
        RoleAssignment::at_subscription(
            role.output(RoleDefinition::ROLE),
            identity.output(UserAssignedIdentity::PRINCIPAL_ID),
        ),
    );
    stack.add("lock", Lock::on(&identity));
    let mut lock = Lock::on(&group);
    lock.notes = Some("ask first".to_owned());
    lock.level = LockLevel::ReadOnly;
    stack.add("lock/full", lock);
    stack.add("budget", Budget::on(&group, 100));
    let mut budget = Budget::on(&group, 100);
    budget.time_period.start_date = Some("2026-12-01T00:00:00Z".to_owned());
    budget.time_period.end_date = Some("2030-12-01T00:00:00Z".to_owned());
    let mut warning = Notification::at(80, ThresholdType::Actual, ["ops@augeo.app"]);
    warning
        .contact_groups
        .push("/subscriptions/s/resourceGroups/g".into());
    budget.notifications.insert("Warning".to_owned(), warning);
    stack.add("budget/full", budget);
    let both = || {
        let mut both = ManagedIdentity::user_assigned(identity.id());
        both.kind = IdentityType::SystemAssignedUserAssigned;
        Some(both)
    };
    let logs = stack.add("logs", Workspace::within(&group));
    stack.add("insights", Component::within(&group, &logs));
    let mut component = Component::within(&group, &logs);
    component.disable_local_auth = Some(true);
    stack.add("insights/full", component);

    let store = stack.add("store", StorageAccount::within(&group));
    let mut account = StorageAccount::within(&group);
    account.is_hns_enabled = Some(true);
    account.identity = both();
    let action = storage::NetworkAction::Allow;
    let value = "203.0.113.4".into();
    account
        .network_acls
        .ip_rules
        .push(storage::StorageAddress { value, action });
    let id = "/subscriptions/s/resourceGroups/g".into();
    account
        .network_acls
        .virtual_network_rules
        .push(storage::StorageSubnet { id, action });
    stack.add("store/full", account);
    stack.add("blobs", BlobService::within(&store));
    let mut blobs = BlobService::within(&store);
    blobs.delete_retention_policy = RetentionPolicy::days(7);
    stack.add("blobs/full", blobs);
    let mut container = Container::within(&store);
    container
        .metadata
        .insert("purpose".to_owned(), "logs".to_owned());
    stack.add("container", container);
    let mut aging = LifecycleRule::for_block_blobs("age", ["logs/".to_owned()]).archive_after(90);
    aging.definition.actions.base_blob.delete = aging.definition.actions.base_blob.tier_to_archive;
    aging.definition.actions.base_blob.tier_to_cool = aging.definition.actions.base_blob.delete;
    stack.add("policy", ManagementPolicy::within(&store, vec![aging]));

    let vault = stack.add(
        "vault",
        Vault::within(&group, identity.output(UserAssignedIdentity::TENANT_ID)),
    );
    let mut full = Vault::within(&group, "0");
    full.enable_purge_protection = true;
    let value = "203.0.113.4".into();
    full.network_acls
        .ip_rules
        .push(key_vault::VaultAddress { value });
    let id = "/subscriptions/s/resourceGroups/g".into();
    full.network_acls
        .virtual_network_rules
        .push(key_vault::VaultSubnet { id });
    stack.add("vault/full", full);
    let mut password = VaultSecret::generated(&vault, 32);
    password.content_type = Some("password".to_owned());
    let password = stack.add("password", password);
    let reader = RoleAssignment::on(
        &vault,
        Role::KEY_VAULT_SECRETS_USER,
        identity.output(UserAssignedIdentity::PRINCIPAL_ID),
    );
    stack.add("reads", reader);

    data::add(&mut stack, &group, &password, both());

    names::add(&mut stack, &group, both());
    web::add(&mut stack, &group, &password, both());
    assert!(stack.findings().is_empty(), "{:?}", stack.findings());
    stack
}
