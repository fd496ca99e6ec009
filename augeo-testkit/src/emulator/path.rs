//! Reads a URL as what it addresses: a resource, a collection, an action, or one of ARM's own endpoints.

use super::request::PUBLIC_ENDPOINT;

/// A URL taken apart: origin, decoded segments without empty ones, query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) origin: String,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
}

impl Location {
    pub(crate) fn parse(url: &str) -> Self {
        let (origin, rest) = match url.split_once("://") {
            Some((scheme, rest)) => {
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                (format!("{scheme}://{}", &rest[..end]), &rest[end..])
            }
            None => (PUBLIC_ENDPOINT.to_owned(), url),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        Self {
            origin,
            segments: path
                .split('/')
                .filter(|s| !s.is_empty())
                .map(decode)
                .collect(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        }
    }

    /// A parameter of the query, its name without regard to case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 2;
            }
            (other, _, _) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The address of a resource: a scope, a namespace, and pairs of type and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) scope: Vec<String>,
    pub(crate) namespace: String,
    pub(crate) pairs: Vec<(String, String)>,
}

impl Address {
    /// The address of a resource group.
    pub(crate) fn group(subscription: &str, group: &str) -> Self {
        Self {
            scope: vec!["subscriptions".to_owned(), subscription.to_owned()],
            namespace: "Microsoft.Resources".to_owned(),
            pairs: vec![("resourceGroups".to_owned(), group.to_owned())],
        }
    }

    /// Reads the path of a resource, or `None` where it is none.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let route = Route::of(&Location::parse(path).segments, false);
        if let Route::Group {
            subscription,
            group,
        } = &route
        {
            return Some(Self::group(subscription, group));
        }
        if let Route::Resource(address) = route {
            Some(address)
        } else {
            None
        }
    }

    pub(crate) fn is_group(&self) -> bool {
        self.scope.len() == 2
            && self.pairs.len() == 1
            && self
                .type_name()
                .eq_ignore_ascii_case("Microsoft.Resources/resourceGroups")
    }

    /// Namespace and types, slash by slash.
    pub(crate) fn type_name(&self) -> String {
        let mut name = self.namespace.clone();
        for (kind, _) in &self.pairs {
            name.push('/');
            name.push_str(kind);
        }
        name
    }

    /// The last name.
    pub(crate) fn name(&self) -> &str {
        self.pairs.last().map_or("", |(_, name)| name)
    }

    /// The name of the outermost resource of this namespace.
    pub(crate) fn root_name(&self) -> &str {
        self.pairs.first().map_or("", |(_, name)| name)
    }

    /// The path, in the spelling of this address.
    pub(crate) fn path(&self) -> String {
        let mut path = join(&self.scope);
        if !self.is_group() {
            path.push_str("/providers/");
            path.push_str(&self.namespace);
        }
        for (kind, name) in &self.pairs {
            path.push('/');
            path.push_str(kind);
            path.push('/');
            path.push_str(name);
        }
        path
    }

    /// The key of the store: the path in lower case.
    pub(crate) fn key(&self) -> String {
        self.path().to_lowercase()
    }

    /// The key of the outermost resource of this namespace.
    pub(crate) fn root_key(&self) -> String {
        Self {
            pairs: self.pairs.iter().take(1).cloned().collect(),
            ..self.clone()
        }
        .key()
    }

    /// The resource around this one, if it is nested in one of its own namespace.
    pub(crate) fn parent(&self) -> Option<Self> {
        (self.pairs.len() > 1).then(|| Self {
            pairs: self.pairs[..self.pairs.len() - 1].to_vec(),
            ..self.clone()
        })
    }

    /// The scope as a resource of its own, if it is one.
    pub(crate) fn scope_resource(&self) -> Option<Self> {
        if self.scope.len() > 4 {
            Self::parse(&join(&self.scope))
        } else {
            None
        }
    }

    pub(crate) fn subscription(&self) -> Option<&str> {
        subscription_of(&self.scope)
    }

    /// The name of the resource group, also for the group itself.
    pub(crate) fn group_name(&self) -> Option<&str> {
        if self.is_group() {
            Some(self.name())
        } else {
            group_of(&self.scope)
        }
    }

    /// The key of the resource group around this resource.
    pub(crate) fn group_key(&self) -> Option<String> {
        Some(Self::group(self.subscription()?, self.group_name()?).key())
    }
}

