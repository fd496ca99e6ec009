//! What the generic provider must know of an ARM type: core's facts, and how ARM spells them.
//!
//! Facts are data; nothing here acts. A type is one struct, one `static` of these facts and one
//! line in the catalogue.

mod outside;
mod special;

use std::borrow::Cow;
use std::mem::{forget, replace};

use augeo_core::name::TypeName;
use augeo_core::resource::{Lifecycle, ResourceType};
use augeo_core::value::Value;

use outside::{SKU_INSIDE, WITHOUT_TAGS, is_without_data};
pub use special::{Counted, LeftOut, NameCheck, Quota, Reset, SoftDelete};

/// Where a resource of a type lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmScope {
    /// In the subscription: resource groups.
    Subscription,
    /// In a resource group.
    Group,
    /// In another resource; its type is named by all but the last segments. A level between the
    /// two that the stack does not name is called `default`.
    Child,
    /// On any resource, group or subscription.
    Extension,
    /// It *is* another resource, written once more when others are there: it has that one's id,
    /// which for us ends in `#` and its fixed name.
    Finish,
}

/// How resources of a type are read, in one request per group or parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadPlan {
    /// `GET` of the collection in the subscription, the group or the parent.
    List {
        /// What the list needs beside the api-version.
        query: &'static [(&'static str, &'static str)],
    },
    /// The list that tells its parent tells it, too.
    ListOfParent {
        /// What that list needs beside the api-version; it must be the same as the parent's.
        query: &'static [(&'static str, &'static str)],
    },
    /// `GET {parent}/{collection}`: one list of the resources of several types that are in a parent.
    ListOfAll(&'static str),
    /// `GET` of the one resource that each parent has. 404 means that there is none.
    Get,
    /// `POST {id}/list` of the one resource that each parent has.
    PostList,
    /// `POST {parent}/{action}` of the one resource that each parent has.
    PostParent(&'static str),
}

impl ReadPlan {
    /// Whether only an action tells it: a `GET` would not.
    pub fn is_action(self) -> bool {
        match self {
            Self::List { .. } | Self::ListOfParent { .. } | Self::ListOfAll(_) | Self::Get => false,
            Self::PostList | Self::PostParent(_) => true,
        }
    }
}

/// How an existing resource is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateMode {
    /// `PUT` of everything declared, with initial values as observed and tags merged.
    Put,
    /// `PATCH` of everything declared that can change.
    Patch,
    /// `POST {id}/{action}`, which asks for what is declared.
    Action {
        /// The action.
        action: &'static str,
        /// The whole body of the request.
        body: &'static [(&'static str, &'static str)],
    },
}

