//! What is not seen everywhere at once: lags, former bodies, other spellings, access that settles.
//!
//! Everything is derived from the time of the question and of the change. Writes act on the true state, and
//! their own answers tell it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::entry::Entry;
use super::error::ArmError;
use super::path::{Address, join};
use super::request::Method;
use super::tree;
use super::world::{Call, World};

const ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments";
const GROUPS: &str = "Microsoft.Resources/resourceGroups";

/// How far what is read may differ from what is. The default is not at all. Durations are as they are:
/// no profile divides them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Consistency {
    /// How long a GET of what was created answers 404.
    #[serde(with = "seconds")]
    pub read_lag: Duration,
    /// How long lists omit what was created and still hold what is gone.
    #[serde(with = "seconds")]
    pub list_lag: Duration,
    /// How long a GET or a list answers with the former body of what was updated.
    #[serde(with = "seconds")]
    pub stale: Duration,
    /// How long what is created in a new group or parent is refused, because that is not known yet.
    #[serde(with = "seconds")]
    pub parent_lag: Duration,
    /// How long a role assignment gives nothing: writes below its scope by its principal answer 403, unless
    /// an older one covers them. Who has no assignment is taken to have access from elsewhere.
    #[serde(with = "seconds")]
    pub settling: Duration,
    /// Whether what is read comes in other spellings and orders, where Azure promises none.
    pub scramble: bool,
    /// A policy that copies the tags of a group onto what is written in it, where a tag is missing.
    pub tag_policy: Option<TagPolicy>,
}

/// The policy "inherit a tag from the resource group if missing", for all tags
/// (<https://learn.microsoft.com/azure/azure-resource-manager/management/tag-policies>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TagPolicy {
    /// The types that it is for, without regard to case; none is all.
    pub resource_types: Vec<String>,
}

/// How often answers differed from what was true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LagsMet {
    /// GETs that found nothing where something is.
    pub missing: u64,
    /// Items that a list omitted.
    pub omitted: u64,
    /// Items in a list that are gone.
    pub lingering: u64,
    /// Former bodies.
    pub stale: u64,
    /// Writes that were refused because a parent is new.
    pub parents_unknown: u64,
    /// Writes that were refused because an access is new.
    pub unsettled: u64,
    /// Resources that were shown in other spellings or orders.
    pub scrambled: u64,
    /// Writes to which a policy added tags.
    pub tags_inherited: u64,
}

impl LagsMet {
    pub(crate) fn add(&mut self, more: Self) {
        self.missing += more.missing;
        self.omitted += more.omitted;
        self.lingering += more.lingering;
        self.stale += more.stale;
        self.parents_unknown += more.parents_unknown;
        self.unsettled += more.unsettled;
        self.scrambled += more.scrambled;
        self.tags_inherited += more.tags_inherited;
    }
}

/// What was and is still seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// By key, in order, until when each stood.
    former: BTreeMap<String, Vec<(OffsetDateTime, Arc<Entry>)>>,
    /// By key, since when it is gone.
    gone: BTreeMap<String, (OffsetDateTime, Arc<Entry>)>,
}

impl Call<'_> {
    /// Counts a difference that this request met.
    pub(crate) fn note(&self, count: impl FnOnce(&mut LagsMet)) {
        let mut lags = self.lags.get();
        count(&mut lags);
        self.lags.set(lags);
    }
}

/// Whether a lag that began then is not over.
fn lags(now: OffsetDateTime, since: OffsetDateTime, lag: Duration) -> bool {
    !lag.is_zero() && now < since.saturating_add(time::Duration::try_from(lag).unwrap_or_default())
}

impl World {
    /// How far what is read differs from what is.
    pub fn consistency(&self) -> &Consistency {
        &self.consistency
    }

    /// Sets how far what is read differs from what is, from now on.
    pub fn set_consistency(&mut self, consistency: Consistency) {
        self.consistency = consistency;
    }

    /// Lets a policy copy the tags of each group onto everything that is written in it, or no longer.
    pub fn inherit_tags(&mut self, inherit: bool) {
        self.consistency.tag_policy = inherit.then(TagPolicy::default);
    }

    /// How often answers differed from what was true.
    pub fn lags_met(&self) -> LagsMet {
        self.lags
    }

    /// Keeps what a write is about to replace, where it will still be seen.
    pub(crate) fn keep_former(&mut self, key: &str, now: OffsetDateTime) {
        if self.consistency.stale.is_zero() {
            return;
        }
        if let Some(entry) = self.store.resource(key).cloned() {
            let rested = Entry {
                pending: None,
                ..entry
            };
            let kept = self.past.former.entry(key.to_owned()).or_default();
            kept.push((now, Arc::new(rested)));
        }
    }

