//! Observation: what the stack wants and whatever else is its, in as few requests as possible.
//!
//! Groups and marked resources come first, then one list per type and group, then one per type
//! and parent, level by level. A parent that is not there, not ours or just being made costs no
//! request: there is nothing of ours in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use augeo_core::finding::Finding;
use augeo_core::name::ResourceId;
use augeo_core::provider::{
    Context, ErrorKind, ObserveScope, ObservedState, ProviderError, Wanted,
};
use augeo_core::resource::{Condition, Observed, Ownership};
use augeo_core::value::PropertyPath;
use futures::StreamExt as _;
use serde_json::Value as Json;

use super::look::{Look, Looks, is_denied, is_of_one_type};
use super::ownership::proof;
use super::reading::{Judge, is_being_created, read};
use super::types::Types;
use super::{Azure, RESOURCES_API_VERSION, locate, ownership};
use crate::arm_id::ArmId;
use crate::client::ArmClient;
use crate::error::ArmError;
use crate::naming::{name_problem, rule_in_words};
use crate::schema::{ArmScope, ArmType, OwnershipMark};

/// How many looks are under way at once.
const LOOKS_MAX: usize = 16;

/// One wanted resource with all that this provider knows of its type.
#[derive(Clone, Debug)]
pub(super) struct Want {
    pub(super) wanted: Wanted,
    pub(super) ty: Arc<ArmType>,
    pub(super) id: ArmId,
}

impl Want {
    fn is_group(&self) -> bool {
        self.id.target().is_none() && self.id.resource_group().is_some()
    }

    /// How deep it lives: 1 for what lives in a group or a subscription.
    fn depth(&self) -> usize {
        self.ty
            .name()
            .as_str()
            .split('/')
            .count()
            .saturating_sub(1)
            .max(1)
    }
}

/// What is known of a resource that was found, whether it is wanted or not.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: ArmId,
    pub(super) ty: Arc<ArmType>,
    pub(super) ownership: Ownership,
    pub(super) condition: Condition,
}

/// Whether anything of ours can be inside a resource.
pub(super) enum Reach {
    Yes,
    No,
    Unreadable(ProviderError),
}

/// An observation under way.
pub(super) struct Observation<'a> {
    pub(super) client: ArmClient,
    pub(super) types: Types,
    pub(super) scope: &'a ObserveScope,
    pub(super) ctx: &'a Context,
    pub(super) wants: BTreeMap<ResourceId, Want>,
    pub(super) found: BTreeMap<ResourceId, Found>,
    pub(super) looks: Looks,
    pub(super) state: ObservedState,
    /// Whether every group of the subscription was seen.
    groups_known: bool,
    /// Finishing writes that the stack does not name.
    pub(super) undeclared: Vec<Observed>,
}

impl Azure {
    pub(super) async fn observe_all(
        &self,
        scope: &ObserveScope,
        ctx: &Context,
    ) -> Result<ObservedState, ProviderError> {
        let (client, counter) = self.client.counted();
        let mut observation = Observation {
            client,
            types: self.types,
            scope,
            ctx,
            wants: BTreeMap::new(),
            found: BTreeMap::new(),
            looks: Looks::default(),
            state: ObservedState::default(),
            groups_known: true,
            undeclared: Vec::new(),
        };
        observation.take_wants();
        observation.run().await?;
        let mut state = observation.state;
        state.requests = counter.count();
        Ok(state)
    }
}

