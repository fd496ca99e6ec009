//! The builder of stacks: what is declared, and every mistake in it.
//!
//! Adding never fails: mistakes are collected with the place of the call and reported together
//! when the stack is planned. A reference *is* the dependency; `after` is for the rest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use crate::finding::{Finding, SourceLocation};
use crate::name::{ResourceId, ResourceName, StackName};
use crate::resource::{Desired, Resource, ResourceType, SIGN};
use crate::value::{Id, Output, OutputPath, PropertyPath, SecretRef, Segment, Value, to_value};

/// A resource that was added to a stack: a name with a type, to refer to.
pub struct Added<R> {
    name: ResourceName,
    marker: PhantomData<fn() -> R>,
}

impl<R> Added<R> {
    fn new(name: ResourceName) -> Self {
        Self {
            name,
            marker: PhantomData,
        }
    }

    /// Its name in the stack.
    pub fn name(&self) -> &ResourceName {
        &self.name
    }

    /// A property of it, to be used in another resource.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a path is a constant; asking for `&` at each use would be noise"
    )]
    pub fn output<T>(&self, path: OutputPath<R, T>) -> Output<T> {
        Output::new(self.name.clone(), path.path())
    }

    /// Its identity, to be used in another resource. It is known when the plan is made.
    pub fn id(&self) -> Output<Id<R>> {
        Output::new(self.name.clone(), "id")
    }

    /// The secret value that it keeps, to be used in another resource.
    pub fn secret(&self) -> SecretRef {
        SecretRef::KeptBy(self.name.clone())
    }
}

impl<R> Clone for Added<R> {
    fn clone(&self) -> Self {
        Self::new(self.name.clone())
    }
}

impl<R> fmt::Debug for Added<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Added({})", self.name)
    }
}

/// A resource outside the stack, that it reads and never owns.
#[derive(Clone, Debug)]
pub struct Existing<R> {
    ty: Cow<'static, ResourceType>,
    id: ResourceId,
    marker: PhantomData<fn() -> R>,
}

impl<R> Existing<R> {
    /// Made by resource types, from an id that they have checked.
    pub fn new(ty: Cow<'static, ResourceType>, id: ResourceId) -> Self {
        Self {
            ty,
            id,
            marker: PhantomData,
        }
    }
}

/// What a stack reads without owning it.
#[derive(Clone, Debug)]
pub struct ExistingEntry {
    /// The facts of its type.
    pub ty: Arc<ResourceType>,
    /// Its identity.
    pub id: ResourceId,
    /// Where it was written.
    pub location: SourceLocation,
}

/// What is to be there: resources by name, and the mistakes made in declaring them.
#[derive(Clone, Debug)]
pub struct Stack {
    name: StackName,
    resources: Vec<Desired>,
    existing: BTreeMap<ResourceName, ExistingEntry>,
    places: BTreeMap<ResourceName, SourceLocation>,
    findings: Vec<Finding>,
}

impl Stack {
    /// An empty stack for one environment of a project.
    #[track_caller]
    pub fn new(project: impl Into<String>, environment: impl Into<String>) -> Self {
        let (project, environment) = (project.into(), environment.into());
        let mut findings = Vec::new();
        if let Err(error) = StackName::parse(&project, &environment) {
            let place = SourceLocation::from(Location::caller());
            findings.push(Finding::error("augeo/invalid-name", error.to_string()).at(place));
        }
        Self {
            name: StackName::unchecked(project, environment),
            resources: Vec::new(),
            existing: BTreeMap::new(),
            places: BTreeMap::new(),
            findings,
        }
    }

