//! The configuration: a checked document, and the environments that it declares.

use std::fmt;

use augeo_core::finding::Finding;
use augeo_core::stack::Stack;
use time::Date;

use super::builder::Builder;
use super::check;
use super::document::{self, Entry, Table};
use super::environment::{DEV, Defaults, PRODUCTION};
use super::error::{ConfigErrors, Mistake};
use super::mistakes::{Mistakes, Place, closest};
use super::root::{EXISTING, ROOT};
use super::section::{Declared, Section};
use super::setting::SectionSpec;
use super::source::Source;
use super::{
    app_service, app_service_plan, budget, communication, database, dns, key_vault, log_analytics,
    monitoring, redis_settings, resource_group, shared, static_web_app, storage, suppress,
};
use crate::credential::CredentialKind;
use crate::rules::{self, Occasion, Suppression};

/// The tables beside the top of the document, in the order of the reference.
pub(super) static SECTIONS: &[&SectionSpec] = &[
    &resource_group::SECTION,
    &log_analytics::SECTION,
    &monitoring::SECTION,
    &storage::SECTION,
    &key_vault::SECTION,
    &database::SECTION,
    &redis_settings::SECTION,
    &app_service_plan::SECTION,
    &app_service::SECTION,
    &static_web_app::SECTION,
    &dns::SECTION,
    &communication::SECTION,
    &budget::SECTION,
    &EXISTING,
];

/// Where an environment lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// On the emulator.
    Emulator,
    /// In Azure.
    Azure,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emulator => "emulator",
            Self::Azure => "azure",
        })
    }
}

/// What `augeo.toml` says. Every value in it has been checked.
///
/// ```
/// use augeo_azure::platform::Config;
///
/// let text = r#"
///     project = "augeo"
///     location = "westeurope"
///     [environment.dev]
///     target = "emulator"
/// "#;
/// let config = Config::parse(text, "augeo.toml")?;
/// let stack = config.stack("dev")?;
/// assert_eq!(stack.name().to_string(), "augeo/dev");
/// # Ok::<(), augeo_azure::platform::ConfigErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    source: Source,
    root: Table,
}

/// The stack of an environment, and what was not to be told of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JudgedStack {
    /// The stack, with what the rules say of it among its findings.
    pub stack: Stack,
    /// What they say, too, and the configuration suppresses.
    pub suppressed: Vec<(Finding, Suppression)>,
}