/// Segments as a path.
pub(crate) fn join(segments: &[String]) -> String {
    segments.iter().fold(String::new(), |mut path, segment| {
        path.push('/');
        path.push_str(segment);
        path
    })
}

fn is(segments: &[String], at: usize, word: &str) -> bool {
    segments
        .get(at)
        .is_some_and(|s| s.eq_ignore_ascii_case(word))
}

fn subscription_of(segments: &[String]) -> Option<&str> {
    is(segments, 0, "subscriptions")
        .then(|| segments.get(1).map(String::as_str))
        .flatten()
}

fn group_of(segments: &[String]) -> Option<&str> {
    is(segments, 2, "resourceGroups")
        .then(|| segments.get(3).map(String::as_str))
        .flatten()
}

/// What a URL addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Tenants,
    Subscriptions,
    Subscription(String),
    Locations(String),
    SubscriptionResources(String),
    Groups(String),
    Group {
        subscription: String,
        group: String,
    },
    GroupResources {
        subscription: String,
        group: String,
    },
    /// The providers of a subscription, or of the tenant.
    Providers(Option<String>),
    Provider {
        subscription: Option<String>,
        namespace: String,
    },
    Registration {
        subscription: String,
        namespace: String,
        register: bool,
    },
    /// The tags of a scope.
    Tags(Vec<String>),
    Operation {
        id: String,
        result: bool,
    },
    Resource(Address),
    /// A type without a name: its scope and pairs, then the type.
    Collection {
        parent: Address,
        kind: String,
    },
    /// A POST to a resource, or to a provider where there are no pairs.
    Action {
        target: Address,
        action: String,
    },
    Unknown,
}

impl Route {
    pub(crate) fn of(segments: &[String], post: bool) -> Self {
        let own = |at: usize| segments[at].clone();
        if let Some(at) = segments
            .iter()
            .rposition(|s| s.eq_ignore_ascii_case("providers"))
        {
            if at + 1 < segments.len() {
                return Self::of_provider(segments, at, post);
            }
            return match at {
                0 => Self::Providers(None),
                2 if is(segments, 0, "subscriptions") => Self::Providers(Some(own(1))),
                _ => Self::Unknown,
            };
        }
        if is(segments, 0, "tenants") && segments.len() == 1 {
            return Self::Tenants;
        }
        if !is(segments, 0, "subscriptions") {
            return Self::Unknown;
        }
        match segments.len() {
            1 => Self::Subscriptions,
            2 => Self::Subscription(own(1)),
            3 if is(segments, 2, "locations") => Self::Locations(own(1)),
            3 if is(segments, 2, "resources") => Self::SubscriptionResources(own(1)),
            3 if is(segments, 2, "resourceGroups") => Self::Groups(own(1)),
            4 if is(segments, 2, "resourceGroups") => Self::Group {
                subscription: own(1),
                group: own(3),
            },
            4 if is(segments, 2, "operationresults") => Self::Operation {
                id: own(3),
                result: true,
            },
            5 if is(segments, 2, "resourceGroups") && is(segments, 4, "resources") => {
                Self::GroupResources {
                    subscription: own(1),
                    group: own(3),
                }
            }
            5 if is(segments, 2, "resourceGroups") && post => Self::Action {
                target: Address::group(&own(1), &own(3)),
                action: own(4),
            },
            _ => Self::Unknown,
        }
    }

