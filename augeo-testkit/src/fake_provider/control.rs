//! What a test does to the fake world and asks of it, beside what an engine does.

use std::time::Duration;

use augeo_core::name::{ResourceId, TypeName};
use augeo_core::value::{Object, Value};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::FakeProvider;
use super::fault::Fault;
use super::world::{Mutation, Phase, Record, World, id};

impl FakeProvider {
    /// The same world as another process meets it after this one died: what only memory held,
    /// the values of secrets, is lost.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self {
            memory: std::sync::Arc::default(),
            death: CancellationToken::new(),
            ..self.clone()
        }
    }

    /// The same world by a provider that does not describe a type.
    #[must_use]
    pub fn without_type(&self, ty: &str) -> Self {
        let mut types = (*self.types).clone();
        types.remove(&TypeName::new(ty));
        Self {
            types: std::sync::Arc::new(types),
            ..self.clone()
        }
    }

    /// Cancelled when a fault made the process die: whoever runs the engine drops it then.
    pub fn death(&self) -> CancellationToken {
        self.death.clone()
    }

    /// Adds a fault.
    pub fn inject(&self, fault: Fault) {
        self.world().faults.push(fault);
    }

    /// Denies reading resources of a type, until it is healed.
    pub fn deny_read(&self, ty: &str) {
        self.world().denied.push(TypeName::new(ty));
    }

    /// Takes every fault and denial back.
    pub fn heal(&self) {
        let mut world = self.world();
        world.faults.clear();
        world.denied.clear();
    }

    /// From now on what something else mentions cannot be deleted.
    pub fn keep_mentioned(&self) {
        self.world().keeps_mentioned = true;
    }

    /// From now on domains are proven as soon as that is asked for.
    pub fn prove_at_once(&self) {
        self.world().proves_at_once = true;
    }

    /// The keys of everything that exists and is not soft-deleted.
    pub fn keys(&self) -> Vec<String> {
        let world = self.world();
        let live = world
            .records
            .iter()
            .filter(|(_, record)| World::is_live(record));
        live.map(|(id, _)| id.key().to_owned()).collect()
    }

    /// The properties of the resource whose key ends so.
    pub fn value(&self, key: &str) -> Option<Value> {
        let world = self.world();
        let found = world.records.iter().find(|(id, _)| id.key().ends_with(key));
        found.map(|(_, record)| record.value.clone())
    }

    /// The version of the secret whose value the resource was really given at `path`.
    pub fn given(&self, key: &str, path: &str) -> Option<String> {
        let world = self.world();
        let found = world.records.iter().find(|(id, _)| id.key().ends_with(key));
        found.and_then(|(_, record)| record.given.get(path).cloned())
    }

    /// How often the resource was written; the version of a secret.
    pub fn version(&self, key: &str) -> Option<u64> {
        let world = self.world();
        let found = world.records.iter().find(|(id, _)| id.key().ends_with(key));
        found.map(|(_, record)| record.version)
    }

    /// Every mutation, in the order in which it was committed.
    pub fn journal(&self) -> Vec<Mutation> {
        self.world().journal.clone()
    }

    /// Every mutation as `verb key`, with the last part of the key only.
    pub fn story(&self) -> Vec<String> {
        let world = self.world();
        let told = world.journal.iter().map(|mutation| {
            let label = mutation.key.rsplit(['/', '.']).next().unwrap_or_default();
            format!("{} {label}", mutation.verb)
        });
        told.collect()
    }

    /// Forgets which mutations there were.
    pub fn forget_journal(&self) {
        self.world().journal.clear();
    }

    /// How many requests were made.
    pub fn requests(&self) -> usize {
        self.world().requests
    }

    /// How many changes ran at once, at most.
    pub fn running_max(&self) -> usize {
        self.world().in_flight_max
    }

    /// What no engine may do, and this one did: overlapping changes, a use before its
    /// dependency is ready, a foreign resource destroyed.
    pub fn violations(&self) -> Vec<String> {
        self.world().violations.clone()
    }

    fn with_record(&self, key: &str, edit: impl FnOnce(&mut Record)) {
        let mut world = self.world();
        let found = world
            .records
            .iter_mut()
            .find(|(id, _)| id.key().ends_with(key));
        let (id, record) = found.expect("the resource exists");
        edit(record);
        let id = id.clone();
        world.schedule(&id);
    }

    /// Somebody else sets a property.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn edit(&self, key: &str, property: &str, value: impl Into<Value>) {
        self.with_record(key, |record| {
            let object = record.value.as_object_mut();
            object
                .expect("values are objects")
                .insert(property.to_owned(), value.into());
        });
    }

    /// Somebody else sets the key of a map.
    ///
    /// # Panics
    /// When no resource has a key that ends so, or the property is no map.
    pub fn edit_map(&self, key: &str, property: &str, entry: &str, value: impl Into<Value>) {
        self.with_record(key, |record| {
            let object = record
                .value
                .as_object_mut()
                .expect("values are objects")
                .entry(property.to_owned())
                .or_insert_with(|| Value::Object(Object::new()));
            let map = object.as_object_mut().expect("the property is a map");
            map.insert(entry.to_owned(), value.into());
        });
    }

    /// An operation of somebody else's runs on the resource for so long.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn keep_busy(&self, key: &str, duration: Duration) {
        let until = Instant::now() + duration;
        self.with_record(key, |record| {
            record.phase = Phase::Busy {
                until,
                fails: None,
                unheard: false,
            };
        });
    }

    /// Somebody else deletes the resource; it takes so long.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn keep_deleting(&self, key: &str, duration: Duration) {
        let until = Instant::now() + duration;
        self.with_record(key, |record| record.phase = Phase::Deleting { until });
    }

    /// The last operation on the resource has failed.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn fail(&self, key: &str, code: &'static str) {
        self.with_record(key, |record| record.phase = Phase::Failed { code });
    }

    /// The resource and everything in it disappear, whatever their owner thinks; a vault is
    /// soft-deleted.
    pub fn lose(&self, key: &str) {
        let mut world = self.world();
        let found: Vec<ResourceId> = world
            .records
            .keys()
            .filter(|id| id.key().ends_with(key))
            .cloned()
            .collect();
        for id in found {
            world.remove(&id);
        }
    }

    /// The resource bears the mark of another stack from now on.
    ///
    /// # Panics
    /// When no resource has a key that ends so.
    pub fn give_away(&self, key: &str, owner: &str) {
        self.with_record(key, |record| record.owner = Some(owner.to_owned()));
    }

    /// Somebody else's resource appears; `owner` is the stack whose mark it carries.
    pub fn insert_foreign(&self, key: &str, ty: &str, owner: Option<&str>) {
        let parent = key.rsplit_once('/').map(|(parent, _)| parent);
        let parent = parent.filter(|parent| !parent.is_empty()).map(id);
        self.world()
            .records
            .insert(id(key), Record::foreign(ty, owner, parent));
    }
}
