//! The tables of the world, their indexes, and the changes since they were last written out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::entry::{Entry, NEVER, NameHold, Operation, Principal, Registration, SoftDeleted};
use super::facts::facts;

/// How long an operation's status can be asked for after its end.
const OPERATION_MEMORY: Duration = Duration::days(1);

/// A change of one row: `None` removes it.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) row: Option<Value>,
}

/// Rows by key, with the keys that changed.
#[derive(Clone, Debug)]
pub(crate) struct Table<V> {
    rows: BTreeMap<String, Arc<V>>,
    changed: Option<BTreeSet<String>>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            changed: None,
        }
    }
}

impl<V: Clone + Serialize + DeserializeOwned> Table<V> {
    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.rows.get(key).map(Arc::as_ref)
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.rows
            .iter()
            .map(|(key, row)| (key.as_str(), row.as_ref()))
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Rows from a prefix on, in order.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a V)> {
        self.rows
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, row)| (key.as_str(), row.as_ref()))
    }

    fn put(&mut self, key: &str, row: V) {
        if let Some(changed) = &mut self.changed {
            changed.insert(key.to_owned());
        }
        self.rows.insert(key.to_owned(), Arc::new(row));
    }

    fn take(&mut self, key: &str) -> Option<V> {
        let row = self.rows.remove(key)?;
        if let Some(changed) = &mut self.changed {
            changed.insert(key.to_owned());
        }
        Some(Arc::unwrap_or_clone(row))
    }

    fn drain(&mut self, table: &str, out: &mut Vec<Change>) {
        let Some(changed) = &mut self.changed else {
            return;
        };
        for key in std::mem::take(changed) {
            let row = self
                .rows
                .get(&key)
                .and_then(|row| serde_json::to_value(row.as_ref()).ok());
            out.push(Change {
                table: table.to_owned(),
                key,
                row,
            });
        }
    }
}

/// Something that the clock brings about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// An operation ends.
    Finish(String),
    /// What was softly deleted is gone.
    Purge(String),
    /// An operation is forgotten.
    Forget(String),
}

/// All rows, with the indexes that are derived from them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    resources: Table<Entry>,
    operations: Table<Operation>,
    soft_deleted: Table<SoftDeleted>,
    names: Table<NameHold>,
    registrations: Table<Registration>,
    incarnations: Table<u64>,
    principals: Table<Principal>,
    counters: Table<u64>,
    by_type: BTreeMap<String, BTreeSet<String>>,
    by_tag: BTreeMap<(String, String), BTreeSet<String>>,
    tracked: BTreeSet<String>,
    due: BTreeSet<(OffsetDateTime, Due)>,
    /// Operations that run, by the root that they exclude.
    active: BTreeSet<(String, String)>,
}

macro_rules! plain_table {
    ($($field:ident: $row:ty, $put:ident, $take:ident;)*) => {
        impl Store {
            $(
                pub(crate) fn $field(&self) -> &Table<$row> { &self.$field }
                pub(crate) fn $put(&mut self, key: &str, row: $row) { self.$field.put(key, row); }
                pub(crate) fn $take(&mut self, key: &str) -> Option<$row> { self.$field.take(key) }
            )*
        }
    };
}

plain_table! {
    names: NameHold, put_name, take_name;
    registrations: Registration, put_registration, take_registration;
    incarnations: u64, put_incarnation, take_incarnation;
    principals: Principal, put_principal, take_principal;
}

impl Store {
    pub(crate) fn resources(&self) -> &Table<Entry> {
        &self.resources
    }

    pub(crate) fn operations(&self) -> &Table<Operation> {
        &self.operations
    }

    pub(crate) fn soft_deleted(&self) -> &Table<SoftDeleted> {
        &self.soft_deleted
    }

    pub(crate) fn resource(&self, key: &str) -> Option<&Entry> {
        self.resources.get(key)
    }

