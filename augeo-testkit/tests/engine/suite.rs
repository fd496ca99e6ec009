//! The fake provider conforms, and the suite notices providers that do not.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::finding::Finding;
use augeo_core::name::{ResourceId, TypeName};
use augeo_core::plan::Plan;
use augeo_core::provider::{Context, ObserveScope, ObservedState, Provider, ProviderError};
use augeo_core::resource::{Desired, Observed, Resolved, ResourceType};
use augeo_core::value::{Object, PropertyPath, Value};
use augeo_testkit::conformance::{Case, Edit, Harness, World, run};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{empty, name, number, shop, shop_sized};

/// What a deviating provider does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    None,
    /// It shows a property in another form each time it is read.
    UnstableForm,
    /// It shows something else than what was declared.
    ForgetsSize,
    /// It forgets what the stack does not name.
    FindsOnlyWanted,
    /// It calls everything its own.
    OwnsEverything,
}

#[derive(Clone, Debug)]
struct Flawed {
    inner: FakeProvider,
    flaw: Flaw,
}

#[async_trait]
impl Provider for Flawed {
    fn resource_type(
        &self,
        name: &TypeName,
        id: &ResourceId,
    ) -> Option<Cow<'static, ResourceType>> {
        self.inner.resource_type(name, id)
    }

    fn locate(&self, desired: &Desired, scope: Option<&ResourceId>) -> ResourceId {
        self.inner.locate(desired, scope)
    }

    fn canonical(&self, ty: &ResourceType, value: &Value) -> Value {
        let form = self.inner.canonical(ty, value);
        if self.flaw != Flaw::UnstableForm {
            return form;
        }
        form.map_leaves(&|leaf| leaf.as_str().map(|text| Value::from(format!("{text}!"))))
    }

    async fn observe(
        &self,
        scope: &ObserveScope,
        ctx: &Context,
    ) -> Result<ObservedState, ProviderError> {
        let mut state = self.inner.observe(scope, ctx).await?;
        if self.flaw == Flaw::FindsOnlyWanted {
            let wanted = |id: &ResourceId| scope.wanted.iter().any(|wanted| wanted.id == *id);
            state.resources.retain(|id, _| wanted(id));
        }
        for observed in state.resources.values_mut() {
            if self.flaw == Flaw::ForgetsSize {
                Arc::make_mut(&mut observed.value)
                    .as_object_mut()
                    .map(|object| object.swap_remove("size"));
            }
            if self.flaw == Flaw::OwnsEverything {
                observed.ownership = augeo_core::resource::Ownership::Ours;
            }
        }
        Ok(state)
    }

    async fn preflight(&self, plan: &Plan, ctx: &Context) -> Result<Vec<Finding>, ProviderError> {
        self.inner.preflight(plan, ctx).await
    }

    async fn settle(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError> {
        self.inner.settle(ty, id, ctx).await
    }

    async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError> {
        self.inner.create(resolved, ctx).await
    }

    async fn update(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError> {
        self.inner.update(resolved, prior, ctx).await
    }

    async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError> {
        self.inner.delete(prior, ctx).await
    }
}

struct FakeWorld {
    provider: FakeProvider,
    flaw: Flaw,
}

#[async_trait]
impl World for FakeWorld {
    fn provider(&self) -> Arc<dyn Provider> {
        Arc::new(Flawed {
            inner: self.provider.restarted(),
            flaw: self.flaw,
        })
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::starting_at(time::OffsetDateTime::UNIX_EPOCH))
    }

    fn mutations(&self) -> usize {
        self.provider.journal().len()
    }

    async fn edit(&self, id: &ResourceId, path: &PropertyPath, value: &Value) {
        self.provider
            .edit(id.key(), &path.to_string(), value.clone());
    }

    async fn delete(&self, id: &ResourceId) {
        self.provider.lose(id.key());
    }

    async fn give_away(&self, id: &ResourceId) -> bool {
        self.provider.give_away(id.key(), "bank/dev");
        true
    }
}

struct FakeHarness(Flaw);

impl Harness for FakeHarness {
    fn world(&self) -> Arc<dyn World> {
        Arc::new(FakeWorld {
            provider: FakeProvider::new(),
            flaw: self.0,
        })
    }

    fn cases(&self) -> Vec<Case> {
        let edit = |resource: &str, path: &str, value: Value| Edit {
            resource: name(resource),
            path: PropertyPath::parse(path),
            value,
        };
        let vault = |size: i64| {
            let mut stack = empty();
            let vault = stack.add("vault", Fake::vault().sized(size));
            stack.add(
                "password",
                Fake::within("Fake/secret", &vault).keeping_secret(),
            );
            let group = stack.add("group", Fake::group("here"));
            let store = stack.add("store", Fake::within("Fake/store", &group).placed("here"));
            stack.add("link", Fake::link(&group, &store).sized(size));
            stack
        };
        vec![
            Case {
                name: "the shop",
                stack: shop(),
                edited: shop_sized(2),
                edits: vec![
                    edit("store", "size", number(7)),
                    edit("app/config", "settings", Value::Object(Object::new())),
                ]
                .into_iter()
                .take(1)
                .collect(),
            },
            Case {
                name: "what is soft-deleted",
                stack: vault(1),
                edited: vault(2),
                edits: vec![edit("link", "size", number(7))],
            },
        ]
    }
}

#[tokio::test(start_paused = true)]
async fn the_fake_provider_conforms() {
    let breaches = run(&FakeHarness(Flaw::None)).await;
    let told: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert_eq!(told, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn flawed_providers_do_not() {
    let flaws = [
        (Flaw::UnstableForm, "canonical forms are idempotent"),
        (Flaw::ForgetsSize, "what was created is observed"),
        (Flaw::FindsOnlyWanted, "what left the stack is found"),
        (Flaw::OwnsEverything, "what belongs to another stack"),
    ];
    for (flaw, check) in flaws {
        let breaches = run(&FakeHarness(flaw)).await;
        let noticed = breaches
            .iter()
            .any(|breach| breach.check.starts_with(check));
        assert!(noticed, "{flaw:?}: {breaches:?}");
    }
}