    /// Keeps what is about to be gone, where it will still be seen.
    pub(crate) fn keep_gone(&mut self, key: &str, now: OffsetDateTime) {
        self.past.former.remove(key);
        if self.consistency.list_lag.is_zero() {
            return;
        }
        if let Some(entry) = self.store.resource(key).cloned() {
            let rested = Entry {
                pending: None,
                ..entry
            };
            let kept = (now, Arc::new(rested));
            self.past.gone.insert(key.to_owned(), kept);
        }
    }

    /// Lets go of what is no longer seen.
    pub(crate) fn forget_past(&mut self, now: OffsetDateTime) {
        let Consistency {
            stale, list_lag, ..
        } = self.consistency;
        self.past.former.retain(|_, kept| {
            kept.retain(|(until, _)| lags(now, *until, stale));
            !kept.is_empty()
        });
        self.past
            .gone
            .retain(|_, (since, _)| lags(now, *since, list_lag));
    }

    /// A resource as a GET sees it.
    pub(crate) fn seen(&self, call: &Call<'_>, key: &str) -> Option<&Entry> {
        let entry = self.store.resource(key)?;
        if call.undisturbed {
            return Some(entry);
        }
        if lags(call.now, entry.created, self.consistency.read_lag) {
            call.note(|met| met.missing += 1);
            return None;
        }
        Some(self.now_or_former(call, key, entry))
    }

    /// A resource as a list sees it, be it there or not.
    fn seen_in_list(&self, call: &Call<'_>, key: &str) -> Option<&Entry> {
        let entry = self.store.resource(key);
        if call.undisturbed {
            return entry;
        }
        let lag = self.consistency.list_lag;
        let known = entry.filter(|entry| !lags(call.now, entry.created, lag));
        if let Some(entry) = known {
            return Some(self.now_or_former(call, key, entry));
        }
        if entry.is_some() {
            call.note(|met| met.omitted += 1);
        }
        let (since, gone) = self.past.gone.get(key)?;
        lags(call.now, *since, lag).then(|| {
            call.note(|met| met.lingering += 1);
            gone.as_ref()
        })
    }

