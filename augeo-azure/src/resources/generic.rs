//! Any ARM type, by name, api-version and body: for what the catalogue does not describe.

use std::borrow::Cow;

use augeo_core::name::TypeName;
use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Object, Value, to_value};
use serde::{Serialize, Serializer, ser};

use super::existing::{ExistingError, checked};
use super::{CATALOGUE, lookup};
use crate::schema::{ArmType, NameRule};

/// A resource of any type. Its body is written as ARM's reference has it, with `properties` or
/// with what is in them beside `location` and `sku`; inputs and secrets may be anywhere in it.
///
/// Nothing is known of its type but what the catalogue says, if it is there: everything that is
/// declared is compared, nothing is immutable, and deleting it is taken for a loss of data unless
/// `holds_data` says otherwise or it is of a well-known type that keeps none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Generic<B> {
    /// Its ARM type, such as `Microsoft.Cache/redis`.
    pub ty: String,
    /// The version of the type that the body is written in.
    pub api_version: String,
    /// Its body.
    pub body: B,
    /// Its name in Azure, where it is not to be derived.
    pub physical_name: Option<String>,
    /// Whether deleting it loses data, where that is not to be told by its type. It holds while
    /// the stack declares the resource: of what left the stack only the type is known. A type
    /// that the catalogue knows to hold data does so whatever is said here.
    pub holds_data: Option<bool>,
    scope: Scope,
}

impl<B: Serialize> Generic<B> {
    /// A resource of any type where `scope` says.
    pub fn new(
        ty: impl Into<String>,
        api_version: impl Into<String>,
        scope: Scope,
        body: B,
    ) -> Self {
        Self {
            ty: ty.into(),
            api_version: api_version.into(),
            body,
            physical_name: None,
            holds_data: None,
            scope,
        }
    }

    /// A resource of any type in a group or in another resource.
    pub fn within<P>(
        parent: &Added<P>,
        ty: impl Into<String>,
        api_version: impl Into<String>,
        body: B,
    ) -> Self {
        Self::new(ty, api_version, Scope::Within(parent.name().clone()), body)
    }

    /// An extension of any type, such as a lock, on another resource.
    pub fn on<R>(
        resource: &Added<R>,
        ty: impl Into<String>,
        api_version: impl Into<String>,
        body: B,
    ) -> Self {
        Self::new(ty, api_version, Scope::On(resource.name().clone()), body)
    }

    /// A resource of any type in the subscription itself.
    pub fn at_subscription(ty: impl Into<String>, api_version: impl Into<String>, body: B) -> Self {
        Self::new(ty, api_version, Scope::Stack, body)
    }

    fn facts(&self) -> Cow<'static, ArmType> {
        let mut facts = facts(&self.ty, &self.api_version, self.physical_name.as_deref());
        let holds = self.holds_data.unwrap_or(facts.facts.holds_data);
        let is_known_to = facts.facts.holds_data && lookup(&facts.facts.name).is_some();
        if holds != facts.facts.holds_data && !is_known_to {
            facts.to_mut().facts.holds_data = holds;
        }
        facts
    }
}

impl Generic<Value> {
    /// A resource of any type outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of this type.
    pub fn existing(
        ty: &str,
        api_version: &str,
        id: &str,
    ) -> Result<Existing<Self>, ExistingError> {
        let ty = facts(ty, api_version, None);
        let id = checked(id, &ty)?;
        let ty = Cow::Owned(ty.into_owned().facts);
        Ok(Existing::new(ty, id.to_resource_id()))
    }
}

/// The catalogue's facts of a type in the version that was asked for, or those of any type.
fn facts(ty: &str, api_version: &str, physical_name: Option<&str>) -> Cow<'static, ArmType> {
    let name = TypeName::new(ty);
    let known = CATALOGUE.iter().find(|known| {
        let fixed = match known.name {
            NameRule::Fixed(fixed) => physical_name.is_none_or(|name| name == fixed),
            NameRule::Derived { .. } | NameRule::Own { .. } | NameRule::Guid => true,
        };
        known.name() == &name && fixed
    });
    match known {
        Some(known) if known.api_version() == api_version => Cow::Borrowed(known),
        Some(known) => {
            let mut known = ArmType::clone(known);
            known.facts.version = Cow::Owned(api_version.to_owned());
            Cow::Owned(known)
        }
        None => Cow::Owned(ArmType::generic(ty, api_version)),
    }
}