    /// Declares a resource. Mistakes are kept for the plan.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what was added belongs to the stack; it is referred to by what this returns"
    )]
    pub fn add<R: Resource>(&mut self, name: impl Into<String>, resource: R) -> Added<R> {
        let place = SourceLocation::from(Location::caller());
        let name = self.claim(&name.into(), &place);
        let value = to_value(&resource).unwrap_or_else(|error| {
            let message = format!("the properties of `{name}` cannot be read: {error}");
            let finding = Finding::error("augeo/invalid-properties", message);
            self.findings.push(finding.about(&name).at(place.clone()));
            Value::default()
        });
        let ty = Arc::new(resource.resource_type().into_owned());
        let keeper = resource.sign_keeper();
        let keeper = keeper.or_else(|| resource.scope().resource().cloned());
        if let (Some(sign), Some(keeper)) = (ty.sign_at, &keeper) {
            self.put_sign(keeper, &PropertyPath::parse(sign));
        }
        self.resources.push(Desired {
            stack: self.name.clone(),
            name: name.clone(),
            ty,
            scope: resource.scope(),
            physical_name: resource.physical_name(),
            value,
            after: resource.sign_keeper().into_iter().collect(),
            once_ready: BTreeSet::new(),
            renamed_from: None,
            location: place,
            sources: BTreeMap::new(),
        });
        Added::new(name)
    }

    /// Sets a sign in the outermost around a resource that has such properties, or in itself.
    fn put_sign(&mut self, keeper: &ResourceName, sign: &PropertyPath) {
        let [Segment::Key(outer), Segment::Key(key)] = sign.segments() else {
            return;
        };
        let mut outermost = None;
        let mut around = Some(keeper.clone());
        while let Some(name) = around {
            let Some(at) = self.resources.iter().rposition(|it| it.name == name) else {
                break;
            };
            let host = &self.resources[at];
            let map = host.value.as_object().and_then(|it| it.get(outer));
            if map.is_some_and(|map| map.as_object().is_some()) {
                outermost = Some(at);
            }
            around = host.scope.resource().cloned();
        }
        let host = outermost.map(|at| &mut self.resources[at]);
        let properties = host.and_then(|host| host.value.as_object_mut());
        let map = properties.and_then(|object| object.get_mut(outer)?.as_object_mut());
        if let Some(map) = map {
            map.insert(key.clone(), Value::from(SIGN.to_owned()));
        }
    }

    /// Names a resource outside the stack, to refer to. It is read and never changed.
    #[track_caller]
    pub fn existing<R>(&mut self, name: impl Into<String>, existing: Existing<R>) -> Added<R> {
        let location = SourceLocation::from(Location::caller());
        let name = self.claim(&name.into(), &location);
        let entry = ExistingEntry {
            ty: Arc::new(existing.ty.into_owned()),
            id: existing.id,
            location,
        };
        self.existing.insert(name.clone(), entry);
        Added::new(name)
    }

    /// Says more of a resource that was added: order, its former name, where it was written.
    pub fn describe<R>(&mut self, added: &Added<R>) -> Description<'_> {
        let position = self
            .resources
            .iter()
            .rposition(|desired| desired.name == added.name);
        Description {
            stack: self,
            name: added.name.clone(),
            position,
        }
    }

    /// Reports a finding together with those that the stack makes itself; one of severity error
    /// is a mistake and stops the plan.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Which stack.
    pub fn name(&self) -> &StackName {
        &self.name
    }

    /// Its resources, in the order in which they were added.
    pub fn resources(&self) -> &[Desired] {
        &self.resources
    }

    /// What it reads without owning it.
    pub fn existing_resources(&self) -> &BTreeMap<ResourceName, ExistingEntry> {
        &self.existing
    }

    /// What was noticed so far: mistakes, which stop the plan, and what is worth knowing.
    /// Dangling references and cycles are noticed by the graph.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn claim(&mut self, text: &str, place: &SourceLocation) -> ResourceName {
        let name = ResourceName::parse(text).unwrap_or_else(|error| {
            let finding = Finding::error("augeo/invalid-name", error.to_string());
            self.findings.push(finding.at(place.clone()));
            ResourceName::unchecked(text)
        });
        if let Some(first) = self.places.get(&name) {
            let finding = Finding::error(
                "augeo/duplicate-name",
                format!("`{name}` is declared twice: at {place}; first at {first}"),
            );
            self.findings.push(
                finding
                    .about(&name)
                    .at(place.clone())
                    .fix("give one of them another name"),
            );
        } else {
            self.places.insert(name.clone(), place.clone());
        }
        name
    }
}

/// Says more of a resource that was added to a stack.
#[derive(Debug)]
pub struct Description<'a> {
    stack: &'a mut Stack,
    name: ResourceName,
    position: Option<usize>,
}

impl Description<'_> {
    fn edit(&mut self, edit: impl FnOnce(&mut Desired)) -> &mut Self {
        if let Some(desired) = self
            .position
            .and_then(|position| self.stack.resources.get_mut(position))
        {
            edit(desired);
        }
        self
    }

    /// It comes after another resource, although no property mentions it.
    pub fn after<R>(&mut self, other: &Added<R>) -> &mut Self {
        let other = other.name.clone();
        self.edit(|desired| {
            desired.after.insert(other);
        })
    }

    /// It comes after another resource, and not before that is ready in the outside world. Until
    /// then it is pending: no change, and no failure. What is outside the stack and not there yet
    /// is not ready.
    pub fn once_ready<R>(&mut self, other: &Added<R>) -> &mut Self {
        let other = other.name.clone();
        self.edit(|desired| {
            desired.once_ready.insert(other);
        })
    }

    /// It had another name before: what exists under that name is this resource.
    pub fn renamed_from(&mut self, former: &str) -> &mut Self {
        let former = ResourceName::unchecked(former);
        self.edit(|desired| desired.renamed_from = Some(former))
    }

    /// It was written there, rather than where `add` or `existing` was called.
    pub fn declared_at(&mut self, location: SourceLocation) -> &mut Self {
        if let Some(entry) = self.stack.existing.get_mut(&self.name) {
            entry.location = location.clone();
        }
        self.edit(|desired| desired.location = location)
    }

    /// This property (dotted path) was written there.
    pub fn property_at(&mut self, path: &str, location: SourceLocation) -> &mut Self {
        let path = path.to_owned();
        self.edit(|desired| {
            desired.sources.insert(path, location);
        })
    }
}
