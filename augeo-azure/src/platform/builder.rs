//! Makes the stack of an environment: calls the modules in turn and gives them what they share.

use std::collections::BTreeMap;

use augeo_core::finding::SourceLocation;
use augeo_core::stack::{Added, Existing, Stack};

use super::check::RESOURCES;
use super::config::Config;
use super::document::{NodeValue, Table};
use super::environment::Defaults;
use super::error::{ConfigErrors, Mistake};
use super::mistakes::{Mistakes, Place};
use super::root::{EXISTING, ROOT};
use super::section::{Declared, Section};
use super::setting::{ENABLED, LOCK, SectionSpec};
use super::{
    app_service, app_service_plan, budget, communication, custom, database, dns, identity,
    key_vault, log_analytics, monitoring, redis, resource_group, shared, static_web_app, storage,
};
use crate::resources::Lock;

/// A stack in the making.
pub(super) struct Builder<'a> {
    config: &'a Config,
    declared: Declared<'a>,
    top: Section,
    declared_at: Place,
    /// What has been added so far.
    pub(super) stack: Stack,
    /// What is wrong with this environment.
    pub(super) mistakes: Mistakes,
}

impl<'a> Builder<'a> {
    pub(super) fn new(config: &'a Config, declared: Declared<'a>) -> Self {
        let top = Section::merge(config.root(), &declared, &ROOT);
        let stack = Stack::new(config.project(), declared.name);
        let mistakes = Mistakes::new(config.source());
        let declared_at = declared.place();
        Self {
            config,
            declared,
            top,
            declared_at,
            stack,
            mistakes,
        }
    }

    /// The stack, or everything that is wrong with it.
    pub(super) fn build(mut self) -> Result<Stack, ConfigErrors> {
        if self.environment() == shared::NAME {
            let environments: Vec<&str> = self.config.own_environments().collect();
            shared::add(&mut self, &environments);
            return self.mistakes.or(self.stack);
        }
        let group = resource_group::add(&mut self);
        let logs = log_analytics::add(&mut self, &group);
        let insights = monitoring::add(&mut self, &group, logs.as_ref());
        let store = storage::add(&mut self, &group);
        let identity = identity::add(&mut self, &group);
        let of_identity = identity.as_ref();
        let vault = of_identity.and_then(|identity| key_vault::add(&mut self, &group, identity));
        let database = database::add(&mut self, &group, of_identity, vault.as_ref());
        let around = redis::Shared {
            group: &group,
            identity: of_identity,
            store: store.as_ref(),
        };
        let redis = redis::add(&mut self, around);
        let dns = dns::add(&mut self, &group);
        let dns = dns.as_ref();
        let communication = communication::add(&mut self, &group, of_identity, dns);
        let plan = app_service_plan::add(&mut self, &group);
        if let Some(identity) = identity {
            let around = app_service::Shared {
                group: &group,
                identity,
                insights,
                vault,
                database,
                redis,
                communication,
                dns,
            };
            app_service::add(&mut self, &around, plan.as_ref());
        }
        static_web_app::add(&mut self, &group, dns);
        budget::add(&mut self, &group);
        custom::add(&mut self, &group);
        self.mistakes.or(self.stack)
    }

    /// The environment's name.
    pub(super) fn environment(&self) -> &str {
        self.declared.name
    }

