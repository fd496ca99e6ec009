//! The identity that the platform's software has: roles are given to it, and no password.

use augeo_core::stack::Added;

use super::app_service;
use super::builder::Builder;
use crate::resources::{ResourceGroup, UserAssignedIdentity};

/// It is there even without the web app: the vault belongs to its directory.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
) -> Added<UserAssignedIdentity> {
    let section = builder.section(&app_service::SECTION);
    let mut identity = UserAssignedIdentity::within(group);
    identity.location = builder.location().into();
    identity.tags = builder.tags();
    let identity = builder.stack.add("identity/api", identity);
    builder.describe(&identity, &section, &[]);
    identity
}