    fn of_provider(segments: &[String], at: usize, post: bool) -> Self {
        let scope = segments[..at].to_vec();
        let namespace = segments[at + 1].clone();
        let tail = &segments[at + 2..];
        let subscription = (scope.len() == 2)
            .then(|| subscription_of(&scope).map(str::to_owned))
            .flatten();
        if tail.is_empty() {
            return match (scope.len(), subscription) {
                (0, _) => Self::Provider {
                    subscription: None,
                    namespace,
                },
                (2, Some(s)) => Self::Provider {
                    subscription: Some(s),
                    namespace,
                },
                _ => Self::Unknown,
            };
        }
        if let (1, Some(subscription), true) = (tail.len(), &subscription, post) {
            for (word, register) in [("register", true), ("unregister", false)] {
                if is(tail, 0, word) {
                    return Self::Registration {
                        subscription: subscription.clone(),
                        namespace,
                        register,
                    };
                }
            }
        }
        if tail.len() == 4 && is(tail, 0, "locations") && subscription.is_some() {
            for (word, result) in [("operationStatuses", false), ("operationResults", true)] {
                if is(tail, 2, word) {
                    return Self::Operation {
                        id: tail[3].clone(),
                        result,
                    };
                }
            }
        }
        if namespace.eq_ignore_ascii_case("Microsoft.Resources")
            && is(tail, 0, "tags")
            && is(tail, 1, "default")
            && tail.len() == 2
        {
            return Self::Tags(scope);
        }
        let pairs = tail
            .chunks_exact(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect();
        let address = Address {
            scope,
            namespace,
            pairs,
        };
        match tail.len() % 2 {
            0 => Self::Resource(address),
            _ if post => Self::Action {
                target: address,
                action: tail[tail.len() - 1].clone(),
            },
            _ => Self::Collection {
                parent: address,
                kind: tail[tail.len() - 1].clone(),
            },
        }
    }

    /// The subscription that a request speaks to.
    pub(crate) fn subscription(segments: &[String]) -> Option<&str> {
        subscription_of(segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str, post: bool) -> Route {
        Route::of(&Location::parse(path).segments, post)
    }

    #[test]
    fn double_slashes_collapse_and_segments_are_decoded() {
        let at =
            Location::parse("https://h:1/subscriptions//s%20x/?api-version=1&$filter=a+eq+'b'");
        assert_eq!(at.origin, "https://h:1");
        assert_eq!(at.segments, ["subscriptions", "s x"]);
        assert_eq!(at.parameter("API-VERSION"), Some("1"));
        assert_eq!(at.parameter("$filter"), Some("a eq 'b'"));
    }

    #[test]
    fn nested_and_extension_resources_are_told_apart() {
        let Route::Resource(nested) = route(
            "/subscriptions/s/resourcegroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/c",
            false,
        ) else {
            panic!("not a resource")
        };
        assert_eq!(
            nested.type_name(),
            "Microsoft.Storage/storageAccounts/blobServices/containers"
        );
        assert_eq!(
            nested.parent().map(|p| p.name().to_owned()).as_deref(),
            Some("default")
        );
        assert_eq!(nested.root_name(), "a");
        let Route::Resource(extension) = route(
            "/subscriptions/s/resourceGroups/g/providers/M.S/accounts/a/providers/Microsoft.Authorization/locks/l",
            false,
        ) else {
            panic!("not a resource")
        };
        assert_eq!(extension.type_name(), "Microsoft.Authorization/locks");
        assert_eq!(
            extension.scope_resource().map(|s| s.type_name()).as_deref(),
            Some("M.S/accounts")
        );
        assert_eq!(
            extension.group_key().as_deref(),
            Some("/subscriptions/s/resourcegroups/g")
        );
    }

    #[test]
    fn a_post_with_an_odd_tail_is_an_action() {
        assert!(matches!(
            route("/subscriptions/s/providers/Microsoft.Web/register", true),
            Route::Registration { register: true, .. }
        ));
        let Route::Action { target, action } = route(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x/config/appsettings/list",
            true,
        ) else {
            panic!("not an action")
        };
        assert_eq!((target.name(), action.as_str()), ("appsettings", "list"));
        assert!(matches!(
            route(
                "/subscriptions/s/providers/M.S/locations/l/operationStatuses/o",
                false
            ),
            Route::Operation { result: false, .. }
        ));
        assert!(matches!(
            route(
                "/subscriptions/s/resourceGroups/g/providers/M.S/accounts",
                false
            ),
            Route::Collection { .. }
        ));
    }

    #[test]
    fn nonsense_is_unknown_and_never_panics() {
        for path in [
            "",
            "/",
            "//",
            "/providers",
            "/x/providers/",
            "/subscriptions/s/resourceGroups/g/x/y",
            "/%zz%",
            "?",
        ] {
            let _ = route(path, true);
            let _ = route(path, false);
        }
    }
}
