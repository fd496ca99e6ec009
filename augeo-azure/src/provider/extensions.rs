//! Finding what is attached to resources: where it is listed, and whom grants are for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use augeo_core::name::ResourceId;
use augeo_core::resource::Ownership;
use augeo_core::value::PropertyPath;

use super::discover::is_open;
use super::look::{Look, Place};
use super::observe::{Observation, Want, is_extension};
use crate::arm_id::ArmId;
use crate::schema::{ArmScope, ArmType, ReadPlan};

impl Observation<'_> {
    /// Adds looks at what is attached to resources: one per group, and one per principal of ours,
    /// wherever in the subscription it was granted something; one for all where there are several.
    pub(super) fn add_extensions(&mut self) {
        let attached: Vec<Want> = self
            .wants
            .values()
            .filter(|want| !want.wanted.existing && is_extension(want))
            .cloned()
            .collect();
        for want in &attached {
            self.add_want(want);
        }
        let groups: Vec<ArmId> = self
            .found
            .values()
            .filter(|found| found.ownership == Ownership::Ours && is_open(&found.condition))
            .filter(|found| found.id.target().is_none())
            .map(|found| found.id.clone())
            .collect();
        let principals = self.principals();
        for ty in self
            .types
            .all()
            .filter(|ty| ty.scope == ArmScope::Extension)
        {
            if !matches!(ty.read, ReadPlan::List { .. }) {
                continue;
            }
            let by_principal = ty.principal_filter.filter(|_| !principals.is_empty());
            let ty = Arc::new(ty.clone());
            let signed: BTreeSet<ArmId> = self
                .signs(&ty)
                .filter_map(ArmId::resource_group_id)
                .collect();
            // Whoever deletes everything meets the locks of others, too.
            let everywhere =
                ty.facts.sign_at.is_none() || (ty.facts.guards.is_some() && self.scope.inventory);
            // A grant may outlive its principal, so it is not enough to ask for those of principals.
            for group in groups
                .iter()
                .filter(|group| everywhere || signed.contains(*group))
            {
                self.looks
                    .add(Look::list(&ty, format!("{group}/providers/{}", ty.name())));
            }
            let Some(by_principal) = by_principal else {
                continue;
            };
            let path = format!("{}/providers/{}", self.subscription(), ty.name());
            for principal in principals.keys() {
                let filter = by_principal.replace("{}", principal);
                let place = Place::List(path.clone(), vec![("$filter".to_owned(), filter)]);
                self.looks.add(Look {
                    ty: Arc::clone(&ty),
                    place,
                });
            }
            self.looks.gather(&ty, &path);
        }
    }

    /// Grants mention whom they are for by another id than its own: a principal outlives what was
    /// granted to it, or nobody would find that again.
    pub(super) fn tie_principals(&mut self) {
        let owners = self.principals();
        for observed in self.state.resources.values_mut() {
            let found = self.found.get(&observed.id);
            let filter = found.and_then(|found| found.ty.principal_filter);
            let property = filter.and_then(|filter| filter.split(' ').next());
            let principal = property.and_then(|property| observed.value.field(property)?.as_str());
            let owner = principal.and_then(|principal| owners.get(&principal.to_lowercase()));
            observed.mentions.extend(owner.cloned());
        }
    }

    /// Some mention what they use by another id than its own, too, as host names do certificates.
    pub(super) fn tie_users(&mut self) {
        let known: BTreeMap<String, ResourceId> =
            self.told_at(|ty| ty.known_by).into_iter().collect();
        for (name, user) in self.told_at(|ty| ty.uses_at) {
            let used = known.get(&name);
            if let (Some(used), Some(user)) = (used, self.state.resources.get_mut(&user)) {
                user.mentions.insert(used.clone());
            }
        }
    }

    /// What is of the whole subscription mentions where the sign of it is: that goes after it, or
    /// nobody would find it again.
    pub(super) fn tie_signs(&mut self) {
        let ours = |ownership: &Ownership| *ownership == Ownership::Ours;
        let found = self.found.values().filter(|it| ours(&it.ownership));
        let keepers: BTreeSet<ResourceId> = found
            .filter(|it| it.ty.keeps_signs)
            .map(|it| it.id.to_resource_id())
            .collect();
        for observed in self.state.resources.values_mut() {
            let ty = self.found.get(&observed.id).map(|found| &found.ty);
            let is_signed = ty
                .is_some_and(|ty| ty.scope == ArmScope::Subscription && ty.facts.sign_at.is_some());
            if is_signed && ours(&observed.ownership) {
                observed.mentions.extend(keepers.iter().cloned());
            }
        }
    }

    /// Who in the stack acts as a principal of its own, by the principal's id in lower case.
    fn principals(&self) -> BTreeMap<String, ResourceId> {
        self.told_at(|ty| ty.principal_at).into_iter().collect()
    }

    /// What resources of the stack tell in the property that is this fact of their type, in lower
    /// case.
    fn told_at(
        &self,
        property: impl Fn(&ArmType) -> Option<&'static str>,
    ) -> Vec<(String, ResourceId)> {
        let ours = self
            .state
            .resources
            .values()
            .filter(|observed| observed.ownership == Ownership::Ours);
        ours.filter_map(|observed| {
            let path = property(&self.found.get(&observed.id)?.ty)?;
            let told = observed.value.get(&PropertyPath::parse(path))?.as_str()?;
            (!told.is_empty()).then(|| (told.to_lowercase(), observed.id.clone()))
        })
        .collect()
    }
}
