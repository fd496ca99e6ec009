//! From a route to what answers it, with the checks that all routes share.

use super::error::ArmError;
use super::facts::{TypeFacts, facts};
use super::path::{Address, Route};
use super::request::Method;
use super::role::ROLES;
use super::world::{Call, Reply, World};

impl Route {
    /// The type that a request is about.
    pub(crate) fn subject(&self) -> Option<String> {
        match self {
            Self::Resource(address) => Some(address.type_name()),
            Self::Collection { parent, kind } => Some(format!("{}/{kind}", parent.type_name())),
            Self::Action { target, .. } => Some(target.type_name()),
            Self::Groups(_) | Self::Group { .. } => {
                Some("Microsoft.Resources/resourceGroups".to_owned())
            }
            Self::Tags(_) => Some("Microsoft.Resources/tags".to_owned()),
            Self::Tenants
            | Self::Subscriptions
            | Self::Subscription(_)
            | Self::Locations(_)
            | Self::SubscriptionResources(_)
            | Self::GroupResources { .. }
            | Self::Providers(_)
            | Self::Provider { .. }
            | Self::Registration { .. }
            | Self::Operation { .. }
            | Self::Unknown => None,
        }
    }
}

/// Whether text has the form of an api-version.
fn is_version(text: &str) -> bool {
    let date = text.get(..10).unwrap_or_default();
    let digits = |range: std::ops::Range<usize>| {
        date.get(range)
            .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let rest = &text[date.len()..];
    digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && date.as_bytes().get(4) == Some(&b'-')
        && date.as_bytes().get(7) == Some(&b'-')
        && (rest.is_empty() || rest.starts_with('-'))
        && ("2014".."2028").contains(&&date[..4])
}

impl World {
    pub(crate) fn dispatch(
        &mut self,
        call: &mut Call<'_>,
        route: Route,
    ) -> Result<Reply, ArmError> {
        let version = call
            .at
            .parameter("api-version")
            .unwrap_or_default()
            .to_owned();
        if version.is_empty() {
            return Err(ArmError::bad_request(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            ));
        }
        if !is_version(&version) {
            return Err(ArmError::bad_request(
                "InvalidApiVersionParameter",
                format!(
                    "The api-version '{version}' is invalid. The supported versions have the form yyyy-MM-dd[-preview]."
                ),
            ));
        }
        call.api_version = version;
        if let Some(subscription) = Route::subscription(&call.at.segments)
            && !self
                .options
                .subscriptions
                .iter()
                .any(|s| s.eq_ignore_ascii_case(subscription))
        {
            return Err(ArmError::not_found(
                "SubscriptionNotFound",
                format!("The subscription '{subscription}' could not be found."),
            ));
        }
        let method = call.request.method;
        let read = matches!(method, Method::Get | Method::Head);
        match route {
            Route::Tenants if read => Ok(self.tenants()),
            Route::Subscriptions if read => Ok(self.subscriptions()),
            Route::Subscription(id) if read => Ok(Reply::json(200, self.subscription(&id))),
            Route::Locations(id) if read => Ok(Self::locations(&id)),
            Route::SubscriptionResources(id) if read => {
                self.list_tracked(call, &format!("/subscriptions/{}/", id.to_lowercase()))
            }
            Route::GroupResources {
                subscription,
                group,
            } if read => {
                let key = Address::group(&subscription, &group).key();
                self.group_entry(&key, &group)?;
                self.list_tracked(call, &format!("{key}/"))
            }
            Route::Groups(subscription) if read => self.list_groups(call, &subscription),
            Route::Group {
                subscription,
                group,
            } => self.resource(call, &Address::group(&subscription, &group)),
            Route::Providers(subscription) if read => {
                Ok(self.providers(call, subscription.as_deref()))
            }
            Route::Provider {
                subscription,
                namespace,
            } if read => self.provider(call, subscription.as_deref(), &namespace),
            Route::Registration {
                subscription,
                namespace,
                register,
            } => self.register(call, &subscription, &namespace, register),
            Route::Tags(scope) => self.tags(call, &scope),
            Route::Operation { id, result } if read => self.operation_status(call, &id, result),
            Route::Resource(address) => self.resource(call, &address),
            Route::Collection { parent, kind } if read && kind == "capabilities" => {
                Self::capabilities(&parent)
            }
            Route::Collection { parent, kind } if read && kind == "usages" => self.usages(&parent),
            Route::Collection { parent, kind } if read => self.list(call, &parent, &kind),
            Route::Action { target, action } => self.action(call, &target, &action),
            Route::Unknown => Err(ArmError::unsupported(
                404,
                "NotFound",
                format!(
                    "The emulator does not know the path '{}'.",
                    super::path::join(&call.at.segments)
                ),
            )),
            Route::Tenants
            | Route::Subscriptions
            | Route::Subscription(_)
            | Route::Locations(_)
            | Route::SubscriptionResources(_)
            | Route::GroupResources { .. }
            | Route::Groups(_)
            | Route::Providers(_)
            | Route::Provider { .. }
            | Route::Operation { .. }
            | Route::Collection { .. } => Err(ArmError::method_not_allowed(format!(
                "The HTTP method '{method}' is not supported at this scope."
            ))),
        }
    }

    /// The facts of a type, after the checks that every request on it passes.
    pub(crate) fn type_facts(call: &Call<'_>, type_name: &str) -> Result<TypeFacts, ArmError> {
        let namespace = type_name.split('/').next().unwrap_or_default();
        let Some(facts) = facts().of(type_name) else {
            let known = facts().namespace(namespace).is_some();
            let (code, what) = if known {
                ("InvalidResourceType", "resource type")
            } else {
                ("InvalidResourceNamespace", "resource namespace")
            };
            return Err(ArmError::unsupported(
                404,
                code,
                format!(
                    "The {what} could not be found in the namespace '{namespace}' for api version '{}': the emulator has no data for '{type_name}'.",
                    call.api_version
                ),
            ));
        };
        let versions = facts.api_versions();
        if !versions
            .iter()
            .any(|version| version.eq_ignore_ascii_case(&call.api_version))
        {
            return Err(ArmError::bad_request(
                "NoRegisteredProviderFound",
                format!(
                    "No registered resource provider found for API version '{}' and type '{}'. The supported api-versions are '{}'.",
                    call.api_version,
                    facts.schema.type_name,
                    versions.join(", ")
                ),
            ));
        }
        Ok(facts)
    }

    fn resource(&mut self, call: &Call<'_>, address: &Address) -> Result<Reply, ArmError> {
        if let Some(reply) = self.special(call, address) {
            return reply;
        }
        let facts = Self::type_facts(call, &address.type_name())?;
        match call.request.method {
            Method::Get | Method::Head => self.get(call, facts, address),
            Method::Put => self.put(call, facts, address),
            Method::Patch => self.patch(call, facts, address),
            Method::Delete => self.delete(call, facts, address),
            Method::Post => Err(ArmError::method_not_allowed(format!(
                "A POST to '{}' names no action.",
                address.path()
            ))),
        }
    }

    /// Resources that are views of something else.
    fn special(&mut self, call: &Call<'_>, address: &Address) -> Option<Result<Reply, ArmError>> {
        if call.request.method != Method::Get {
            return None;
        }
        let name = address.type_name();
        if name.eq_ignore_ascii_case(ROLES) {
            if let Some(role) = Self::built_in_role(address.name()) {
                return Some(Ok(Reply::json(200, role)));
            }
            if !self.store.resources().contains(&address.key()) {
                return Some(Err(Self::no_role(address.name())));
            }
        }
        self.deleted_resource(address)
    }
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn api_versions_are_dates() {
        for good in ["2025-04-01", "2023-07-01-preview"] {
            assert!(is_version(good), "{good}");
        }
        for bad in [
            "latest",
            "2025-4-1",
            "2025-04-01x",
            "1999-01-01",
            "2025/04/01",
            "2025-04-0",
            "äöüäöüäöü",
        ] {
            assert!(!is_version(bad), "{bad}");
        }
    }
}
