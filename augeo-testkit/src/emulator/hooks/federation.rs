//! Federated credentials: for whom there may be how many.

use serde_json::Value;

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::tree::{self, Body};
use super::super::world::World;
use super::super::write::Draft;

/// How many one identity may have
/// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).
const CREDENTIALS_MAX: usize = 20;

pub(super) fn check_credential(
    world: &World,
    draft: &Draft,
    entry: &Entry,
) -> Result<(), ArmError> {
    let audiences = tree::get(&entry.body, "properties.audiences").and_then(Value::as_array);
    if audiences.is_none_or(|audiences| audiences.len() != 1) {
        return Err(ArmError::bad_request(
            "InvalidFederatedIdentityCredentialAudiences",
            "A federated identity credential has one audience.",
        )
        .at("properties.audiences"));
    }
    let Some(identity) = draft.address.parent() else {
        return Ok(());
    };
    let prefix = format!("{}/federatedidentitycredentials/", identity.key());
    let others: Vec<&Entry> = world
        .store
        .of_type(&entry.type_name, &prefix)
        .filter(|key| *key != draft.key)
        .filter_map(|key| world.store.resource(key))
        .collect();
    let whom = |body: &Body| {
        let part = |path| tree::text(body, path).unwrap_or_default().to_owned();
        [part("properties.issuer"), part("properties.subject")]
    };
    if others
        .iter()
        .any(|other| whom(&other.body) == whom(&entry.body))
    {
        return Err(ArmError::conflict(
            "FederatedIdentityCredentialAlreadyExists",
            "A federated identity credential with the same issuer and subject already exists on the identity.",
        ));
    }
    if others.len() >= CREDENTIALS_MAX {
        return Err(ArmError::bad_request(
            "TooManyFederatedIdentityCredentials",
            format!("An identity has at most {CREDENTIALS_MAX} federated identity credentials."),
        ));
    }
    Ok(())
}
