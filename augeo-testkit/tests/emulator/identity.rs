//! Identities and their credentials, roles and their assignments, locks.

use serde_json::{Value, json};

use crate::support::{Arm, GROUP, account, refused, subscription, vault};

const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/api-id";
const READER: &str =
    "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
const GUID: &str = "11111111-2222-3333-4444-555555555555";

fn principal(arm: &mut Arm) -> String {
    let body = arm.put_ok(IDENTITY, &json!({"location": "westeurope"}));
    body["properties"]["principalId"]
        .as_str()
        .expect("a principal")
        .to_owned()
}

fn assignment(principal: &str, typed: bool) -> Value {
    let mut body = json!({"properties": {"roleDefinitionId": READER, "principalId": principal, "description": "augeo"}});
    if typed {
        body["properties"]["principalType"] = json!("ServicePrincipal");
    }
    body
}

fn path(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}")
}

#[test]
fn an_identity_made_anew_is_another_principal() {
    let mut arm = Arm::instant();
    let first = principal(&mut arm);
    assert_eq!(principal(&mut arm), first);
    arm.delete(IDENTITY);
    assert_ne!(principal(&mut arm), first);
}

#[test]
fn a_new_principal_is_unknown_for_a_while_unless_its_type_is_told() {
    let mut arm = Arm::slow();
    let id = principal(&mut arm);
    refused(
        &arm.put(&path(GROUP, GUID), &assignment(&id, false)),
        400,
        "PrincipalNotFound",
    );
    arm.pass(15);
    let made = arm.put(&path(GROUP, GUID), &assignment(&id, false));
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["properties"]["scope"], GROUP);
    assert!(
        made.json()["properties"]["roleDefinitionId"]
            .as_str()
            .is_some_and(|d| d.starts_with("/subscriptions/"))
    );
    let mut fresh = Arm::slow();
    let id = principal(&mut fresh);
    assert_eq!(
        fresh.put(&path(GROUP, GUID), &assignment(&id, true)).status,
        201
    );
}

#[test]
fn an_assignment_exists_once_per_scope_and_keeps_its_principal() {
    let mut arm = Arm::instant();
    let id = principal(&mut arm);
    arm.put_ok(&path(GROUP, GUID), &assignment(&id, true));
    assert_eq!(
        arm.put(&path(GROUP, GUID), &assignment(&id, true)).status,
        200
    );
    let other = GUID.replace('1', "9");
    refused(
        &arm.put(&path(GROUP, &other), &assignment(&id, true)),
        409,
        "RoleAssignmentExists",
    );
    refused(
        &arm.put(&path(GROUP, GUID), &assignment(GUID, true)),
        400,
        "RoleAssignmentUpdateNotPermitted",
    );
    refused(
        &arm.put(&path(GROUP, "not-a-guid"), &assignment(&id, true)),
        400,
        "InvalidRoleAssignmentId",
    );
    assert_eq!(arm.delete(&path(GROUP, GUID)).status, 200);
    assert_eq!(arm.delete(&path(GROUP, GUID)).status, 204);
}

#[test]
fn a_list_shows_this_scope_what_is_below_and_what_is_inherited() {
    let mut arm = Arm::instant();
    let id = principal(&mut arm);
    arm.put_ok("Microsoft.Storage/storageAccounts/acc1", &account());
    let inner = format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/acc1");
    let [a, b, c] = ["a", "b", "c"].map(|d| GUID.replace('1', d));
    for (scope, name) in [
        (subscription(), &a),
        (GROUP.to_owned(), &b),
        (inner.clone(), &c),
    ] {
        arm.put_ok(&path(&scope, name), &assignment(&id, true));
    }
    let list = format!("{GROUP}/providers/Microsoft.Authorization/roleAssignments");
    assert_eq!(arm.names(&list), [a.clone(), b.clone(), c.clone()]);
    assert_eq!(
        arm.names(&format!("{list}?$filter=atScope()")),
        [a.clone(), b.clone()]
    );
    assert_eq!(arm.names(&format!("{}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId%20eq%20'{id}'", &subscription())).len(), 3);
    assert_eq!(arm.names(&format!("{}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId%20eq%20'{GUID}'", &subscription())).len(), 0);
    arm.delete(IDENTITY);
    assert_eq!(arm.names(&list).len(), 3, "they outlive their principal");
    arm.delete("Microsoft.Storage/storageAccounts/acc1");
    assert_eq!(arm.names(&list), [a, b], "they go with their resource");
}