/// How it is proven whose a resource is. The set is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnershipMark {
    /// Tags `augeo-stack` and `augeo-owner`.
    Tag,
    /// The same in a text property of this name (in the shape), such as `description`.
    Field(&'static str),
    /// The same in a map property of this name (in the shape), whose keys take no hyphen.
    Metadata(&'static str),
    /// The name begins with the stack's prefix.
    NamePrefix,
    /// Everything under a parent of ours is ours, but for what the service makes itself.
    Exclusive,
    /// There is exactly one per parent; it is ours when the parent is.
    Singleton,
}

/// How two values of a property are compared.
#[derive(Clone, Copy, Debug)]
pub enum Compare {
    /// Text without regard to case.
    IgnoreCase,
    /// A region in either of its forms (`West Europe`, `westeurope`).
    Location,
    /// A list whose order means nothing.
    Set,
    /// A list of objects whose order means nothing, told apart by this property.
    Keyed(&'static str),
    /// In a form that this function makes; it must be idempotent and keep unknowns.
    By(fn(&Value) -> Value),
}

/// Which characters a name may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameAlphabet {
    /// Lower-case letters and digits.
    LowerAlphanumeric,
    /// Lower-case letters, digits and dashes.
    LowerAlphanumericDash,
    /// Letters, digits and dashes.
    AlphanumericDash,
    /// Letters, digits, dashes and underscores.
    AlphanumericDashUnderscore,
    /// Letters and digits in names that are made here; dashes, too, in those that somebody gives:
    /// the published contract has none, and others made such names all the same.
    AlphanumericOfOurs,
    /// Words of letters, digits, dashes and underscores with full stops between them.
    Domain,
    /// The same, or `@` for the domain itself, or `*` for the first word.
    Record,
    /// Anything that the caller gives.
    Any,
}

/// How the provider names a resource of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// `{project}-{environment}-{name}`, made to fit.
    Derived {
        /// What it may hold.
        alphabet: NameAlphabet,
        /// At least so many characters.
        length_min: usize,
        /// At most so many characters.
        length_max: usize,
        /// Whether a stable suffix keeps it apart from everybody else's.
        global: bool,
    },
    /// The last part of the resource's own name, or the name that its author gives.
    Own {
        /// What it may hold.
        alphabet: NameAlphabet,
        /// At least so many characters.
        length_min: usize,
        /// At most so many characters.
        length_max: usize,
    },
    /// Always this.
    Fixed(&'static str),
    /// A GUID made from the identity of what it is on and the resource's name.
    Guid,
}

/// The facts of one ARM type.
#[derive(Clone, Debug)]
pub struct ArmType {
    /// What the engine needs; `name` is the ARM type, `version` the api-version.
    pub facts: ResourceType,
    /// Where it lives.
    pub scope: ArmScope,
    /// The properties that stay at the top of the body; the rest goes under `properties`.
    /// Empty means that everything does: the value is a map of the user's own keys.
    pub top_level: &'static [&'static str],
    /// Properties that our shape has as a list and ARM as a map from each item to `{}`.
    pub key_sets: &'static [&'static str],
    /// How it is read.
    pub read: ReadPlan,
    /// How it is changed.
    pub update: UpdateMode,
    /// How it is proven whose it is.
    pub ownership: OwnershipMark,
    /// How its properties are compared, by dotted pattern, where not exactly. Everywhere, text
    /// that is an ARM id and the property `location` are compared as such.
    pub compare: &'static [(&'static str, Compare)],
    /// How it is named.
    pub name: NameRule,
    /// What a `DELETE` needs beside the api-version.
    pub delete_query: &'static [(&'static str, &'static str)],
    /// Where it waits after deletion.
    pub soft_delete: Option<SoftDelete>,
    /// Where its name is checked.
    pub name_check: Option<NameCheck>,
    /// What its service tells of a region before one is made there.
    pub capabilities: Option<Capabilities>,
    /// Where its service tells how many more there may be in a region.
    pub quota: Option<Quota>,
    /// Names of resources of this type that the service makes itself: never ours, never drift. What
    /// begins with `*` is how such a name ends.
    pub made_by_service: &'static [&'static str],
    /// What the service makes beside a resource of this type, unasked: its type, and how its name
    /// begins. It is nobody's, and does not keep a group from being deleted.
    pub companions: &'static [(&'static str, &'static str)],
    /// Where a resource of this type tells the principal that it acts as (dotted, in the shape).
    pub principal_at: Option<&'static str>,
    /// The `$filter` that finds resources of this type by principal, wherever they are; `{}` is
    /// the principal.
    pub principal_filter: Option<&'static str>,
    /// What others call a resource of this type by, beside its id (dotted, in the shape).
    pub known_by: Option<&'static str>,
    /// Where a resource of this type says so of another that it uses (dotted, in the shape).
    pub uses_at: Option<&'static str>,
    /// Where its responses tell the version of the secret that it keeps, if it keeps one: a path
    /// (dotted, in the shape) to a URI whose last segment is the version.
    pub secret_version_at: Option<&'static str>,
    /// The property (dotted, in the shape) and text that mean that the service has finished, if
    /// `provisioningState` is not it, such as a server's `state` of `Ready`.
    pub ready_when: Option<(&'static str, &'static str)>,
    /// The property (dotted, in the shape) that is told as soon as the service has finished making
    /// it, where it tells no state.
    pub ready_with: Option<&'static str>,
    /// Whether nothing but its operation tells that it is still being made.
    pub silent: bool,
    /// Properties (dotted, in the shape) in whose text `{subscription}` stands for the id of the
    /// subscription that is worked in.
    pub subscription_in: &'static [&'static str],
    /// The property (dotted, in the shape) that a creation sets to the beginning of its month,
    /// where it is not declared.
    pub month_at: Option<&'static str>,
    /// The property at the top of the body by which an update says which version it changes.
    pub etag_at: Option<&'static str>,
    /// How many reads in a row must find a new one before anything may depend on it.
    pub stable_reads: u32,
    /// The property (dotted, in the shape) and text of what it lives in without which there is none:
    /// it is not looked for then.
    pub only_where: Option<(&'static str, &'static str)>,
    /// The list (dotted, in the shape) in which what it lives in names all that there are, and how many
    /// of them the service made: without more, none can have left the stack.
    pub listed_at: Option<(&'static str, usize)>,
    /// Whether it keeps the signs of what is in it (`facts.sign_at` of other types), and answers `201`
    /// only where nothing was there before, as groups do
    /// (<https://learn.microsoft.com/rest/api/resources/resource-groups/create-or-update>).
    pub keeps_signs: bool,
    /// The properties (dotted, in the shape) that can only become more: numbers, or texts of them.
    pub grows: &'static [&'static str],
    /// How it is put back as it was, if it is one of the settings that its parent always has.
    pub reset: Option<Reset>,
    /// What a finishing write sets (dotted, in the shape), as it is without that: it is put back so
    /// when the stack names neither it nor what it uses any more.
    pub undone: &'static [(&'static str, LeftOut)],
    /// What its answers do not tell while it is so (dotted, in the shape).
    pub left_out: &'static [(&'static str, LeftOut)],
    /// The property (dotted, in the shape) and text that mean that it failed while it was being
    /// made, and takes no write before it is deleted; the text is one of the facts' `stillborn`.
    pub stillborn_when: Option<(&'static str, &'static str)>,
}