impl Config {
    /// Reads a configuration. `file_name` is what its places are called.
    ///
    /// # Errors
    /// All mistakes of the text at once: what is no TOML, keys that are not known, values of the
    /// wrong type or form, what is missing.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigErrors> {
        let source = Source::new(file_name, text);
        let mut mistakes = Mistakes::new(&source);
        let root = match document::parse(text) {
            Ok(root) => {
                check::document(&root, &mut mistakes);
                root
            }
            Err(errors) => {
                for error in errors {
                    let place = Place::new(error.span, "");
                    mistakes.add(
                        &place,
                        Mistake::Syntax {
                            problem: error.problem,
                        },
                    );
                }
                Table::new()
            }
        };
        mistakes.or(Self { source, root })
    }

    /// The name of the project.
    pub fn project(&self) -> &str {
        match self.root.get("project").map(|entry| &entry.node.value) {
            Some(document::NodeValue::Text(text)) => text,
            _ => "",
        }
    }

    /// The environments that are declared, in alphabetical order, and after them the stack that they
    /// share, if there is one.
    pub fn environments(&self) -> Vec<&str> {
        let shared = self.root.contains_key(shared::NAME).then_some(shared::NAME);
        self.own_environments().chain(shared).collect()
    }

    /// The environments without the stack that they share.
    pub(super) fn own_environments(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(name, _)| name)
    }

    /// Where an environment lives, if the configuration says.
    ///
    /// # Errors
    /// When the environment is not declared.
    pub fn target(&self, environment: &str) -> Result<Option<Target>, ConfigErrors> {
        let target = self
            .top(environment)?
            .text("target")
            .map(|word| match word {
                "azure" => Target::Azure,
                _ => Target::Emulator,
            });
        Ok(target)
    }

    /// The subscription of an environment, if the configuration says.
    ///
    /// # Errors
    /// When the environment is not declared.
    pub fn subscription(&self, environment: &str) -> Result<Option<String>, ConfigErrors> {
        Ok(self
            .top(environment)?
            .text("subscription")
            .map(str::to_owned))
    }

    /// Which of Azure's clouds an environment is in: a name that `Cloud::named` knows.
    ///
    /// # Errors
    /// When the environment is not declared.
    pub fn cloud(&self, environment: &str) -> Result<String, ConfigErrors> {
        Ok(self
            .top(environment)?
            .text("cloud")
            .unwrap_or("public")
            .to_owned())
    }

    /// How to sign in for an environment, if the configuration says.
    ///
    /// # Errors
    /// When the environment is not declared.
    pub fn credential(&self, environment: &str) -> Result<Option<CredentialKind>, ConfigErrors> {
        let top = self.top(environment)?;
        let named = top.text("credential");
        Ok(named.and_then(|name| CredentialKind::named(name).ok()))
    }

    /// The region of an environment.
    ///
    /// # Errors
    /// When the environment is not declared.
    pub fn location(&self, environment: &str) -> Result<String, ConfigErrors> {
        Ok(self
            .top(environment)?
            .text("location")
            .unwrap_or_default()
            .to_owned())
    }

    /// What is to be there in an environment, before any rule has looked at it.
    ///
    /// # Errors
    /// When the environment is not declared, a module lacks one that is switched off, or a
    /// resource of the configuration refers to one that is not there; all such mistakes at once.
    pub fn stack(&self, environment: &str) -> Result<Stack, ConfigErrors> {
        let declared = self.declared(environment)?;
        Builder::new(self, declared).build()
    }

    /// The same with what the [rules](crate::rules) say of it on a day among its findings, but for
    /// what the configuration suppresses. A suppression that hides nothing in any environment is
    /// told, unless some environment has mistakes.
    ///
    /// # Errors
    /// When [`Config::stack`] has.
    pub fn judged(&self, environment: &str, today: Date) -> Result<JudgedStack, ConfigErrors> {
        let mut stack = self.stack(environment)?;
        let found = self.found(&stack, environment, today)?;
        let suppressions = suppress::read(&self.root, &self.source);
        let judged = rules::judge(found, &suppressions, today);
        for finding in judged.findings {
            stack.report(finding);
        }
        for suppression in self.unused(&suppressions, today) {
            stack.report(rules::unused(suppression));
        }
        Ok(JudgedStack {
            stack,
            suppressed: judged.suppressed,
        })
    }

    fn found(
        &self,
        stack: &Stack,
        environment: &str,
        today: Date,
    ) -> Result<Vec<Finding>, ConfigErrors> {
        let cloud = self.cloud(environment)?;
        let mut occasion = Occasion::on(today);
        occasion.cloud = &cloud;
        Ok(rules::check(stack, &occasion))
    }

    /// The suppressions that hold and hide nothing in any environment.
    fn unused<'s>(&self, suppressions: &'s [Suppression], today: Date) -> Vec<&'s Suppression> {
        if suppressions.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for environment in self.environments() {
            let of = self.stack(environment);
            match of.and_then(|stack| self.found(&stack, environment, today)) {
                Ok(more) => found.extend(more),
                Err(_) => return Vec::new(),
            }
        }
        let held = suppressions.iter().filter(|it| it.until >= today);
        held.filter(|it| !found.iter().any(|finding| it.covers(finding)))
            .collect()
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let all = self.root.get(check::ENVIRONMENTS).and_then(Entry::table);
        all.into_iter()
            .flatten()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    fn declared<'a>(&'a self, environment: &'a str) -> Result<Declared<'a>, ConfigErrors> {
        let shared = self.root.get(shared::NAME);
        if let Some(entry) = shared.filter(|_| environment == shared::NAME) {
            return Ok(Declared {
                name: environment,
                entry,
                defaults: &PRODUCTION,
            });
        }
        let Some((name, entry)) = self.entries().find(|(name, _)| *name == environment) else {
            let mut mistakes = Mistakes::new(&self.source);
            mistakes.add_elsewhere(Mistake::UnknownEnvironment {
                name: super::form::shortened(environment),
                meant: closest(environment, self.environments()),
                known: self.environments().into_iter().map(str::to_owned).collect(),
            });
            return Err(mistakes.into_errors());
        };
        let like = entry.table().and_then(|table| table.get("like"));
        let kind = match like.map(|entry| &entry.node.value) {
            Some(document::NodeValue::Text(word)) => word,
            _ => name,
        };
        let defaults = Defaults::of_kind(kind).unwrap_or(&DEV);
        Ok(Declared {
            name,
            entry,
            defaults,
        })
    }

    /// A table as it holds in each environment.
    pub(super) fn everywhere(
        &self,
        spec: &'static SectionSpec,
    ) -> impl Iterator<Item = (&str, Section)> {
        self.own_environments().filter_map(move |name| {
            let declared = self.declared(name).ok()?;
            Some((name, Section::merge(&self.root, &declared, spec)))
        })
    }

    fn top(&self, environment: &str) -> Result<Section, ConfigErrors> {
        Ok(Section::merge(
            &self.root,
            &self.declared(environment)?,
            &ROOT,
        ))
    }

    pub(super) fn root(&self) -> &Table {
        &self.root
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}
