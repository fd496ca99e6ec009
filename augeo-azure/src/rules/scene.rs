//! A stack as rules look at it: resources by type, by parent, by what a property refers to.

use std::collections::BTreeMap;

use augeo_core::finding::SourceLocation;
use augeo_core::name::{ResourceName, StackName, TypeName};
use augeo_core::resource::Desired;
use augeo_core::stack::Stack;
use augeo_core::value::{Expression, PropertyPath, Value};

use super::Occasion;
use super::when::Seen;

/// A stack on an occasion.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) stack: &'a StackName,
    pub(super) occasion: &'a Occasion<'a>,
    resources: &'a [Desired],
    positions: BTreeMap<&'a ResourceName, usize>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(stack: &'a Stack, occasion: &'a Occasion<'a>) -> Self {
        let resources = stack.resources();
        let positions = resources.iter().enumerate();
        let positions = positions.map(|(position, desired)| (&desired.name, position));
        Self {
            stack: stack.name(),
            occasion,
            resources,
            positions: positions.collect(),
        }
    }

    /// All resources, as they were added.
    pub(super) fn resources(&self) -> &'a [Desired] {
        self.resources
    }

    /// The resources of some types.
    pub(super) fn of_types(
        &self,
        types: &'static [&'static str],
    ) -> impl Iterator<Item = &'a Desired> {
        self.resources
            .iter()
            .filter(move |desired| is_a(desired, types))
    }

    /// The resources of a type.
    pub(super) fn of_type(&self, ty: &'static str) -> impl Iterator<Item = &'a Desired> {
        let name = TypeName::from_static(ty);
        self.resources
            .iter()
            .filter(move |desired| desired.ty.name == name)
    }

    /// What is in or on a resource, of a type.
    pub(super) fn inside<'s>(
        &'s self,
        parent: &'s Desired,
        ty: &'static str,
    ) -> impl Iterator<Item = &'a Desired> + use<'s, 'a> {
        self.of_type(ty)
            .filter(|desired| desired.scope.resource() == Some(&parent.name))
    }

    /// The resource that one is in or on, if the stack has it.
    pub(super) fn parent(&self, desired: &Desired) -> Option<&'a Desired> {
        self.named(desired.scope.resource()?)
    }

    /// The resource that a property refers to, if the stack has it.
    pub(super) fn referred(&self, desired: &Desired, path: &str) -> Option<&'a Desired> {
        match desired.value.get(&PropertyPath::parse(path))? {
            Value::Unknown(expression) => self.mentioned(expression),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)
            | Value::Secret(_) => None,
        }
    }

    /// The first resource that an expression mentions, if the stack has it.
    pub(super) fn mentioned(&self, expression: &Expression) -> Option<&'a Desired> {
        self.named(&expression.references().next()?.resource)
    }

    fn named(&self, name: &ResourceName) -> Option<&'a Desired> {
        self.resources.get(*self.positions.get(name)?)
    }
}

/// Whether a resource is of one of these types.
pub(super) fn is_a(desired: &Desired, types: &[&'static str]) -> bool {
    let ty = desired.ty.name.as_str();
    types.iter().any(|known| known.eq_ignore_ascii_case(ty))
}

/// The name in Azure, where it is written or is the last part of the resource's own.
pub(super) fn own_name(desired: &Desired) -> &str {
    let name = desired.name.as_str();
    let last = name.rsplit('/').next().unwrap_or(name);
    desired.physical_name.as_deref().unwrap_or(last)
}

/// A property as text, where it is one plain value.
pub(super) fn text(desired: &Desired, path: &str) -> Option<String> {
    plain(desired.value.get(&PropertyPath::parse(path))?)
}

/// A plain value as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) | Value::Unknown(_) | Value::Secret(_) => {
            None
        }
    }
}

/// The items of a list.
pub(super) fn items<'a>(desired: &'a Desired, path: &str) -> &'a [Value] {
    let value = desired.value.get(&PropertyPath::parse(path));
    value.and_then(Value::as_array).unwrap_or_default()
}

/// The region, as ARM spells it, where it is written.
pub(super) fn region(desired: &Desired) -> Option<String> {
    Some(crate::normalize::location(&text(desired, "location")?))
}

/// Where a property, or the closest one that it is in, was written.
pub(super) fn source<'a>(desired: &'a Desired, path: &str) -> Option<&'a SourceLocation> {
    let mut path = path;
    loop {
        if let Some(place) = desired.sources.get(path) {
            return Some(place);
        }
        let end = path.rfind(['.', '['])?;
        path = &path[..end];
    }
}

/// What a rule found.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) resource: Option<&'a Desired>,
    /// The property, by which its place in the configuration is found.
    pub(super) path: Option<String>,
    /// Whether the property is told, too.
    pub(super) shows_path: bool,
    /// Whether it is about the stack: the resource is only where it was noticed.
    pub(super) whole: bool,
    /// Whether the rule's date belongs to the message.
    pub(super) dated: bool,
    pub(super) message: String,
    pub(super) fix: Option<String>,
}

impl<'a> Found<'a> {
    /// Something about a resource.
    pub(super) fn of(resource: &'a Desired, message: impl Into<String>) -> Self {
        Self {
            resource: Some(resource),
            path: None,
            shows_path: false,
            whole: false,
            dated: true,
            message: message.into(),
            fix: None,
        }
    }

    /// Something about a property of it.
    pub(super) fn at(resource: &'a Desired, path: &str, message: impl Into<String>) -> Self {
        Self {
            path: Some(path.to_owned()),
            ..Self::of(resource, message)
        }
    }

    /// What a property was seen to be.
    pub(super) fn seen(resource: &'a Desired, seen: Seen, says: &str) -> Self {
        let message = match seen.value {
            Some(value) => format!("is `{value}`: {says}"),
            None => says.to_owned(),
        };
        Self {
            shows_path: message.starts_with("is `"),
            path: Some(seen.path),
            ..Self::of(resource, message)
        }
    }

    /// It is about the stack, and was noticed there.
    pub(super) fn of_stack(mut self) -> Self {
        self.whole = true;
        self
    }

    /// The message has all dates that it needs.
    pub(super) fn undated(mut self) -> Self {
        self.dated = false;
        self
    }

    /// Says what to do, where that is not the same every time.
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Where it stands among what else was found.
    pub(super) fn position(&self, scene: &Scene<'_>) -> usize {
        let name = self.resource.map(|resource| &resource.name);
        let position = name.and_then(|name| scene.positions.get(name));
        position.copied().unwrap_or_default()
    }
}