/// What a service tells that it offers in a region.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// The collection below the subscription; `{location}` stands for the region.
    pub path: &'static str,
    /// What must be among what is offered.
    pub offers: &'static [Offer],
}

/// A property whose value must be offered.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The property (dotted, in the shape).
    pub property: &'static str,
    /// The value that needs no offer.
    pub free: Option<&'static str>,
    /// The lists, each in the items of the one before, with the property (dotted, in the shape) that
    /// chooses the item by its name, if one does. The last one holds what is offered.
    pub lists: &'static [(&'static str, Option<&'static str>)],
}

/// What stays at the top of most bodies.
pub const ENVELOPE: &[&str] = &[
    "location",
    "tags",
    "sku",
    "identity",
    "kind",
    "zones",
    "extendedLocation",
    "managedBy",
    "plan",
    "placement",
];

/// The envelope of types that keep `sku` inside `properties`.
pub const ENVELOPE_WITHOUT_SKU: &[&str] = &[
    "location",
    "tags",
    "identity",
    "kind",
    "zones",
    "extendedLocation",
    "managedBy",
    "plan",
];

impl ArmType {
    /// A type in a resource group with a location and tags: what most types are.
    pub const REGIONAL: Self = Self {
        facts: ResourceType::BASE,
        scope: ArmScope::Group,
        top_level: ENVELOPE,
        key_sets: &["identity.userAssignedIdentities"],
        read: ReadPlan::List { query: &[] },
        update: UpdateMode::Put,
        ownership: OwnershipMark::Tag,
        compare: &[],
        name: NameRule::Derived {
            alphabet: NameAlphabet::LowerAlphanumericDash,
            length_min: 1,
            length_max: 60,
            global: false,
        },
        delete_query: &[],
        soft_delete: None,
        name_check: None,
        capabilities: None,
        quota: None,
        made_by_service: &[],
        companions: &[],
        principal_at: None,
        principal_filter: None,
        known_by: None,
        uses_at: None,
        secret_version_at: None,
        ready_when: None,
        ready_with: None,
        silent: false,
        subscription_in: &[],
        month_at: None,
        etag_at: None,
        stable_reads: 1,
        only_where: None,
        listed_at: None,
        keeps_signs: false,
        grows: &[],
        reset: None,
        undone: &[],
        left_out: &[],
        stillborn_when: None,
    };