    fn now_or_former<'a>(&'a self, call: &Call<'_>, key: &str, entry: &'a Entry) -> &'a Entry {
        let former = self.past.former.get(key).into_iter().flatten();
        let stale = self.consistency.stale;
        // The oldest that is still seen: who reads is behind by that much.
        match former
            .into_iter()
            .find(|(until, _)| lags(call.now, *until, stale))
        {
            Some((_, former)) => {
                call.note(|met| met.stale += 1);
                former
            }
            None => entry,
        }
    }

    /// What a list of these keys shows: those that are seen, and those that still are.
    pub(crate) fn seen_of(
        &self,
        call: &Call<'_>,
        mut keys: Vec<String>,
        belongs: &dyn Fn(&str, &Entry) -> bool,
        admits: &dyn Fn(&str, &Entry) -> bool,
    ) -> Vec<(String, &Entry)> {
        if !self.past.gone.is_empty() && !call.undisturbed {
            let gone = self
                .past
                .gone
                .iter()
                .filter(|(key, (_, entry))| {
                    !self.store.resources().contains(key) && belongs(key, entry)
                })
                .map(|(key, _)| key.clone());
            keys.extend(gone);
            keys.sort_unstable();
        }
        keys.into_iter()
            .filter_map(|key| {
                let entry = self.seen_in_list(call, &key)?;
                admits(&key, entry).then_some((key, entry))
            })
            .collect()
    }

    /// Counts what is shown in other spellings or orders.
    pub(crate) fn note_scramble(&self, call: &Call<'_>, shown: usize) {
        if self.consistency.scramble {
            call.note(|met| met.scrambled += shown as u64);
        }
    }

    /// Whether lists show other tags than there are.
    pub(crate) fn lists_lag(&self) -> bool {
        !(self.consistency.list_lag.is_zero() && self.consistency.stale.is_zero())
    }

    /// Refuses to create in what is too new to be known.
    pub(crate) fn check_parent_known(
        &self,
        call: &Call<'_>,
        address: &Address,
    ) -> Result<(), ArmError> {
        let lag = self.consistency.parent_lag;
        if call.undisturbed || lag.is_zero() || address.is_group() {
            return Ok(());
        }
        let new = |key: Option<String>| {
            key.and_then(|key| self.store.resource(&key))
                .is_some_and(|entry| lags(call.now, entry.created, lag))
        };
        if let Some(name) = address.group_name()
            && new(address.group_key())
        {
            call.note(|met| met.parents_unknown += 1);
            return Err(ArmError::not_found(
                "ResourceGroupNotFound",
                format!("Resource group '{name}' could not be found."),
            ));
        }
        if let Some(parent) = address.parent()
            && new(Some(parent.key()))
        {
            call.note(|met| met.parents_unknown += 1);
            return Err(ArmError::not_found(
                "ParentResourceNotFound",
                format!(
                    "Failed to perform the operation on resource(s) of type '{}', because the parent resource '{}' could not be found.",
                    address.type_name(),
                    parent.path()
                ),
            ));
        }
        Ok(())
    }

    /// Refuses a write whose only access was assigned too recently.
    pub(crate) fn check_settled(&self, call: &Call<'_>) -> Result<(), ArmError> {
        let settling = self.consistency.settling;
        if call.undisturbed || settling.is_zero() || !call.request.method.is_write() {
            return Ok(());
        }
        let path = join(&call.at.segments).to_lowercase();
        let covers = |entry: &&Entry| {
            let text = |path: &str| tree::text(&entry.body, path).unwrap_or_default();
            let scope = text("properties.scope").to_lowercase();
            text("properties.principalId").eq_ignore_ascii_case(&call.principal)
                && path
                    .strip_prefix(scope.trim_end_matches('/'))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut assigned = self
            .store
            .of_type(ASSIGNMENTS, "")
            .filter_map(|key| self.store.resource(key))
            .filter(covers)
            .peekable();
        if assigned.peek().is_none()
            || assigned.any(|entry| !lags(call.now, entry.created, settling))
        {
            return Ok(());
        }
        call.note(|met| met.unsettled += 1);
        let action = match call.request.method {
            Method::Delete => "delete",
            Method::Post => "action",
            Method::Get | Method::Head | Method::Put | Method::Patch => "write",
        };
        Err(ArmError::new(
            403,
            "AuthorizationFailed",
            format!(
                "The client '{0}' with object id '{0}' does not have authorization to perform action '{1}/{action}' over scope '{2}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
                call.principal,
                call.subject.as_deref().unwrap_or_default(),
                join(&call.at.segments)
            ),
        ))
    }

    /// Adds the tags of the group that a policy copies.
    pub(crate) fn inherit(&self, call: &Call<'_>, entry: &mut Entry, limit: usize) {
        let Some(policy) = &self.consistency.tag_policy else {
            return;
        };
        if self.add_inherited(policy, entry, limit) {
            call.note(|met| met.tags_inherited += 1);
        }
    }

    fn add_inherited(&self, policy: &TagPolicy, entry: &mut Entry, limit: usize) -> bool {
        let named = policy.resource_types.is_empty()
            || policy.resource_types.iter().any(|name| entry.is(name));
        if !named || entry.is(GROUPS) {
            return false;
        }
        let group = entry
            .address()
            .group_key()
            .and_then(|key| self.store.resource(&key));
        let inherited = group.and_then(|group| group.body.get("tags")?.as_object());
        let Some(inherited) = inherited else {
            return false;
        };
        let mut tags = entry
            .body
            .get("tags")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let before = tags.len();
        for (name, value) in inherited {
            let there = tags.keys().any(|own| own.eq_ignore_ascii_case(name));
            if !there && tags.len() < limit {
                tags.insert(name.clone(), value.clone());
            }
        }
        let added = tags.len() > before;
        if added {
            entry.body.insert("tags".to_owned(), Value::Object(tags));
        }
        added
    }

    /// Applies the policy on tags to what is there already, as its remediation does. Returns how many
    /// resources it changed.
    pub fn remediate_tags(&mut self, now: OffsetDateTime) -> usize {
        let Some(policy) = self.consistency.tag_policy.clone() else {
            return 0;
        };
        let keys: Vec<String> = self.store.tracked("").map(str::to_owned).collect();
        let mut changed = 0;
        for key in keys {
            let Some(mut entry) = self.store.resource(&key).cloned() else {
                continue;
            };
            let limit = super::facts::facts()
                .of(&entry.type_name)
                .and_then(|facts| facts.overlay.tag_limit)
                .unwrap_or(50);
            if self.add_inherited(&policy, &mut entry, limit) {
                self.keep_former(&key, now);
                entry.version += 1;
                entry.changed = now;
                self.store.put_resource(&key, entry);
                changed += 1;
            }
        }
        changed
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(seconds).map_err(de::Error::custom)
    }
}
