//! The one provider for everything that ARM manages. It names no type: what it must know of each
//! is in the type's facts.
//!
//! It keeps nothing between runs. Within one it remembers the secrets that it made and the
//! resources that it created, whose contents need not be looked for.

mod body;
mod capabilities;
mod discover;
mod extensions;
mod finish;
mod hosts;
mod locate;
mod locked;
mod look;
mod merge;
mod observe;
mod ownership;
mod placed;
mod preflight;
mod quotas;
mod reading;
mod secrets;
mod settle;
mod types;
mod unseen;
mod write;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use augeo_core::clock::Clock;
use augeo_core::finding::Finding;
use augeo_core::name::{ResourceId, TypeName};
use augeo_core::plan::Plan;
use augeo_core::provider::{Context, ObserveScope, ObservedState, Provider, ProviderError};
use augeo_core::resource::{Desired, Observed, Ownership, Resolved, ResourceType};
use augeo_core::value::Value;
use azure_core::http::HttpClient;

use crate::arm_id::{ArmId, SubscriptionId};
use crate::client::{ArmClient, ArmClientOptions};
use crate::error::ArmError;
use crate::normalize;
use crate::resources::CATALOGUE;
use crate::schema::ArmType;

use hosts::Hosts;
use secrets::KnownSecrets;
pub use secrets::{EntropyError, SecretSource, SystemEntropy};
use types::Types;

/// The version of ARM's own requests: groups, resources by tag, registrations.
const RESOURCES_API_VERSION: &str = "2025-04-01";

/// What the provider is made from.
#[derive(Clone, Debug)]
pub struct AzureOptions {
    /// How ARM is asked.
    pub client: ArmClient,
    /// The types that are known beyond their name; any other is treated with the facts that fail
    /// safe.
    pub catalogue: &'static [&'static ArmType],
    /// Where the chance for secrets comes from.
    pub entropy: Arc<dyn SecretSource>,
}

impl AzureOptions {
    /// The whole catalogue, and the operating system's random numbers.
    pub fn new(client: ArmClient) -> Self {
        Self {
            client,
            catalogue: CATALOGUE,
            entropy: Arc::new(SystemEntropy),
        }
    }
}

/// Azure, by way of ARM.
pub struct Azure {
    client: ArmClient,
    types: Types,
    entropy: Arc<dyn SecretSource>,
    secrets: KnownSecrets,
    /// What this run created: nothing of anybody's is inside that the run did not make.
    created: Mutex<BTreeSet<ResourceId>>,
    /// On what, or in which group, there was something of the stack's at the last look.
    extended: Mutex<BTreeSet<ResourceId>>,
    hosts: Hosts,
    /// Whether this run took a lock off: that is not known everywhere at once.
    lifted: AtomicBool,
}

impl Azure {
    /// A provider. It sends nothing yet.
    pub fn new(options: AzureOptions) -> Self {
        Self {
            client: options.client,
            types: Types::new(options.catalogue),
            entropy: options.entropy,
            secrets: KnownSecrets::default(),
            created: Mutex::new(BTreeSet::new()),
            extended: Mutex::new(BTreeSet::new()),
            hosts: Hosts::default(),
            lifted: AtomicBool::new(false),
        }
    }

    /// A provider over an emulator in the same process, which `transport` reaches; for tests and
    /// examples. It works on `subscription`, which the emulator must have, and holds its requests
    /// below ARM's limits, which the emulator has too.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn in_process(
        transport: Arc<dyn HttpClient>,
        subscription: SubscriptionId,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ArmError> {
        let options = ArmClientOptions::in_process(transport, subscription, clock);
        Ok(Self::new(AzureOptions::new(ArmClient::new(options)?)))
    }

    /// The subscription that is worked on.
    pub fn subscription_id(&self) -> &SubscriptionId {
        self.client.subscription()
    }

    /// How ARM is asked.
    pub fn client(&self) -> &ArmClient {
        &self.client
    }

    fn with_created<T>(&self, act: impl FnOnce(&mut BTreeSet<ResourceId>) -> T) -> T {
        act(&mut self.created.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the stack had others where this one is made: one that says the same may be about
    /// to go.
    fn has_others_on(&self, id: &ArmId) -> bool {
        let extended = self.extended.lock().unwrap_or_else(PoisonError::into_inner);
        id.target()
            .is_some_and(|target| extended.contains(&target.to_resource_id()))
    }

    /// What was in the way and may still be for a moment: another that says the same, or a lock.
    pub(in crate::provider) fn something_leaves(&self, id: &ArmId) -> bool {
        self.has_others_on(id) || self.lifted.load(Ordering::Relaxed)
    }

    /// Whether this run created what a resource lives in.
    fn parent_is_new(&self, id: &ArmId) -> bool {
        let around = std::iter::successors(id.parent(), ArmId::parent);
        let around: Vec<ResourceId> = around.map(|outer| outer.to_resource_id()).collect();
        self.with_created(|created| around.iter().any(|outer| created.contains(outer)))
    }
}

impl fmt::Debug for Azure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Azure({})", self.subscription_id())
    }
}

#[async_trait]
impl Provider for Azure {
    fn resource_type(
        &self,
        name: &TypeName,
        id: &ResourceId,
    ) -> Option<Cow<'static, ResourceType>> {
        let by_id = self.types.of_resource(id);
        let known = by_id.or_else(|| self.types.named(name));
        Some(match known {
            Some(ty) => Cow::Borrowed(&ty.facts),
            // Without a version: it is that in which the resource was observed.
            None => Cow::Owned(ArmType::generic(name.as_str(), "").facts),
        })
    }

    fn locate(&self, desired: &Desired, scope: Option<&ResourceId>) -> ResourceId {
        let ty = self.types.of(&desired.ty);
        let scope = scope.and_then(|scope| ArmId::try_from(scope).ok());
        locate::locate(&ty, desired, scope.as_ref(), self.subscription_id())
    }

    fn canonical(&self, ty: &ResourceType, value: &Value) -> Value {
        normalize::canonical(&self.types.of(ty), &self.placed(ty, value))
    }

    fn placed<'a>(&self, ty: &ResourceType, value: &'a Value) -> Cow<'a, Value> {
        let ty = self.types.of(ty);
        if ty.subscription_in.is_empty() {
            return Cow::Borrowed(value);
        }
        Cow::Owned(placed::in_subscription(&ty, value, self.subscription_id()))
    }

    async fn observe(
        &self,
        scope: &ObserveScope,
        ctx: &Context,
    ) -> Result<ObservedState, ProviderError> {
        let state = self.observe_all(scope, ctx).await?;
        let ours = state.resources.values();
        let ours = ours.filter(|observed| observed.ownership == Ownership::Ours);
        self.hosts.expect(ours.clone().map(|observed| &observed.id));
        let targets = ours.filter_map(|observed| ArmId::try_from(&observed.id).ok()?.target());
        let targets = targets.map(|target| target.to_resource_id()).collect();
        *self.extended.lock().unwrap_or_else(PoisonError::into_inner) = targets;
        Ok(state)
    }

    async fn preflight(&self, plan: &Plan, ctx: &Context) -> Result<Vec<Finding>, ProviderError> {
        self.check_online(plan, ctx).await
    }

    async fn settle(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        self.settle_one(ty, id, ctx).await
    }

    async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError> {
        self.create_one(resolved, ctx).await
    }

    async fn update(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        self.update_one(resolved, prior, ctx).await
    }

    async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        self.delete_one(prior, ctx).await
    }
}
