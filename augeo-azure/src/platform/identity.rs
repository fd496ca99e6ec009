//! The identity that the platform's software has: roles are given to it, and no password.

use augeo_core::stack::Added;

use super::builder::Builder;
use super::{app_service, key_vault};
use crate::resources::{ResourceGroup, UserAssignedIdentity};

/// The identity, unless nothing needs it. The vault needs it even without the web app: it belongs
/// to the identity's directory.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
) -> Option<Added<UserAssignedIdentity>> {
    let section = builder.section(&app_service::SECTION);
    if !section.is_on() && !builder.section(&key_vault::SECTION).is_on() {
        return None;
    }
    let mut identity = UserAssignedIdentity::within(group);
    identity.location = builder.location().into();
    identity.tags = builder.tags();
    let identity = builder.stack.add("identity/api", identity);
    builder.describe(&identity, &section, &[]);
    Some(identity)
}
