//! The fake provider's types: one of each kind of behaviour, and structs to declare them with.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use augeo_core::name::{ResourceName, TypeName};
use augeo_core::pending::Readiness;
use augeo_core::resource::{
    Exclusion, Guard, Lifecycle, Resource, ResourceType, Scope, UsualDuration,
};
use augeo_core::stack::Added;
use augeo_core::value::{Input, OutputPath, SecretRef};
use serde::Serialize;

fn seconds(create: u64, update: u64, delete: u64) -> UsualDuration {
    UsualDuration {
        create: Duration::from_secs(create),
        update: Duration::from_secs(update),
        delete: Duration::from_secs(delete),
    }
}

fn named(name: &'static str, title: &'static str) -> ResourceType {
    ResourceType {
        name: TypeName::from_static(name),
        version: Cow::Borrowed("1"),
        title: Cow::Borrowed(title),
        ..ResourceType::BASE
    }
}

/// A domain is proven by its owner, elsewhere.
const PROOF: Readiness = Readiness {
    paths: &["proof"],
    ready: &["proven"],
    under_way: &["asked"],
    next_step: "prove that {address} is yours, then provision again",
};

/// A lock there refuses every write, one here only deletions.
pub(super) const LEVEL: Guard = Guard {
    property: "place",
    refusing_writes: &["there"],
};

/// Every type of the fake provider.
pub fn catalogue() -> Vec<ResourceType> {
    vec![
        ResourceType {
            takes_contents: false,
            immutable: &["place"],
            ..named("Fake/group", "Fake group")
        },
        ResourceType {
            immutable: &["place"],
            holds_data: true,
            stillborn: &["NeverMade"],
            usual: seconds(20, 8, 5),
            ..named("Fake/store", "Fake store")
        },
        ResourceType {
            holds_data: true,
            usual: seconds(1, 1, 1),
            ..named("Fake/bucket", "Fake bucket")
        },
        ResourceType {
            usual: seconds(4, 2, 2),
            ..named("Fake/vault", "Fake vault")
        },
        ResourceType {
            exclusion: &[Exclusion::Property("to")],
            usual: seconds(6, 6, 6),
            ..named("Fake/link", "Fake link")
        },
        ResourceType {
            write_only: &["password"],
            immutable: &["zone"],
            usual: seconds(300, 120, 60),
            ..named("Fake/server", "Fake server")
        },
        ResourceType {
            exclusion: &[Exclusion::Parent],
            usual: seconds(12, 12, 12),
            ..named("Fake/rule", "Fake rule")
        },
        ResourceType {
            write_only: &["value"],
            lifecycle: Lifecycle::Undeletable,
            usual: seconds(1, 1, 1),
            ..named("Fake/secret", "Fake secret")
        },
        ResourceType {
            initial: &["image"],
            usual: seconds(10, 5, 5),
            ..named("Fake/app", "Fake app")
        },
        ResourceType {
            lifecycle: Lifecycle::Singleton,
            whole_maps: &["settings"],
            exclusion: &[Exclusion::Parent],
            usual: seconds(2, 2, 2),
            ..named("Fake/config", "Fake configuration")
        },
        ResourceType {
            usual: seconds(2, 2, 2),
            ..named("Fake/binding", "Fake binding")
        },
        ResourceType {
            usual: seconds(2, 2, 2),
            readiness: Some(PROOF),
            ..named("Fake/domain", "Fake domain")
        },
        ResourceType {
            usual: seconds(2, 2, 2),
            guards: Some(LEVEL),
            ..named("Fake/lock", "Fake lock")
        },
    ]
}

/// A resource of any of the fake types; the fields that a type does not have stay empty.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Fake {
    #[serde(skip)]
    ty: &'static str,
    #[serde(skip)]
    scope: Scope,
    /// Where a group or a store is; cannot change.
    pub place: Option<Input<String>>,
    /// What a server is bound to; cannot change.
    pub zone: Option<Input<String>>,
    /// The id of what a link leads to: its changes and those of what it leads to exclude each other.
    pub to: Option<Input<String>>,
    /// A property that can change.
    pub size: Option<Input<i64>>,
    /// Whether a domain is proven: to declare it is to ask for it.
    pub proof: Option<Input<String>>,
    /// Another resource's property, or any text.
    pub uses: Vec<Input<String>>,
    /// The image that a release changes later.
    pub image: Option<String>,
    /// A map whose undeclared keys are removed.
    pub settings: Option<BTreeMap<String, Input<String>>>,
    /// Labels, of which only the declared keys are compared.
    pub tags: Option<BTreeMap<String, String>>,
    /// A secret that the resource is given.
    pub password: Option<SecretRef>,
    /// The secret that the resource keeps.
    pub value: Option<SecretRef>,
}