impl<B: Serialize + Send + Sync> Resource for Generic<B> {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        match self.facts() {
            Cow::Borrowed(known) => Cow::Borrowed(&known.facts),
            Cow::Owned(ty) => Cow::Owned(ty.facts),
        }
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

impl<B: Serialize> Serialize for Generic<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = to_value(&self.body).map_err(ser::Error::custom)?;
        flattened(body, self.facts().top_level)
            .map_err(ser::Error::custom)?
            .serialize(serializer)
    }
}

/// The body with what is in `properties` beside the rest. Which is which is told by `top_level`
/// when it is sent, so a key in the other place would end up where it was not written.
fn flattened(body: Value, top_level: &[&str]) -> Result<Value, String> {
    let Value::Object(mut outer) = body else {
        return Err("a body must be an object".to_owned());
    };
    let inner = match outer.get("properties") {
        Some(Value::Object(_)) => outer.shift_remove("properties"),
        _ => None,
    };
    let Some(Value::Object(inner)) = inner else {
        return Ok(Value::Object(outer));
    };
    let at_top = |key: &str| top_level.contains(&key);
    if let Some(key) = inner.keys().find(|key| at_top(key)) {
        return Err(format!(
            "`properties.{key}`: this type is known to have `{key}` beside `properties`, not inside"
        ));
    }
    if let Some(key) = outer.keys().find(|key| !at_top(key)) {
        return Err(format!(
            "`{key}`: this type is known to have `{key}` inside `properties`, not beside it"
        ));
    }
    Ok(Value::Object(
        outer.into_iter().chain(inner).collect::<Object>(),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(ty: &str, body: serde_json::Value) -> Result<serde_json::Value, String> {
        let resource = Generic::at_subscription(ty, "2024-01-01", body);
        let value = to_value(&resource).map_err(|error| error.to_string())?;
        Ok(value.to_json().unwrap())
    }

    #[test]
    fn both_ways_of_writing_a_body_are_one() {
        let arm = json!({"location": "x", "properties": {"level": 1}});
        let flat = json!({"location": "x", "level": 1});
        assert_eq!(shape("A.B/c", arm), shape("A.B/c", flat.clone()));
        assert_eq!(shape("A.B/c", flat.clone()), Ok(flat));
    }

    #[test]
    fn a_key_in_the_wrong_place_is_refused() {
        let inside = json!({"properties": {"sku": {"name": "Basic"}}});
        assert_eq!(
            shape("Microsoft.Cache/redis", inside.clone()),
            Ok(json!({"sku": {"name": "Basic"}}))
        );
        assert!(
            shape("A.B/c", inside)
                .unwrap_err()
                .contains("`properties.sku`")
        );
        let beside = json!({"level": 1, "properties": {}});
        assert!(shape("A.B/c", beside).unwrap_err().contains("`level`"));
    }

    #[test]
    fn data_is_assumed_and_its_author_may_know_better() {
        let holds = |ty: &str, said: Option<bool>| {
            let mut resource = Generic::at_subscription(ty, "2024-01-01", json!({}));
            resource.holds_data = said;
            resource.resource_type().holds_data
        };
        let cases = [
            ("Microsoft.Search/searchServices", [true, false, true]),
            ("Microsoft.Network/virtualNetworks", [false, false, true]),
            // The catalogue has these two.
            ("Microsoft.Storage/storageAccounts", [true, true, true]),
            ("Microsoft.Web/sites", [false, false, true]),
        ];
        for (ty, expected) in cases {
            let found = [None, Some(false), Some(true)].map(|said| holds(ty, said));
            assert_eq!(found, expected, "{ty}");
        }
    }

    #[test]
    fn facts_of_known_types_are_kept() {
        let version = "2023-01-01";
        let storage =
            Generic::at_subscription("microsoft.storage/STORAGEaccounts", version, json!({}));
        let facts = storage.resource_type();
        assert!(facts.holds_data);
        assert_eq!(facts.version, version);
        let mut config =
            Generic::at_subscription("Microsoft.Web/sites/config", "2025-03-01", json!({}));
        config.physical_name = Some("web".to_owned());
        assert_eq!(config.resource_type().title, "Web app configuration");
        config.physical_name = Some("metadata".to_owned());
        assert_eq!(config.resource_type().title, "config");
    }
}