    /// A type inside another resource, without tags.
    pub const CHILD: Self = {
        let mut ty = Self::REGIONAL;
        ty.scope = ArmScope::Child;
        ty.ownership = OwnershipMark::Exclusive;
        ty.name = NameRule::Own {
            alphabet: NameAlphabet::Any,
            length_min: 1,
            length_max: 260,
        };
        ty
    };

    /// The one resource of its type that each parent has.
    pub const SINGLETON: Self = {
        let mut ty = Self::CHILD;
        ty.facts.lifecycle = Lifecycle::Singleton;
        ty.read = ReadPlan::Get;
        ty.ownership = OwnershipMark::Singleton;
        ty.name = NameRule::Fixed("default");
        ty
    };

    /// A resource of these facts, written once more: it has no facts of a resource of its own. What the
    /// first write declares is `facts.initial` of this one, and what this one declares is that of the first.
    #[must_use]
    pub const fn finishing(mut self, name: &'static str) -> Self {
        self.facts.lifecycle = Lifecycle::Singleton;
        self.facts.immutable = &[];
        self.facts.holds_data = false;
        self.scope = ArmScope::Finish;
        self.ownership = OwnershipMark::Singleton;
        self.name = NameRule::Fixed(name);
        self.known_by = None;
        self.listed_at = None;
        self.made_by_service = &[];
        self.soft_delete = None;
        self.name_check = None;
        self
    }

    /// These facts for the type of this name, api-version and title. Facts are assigned rather
    /// than updated (`..REGIONAL`), because a constant that owns text cannot be dropped in a
    /// `static`.
    #[must_use]
    pub const fn named(
        mut self,
        name: &'static str,
        version: &'static str,
        title: &'static str,
    ) -> Self {
        forget(replace(&mut self.facts.name, TypeName::from_static(name)));
        forget(replace(&mut self.facts.version, Cow::Borrowed(version)));
        forget(replace(&mut self.facts.title, Cow::Borrowed(title)));
        self
    }

    /// Whether the service makes resources of this name by itself.
    pub fn makes_itself(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let made = self.made_by_service.iter();
        made.map(|made| made.to_ascii_lowercase())
            .any(|made| match made.strip_prefix('*') {
                Some(end) => name.ends_with(end),
                None => name == made,
            })
    }

    /// The type's name.
    pub fn name(&self) -> &TypeName {
        &self.facts.name
    }

    /// The type's api-version.
    pub fn api_version(&self) -> &str {
        &self.facts.version
    }

    /// Any ARM type that the catalogue does not describe: everything declared is compared, nothing
    /// is immutable, and deleting it is taken for a loss of data, but for a few well-known types
    /// that keep none.
    pub fn generic(name: &str, api_version: &str) -> Self {
        let title = name.rsplit('/').next().unwrap_or(name).to_owned();
        let facts = ResourceType {
            name: TypeName::new(name),
            version: Cow::Owned(api_version.to_owned()),
            title: Cow::Owned(title),
            holds_data: !is_without_data(name),
            ..ResourceType::BASE
        };
        let child = name.split('/').count() > 2;
        let base = if child { Self::CHILD } else { Self::REGIONAL };
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        let top_level = if SKU_INSIDE.iter().any(is) {
            ENVELOPE_WITHOUT_SKU
        } else {
            ENVELOPE
        };
        let untagged = WITHOUT_TAGS.iter().find(|(known, _)| is(known));
        Self {
            facts,
            top_level,
            ownership: untagged.map_or(base.ownership, |(_, mark)| *mark),
            ..base
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::resources::CATALOGUE;

    use super::*;

    #[test]
    fn what_a_resource_says_of_its_deletion_comes_before_what_its_type_has() {
        let days = |title: &str, value: serde_json::Value| {
            let ty = CATALOGUE.iter().find(|ty| ty.facts.title == title);
            let soft_delete = ty.and_then(|ty| ty.soft_delete);
            soft_delete.expect(title).days_of(Some(&Value::from(value)))
        };
        let seven = || json!({"softDeleteRetentionInDays": 7});
        assert_eq!(days("Key vault", seven()), Some(7));
        assert_eq!(days("Key vault", json!({})), None);
        assert_eq!(days("Log Analytics workspace", seven()), Some(14));
    }
}