impl Fake {
    /// The address that the provider gives to a server, a store or an app.
    pub const ADDRESS: OutputPath<Self, String> = OutputPath::new("address");
    /// Where it is.
    pub const PLACE: OutputPath<Self, String> = OutputPath::new("place");
    /// The property that can change.
    pub const SIZE: OutputPath<Self, i64> = OutputPath::new("size");

    fn of(ty: &'static str, scope: Scope) -> Self {
        Self {
            ty,
            scope,
            place: None,
            zone: None,
            to: None,
            size: None,
            proof: None,
            uses: Vec::new(),
            image: None,
            settings: None,
            tags: None,
            password: None,
            value: None,
        }
    }

    /// A group, in which the others live.
    pub fn group(place: &str) -> Self {
        Self {
            place: Some(place.into()),
            ..Self::of("Fake/group", Scope::Stack)
        }
    }

    /// A vault, which stays soft-deleted when it is deleted.
    pub fn vault() -> Self {
        Self::of("Fake/vault", Scope::Stack)
    }

    /// A resource of this fake type inside another one.
    pub fn within(ty: &'static str, parent: &Added<Self>) -> Self {
        Self::of(ty, Scope::Within(parent.name().clone()))
    }

    /// A lock on another resource: `here` it refuses deletions, `there` every write.
    pub fn lock(target: &Added<Self>, place: &str) -> Self {
        Self::of("Fake/lock", Scope::On(target.name().clone())).placed(place)
    }

    /// A binding on another resource.
    pub fn on(target: &Added<Self>) -> Self {
        Self::of("Fake/binding", Scope::On(target.name().clone()))
    }

    /// A resource of this fake type inside a resource named so.
    pub fn within_named(ty: &'static str, parent: &ResourceName) -> Self {
        Self::of(ty, Scope::Within(parent.clone()))
    }

    /// A domain that is to be proven, inside a group.
    pub fn domain(group: &Added<Self>) -> Self {
        Self {
            proof: Some("proven".into()),
            ..Self::within("Fake/domain", group)
        }
    }

    /// With another size.
    #[must_use]
    pub fn sized(mut self, size: i64) -> Self {
        self.size = Some(size.into());
        self
    }

    /// With another place.
    #[must_use]
    pub fn placed(mut self, place: impl Into<Input<String>>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Bound to a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: impl Into<Input<String>>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// With an image to begin with.
    #[must_use]
    pub fn showing(mut self, image: &str) -> Self {
        self.image = Some(image.to_owned());
        self
    }

    /// Keeping a generated secret.
    #[must_use]
    pub fn keeping_secret(mut self) -> Self {
        self.value = Some(SecretRef::Generated { length: 32 });
        self
    }

    /// Given the secret that another resource keeps.
    #[must_use]
    pub fn given(mut self, secret: SecretRef) -> Self {
        self.password = Some(secret);
        self
    }

    /// With a setting.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Into<Input<String>>) -> Self {
        let settings = self.settings.get_or_insert_default();
        settings.insert(key.to_owned(), value.into());
        self
    }

    /// Using the id of another resource.
    #[must_use]
    pub fn using_id(self, other: &Added<Self>) -> Self {
        self.using(Input::format([other.id().into()]))
    }

    /// A link to another resource, inside a group.
    pub fn link(group: &Added<Self>, to: &Added<Self>) -> Self {
        Self {
            to: Some(Input::format([to.id().into()])),
            ..Self::within("Fake/link", group)
        }
    }

    /// Using another resource's property, or a text.
    #[must_use]
    pub fn using(mut self, input: impl Into<Input<String>>) -> Self {
        self.uses.push(input.into());
        self
    }
}

impl Resource for Fake {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        let found = catalogue()
            .into_iter()
            .find(|ty| ty.name.as_str() == self.ty);
        Cow::Owned(found.unwrap_or_else(|| named(self.ty, "Unknown fake")))
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}