    pub(crate) fn put_resource(&mut self, key: &str, entry: Entry) {
        self.unindex(key);
        self.by_type
            .entry(entry.type_name.to_lowercase())
            .or_default()
            .insert(key.to_owned());
        for tag in tags(&entry) {
            self.by_tag.entry(tag).or_default().insert(key.to_owned());
        }
        if !entry.is("Microsoft.Resources/resourceGroups")
            && facts()
                .schemas
                .get(&entry.type_name)
                .is_some_and(super::schema::TypeSchema::is_tracked)
        {
            self.tracked.insert(key.to_owned());
        }
        self.resources.put(key, entry);
    }

    pub(crate) fn take_resource(&mut self, key: &str) -> Option<Entry> {
        self.unindex(key);
        self.resources.take(key)
    }

    fn unindex(&mut self, key: &str) {
        let Some(entry) = self.resources.get(key) else {
            return;
        };
        let type_name = entry.type_name.to_lowercase();
        if let Some(keys) = self.by_type.get_mut(&type_name) {
            keys.remove(key);
        }
        for tag in tags(entry) {
            if let Some(keys) = self.by_tag.get_mut(&tag) {
                keys.remove(key);
            }
        }
        self.tracked.remove(key);
    }

    /// Keys of resources of a type, from a prefix on, in order.
    pub(crate) fn of_type<'a>(
        &'a self,
        type_name: &str,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        self.by_type
            .get(&type_name.to_lowercase())
            .into_iter()
            .flat_map(move |keys| under(keys, prefix))
    }

    /// Whether there is any resource of a type.
    pub(crate) fn any_of_type(&self, type_name: &str) -> bool {
        self.by_type
            .get(&type_name.to_lowercase())
            .is_some_and(|keys| !keys.is_empty())
    }

    /// Keys of tracked resources with a tag, its name without regard to case.
    pub(crate) fn tagged(&self, name: &str, value: &str) -> impl Iterator<Item = &str> {
        self.by_tag
            .get(&(name.to_lowercase(), value.to_owned()))
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Keys of tracked resources from a prefix on.
    pub(crate) fn tracked<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        under(&self.tracked, prefix)
    }

    pub(crate) fn is_tracked(&self, key: &str) -> bool {
        self.tracked.contains(key)
    }

    pub(crate) fn put_operation(&mut self, operation: Operation) {
        let key = operation.id.clone();
        self.unschedule(&key);
        if operation.done {
            self.due.insert((
                operation.ends.saturating_add(OPERATION_MEMORY),
                Due::Forget(key.clone()),
            ));
        } else {
            if operation.ends != NEVER {
                self.due.insert((operation.ends, Due::Finish(key.clone())));
            }
            self.active.insert((operation.root.clone(), key.clone()));
        }
        self.operations.put(&key, operation);
    }

    pub(crate) fn take_operation(&mut self, key: &str) -> Option<Operation> {
        self.unschedule(key);
        self.operations.take(key)
    }

    fn unschedule(&mut self, key: &str) {
        if let Some(old) = self.operations.get(key) {
            self.due.remove(&(old.ends, Due::Finish(key.to_owned())));
            self.due.remove(&(
                old.ends.saturating_add(OPERATION_MEMORY),
                Due::Forget(key.to_owned()),
            ));
            self.active.remove(&(old.root.clone(), key.to_owned()));
        }
    }

    pub(crate) fn put_soft_deleted(&mut self, key: &str, row: SoftDeleted) {
        self.take_soft_deleted(key);
        self.due.insert((row.purge, Due::Purge(key.to_owned())));
        self.soft_deleted.put(key, row);
    }

    pub(crate) fn take_soft_deleted(&mut self, key: &str) -> Option<SoftDeleted> {
        let row = self.soft_deleted.take(key)?;
        self.due.remove(&(row.purge, Due::Purge(key.to_owned())));
        Some(row)
    }

    /// The operations that run under a root.
    pub(crate) fn active<'a>(&'a self, root: &'a str) -> impl Iterator<Item = &'a Operation> {
        self.active
            .range((root.to_owned(), String::new())..)
            .take_while(move |(key, _)| key == root)
            .filter_map(|(_, id)| self.operations.get(id))
    }

    /// What the clock has brought about by now, earliest first; it is handed out once.
    pub(crate) fn next_due(&mut self, now: OffsetDateTime) -> Option<(OffsetDateTime, Due)> {
        let (at, _) = self.due.first()?;
        if *at > now {
            None
        } else {
            self.due.pop_first()
        }
    }

    /// When the clock next brings something about.
    pub(crate) fn next_change(&self) -> Option<OffsetDateTime> {
        self.due
            .iter()
            .find(|(_, due)| !matches!(due, Due::Forget(_)))
            .map(|(at, _)| *at)
    }

    /// The next number of a counter.
    pub(crate) fn count(&mut self, counter: &str) -> u64 {
        let next = self.counters.get(counter).copied().unwrap_or(0) + 1;
        self.counters.put(counter, next);
        next
    }

    /// From now on the changes of rows are remembered.
    pub(crate) fn track_changes(&mut self) {
        macro_rules! track {
            ($($field:ident),*) => { $( self.$field.changed = Some(BTreeSet::new()); )* };
        }
        track!(
            resources,
            operations,
            soft_deleted,
            names,
            registrations,
            incarnations,
            principals,
            counters
        );
    }

    /// The changes since the last call.
    pub(crate) fn drain_changes(&mut self) -> Vec<Change> {
        let mut out = Vec::new();
        macro_rules! drain {
            ($($field:ident),*) => { $( self.$field.drain(stringify!($field), &mut out); )* };
        }
        drain!(
            resources,
            operations,
            soft_deleted,
            names,
            registrations,
            incarnations,
            principals,
            counters
        );
        out
    }

    /// Every row as a change from nothing.
    pub(crate) fn all_rows(&self) -> Vec<Change> {
        let mut out = Vec::new();
        macro_rules! all {
            ($($field:ident),*) => { $(
                out.extend(self.$field.iter().map(|(key, row)| Change { table: stringify!($field).to_owned(), key: key.to_owned(), row: serde_json::to_value(row).ok() }));
            )* };
        }
        all!(
            resources,
            operations,
            soft_deleted,
            names,
            registrations,
            incarnations,
            principals,
            counters
        );
        out
    }

    /// Applies a change that was written elsewhere; it is not remembered as one of ours.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<(), serde_json::Error> {
        fn read<V: DeserializeOwned>(row: &Value) -> Result<V, serde_json::Error> {
            V::deserialize(row)
        }
        let key = change.key.as_str();
        match (change.table.as_str(), &change.row) {
            ("resources", Some(row)) => self.put_resource(key, read(row)?),
            ("resources", None) => drop(self.take_resource(key)),
            ("operations", Some(row)) => self.put_operation(read(row)?),
            ("operations", None) => drop(self.take_operation(key)),
            ("soft_deleted", Some(row)) => self.put_soft_deleted(key, read(row)?),
            ("soft_deleted", None) => drop(self.take_soft_deleted(key)),
            ("names", Some(row)) => self.put_name(key, read(row)?),
            ("names", None) => drop(self.take_name(key)),
            ("registrations", Some(row)) => self.put_registration(key, read(row)?),
            ("registrations", None) => drop(self.take_registration(key)),
            ("incarnations", Some(row)) => self.put_incarnation(key, read(row)?),
            ("incarnations", None) => drop(self.take_incarnation(key)),
            ("principals", Some(row)) => self.put_principal(key, read(row)?),
            ("principals", None) => drop(self.take_principal(key)),
            ("counters", Some(row)) => self.counters.put(key, read(row)?),
            ("counters", None) => drop(self.counters.take(key)),
            (other, _) => return Err(serde::de::Error::custom(format!("unknown table '{other}'"))),
        }
        Ok(())
    }
}

fn under<'a>(keys: &'a BTreeSet<String>, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    keys.range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(move |key| key.starts_with(prefix))
        .map(String::as_str)
}

fn tags(entry: &Entry) -> Vec<(String, String)> {
    let tags = entry.body.get("tags").and_then(Value::as_object);
    tags.into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
        .collect()
}
