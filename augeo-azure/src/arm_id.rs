//! ARM resource ids taken apart and put together: compared without regard to case, shown as written.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use augeo_core::name::{ResourceId, TypeName};

/// Text that is not an ARM id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an ARM id: {problem}")]
pub struct ArmIdError {
    text: String,
    problem: &'static str,
}

/// An Azure subscription's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubscriptionId(String);

impl SubscriptionId {
    /// Reads a subscription's id.
    ///
    /// # Errors
    /// When it is not of the form `00000000-0000-0000-0000-000000000000`.
    pub fn parse(text: &str) -> Result<Self, ArmIdError> {
        let hex = |c: char| c.is_ascii_hexdigit();
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        if lengths == [8, 4, 4, 4, 12] && text.split('-').all(|part| part.chars().all(hex)) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(ArmIdError {
                text: text.to_owned(),
                problem: "a subscription is five groups of 8, 4, 4, 4 and 12 hexadecimal digits",
            })
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One `/providers/...` part of an id: a resource, and the resources it lives in.
#[derive(Clone, Debug)]
struct Part {
    namespace: String,
    /// Type segments with their names, outermost first; never empty.
    levels: Vec<(String, String)>,
}

/// The id of anything that ARM manages: a subscription, a group, a resource, an extension of one.
///
/// Two ids are equal if their keys are. `Display` keeps the casing of names and types, and spells
/// the fixed segments as Azure's documentation does.
#[derive(Clone)]
pub struct ArmId {
    subscription: Option<String>,
    group: Option<String>,
    parts: Vec<Part>,
}

impl ArmId {
    /// Takes an id apart. Doubled and trailing slashes are forgiven, as ARM forgives them.
    ///
    /// # Errors
    /// When it does not begin with a slash, a fixed segment is missing, a name or type is, or a
    /// segment holds a character that would change an URL.
    pub fn parse(text: &str) -> Result<Self, ArmIdError> {
        let refuse = |problem| ArmIdError {
            text: text.to_owned(),
            problem,
        };
        if !text.starts_with('/') {
            return Err(refuse("it must begin with `/`"));
        }
        if text.contains(['?', '#', '%', '\\']) || text.chars().any(char::is_control) {
            return Err(refuse("a segment holds a character that URLs reserve"));
        }
        let mut segments = text
            .split('/')
            .filter(|segment| !segment.is_empty())
            .peekable();
        if segments
            .clone()
            .any(|segment| matches!(segment, "." | ".."))
        {
            return Err(refuse("a segment is `.` or `..`"));
        }
        let mut id = Self {
            subscription: None,
            group: None,
            parts: Vec::new(),
        };
        let is = |segment: Option<&&str>, fixed: &str| {
            segment.is_some_and(|segment| segment.eq_ignore_ascii_case(fixed))
        };
        if is(segments.peek(), "subscriptions") {
            segments.next();
            let name = segments
                .next()
                .ok_or_else(|| refuse("the subscription is missing"))?;
            id.subscription = Some(name.to_owned());
            if is(segments.peek(), "resourceGroups") {
                segments.next();
                let name = segments
                    .next()
                    .ok_or_else(|| refuse("the group is missing"))?;
                id.group = Some(name.to_owned());
            }
        }
        while segments.peek().is_some() {
            if !is(segments.peek(), "providers") {
                return Err(refuse("expected `providers`"));
            }
            segments.next();
            let namespace = segments
                .next()
                .ok_or_else(|| refuse("the provider is missing"))?;
            let mut levels = Vec::new();
            while segments.peek().is_some() && !is(segments.peek(), "providers") {
                let kind = segments.next().unwrap_or_default();
                let name = segments
                    .next()
                    .ok_or_else(|| refuse("the last type has no name"))?;
                levels.push((kind.to_owned(), name.to_owned()));
            }
            if levels.is_empty() {
                return Err(refuse("the provider has no type and name"));
            }
            id.parts.push(Part {
                namespace: namespace.to_owned(),
                levels,
            });
        }
        if id.subscription.is_none() && id.parts.is_empty() {
            return Err(refuse("it names nothing"));
        }
        Ok(id)
    }

    /// A subscription.
    pub fn subscription_scope(subscription: &SubscriptionId) -> Self {
        Self {
            subscription: Some(subscription.0.clone()),
            group: None,
            parts: Vec::new(),
        }
    }

    /// A resource group of a subscription.
    pub fn resource_group_scope(subscription: &SubscriptionId, group: &str) -> Self {
        Self {
            group: Some(group.to_owned()),
            ..Self::subscription_scope(subscription)
        }
    }

    /// A resource of `ty` named `name` in, or on, this: a child if `ty` extends this one's type,
    /// else a top-level resource of a group or subscription, or an extension. `name` holds a name
    /// for each level of `ty` that is not this one's, separated by `/`.
    ///
    /// # Errors
    /// When `ty` is not `Namespace/type…`, or it and `name` have different numbers of levels.
    pub fn resource(&self, ty: &TypeName, name: &str) -> Result<Self, ArmIdError> {
        let own = self.resource_type();
        let child = match (self.parts.is_empty(), ty.as_str().get(own.as_str().len()..)) {
            (false, Some(rest)) => {
                let prefix = ty.as_str().get(..own.as_str().len()).unwrap_or_default();
                rest.strip_prefix('/')
                    .filter(|_| prefix.eq_ignore_ascii_case(own.as_str()))
            }
            _ => None,
        };
        let (namespace, types) = match child {
            Some(types) => (None, types),
            None => match ty.as_str().split_once('/') {
                Some((namespace, types)) => (Some(namespace), types),
                None => (Some(ty.as_str()), ""),
            },
        };
        let levels: Vec<_> = types
            .split('/')
            .zip(name.split('/'))
            .map(|(kind, name)| (kind.to_owned(), name.to_owned()))
            .collect();
        let complete = types.split('/').count() == name.split('/').count()
            && levels
                .iter()
                .all(|(kind, name)| !kind.is_empty() && !name.is_empty());
        if !complete {
            return Err(ArmIdError {
                text: format!("{ty} `{name}`"),
                problem: "the type and the name must have the same number of levels",
            });
        }
        let mut id = self.clone();
        match (namespace, id.parts.last_mut()) {
            (None, Some(part)) => part.levels.extend(levels),
            (namespace, _) => id.parts.push(Part {
                namespace: namespace.unwrap_or_default().to_owned(),
                levels,
            }),
        }
        Self::parse(&id.to_string())
    }

    /// The subscription it is in, unless it belongs to the tenant.
    pub fn subscription(&self) -> Option<&str> {
        self.subscription.as_deref()
    }

    /// The resource group it is in, or is.
    pub fn resource_group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// The id of the resource group it is in, or is.
    pub fn resource_group_id(&self) -> Option<Self> {
        self.group.as_ref()?;
        Some(Self {
            parts: Vec::new(),
            ..self.clone()
        })
    }

    /// The provider's namespace, such as `Microsoft.Storage`.
    pub fn namespace(&self) -> &str {
        self.parts
            .last()
            .map_or("Microsoft.Resources", |part| &part.namespace)
    }

    /// The type, such as `Microsoft.Storage/storageAccounts/blobServices`.
    pub fn resource_type(&self) -> TypeName {
        match self.parts.last() {
            None if self.group.is_some() => {
                TypeName::from_static("Microsoft.Resources/resourceGroups")
            }
            None => TypeName::from_static("Microsoft.Resources/subscriptions"),
            Some(part) => {
                let mut text = part.namespace.clone();
                for (kind, _) in &part.levels {
                    text.push('/');
                    text.push_str(kind);
                }
                TypeName::new(text)
            }
        }
    }

    /// The name: of a child, its own alone.
    pub fn name(&self) -> &str {
        match self.parts.last() {
            Some(part) => part.levels.last().map_or("", |(_, name)| name),
            None => self
                .group
                .as_deref()
                .or(self.subscription.as_deref())
                .unwrap_or_default(),
        }
    }

    /// The names of a resource and of what it lives in, such as `account/default/container`.
    pub fn qualified_name(&self) -> String {
        match self.parts.last() {
            Some(part) => part
                .levels
                .iter()
                .map(|(_, name)| name.as_str())
                .collect::<Vec<_>>()
                .join("/"),
            None => self.name().to_owned(),
        }
    }

    /// What it lives in or on: the outer resource, an extension's target, the group, the
    /// subscription; nothing for a subscription and for a tenant's resource.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        match parent.parts.last_mut() {
            Some(part) if part.levels.len() > 1 => {
                part.levels.pop();
            }
            Some(_) => {
                parent.parts.pop();
            }
            None => {
                parent.group.take()?;
            }
        }
        (parent.subscription.is_some() || !parent.parts.is_empty()).then_some(parent)
    }

