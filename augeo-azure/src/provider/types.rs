//! The types that this provider works with: those of its catalogue, and any other by its facts.

use std::borrow::Cow;
use std::sync::Arc;

use augeo_core::name::{ResourceId, TypeName};
use augeo_core::resource::ResourceType;

use super::finish;
use crate::arm_id::ArmId;
use crate::schema::{ArmScope, ArmType, NameRule};

/// The catalogue, and what stands in for a type that it does not have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Types {
    catalogue: &'static [&'static ArmType],
}

impl Types {
    pub(super) fn new(catalogue: &'static [&'static ArmType]) -> Self {
        Self { catalogue }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'static ArmType> + Clone + use<> {
        self.catalogue.iter().copied()
    }

    /// The types of resources of their own, without the finishing writes of others.
    fn resources(&self) -> impl Iterator<Item = &'static ArmType> + Clone + use<> {
        self.all().filter(|ty| ty.scope != ArmScope::Finish)
    }

    /// The finishing writes of resources of this type.
    pub(super) fn finishing(&self, name: &TypeName) -> impl Iterator<Item = &'static ArmType> {
        self.all()
            .filter(move |ty| ty.scope == ArmScope::Finish && ty.name() == name)
    }

    /// The type of this name; of several that differ in their fixed name, the first.
    pub(super) fn named(&self, name: &TypeName) -> Option<&'static ArmType> {
        self.resources().find(|ty| ty.name() == name)
    }

    /// The catalogue's type of a resource, or of a finishing write, by its identity.
    pub(super) fn of_resource(&self, id: &ResourceId) -> Option<&'static ArmType> {
        let arm_id = ArmId::try_from(id).ok()?;
        match finish::name_of(id) {
            Some(name) => self
                .finishing(&arm_id.resource_type())
                .find(|ty| matches!(ty.name, NameRule::Fixed(fixed) if fixed == name)),
            None => self.of_id(&arm_id),
        }
    }

    /// The whole facts that belong to core's facts.
    pub(super) fn of(&self, facts: &ResourceType) -> Cow<'static, ArmType> {
        let mut same_name = self.all().filter(|ty| ty.name() == &facts.name);
        // Of types that share a name, as configurations do, the title tells which one it is.
        let known = same_name
            .clone()
            .find(|ty| ty.facts.title == facts.title)
            .or_else(|| same_name.find(|ty| !matches!(ty.name, NameRule::Fixed(_))));
        match known {
            // A resource may leave more to the platform than its type does.
            Some(ty)
                if (&ty.facts.version, ty.facts.initial) == (&facts.version, facts.initial) =>
            {
                Cow::Borrowed(ty)
            }
            Some(ty) => Cow::Owned(ArmType {
                facts: facts.clone(),
                ..ty.clone()
            }),
            None => {
                let generic = ArmType::generic(facts.name.as_str(), &facts.version);
                Cow::Owned(ArmType {
                    facts: facts.clone(),
                    ..generic
                })
            }
        }
    }

    /// The type of the resource with this id, which was found in a list of this other type: one that
    /// the catalogue does not have is like that.
    pub(super) fn beside(&self, ty: &ArmType, id: &ArmId) -> Arc<ArmType> {
        let like = || {
            let mut like = ty.clone();
            like.facts.name = id.resource_type();
            like
        };
        Arc::new(self.of_id(id).cloned().unwrap_or_else(like))
    }

    /// The catalogue's type of the resource with this id.
    pub(super) fn of_id(&self, id: &ArmId) -> Option<&'static ArmType> {
        let name = id.resource_type();
        let same_name = || self.resources().filter(|ty| ty.name() == &name);
        same_name()
            .find(|ty| matches!(ty.name, NameRule::Fixed(fixed) if fixed.eq_ignore_ascii_case(id.name())))
            .or_else(|| same_name().find(|ty| !matches!(ty.name, NameRule::Fixed(_))))
    }
}
