//! Resources outside the stack, by ids that are checked before anything is asked of Azure.

use std::borrow::Cow;

use augeo_core::stack::Existing;

use crate::arm_id::{ArmId, ArmIdError};
use crate::schema::ArmType;

/// An id that cannot name the existing resource that it is given for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExistingError {
    /// It is no id.
    #[error(transparent)]
    Id(#[from] ArmIdError),
    /// It is the id of something else.
    #[error("`{id}` is of the type {found}; {wanted} is needed")]
    Type {
        /// What was given.
        id: ArmId,
        /// Its type.
        found: String,
        /// The type that is needed.
        wanted: String,
    },
}

/// The existing resource of a type that has this id.
pub(super) fn existing<R>(ty: &'static ArmType, id: &str) -> Result<Existing<R>, ExistingError> {
    let id = checked(id, ty)?;
    Ok(Existing::new(Cow::Borrowed(&ty.facts), id.to_resource_id()))
}

/// The id, if it is one of this type.
pub(super) fn checked(id: &str, ty: &ArmType) -> Result<ArmId, ExistingError> {
    let id = ArmId::parse(id)?;
    let found = id.resource_type();
    if &found == ty.name() {
        return Ok(id);
    }
    Err(ExistingError::Type {
        found: found.to_string(),
        wanted: ty.name().to_string(),
        id,
    })
}