    /// Whether it is attached to another resource, rather than in a group or a subscription.
    pub fn is_extension(&self) -> bool {
        self.parts.len() > 1
    }

    /// What an extension is attached to; for any other resource, its group, subscription or
    /// nothing.
    pub fn target(&self) -> Option<Self> {
        let mut target = self.clone();
        target.parts.pop()?;
        (target.subscription.is_some() || !target.parts.is_empty()).then_some(target)
    }

    /// Whether `other` is this or anything below it.
    pub fn contains(&self, other: &Self) -> bool {
        let (own, other) = (self.key(), other.key());
        other
            .strip_prefix(own.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What two ids are compared by.
    pub fn key(&self) -> String {
        self.to_string().to_ascii_lowercase()
    }

    /// The engine's form of it.
    pub fn to_resource_id(&self) -> ResourceId {
        let text = self.to_string();
        ResourceId::new(&text, &text.to_ascii_lowercase(), &self.qualified_name())
    }
}

impl From<&ArmId> for ResourceId {
    fn from(id: &ArmId) -> Self {
        id.to_resource_id()
    }
}

impl TryFrom<&ResourceId> for ArmId {
    type Error = ArmIdError;

    fn try_from(id: &ResourceId) -> Result<Self, ArmIdError> {
        Self::parse(id.text())
    }
}

impl fmt::Display for ArmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subscription) = &self.subscription {
            write!(f, "/subscriptions/{subscription}")?;
        }
        if let Some(group) = &self.group {
            write!(f, "/resourceGroups/{group}")?;
        }
        for part in &self.parts {
            write!(f, "/providers/{}", part.namespace)?;
            for (kind, name) in &part.levels {
                f.write_char('/')?;
                f.write_str(kind)?;
                f.write_char('/')?;
                f.write_str(name)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ArmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl PartialEq for ArmId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ArmId {}

impl PartialOrd for ArmId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ArmId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests;