    /// What the environment has where nobody says otherwise.
    pub(super) fn defaults(&self) -> &'static Defaults {
        self.declared.defaults
    }

    /// The project's name.
    pub(super) fn project(&self) -> &str {
        self.config.project()
    }

    /// The region, as Azure's templates spell it.
    pub(super) fn location(&self) -> String {
        crate::normalize::location(self.top.text("location").unwrap_or_default())
    }

    /// The tags of everything that has tags.
    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::from([
            ("Environment".to_owned(), self.environment().to_owned()),
            ("Project".to_owned(), self.project().to_owned()),
        ]);
        for (tag, key) in [(OWNER, "owner"), (COST_CENTER, "cost_center")] {
            if let Some(text) = self.top.text(key) {
                tags.insert(tag.to_owned(), text.to_owned());
            }
        }
        tags.extend(self.top.map("tags"));
        tags
    }

    fn tag_place(&self, tag: &str) -> &Place {
        let written = format!("tags.{tag}");
        match tag {
            _ if self.top.is_written(&written) => self.top.at(&written),
            "Project" => self.top.at("project"),
            OWNER => self.top.at("owner"),
            COST_CENTER => self.top.at("cost_center"),
            _ => &self.declared_at,
        }
    }

    /// The table of a module, as it holds here.
    pub(super) fn section(&self, spec: &SectionSpec) -> Section {
        Section::merge(self.config.root(), &self.declared, spec)
    }

    /// The table of a module in each environment.
    pub(super) fn everywhere(
        &self,
        spec: &'static SectionSpec,
    ) -> impl Iterator<Item = (&'a str, Section)> + use<'a> {
        self.config.everywhere(spec)
    }

    /// The id of something that is there already, if the configuration names one.
    pub(super) fn existing(&self, key: &str) -> Option<String> {
        self.section(&EXISTING).text(key).map(str::to_owned)
    }

    /// Names something that is there already, whose id is the value of this key.
    pub(super) fn add_existing<R>(
        &mut self,
        name: &str,
        key: &str,
        existing: Existing<R>,
    ) -> Added<R> {
        let place = self.locate(self.section(&EXISTING).at(key));
        let added = self.stack.existing(name, existing);
        self.stack.describe(&added).declared_at(place);
        added
    }

    /// Says where a resource and its properties were written: pairs of property and key.
    pub(super) fn describe<R>(
        &mut self,
        added: &Added<R>,
        section: &Section,
        properties: &[(&str, &str)],
    ) {
        let mut places: Vec<(String, SourceLocation)> = properties
            .iter()
            .map(|(property, key)| ((*property).to_owned(), self.locate(section.at(key))))
            .collect();
        let value = self
            .stack
            .resources()
            .iter()
            .rfind(|desired| desired.name == *added.name())
            .map(|desired| &desired.value);
        let own = properties
            .iter()
            .any(|(property, _)| *property == "location");
        if !own && value.is_some_and(|value| value.field("location").is_some()) {
            places.push(("location".to_owned(), self.locate(self.top.at("location"))));
        }
        let tags = value
            .and_then(|value| value.field("tags"))
            .and_then(|tags| tags.as_object());
        for tag in tags.into_iter().flat_map(|tags| tags.keys()) {
            places.push((format!("tags.{tag}"), self.locate(self.tag_place(tag))));
        }
        let declared_at = self.locate(section.place());
        let mut description = self.stack.describe(added);
        description.declared_at(declared_at);
        for (property, place) in places {
            description.property_at(&property, place);
        }
    }

    /// Locks what holds data, as the key `lock` of its table says.
    pub(super) fn lock<R>(&mut self, added: &Added<R>, section: &Section) {
        let mut lock = Lock::on(added);
        lock.notes = Some("Holds data. Augeo lifts this lock where a plan says so.".to_owned());
        let name = format!("{}-lock", added.name());
        let lock = self.stack.add(name, lock);
        let place = self.locate(section.at(LOCK.key));
        self.stack.describe(&lock).declared_at(place);
    }

    /// The tables of resources of other types.
    pub(super) fn resource_tables(&self) -> impl Iterator<Item = &'a Table> {
        let list = self
            .config
            .root()
            .get(RESOURCES)
            .map(|entry| &entry.node.value);
        let items = if let Some(NodeValue::List(items)) = list {
            items.as_slice()
        } else {
            &[]
        };
        items.iter().filter_map(|item| match &item.value {
            NodeValue::Table(table) => Some(table),
            NodeValue::Text(_)
            | NodeValue::Number(_)
            | NodeValue::HugeNumber
            | NodeValue::Float(_)
            | NodeValue::Flag(_)
            | NodeValue::Date(_)
            | NodeValue::List(_) => None,
        })
    }

    /// Every name in the stack so far, with its place.
    pub(super) fn names(&self) -> BTreeMap<String, SourceLocation> {
        let own = self.stack.resources().iter();
        let own = own.map(|desired| (desired.name.to_string(), desired.location.clone()));
        let others = self.stack.existing_resources().iter();
        let others = others.map(|(name, entry)| (name.to_string(), entry.location.clone()));
        own.chain(others).collect()
    }

    /// A place as others read it.
    pub(super) fn locate(&self, place: &Place) -> SourceLocation {
        self.mistakes.location(place)
    }

    /// A module is on, and one that it needs is off: told where that one was switched off.
    pub(super) fn needs(&mut self, module: &str, needed: &SectionSpec, help: &str) {
        let mistake = Mistake::ModuleNeeded {
            module: module.to_owned(),
            needed: needed.name.to_owned(),
            environment: self.environment().to_owned(),
            help: help.to_owned(),
        };
        let section = self.section(needed);
        self.mistakes.add(section.at(ENABLED.key), mistake);
    }
}

const OWNER: &str = "Owner";
const COST_CENTER: &str = "CostCenter";
