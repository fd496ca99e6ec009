//! Mocks of core's traits, for one narrow question each: was this called, and with what?
//!
//! Everything else is asked of the fake provider, which has behaviour.
#![expect(
    clippy::ref_option_ref,
    reason = "mockall hands arguments to expectations by reference"
)]

use std::borrow::Cow;

use async_trait::async_trait;
use augeo_core::clock::Clock;
use augeo_core::finding::Finding;
use augeo_core::name::{ResourceId, TypeName};
use augeo_core::plan::Plan;
use augeo_core::provider::{Context, ObserveScope, ObservedState, Provider, ProviderError};
use augeo_core::report::{Event, Observer};
use augeo_core::resource::{Desired, Observed, Resolved, ResourceType};
use augeo_core::value::Value;
use mockall::mock;
use time::OffsetDateTime;

mock! {
    /// A provider that answers as it is told.
    #[derive(Debug)]
    pub Provider {}

    #[async_trait]
    impl Provider for Provider {
        fn resource_type(&self, name: &TypeName, id: &ResourceId) -> Option<Cow<'static, ResourceType>>;
        fn locate<'a>(&self, desired: &Desired, scope: Option<&'a ResourceId>) -> ResourceId;
        fn canonical(&self, ty: &ResourceType, value: &Value) -> Value;
        async fn observe(&self, scope: &ObserveScope, ctx: &Context) -> Result<ObservedState, ProviderError>;
        async fn preflight(&self, plan: &Plan, ctx: &Context) -> Result<Vec<Finding>, ProviderError>;
        async fn settle(&self, ty: &ResourceType, id: &ResourceId, ctx: &Context) -> Result<Option<Observed>, ProviderError>;
        async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError>;
        async fn update(&self, resolved: &Resolved, prior: &Observed, ctx: &Context) -> Result<Observed, ProviderError>;
        async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError>;
    }
}

mock! {
    /// A listener.
    #[derive(Debug)]
    pub Observer {}

    impl Observer for Observer {
        fn on_event(&self, event: &Event);
    }
}

mock! {
    /// A clock that shows what it is told.
    #[derive(Debug)]
    pub Clock {}

    impl Clock for Clock {
        fn now(&self) -> OffsetDateTime;
    }
}