impl Observation<'_> {
    fn take_wants(&mut self) {
        for wanted in &self.scope.wanted {
            match ArmId::try_from(&wanted.id) {
                Ok(id) => {
                    let ty = Arc::new(self.types.of(&wanted.ty).into_owned());
                    let named = !wanted.existing && ty.scope != ArmScope::Finish;
                    let problem = name_problem(&ty.name, id.name()).filter(|_| named);
                    if let Some(problem) = problem {
                        let message =
                            format!("the name `{}` of {} {problem}", id.name(), wanted.name);
                        let fix = format!("give it another name: {}", rule_in_words(&ty.name));
                        let finding = Finding::error("azure/invalid-name", message);
                        self.state
                            .findings
                            .push(finding.about(&wanted.name).fix(fix));
                    }
                    self.wants.insert(
                        wanted.id.clone(),
                        Want {
                            wanted: wanted.clone(),
                            ty,
                            id,
                        },
                    );
                }
                Err(error) => {
                    let kind = ErrorKind::Invalid { property: None };
                    let error = ProviderError::new(kind, "azure/invalid-id", error.to_string());
                    let finding = Finding::error("azure/invalid-id", error.message.clone());
                    self.state.findings.push(finding.about(&wanted.name));
                    self.state.unreadable.insert(wanted.id.clone(), error);
                }
            }
        }
    }

    async fn run(&mut self) -> Result<(), ProviderError> {
        let marked = self.begin().await?;
        self.add_wants(1);
        self.add_of_subscription();
        self.add_strays(marked).await?;
        self.look().await?;
        for depth in 2..=self.depth_max() {
            self.add_wants(depth);
            self.add_contents(depth);
            self.look().await?;
        }
        self.add_extensions();
        self.look().await?;
        self.tie_principals();
        self.tie_users();
        self.tie_signs();
        self.find_finishes();
        self.find_soft_deleted().await?;
        self.take_inventory().await?;
        self.tell_missing_marks();
        self.order_findings();
        Ok(())
    }

    /// The groups, the resources with the stack's mark, and what is only read: all at once.
    async fn begin(&mut self) -> Result<Vec<(ArmId, Json)>, ProviderError> {
        let subscription = ArmId::subscription_scope(self.client.subscription());
        let groups = Look::list(&self.group_type(), format!("{subscription}/resourceGroups"));
        for want in self.wants.values().filter(|want| want.wanted.existing) {
            let listed = want.is_group() && want.id.parent() == Some(subscription.clone());
            if !listed {
                self.looks.add(Look::one(&want.ty, &want.id));
            }
        }
        let existing = self.looks.take();
        let (groups_found, marked, read_only) = futures::join!(
            groups.bodies(&self.client, self.ctx),
            self.marked_resources(),
            self.bodies(existing),
        );
        match groups_found {
            Ok(bodies) => self.absorb(&groups.ty, bodies),
            Err(error) if is_denied(&error) => {
                self.groups_known = false;
                let error = ProviderError::from(error);
                let denied: Vec<_> = self
                    .wants
                    .values()
                    .filter(|want| want.is_group())
                    .map(|want| want.wanted.id.clone())
                    .collect();
                for id in denied {
                    self.state.unreadable.insert(id, error.clone());
                }
            }
            Err(error) => return Err(error.into()),
        }
        for (look, result) in read_only {
            self.take(&look, result)?;
        }
        match marked {
            Ok(marked) => Ok(marked),
            Err(error) if is_denied(&error) => {
                let message = format!("what left the stack cannot be found: {error}");
                let finding = Finding::warning("azure/unreadable", message);
                let fix = "ask for the role Reader on the subscription";
                self.state.findings.push(finding.fix(fix));
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What a group is, whether the catalogue has it or not.
    pub(super) fn group_type(&self) -> Arc<ArmType> {
        let group = ArmId::resource_group_scope(self.client.subscription(), "any").resource_type();
        let ty = self.types.named(&group).cloned().unwrap_or_else(|| {
            let mut ty = ArmType::generic(group.as_str(), RESOURCES_API_VERSION);
            ty.scope = ArmScope::Subscription;
            ty.facts.takes_contents = false;
            ty
        });
        Arc::new(ty)
    }

    fn depth_max(&self) -> usize {
        let wanted = self.wants.values().map(Want::depth);
        let known = self
            .types
            .all()
            .map(|ty| ty.name().as_str().split('/').count().saturating_sub(1));
        wanted.chain(known).max().unwrap_or(1)
    }

    fn add_wants(&mut self, depth: usize) {
        let due: Vec<Want> = self
            .wants
            .values()
            .filter(|want| !want.wanted.existing && want.ty.scope != ArmScope::Finish)
            .filter(|want| !want.is_group() && !is_extension(want))
            .filter(|want| want.depth() == depth)
            .cloned()
            .collect();
        for want in due {
            self.add_want(&want);
        }
    }

    pub(super) fn add_want(&mut self, want: &Want) {
        let parent = locate::parent(self.types, &want.id);
        match self.reach(&want.id) {
            Reach::Yes if parent.is_some_and(|parent| self.has_none_of(&want.ty, &parent)) => {}
            Reach::Yes => {
                self.refuse_unprovable(want);
                self.looks.add(Look::at(&want.ty, &want.id));
            }
            Reach::No => {}
            Reach::Unreadable(error) => {
                self.state.unreadable.insert(want.wanted.id.clone(), error);
            }
        }
    }

    /// Whether a resource says that nothing of a type lives in it.
    pub(super) fn has_none_of(&self, ty: &ArmType, host: &ArmId) -> bool {
        let Some((path, text)) = ty.only_where else {
            return false;
        };
        let host = self.state.resources.get(&host.to_resource_id());
        let found = host.and_then(|host| host.value.get(&PropertyPath::parse(path))?.as_str());
        host.is_some() && !found.is_some_and(|found| found.eq_ignore_ascii_case(text))
    }

    /// What has no mark of its own can only be ours inside what is ours.
    fn refuse_unprovable(&mut self, want: &Want) {
        let parent = locate::parent(self.types, &want.id).map(|parent| parent.to_resource_id());
        let Some(found) = parent.and_then(|parent| self.found.get(&parent)) else {
            return;
        };
        if ownership::follows_parent(&want.ty) && found.ownership != Ownership::Ours {
            let message = format!(
                "{} cannot be proven to be this stack's: a {} has no mark, and {} is not the stack's",
                want.wanted.name, want.ty.facts.title, found.id
            );
            let fix = "declare what it lives in as part of the stack, or manage it outside";
            let finding = Finding::error("azure/unprovable", message);
            self.state
                .findings
                .push(finding.about(&want.wanted.name).fix(fix));
        }
    }

    /// Whether anything of ours can be there, by the nearest resource around it that is known.
    pub(super) fn reach(&self, id: &ArmId) -> Reach {
        for outer in std::iter::successors(id.parent(), ArmId::parent) {
            let key = outer.to_resource_id();
            if let Some(error) = self.state.unreadable.get(&key) {
                let marked = outer.target().is_none();
                return if marked {
                    Reach::Yes
                } else {
                    Reach::Unreadable(error.clone())
                };
            }
            let wanted = self.wants.get(&key);
            if let Some(found) = self.found.get(&key) {
                let gone =
                    found.condition == Condition::Deleting || is_being_created(&found.condition);
                let referred = wanted.is_some_and(|want| want.wanted.existing);
                let open = found.ownership == Ownership::Ours || referred;
                return if open && !gone { Reach::Yes } else { Reach::No };
            }
            if wanted.is_some() {
                return Reach::No;
            }
            if outer.target().is_none() {
                let ours = outer.subscription().is_some_and(|own| {
                    own.eq_ignore_ascii_case(self.client.subscription().as_str())
                });
                let is_group = outer.resource_group().is_some();
                return if is_group && ours && self.groups_known {
                    Reach::No
                } else {
                    Reach::Yes
                };
            }
        }
        Reach::Yes
    }

    /// Looks wherever a look is due.
    pub(super) async fn look(&mut self) -> Result<(), ProviderError> {
        let due = self.looks.take();
        for (look, result) in self.bodies(due).await {
            self.take(&look, result)?;
        }
        Ok(())
    }

    /// The results come in the order of the looks, whichever is answered first.
    async fn bodies(&self, due: Vec<Look>) -> Vec<(Look, Result<Vec<(ArmId, Json)>, ArmError>)> {
        let (client, ctx) = (&self.client, self.ctx);
        futures::stream::iter(due)
            .map(|look| async move {
                let result = look.bodies(client, ctx).await;
                (look, result)
            })
            .buffered(LOOKS_MAX)
            .collect()
            .await
    }

    fn take(
        &mut self,
        look: &Look,
        result: Result<Vec<(ArmId, Json)>, ArmError>,
    ) -> Result<(), ProviderError> {
        match result {
            Ok(bodies) => {
                self.absorb(&look.ty, bodies);
                Ok(())
            }
            Err(error) if is_of_one_type(&error) => {
                let error = ProviderError::from(error);
                let key = look.key();
                let affected: Vec<ResourceId> = self
                    .wants
                    .values()
                    .filter(|want| {
                        Look::at(&want.ty, &want.id).key() == key
                            || Look::one(&want.ty, &want.id).key() == key
                    })
                    .map(|want| want.wanted.id.clone())
                    .collect();
                if affected.is_empty() {
                    let message = format!(
                        "whether a {} left the stack cannot be seen: {error}",
                        look.ty.facts.title
                    );
                    self.state
                        .findings
                        .push(Finding::note("azure/unreadable", message));
                }
                for id in affected {
                    self.state.unreadable.insert(id, error.clone());
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn absorb(&mut self, ty: &Arc<ArmType>, bodies: Vec<(ArmId, Json)>) {
        for (id, body) in bodies {
            self.absorb_one(ty, &id, body);
        }
    }

    fn absorb_one(&mut self, ty: &Arc<ArmType>, id: &ArmId, body: Json) {
        let key = id.to_resource_id();
        let parent = locate::parent(self.types, id).and_then(|parent| {
            let found = self.found.get(&parent.to_resource_id())?;
            Some(found.ownership.clone())
        });
        let judging = Judge {
            types: self.types,
            stack: &self.scope.stack,
            parent: parent.as_ref(),
        };
        let want = self.wants.get(&key);
        // A list may hold types that share it: each resource is read as what it is.
        let known = (id.resource_type() != *ty.name()).then(|| self.types.beside(ty, id));
        let ty = want.map_or(known.as_ref().unwrap_or(ty), |want| &want.ty);
        let finishes = self.finishes(id);
        let copy = (!finishes.is_empty()).then(|| body.clone());
        let observed = read(ty, id, want.map(|want| &want.wanted.id), body, judging);
        let found = Found {
            id: id.clone(),
            ty: Arc::clone(ty),
            ownership: observed.ownership.clone(),
            condition: observed.condition.clone(),
        };
        let guards = ty.facts.guards.is_some();
        let kept = want.is_some() || observed.ownership == Ownership::Ours || guards;
        self.found.insert(key, found);
        if let Some(body) = copy {
            self.absorb_finishes(finishes, &observed, id, &body);
        }
        if kept {
            self.state.resources.insert(observed.id.clone(), observed);
        }
    }

    pub(super) fn add_soft_deleted(&mut self, observed: Observed) {
        self.state.resources.insert(observed.id.clone(), observed);
    }

    /// What has a name of the stack's and no mark at all is perhaps the stack's, and somebody
    /// replaced its tags: how to put them back.
    fn tell_missing_marks(&mut self) {
        let wants = self.wants.values().filter(|want| !want.wanted.existing);
        let bare = wants.filter(|want| {
            let found = self.found.get(&want.wanted.id);
            want.ty.ownership == OwnershipMark::Tag
                && found.is_some_and(|found| found.ownership == Ownership::Foreign)
        });
        let findings = bare.map(|want| {
            let (name, id) = (&want.wanted.name, &want.id);
            let tags = proof(&self.scope.stack, &want.wanted.id);
            let message = format!(
                "{name} has no tags that prove it this stack's, so it and what is in it are left \
                 alone; if it is, somebody replaced its tags"
            );
            let fix = format!(
                "if it is yours: az tag update --resource-id {id} --operation Merge --tags {tags}"
            );
            let finding = Finding::note("azure/mark-missing", message);
            finding.about(name).fix(fix)
        });
        let findings: Vec<Finding> = findings.collect();
        self.state.findings.extend(findings);
    }

    fn order_findings(&mut self) {
        self.state.findings.sort();
        self.state.findings.dedup();
    }
}

/// Whether a resource is attached to another, rather than inside it.
pub(super) fn is_extension(want: &Want) -> bool {
    want.ty.scope == ArmScope::Extension || want.id.is_extension()
}