#[test]
fn roles_are_found_by_name() {
    let mut arm = Arm::instant();
    let list = format!(
        "{GROUP}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName%20eq%20'Reader'"
    );
    assert_eq!(
        arm.get_ok(&list)["value"][0]["name"],
        "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    );
}

#[test]
fn assigned_identities_must_exist_and_are_filled_in() {
    let mut arm = Arm::instant();
    let id = format!("{GROUP}/providers/{IDENTITY}");
    let mut body = account();
    body["identity"] =
        json!({"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": {id.clone(): {}}});
    refused(
        &arm.put("Microsoft.Storage/storageAccounts/acc1", &body),
        400,
        "FailedIdentityOperation",
    );
    let principal = principal(&mut arm);
    let made = arm.put_ok("Microsoft.Storage/storageAccounts/acc1", &body);
    assert_eq!(
        made["identity"]["userAssignedIdentities"][&id]["principalId"],
        json!(principal)
    );
    assert_eq!(
        made["identity"]["principalId"].as_str().map(str::len),
        Some(36)
    );
}

#[test]
fn a_lock_holds_what_it_locks() {
    let mut arm = Arm::instant();
    let id = principal(&mut arm);
    arm.put_ok("Microsoft.KeyVault/vaults/vault-1", &vault());
    arm.put_ok(&path(GROUP, GUID), &assignment(&id, true));
    let lock = format!(
        "{GROUP}/providers/Microsoft.KeyVault/vaults/vault-1/providers/Microsoft.Authorization/locks/keep"
    );
    assert_eq!(
        arm.put(
            &lock,
            &json!({"properties": {"level": "CanNotDelete", "notes": "augeo"}})
        )
        .status,
        201
    );
    refused(
        &arm.delete("Microsoft.KeyVault/vaults/vault-1"),
        409,
        "ScopeLocked",
    );
    refused(&arm.delete(GROUP), 409, "ScopeLocked");
    assert_eq!(
        arm.put("Microsoft.KeyVault/vaults/vault-1", &vault())
            .status,
        200,
        "writes go on"
    );
    assert_eq!(
        arm.names(&format!("{GROUP}/providers/Microsoft.Authorization/locks")),
        ["keep"]
    );
    arm.put_ok(&lock, &json!({"properties": {"level": "ReadOnly"}}));
    refused(
        &arm.put("Microsoft.KeyVault/vaults/vault-1", &vault()),
        409,
        "ScopeLocked",
    );
    assert_eq!(arm.delete(&lock).status, 200);
    let group_lock = format!("{GROUP}/providers/Microsoft.Authorization/locks/all");
    arm.put_ok(
        &group_lock,
        &json!({"properties": {"level": "CanNotDelete"}}),
    );
    refused(&arm.delete(&path(GROUP, GUID)), 409, "ScopeLocked");
    arm.delete(&group_lock);
    assert_eq!(arm.delete("Microsoft.KeyVault/vaults/vault-1").status, 200);
}

const CUSTOM: &str = "21111111-2222-3333-4444-555555555555";

fn role(id: &str) -> String {
    format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions/{id}",
        subscription()
    )
}

fn locksmith(name: &str, scope: &str) -> Value {
    json!({"properties": {
        "roleName": name, "permissions": [{"actions": ["Microsoft.Authorization/locks/*"]}],
        "assignableScopes": [scope],
    }})
}

#[test]
fn a_role_of_ones_own_has_a_name_of_its_own_and_stays_while_it_is_assigned() {
    let mut arm = Arm::instant();
    let id = principal(&mut arm);
    let mut custom = assignment(&id, true);
    custom["properties"]["roleDefinitionId"] = json!(role(CUSTOM));
    refused(
        &arm.put(&path(GROUP, GUID), &custom),
        404,
        "RoleDefinitionDoesNotExist",
    );
    refused(&arm.get(&role(CUSTOM)), 404, "RoleDefinitionDoesNotExist");
    let elsewhere = locksmith("Locksmith", "/subscriptions/elsewhere");
    refused(
        &arm.put(&role(CUSTOM), &elsewhere),
        400,
        "InvalidAssignableScopes",
    );
    let made = arm.put_ok(&role(CUSTOM), &locksmith("Locksmith", &subscription()));
    assert_eq!(made["properties"]["type"], "CustomRole");
    let other = "31111111-2222-3333-4444-555555555555";
    refused(
        &arm.put(&role(other), &locksmith("locksmith", &subscription())),
        409,
        "RoleDefinitionWithSameNameExists",
    );
    let all = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions",
        subscription()
    );
    let filter = format!("{all}?$filter=type%20eq%20'CustomRole'");
    assert_eq!(arm.names(&filter), [CUSTOM]);
    assert!(arm.names(&all).len() > 1);
    arm.put_ok(&path(GROUP, GUID), &custom);
    refused(
        &arm.delete(&role(CUSTOM)),
        400,
        "RoleDefinitionHasAssignments",
    );
    arm.delete(&path(GROUP, GUID));
    assert_eq!(arm.delete(&role(CUSTOM)).status, 200);
}

fn credential(subject: &str) -> Value {
    json!({"properties": {
        "issuer": "https://token.actions.githubusercontent.com", "subject": subject,
        "audiences": ["api://AzureADTokenExchange"],
    }})
}

#[test]
fn credentials_of_an_identity_are_written_one_after_another() {
    let mut arm = Arm::slow();
    principal(&mut arm);
    arm.pass(20);
    let at = |name: &str| format!("{IDENTITY}/federatedIdentityCredentials/{name}");
    assert_eq!(arm.put(&at("one"), &credential("one")).status, 201);
    refused(
        &arm.put(&at("two"), &credential("two")),
        409,
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
    );
    arm.pass(5);
    refused(
        &arm.put(&at("two"), &credential("one")),
        409,
        "FederatedIdentityCredentialAlreadyExists",
    );
    let mut two = credential("two");
    two["properties"]["audiences"] = json!(["a", "b"]);
    refused(
        &arm.put(&at("two"), &two),
        400,
        "InvalidFederatedIdentityCredentialAudiences",
    );
    for number in 2..=20 {
        let name = format!("n{number:02}");
        assert_eq!(arm.put(&at(&name), &credential(&name)).status, 201);
        arm.pass(5);
    }
    refused(
        &arm.put(&at("more"), &credential("more")),
        400,
        "TooManyFederatedIdentityCredentials",
    );
}
