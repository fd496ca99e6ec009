//! Whether what a new resource is put into is still the stack's: lists tell what is gone for a
//! while, and somebody may have taken its name meanwhile. What is in it would be found no more.

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
}

impl Azure {
    /// Looks at what a resource is to live in, if that stood as the stack's when it was planned and
    /// nobody has looked since.
    pub(super) async fn ensure_host(
        &self,
        ty: &ArmType,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<(), ProviderError> {
        if ty.scope != ArmScope::Child || self.parent_is_new(id) {
            return Ok(());
        }
        let host = locate::parent(self.types, id).map(|host| host.to_resource_id());
        let Some((host, known)) = host.and_then(|host| Some((self.hosts.of(&host)?, host))) else {
            return Ok(());
        };
        let ownership = host
            .get_or_try_init(|| self.host_ownership(ty, id, ctx))
            .await?;
        match ownership {
            Some(Ownership::Ours) => Ok(()),
            Some(other) => Err(not_ours(&known, other)),
            None => Err(ProviderError::new(
                ErrorKind::Moved,
                "augeo/moved",
                format!("{known} was there when the plan was made, and is gone"),
            )
            .with_help("plan again")),
        }
    }

    /// What is not there may only not be shown yet, whoever made it.
    async fn host_ownership(
        &self,
        ty: &ArmType,
        id: &ArmId,
        ctx: &Context,
    ) -> Result<Option<Ownership>, ProviderError> {
        for _ in 0..self.client.limits().poll.missing_max {
            if let Some(ownership) = self.parent_ownership(ty, id, ctx).await? {
                return Ok(Some(ownership));
            }
            self.pause(id, "settling", STABLE_READ_DELAY, ctx).await?;
        }
        self.parent_ownership(ty, id, ctx).await
    }
}
