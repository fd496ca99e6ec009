//! Whether what a new resource is put into, or where the sign of it is, is still the stack's: lists
//! tell what is gone for a while, and somebody may have taken its name meanwhile. What is made then
//! would be found no more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use augeo_core::name::ResourceId;
use augeo_core::provider::{Context, ErrorKind, ProviderError};
use augeo_core::resource::Ownership;
use tokio::sync::OnceCell;

use super::settle::STABLE_READ_DELAY;
use super::write::not_ours;
use super::{Azure, locate};
use crate::arm_id::ArmId;
use crate::schema::{ArmScope, ArmType};

/// What stood as the stack's at the last look. It is asked about once, by whoever needs it first.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<BTreeMap<ResourceId, Arc<OnceCell<Option<Ownership>>>>>);

impl Hosts {
    /// A new look found these to be the stack's.
    pub(super) fn expect<'a>(&self, ours: impl Iterator<Item = &'a ResourceId>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            ours.map(|id| (id.clone(), Arc::default())).collect();
    }

    fn of(&self, id: &ResourceId) -> Option<Arc<OnceCell<Option<Ownership>>>> {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(id).cloned()
    }

    fn ids(&self) -> Vec<ResourceId> {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.keys().cloned().collect()
    }
}

impl Azure {
    /// Looks at what a resource is to live in, or where the sign of it is, if that stood as the
    /// stack's when it was planned and nobody has looked since.
    pub(super) async fn ensure_host(
        &self,
        ty: &ArmType,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<(), ProviderError> {
        let hosts: Vec<ArmId> = match ty.scope {
            ArmScope::Child if !self.parent_is_new(id) => {
                locate::parent(self.types, id).into_iter().collect()
            }
            ArmScope::Subscription if ty.facts.sign_at.is_some() => self.keepers_of_signs(),
            ArmScope::Child
            | ArmScope::Subscription
            | ArmScope::Group
            | ArmScope::Extension
            | ArmScope::Finish => Vec::new(),
        };
        for host in hosts {
            let known = host.to_resource_id();
            let Some(found) = self.hosts.of(&known) else {
                continue;
            };
            let ownership = found
                .get_or_try_init(|| self.host_ownership(&host, ctx))
                .await?;
            match ownership {
                Some(Ownership::Ours) => {}
                Some(other) => return Err(not_ours(&known, other)),
                None => {
                    let message = format!("{known} was there when the plan was made, and is gone");
                    let moved = ProviderError::new(ErrorKind::Moved, "augeo/moved", message);
                    return Err(moved.with_help("plan again"));
                }
            }
        }
        Ok(())
    }

    /// Those that stood as the stack's at the last look.
    fn keepers_of_signs(&self) -> Vec<ArmId> {
        let ids = self.hosts.ids();
        let ids = ids.iter().filter_map(|id| ArmId::try_from(id).ok());
        ids.filter(|id| self.types.of_id(id).is_some_and(|ty| ty.keeps_signs))
            .collect()
    }

    /// What is not there may only not be shown yet, whoever made it.
    async fn host_ownership(
        &self,
        host: &ArmId,
        ctx: &Context,
    ) -> Result<Option<Ownership>, ProviderError> {
        for _ in 0..self.client.limits().poll.missing_max {
            let found = self.ownership_from(Some(host.clone()), ctx).await?;
            if found.is_some() {
                return Ok(found);
            }
            self.pause(host, "settling", STABLE_READ_DELAY, ctx).await?;
        }
        self.ownership_from(Some(host.clone()), ctx).await
    }
}
