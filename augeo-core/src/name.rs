//! Names and ids: what a stack, a resource and a type are called, and how a provider knows a thing.
//!
//! A [`ResourceName`] is ours and stable in code; a [`ResourceId`] is the provider's and opaque here.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A name that does not follow the rules for names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} `{name}` {problem}")]
pub struct NameError {
    kind: &'static str,
    name: String,
    problem: &'static str,
}

fn check(kind: &'static str, name: &str, length_max: usize) -> Result<(), NameError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./".contains(c);
    let problem = if name.is_empty() {
        "is empty"
    } else if name.len() > length_max {
        "is too long"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "must begin with a lower-case letter"
    } else if !name.chars().all(allowed) {
        "may hold only lower-case letters, digits and - _ . /"
    } else {
        return Ok(());
    };
    Err(NameError {
        kind,
        name: name.to_owned(),
        problem,
    })
}

/// Which stack: a project and one environment of it. Displays as `project/environment`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StackName {
    project: String,
    environment: String,
}

impl StackName {
    /// Names a stack.
    ///
    /// # Errors
    /// When either part is empty, longer than 40 characters, or not made of lower-case letters,
    /// digits and dashes.
    pub fn parse(project: &str, environment: &str) -> Result<Self, NameError> {
        check("the project name", project, 40)?;
        check("the environment name", environment, 40)?;
        Ok(Self {
            project: project.to_owned(),
            environment: environment.to_owned(),
        })
    }

    /// Keeps what was written without checking it, so that mistakes can be reported together.
    pub(crate) fn unchecked(project: String, environment: String) -> Self {
        Self {
            project,
            environment,
        }
    }

    /// The project's part.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The environment's part.
    pub fn environment(&self) -> &str {
        &self.environment
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.environment)
    }
}

/// Our name of a resource inside its stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceName(Arc<str>);

impl ResourceName {
    /// Names a resource.
    ///
    /// # Errors
    /// When the name is empty, longer than 90 characters, does not begin with a lower-case letter
    /// or holds anything but lower-case letters, digits and `- _ . /`.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        check("the resource name", name, 90)?;
        Ok(Self(name.into()))
    }

    /// Keeps what was written without checking it: mistakes are reported together by the stack,
    /// and a resource that left its stack is called by a label of the provider's.
    pub(crate) fn unchecked(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for ResourceName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The provider's name of a kind of resource; compared without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeName(Cow<'static, str>);

impl TypeName {
    /// A type known when the program is written.
    pub const fn from_static(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A type named at run time.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name as its author spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn lower(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

impl PartialEq for TypeName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for TypeName {}

impl PartialOrd for TypeName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TypeName {
    fn cmp(&self, other: &Self) -> Ordering {
        lower(&self.0).cmp(lower(&other.0))
    }
}

impl Hash for TypeName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in lower(&self.0) {
            state.write_u8(byte);
        }
    }
}

/// A provider's identity of a resource: compared by key, printed as text, never taken apart here.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResourceId {
    text: Arc<str>,
    key: Arc<str>,
    label: Arc<str>,
}

impl ResourceId {
    /// Made by providers only: `text` is what people read, `key` is equal exactly when the
    /// identities are, `label` is short and tells siblings apart.
    pub fn new(text: &str, key: &str, label: &str) -> Self {
        let text: Arc<str> = text.into();
        let key = if *key == *text {
            Arc::clone(&text)
        } else {
            key.into()
        };
        Self {
            text,
            key,
            label: label.into(),
        }
    }

    /// The whole id, as people and the provider read it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What two ids are compared by.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A short name for a resource that no stack names.
    pub fn label(&self) -> &str {
        &self.label
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for ResourceId {}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_wrong() {
        let problem = |name: &str| ResourceName::parse(name).unwrap_err().to_string();
        assert_eq!(problem(""), "the resource name `` is empty");
        assert_eq!(
            problem("Api"),
            "the resource name `Api` must begin with a lower-case letter"
        );
        assert!(problem("a b").contains("may hold only"));
        assert!(problem(&"a".repeat(91)).contains("too long"));
        assert_eq!(
            ResourceName::parse("api/config").unwrap().as_str(),
            "api/config"
        );
    }

    #[test]
    fn ids_compare_by_key_and_print_as_text() {
        let one = ResourceId::new("/Groups/A", "/groups/a", "A");
        let two = ResourceId::new("/groups/a", "/groups/a", "a");
        assert_eq!(one, two);
        assert_eq!(one.to_string(), "/Groups/A");
    }

    #[test]
    fn type_names_ignore_case() {
        assert_eq!(TypeName::from_static("A/b"), TypeName::new("a/B"));
        assert_eq!(TypeName::new("a").cmp(&TypeName::new("B")), Ordering::Less);
    }
}
