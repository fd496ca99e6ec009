//! What is the stack's although the stack does not name it (any more), and what others keep
//! inside the stack's resources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use augeo_core::finding::Finding;
use augeo_core::mutant::{self, Mutant};
use augeo_core::name::ResourceId;
use augeo_core::provider::ProviderError;
use augeo_core::resource::{Condition, Observed, Ownership};
use augeo_core::value::{PropertyPath, Value};
use futures::StreamExt as _;
use serde_json::Value as Json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::look::{Look, collection, id_of, is_denied};
use super::observe::{Observation, Want};
use super::ownership::{STACK_TAG, judge, unmark};
use super::reading::is_being_created;
use super::{RESOURCES_API_VERSION, locate};
use crate::arm_id::ArmId;
use crate::client::ArmRequest;
use crate::error::ArmError;
use crate::schema::{ArmScope, ArmType, OwnershipMark, SoftDelete};

impl Observation<'_> {
    pub(super) fn subscription(&self) -> ArmId {
        ArmId::subscription_scope(self.client.subscription())
    }

    /// Everything in the subscription that has the stack's tag, in any group and of any type.
    pub(super) async fn marked_resources(&self) -> Result<Vec<(ArmId, Json)>, ArmError> {
        if mutant::is_on(Mutant::IgnoreMarked) {
            return Ok(Vec::new());
        }
        let filter = format!(
            "tagName eq '{STACK_TAG}' and tagValue eq '{}'",
            self.scope.stack
        );
        let path = format!("{}/resources", self.subscription());
        let request = ArmRequest::get(path, RESOURCES_API_VERSION).query("$filter", filter);
        let items = self.client.list(&request, self.ctx).await?;
        Ok(items
            .into_iter()
            .filter_map(|body| Some((id_of(&body)?, body)))
            .collect())
    }

    /// Where there is a sign that the stack has had something of a type, as the groups are before
    /// anything in them is known, or as everything is.
    pub(super) fn signs<'s>(&'s self, ty: &'s ArmType) -> impl Iterator<Item = &'s ArmId> {
        let sign = ty.facts.sign_at.map(PropertyPath::parse);
        self.found
            .values()
            .filter(|found| found.ownership == Ownership::Ours)
            .filter(move |found| {
                let resource = self.state.resources.get(&found.id.to_resource_id());
                let value = resource.map(|resource| &resource.value);
                sign.as_ref()
                    .is_some_and(|sign| value.is_some_and(|value| value.get(sign).is_some()))
            })
            .map(|found| &found.id)
    }

    /// Adds looks at what is in no group and has no tags, of everybody's: nothing else would find
    /// what left the stack.
    pub(super) fn add_of_subscription(&mut self) {
        for ty in self.types.all() {
            if ty.scope == ArmScope::Subscription && self.signs(ty).next().is_some() {
                let path = format!("{}/providers/{}", self.subscription(), ty.name());
                self.looks.add(Look::list(&Arc::new(ty.clone()), path));
            }
        }
    }

    /// Adds looks at marked resources that no other look will see.
    pub(super) async fn add_strays(
        &mut self,
        marked: Vec<(ArmId, Json)>,
    ) -> Result<(), ProviderError> {
        let expected: BTreeSet<_> = self
            .wants
            .values()
            .map(|want| Look::at(&want.ty, &want.id).key())
            .collect();
        let mut strays: BTreeMap<String, Vec<ArmId>> = BTreeMap::new();
        for (id, body) in marked {
            let tagged = ArmType::generic(id.resource_type().as_str(), "");
            let tagged = ArmType {
                ownership: OwnershipMark::Tag,
                ..tagged
            };
            let mut value = Value::from(body);
            let marks = unmark(&tagged, &mut value);
            let ours =
                judge(&tagged, &id, marks.as_ref(), &self.scope.stack, None) == Ownership::Ours;
            if ours && !self.wants.contains_key(&id.to_resource_id()) {
                strays
                    .entry(collection(&id).to_ascii_lowercase())
                    .or_default()
                    .push(id);
            }
        }
        let versions = self
            .registered_versions(strays.values().filter_map(|ids| ids.first()))
            .await?;
        for ids in strays.values() {
            let Some(first) = ids.first() else { continue };
            let name = first.resource_type();
            let known = self.types.of_id(first).cloned();
            let version = versions.get(&name.as_str().to_ascii_lowercase());
            let generic = || version.map(|version| ArmType::generic(name.as_str(), version));
            let Some(ty) = known.or_else(generic).map(Arc::new) else {
                self.report_unknown(first);
                continue;
            };
            let together = Look::at(&ty, first);
            if expected.contains(&together.key()) {
                continue;
            }
            match ids.as_slice() {
                [single] => self.looks.add(Look::one(&ty, single)),
                _ => self.looks.add(together),
            }
        }
        Ok(())
    }

    fn report_unknown(&mut self, id: &ArmId) {
        let message =
            format!("{id} left the stack, and Azure tells no version of its type to read it with");
        let finding = Finding::warning("azure/unknown-type", message);
        self.state.findings.push(finding.fix(format!(
            "delete it by hand: `az resource delete --ids {id}`"
        )));
    }

    /// The newest stable version of each type that the catalogue does not have, as its provider
    /// registered it.
    async fn registered_versions<'i>(
        &self,
        ids: impl Iterator<Item = &'i ArmId>,
    ) -> Result<BTreeMap<String, String>, ProviderError> {
        let unknown = ids.filter(|id| self.types.of_id(id).is_none());
        let namespaces: BTreeSet<String> = unknown.map(|id| id.namespace().to_owned()).collect();
        let mut versions = BTreeMap::new();
        for namespace in namespaces {
            let path = format!("{}/providers/{namespace}", self.subscription());
            let body = match self.client.get(path, RESOURCES_API_VERSION, self.ctx).await {
                Ok(body) => body.unwrap_or_default(),
                Err(error) if is_denied(&error) => continue,
                Err(error) => return Err(error.into()),
            };
            for ty in body
                .get("resourceTypes")
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
            {
                let name = ty
                    .get("resourceType")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                let offered = ty
                    .get("apiVersions")
                    .and_then(Json::as_array)
                    .into_iter()
                    .flatten();
                let offered: Vec<&str> = offered.filter_map(Json::as_str).collect();
                let stable = offered
                    .iter()
                    .filter(|version| !version.contains("preview"))
                    .max();
                if let Some(version) = stable.or_else(|| offered.iter().max()) {
                    versions.insert(
                        format!("{namespace}/{name}").to_ascii_lowercase(),
                        (*version).to_owned(),
                    );
                }
            }
        }
        Ok(versions)
    }

    /// Adds looks into everything of ours at this depth, for what the catalogue knows to live
    /// there.
    pub(super) fn add_contents(&mut self, depth: usize) {
        for ty in self.types.all() {
            let segments: Vec<&str> = ty.name().as_str().split('/').collect();
            let provable = !matches!(
                ty.ownership,
                OwnershipMark::Singleton | OwnershipMark::NamePrefix
            );
            if segments.len() != depth + 1 || ty.scope != ArmScope::Child || !provable {
                continue;
            }
            let base = self.base_of(&segments);
            let middle: String = segments[base..segments.len() - 1]
                .iter()
                .fold(String::new(), |text, level| {
                    format!("{text}/{level}/default")
                });
            let last = segments[segments.len() - 1];
            let base = segments[..base].join("/");
            let ty = Arc::new(ty.clone());
            let signs: Vec<ArmId> = self.signs(&ty).cloned().collect();
            let is_signed = |host: &ArmId| signs.iter().any(|sign| sign.contains(host));
            let hosts: Vec<ArmId> = self
                .found
                .values()
                .filter(|found| found.ownership == Ownership::Ours && is_open(&found.condition))
                .filter(|found| found.ty.name().as_str().eq_ignore_ascii_case(&base))
                .filter(|found| ty.facts.sign_at.is_none() || is_signed(&found.id))
                .filter(|found| !self.has_none_of(&ty, &found.id))
                .filter(|found| !self.lists_no_more_of(&ty, &found.id))
                .map(|found| found.id.clone())
                .collect();
            for host in hosts {
                if let Some(look) = Look::within(&ty, format!("{host}{middle}/{last}")) {
                    self.looks.add(look);
                }
            }
        }
    }

    /// Whether a resource names what of a type is in it, and names no more than what the service made.
    fn lists_no_more_of(&self, ty: &ArmType, host: &ArmId) -> bool {
        let Some((path, made)) = ty.listed_at else {
            return false;
        };
        let host = self.state.resources.get(&host.to_resource_id());
        let named = host.and_then(|host| host.value.get(&PropertyPath::parse(path)));
        named
            .and_then(Value::as_array)
            .is_some_and(|named| named.len() <= made)
    }

    /// How many segments of a type name the resource that things of it live in, past the levels
    /// that each parent has only one of.
    fn base_of(&self, segments: &[&str]) -> usize {
        let mut base = segments.len() - 1;
        while base > 2 {
            let name = augeo_core::name::TypeName::new(segments[..base].join("/"));
            if self
                .types
                .named(&name)
                .is_some_and(|ty| ty.ownership != OwnershipMark::Singleton)
            {
                break;
            }
            base -= 1;
        }
        base
    }

    /// For wanted resources that are not there: the lists of what can be brought back.
    pub(super) async fn find_soft_deleted(&mut self) -> Result<(), ProviderError> {
        let mut absent: BTreeMap<String, (Arc<ArmType>, SoftDelete, Vec<Want>)> = BTreeMap::new();
        for want in self.wants.values().filter(|want| !want.wanted.existing) {
            let id = &want.wanted.id;
            let there =
                self.state.resources.contains_key(id) || self.state.unreadable.contains_key(id);
            let Some(soft_delete) = want.ty.soft_delete.filter(|_| !there) else {
                continue;
            };
            let entry = absent.entry(want.ty.name().as_str().to_ascii_lowercase());
            let (.., wants) =
                entry.or_insert_with(|| (Arc::clone(&want.ty), soft_delete, Vec::new()));
            wants.push(want.clone());
        }
        for (ty, soft_delete, wants) in absent.into_values() {
            let path = format!(
                "{}/{}",
                self.subscription(),
                soft_delete.list.trim_start_matches('/')
            );
            let request = ArmRequest::get(path, ty.api_version());
            let items = match self.client.list(&request, self.ctx).await {
                Ok(items) => items,
                Err(error) if error.is_not_found() => continue,
                Err(error) if is_denied(&error) => {
                    let message = format!(
                        "whether a deleted {} can be recovered cannot be seen: {error}",
                        ty.facts.title
                    );
                    self.state
                        .findings
                        .push(Finding::note("azure/unreadable", message));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            for item in items {
                let raw = Value::from(item);
                let deleted =
                    text_at(&raw, soft_delete.id_at).and_then(|text| ArmId::parse(text).ok());
                let want = deleted.and_then(|id| wants.iter().find(|want| want.id == id));
                if let Some(want) = want {
                    let observed = self.soft_deleted(want, soft_delete, &raw);
                    self.add_soft_deleted(observed);
                }
            }
        }
        Ok(())
    }

    fn soft_deleted(&self, want: &Want, soft_delete: SoftDelete, raw: &Value) -> Observed {
        let date = |path| {
            let text = text_at(raw, path)?;
            OffsetDateTime::parse(text, &Rfc3339).ok()
        };
        let purged_at = soft_delete.purge_at.and_then(date);
        // What is brought back is as it was: what the list tells of that is known before.
        let location = text_at(raw, soft_delete.location_at);
        let days = soft_delete.retention.and_then(|(deleted_at, property)| {
            let kept = purged_at? - date(deleted_at)?;
            Some((
                property.to_owned(),
                Value::from(Json::from(kept.whole_days())),
            ))
        });
        let known = location.map(|text| ("location".to_owned(), Value::from(text.to_owned())));
        let known = known.into_iter().chain(days).collect();
        let tags = ["properties.tags", "tags"]
            .iter()
            .find_map(|path| raw.get(&PropertyPath::parse(path)));
        // Both lists of Azure tell the tags: vaults in their properties, workspaces as such.
        // https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted
        // https://learn.microsoft.com/rest/api/loganalytics/deleted-workspaces/list
        // Without them nothing proves whose it was; a name alone does not.
        let mut value = Value::Object(
            tags.map(|tags| ("tags".to_owned(), tags.clone()))
                .into_iter()
                .collect(),
        );
        let marks = unmark(&want.ty, &mut value);
        let ownership = judge(&want.ty, &want.id, marks.as_ref(), &self.scope.stack, None);
        Observed {
            id: want.wanted.id.clone(),
            ty: want.ty.name().clone(),
            version: want.ty.api_version().to_owned(),
            value: Arc::new(Value::Object(known)),
            condition: Condition::SoftDeleted { purged_at },
            ownership,
            parent: locate::parent(self.types, &want.id).map(|parent| parent.to_resource_id()),
            mentions: BTreeSet::new(),
            declared: None,
            secret_versions: BTreeMap::new(),
            secret_version: None,
        }
    }

    /// What others keep inside resources of ours that are not to take their contents along: in all
    /// of them when everything is to be deleted, else in those that left the stack.
    pub(super) async fn take_inventory(&mut self) -> Result<(), ProviderError> {
        let hosts: Vec<ArmId> = self
            .found
            .values()
            .filter(|found| found.ownership == Ownership::Ours && !found.ty.facts.takes_contents)
            // Whatever is in one that is being deleted goes with it already.
            .filter(|found| found.condition != Condition::Deleting)
            .filter(|found| {
                self.scope.inventory || !self.wants.contains_key(&found.id.to_resource_id())
            })
            .map(|found| found.id.clone())
            .collect();
        let (client, ctx) = (&self.client, self.ctx);
        let groups = hosts.iter().filter(|host| host.target().is_none());
        let requests: Vec<(ArmId, ArmRequest)> = groups
            .map(|group| {
                (
                    group.clone(),
                    ArmRequest::get(format!("{group}/resources"), RESOURCES_API_VERSION),
                )
            })
            .collect();
        let listed: Vec<(ArmId, Result<Vec<Json>, ArmError>)> = futures::stream::iter(requests)
            .map(|(group, request)| async move { (group, client.list(&request, ctx).await) })
            .buffered(4)
            .collect()
            .await;
        let mut inside: Vec<(ArmId, ArmId)> = Vec::new();
        for (group, result) in listed {
            match result {
                Ok(items) => {
                    inside.extend(items.iter().filter_map(id_of).map(|id| (group.clone(), id)));
                }
                Err(error) if error.is_not_found() => {}
                // Who may not look must not sweep: it is taken for a host, and stays.
                Err(error) if is_denied(&error) => {
                    let host = group.to_resource_id();
                    let message = format!(
                        "what else is in {} may not be listed, so it stays: {error}",
                        host.label()
                    );
                    let finding = Finding::warning("azure/not-verified", message);
                    self.state.findings.push(finding);
                    self.state.guests.insert(host.clone(), vec![host]);
                }
                Err(error) => return Err(error.into()),
            }
        }
        for host in hosts.iter().filter(|host| host.target().is_some()) {
            let strangers = self
                .found
                .values()
                .filter(|found| found.ownership != Ownership::Ours);
            inside.extend(
                strangers
                    .filter(|found| host.contains(&found.id))
                    .map(|found| (host.clone(), found.id.clone())),
            );
        }
        for (host, id) in inside {
            if self.is_guest(&host, &id) {
                let guests = self.state.guests.entry(host.to_resource_id()).or_default();
                guests.push(id.to_resource_id());
            }
        }
        for guests in self.state.guests.values_mut() {
            guests.sort();
            guests.dedup();
        }
        Ok(())
    }

    fn is_guest(&self, host: &ArmId, id: &ArmId) -> bool {
        let is_ours = |id: &ResourceId| {
            self.state
                .resources
                .get(id)
                .is_some_and(|observed| observed.ownership == Ownership::Ours)
        };
        // What is inside another resource of ours goes, or stays, with that one.
        let around =
            std::iter::successors(id.parent(), ArmId::parent).take_while(|outer| outer != host);
        let inside_ours = around
            .map(|outer| outer.to_resource_id())
            .any(|outer| is_ours(&outer));
        let ty = self.types.of_id(id);
        let made = ty.is_some_and(|ty| ty.makes_itself(id.name()));
        !is_ours(&id.to_resource_id()) && !inside_ours && !made && !self.is_companion(id)
    }

    fn is_companion(&self, id: &ArmId) -> bool {
        let name = id.name().to_ascii_lowercase();
        let ty = id.resource_type();
        self.types
            .all()
            .flat_map(|known| known.companions)
            .any(|(companion, beginning)| {
                ty.as_str().eq_ignore_ascii_case(companion)
                    && name.starts_with(&beginning.to_ascii_lowercase())
            })
    }
}

pub(super) fn is_open(condition: &Condition) -> bool {
    *condition != Condition::Deleting && !is_being_created(condition)
}

fn text_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value
        .get(&PropertyPath::parse(path))
        .and_then(Value::as_str)
}
