//! Mistakes in a configuration: what each one is, where it stands, and what to do about it.

use std::fmt;
use std::ops::Range;

use augeo_core::finding::{Finding, SourceLocation};
use augeo_core::render::printable;

use super::excerpt;
use super::source::Source;

/// What is wrong, apart from where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    /// The text is not TOML.
    #[error("the file is not TOML: {problem}")]
    Syntax {
        /// What the parser objects to.
        problem: String,
    },
    /// A key or a table that the blueprint does not know.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// As it is written.
        key: String,
        /// The known key that it resembles.
        meant: Option<String>,
        /// The keys that are known there.
        known: Vec<String>,
    },
    /// A value of another type than the key takes.
    #[error("`{key}` takes {expected}, not {found}")]
    WrongType {
        /// Whose value it is.
        key: String,
        /// What it takes, with its article.
        expected: String,
        /// What is written, with its article.
        found: String,
    },
    /// A key that has no default and is not written.
    #[error("`{key}` is missing")]
    MissingKey {
        /// Which.
        key: String,
        /// An example of the line to write.
        example: String,
    },
    /// A value of the right type that cannot be meant.
    #[error("`{key}` {problem}")]
    InvalidValue {
        /// Whose value it is.
        key: String,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        help: Option<String>,
    },
    /// An environment that the configuration does not declare.
    #[error("there is no environment `{name}`")]
    UnknownEnvironment {
        /// As it was asked for.
        name: String,
        /// The one that it resembles.
        meant: Option<String>,
        /// Those that are declared.
        known: Vec<String>,
    },
    /// A module that is on although one that it needs is off.
    #[error("`{module}` needs `{needed}`, which is switched off in {environment}")]
    ModuleNeeded {
        /// The one that is on.
        module: String,
        /// The one that is off.
        needed: String,
        /// In which environment.
        environment: String,
        /// What to do.
        help: String,
    },
    /// Two keys that exclude each other.
    #[error("`{key}` has no meaning together with `{other}`")]
    ConflictingKeys {
        /// The one to remove.
        key: String,
        /// The one that it conflicts with.
        other: String,
    },
    /// A name that a resource of the platform or an earlier table already has.
    #[error("`{name}` is declared twice; first at {first}")]
    DuplicateName {
        /// Which.
        name: String,
        /// Where it was declared first.
        first: SourceLocation,
    },
    /// A reference to a resource that the stack does not hold.
    #[error("no resource is called `{name}` in {environment}")]
    UnknownReference {
        /// As it is written.
        name: String,
        /// The one that it resembles.
        meant: Option<String>,
        /// In which environment.
        environment: String,
    },
    /// A reference to a property that resources of the type do not have.
    #[error("`{resource}` has no property `{output}` ({title})")]
    UnknownOutput {
        /// The resource that is referred to.
        resource: String,
        /// The property, as it is written.
        output: String,
        /// The type, as people call it.
        title: String,
        /// The property that it resembles.
        meant: Option<String>,
    },
}

/// The codes of all mistakes, each with what there is to know about it.
pub const CODES: &[(&str, &str)] = &[
    (
        "augeo/toml-syntax",
        "The configuration is not valid TOML; the parser's words say where it stopped.",
    ),
    (
        "augeo/unknown-key",
        "A key or table of the configuration is not one that Augeo knows. Nothing is ever ignored silently, because a mistyped key would leave a default in place.",
    ),
    (
        "augeo/wrong-type",
        "A value has another type than its key takes, such as text where a number belongs.",
    ),
    (
        "augeo/missing-key",
        "A key that has no default is not written.",
    ),
    (
        "augeo/invalid-value",
        "A value has the right type but cannot be meant: out of range, malformed, or not one of the words that the key takes.",
    ),
    (
        "augeo/unknown-environment",
        "An environment was named that the configuration does not declare as `[environment.NAME]`.",
    ),
    (
        "augeo/module-needed",
        "A module is on although one that it needs is switched off.",
    ),
    (
        "augeo/conflicting-keys",
        "Two keys are written of which only one can hold.",
    ),
    (
        "augeo/duplicate-name",
        "Two resources have the same name in one environment.",
    ),
    (
        "augeo/unknown-output",
        "A reference names a property that resources of the type do not have.",
    ),
    (
        "augeo/unknown-reference",
        "A reference names a resource that the environment does not hold.",
    ),
];

impl Mistake {
    /// The stable code, which `docs/reference/errors.md` explains.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "augeo/toml-syntax",
            Self::UnknownKey { .. } => "augeo/unknown-key",
            Self::WrongType { .. } => "augeo/wrong-type",
            Self::MissingKey { .. } => "augeo/missing-key",
            Self::InvalidValue { .. } => "augeo/invalid-value",
            Self::UnknownEnvironment { .. } => "augeo/unknown-environment",
            Self::ModuleNeeded { .. } => "augeo/module-needed",
            Self::ConflictingKeys { .. } => "augeo/conflicting-keys",
            Self::DuplicateName { .. } => "augeo/duplicate-name",
            Self::UnknownReference { .. } => "augeo/unknown-reference",
            Self::UnknownOutput { .. } => "augeo/unknown-output",
        }
    }

    /// What is said beside the offending text.
    pub fn label(&self) -> Option<String> {
        match self {
            Self::UnknownKey { meant, .. }
            | Self::UnknownEnvironment { meant, .. }
            | Self::UnknownOutput { meant, .. }
            | Self::UnknownReference { meant, .. } => meant
                .as_ref()
                .map(|meant| format!("did you mean `{meant}`?")),
            Self::WrongType { expected, .. } => Some(format!("write {expected}")),
            Self::InvalidValue { .. }
            | Self::Syntax { .. }
            | Self::MissingKey { .. }
            | Self::ModuleNeeded { .. }
            | Self::ConflictingKeys { .. }
            | Self::DuplicateName { .. } => None,
        }
    }

    /// What to do, as an edit.
    pub fn help(&self) -> String {
        let any_of = |known: &[String]| {
            let quoted: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(", ")
        };
        match self {
            Self::Syntax { .. } => {
                "mend the line; quotes, brackets and `=` are what is most often missing".to_owned()
            }
            Self::UnknownKey {
                meant: Some(meant), ..
            }
            | Self::UnknownEnvironment {
                meant: Some(meant), ..
            }
            | Self::UnknownOutput {
                meant: Some(meant), ..
            }
            | Self::UnknownReference {
                meant: Some(meant), ..
            } => format!("write `{meant}`"),
            Self::UnknownKey { known, .. } if known.is_empty() => "delete it".to_owned(),
            Self::UnknownKey { known, .. } => {
                format!("delete it; known here are {}", any_of(known))
            }
            Self::WrongType { key, expected, .. } => format!("give `{key}` {expected}"),
            Self::MissingKey { example, .. } => format!("add a line such as {example}"),
            Self::InvalidValue {
                help: Some(help), ..
            }
            | Self::ModuleNeeded { help, .. } => help.clone(),
            Self::InvalidValue {
                key, help: None, ..
            } => format!("give `{key}` another value"),
            Self::UnknownEnvironment { name, known, .. } if known.is_empty() => {
                format!("declare it: add a table `[environment.{name}]`")
            }
            Self::UnknownEnvironment { known, .. } => {
                format!("name one of those that are declared: {}", any_of(known))
            }
            Self::ConflictingKeys { key, .. } => format!("delete `{key}`"),
            Self::UnknownOutput { .. } => {
                "name a property that ARM's reference of the type has, such as `id`".to_owned()
            }
            Self::DuplicateName { .. } => "give one of them another name".to_owned(),
            Self::UnknownReference { environment, .. } => format!(
                "`augeo graph {environment}` lists the names; the resource may be switched off there"
            ),
        }
    }
}

/// One mistake at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// What is wrong.
    pub mistake: Mistake,
    /// Where; a mistake that was not made in the file has no place.
    pub location: Option<SourceLocation>,
    /// The offending bytes of the text.
    pub span: Option<Range<usize>>,
    /// The table that it stands in, such as `[environment.dev.database]`; empty at the top.
    pub table: String,
}

impl ConfigError {
    /// What is wrong, on one line that a terminal can be shown: the file may hold anything.
    fn text(&self) -> String {
        printable(&self.mistake.to_string())
    }

    /// The same as a finding.
    pub fn to_finding(&self) -> Finding {
        let finding = Finding::error(self.mistake.code(), self.mistake.to_string());
        let finding = finding.fix(self.mistake.help());
        match &self.location {
            Some(location) => finding.at(location.clone()),
            None => finding,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.text()),
            None => f.write_str(&self.text()),
        }
    }
}

/// All mistakes of a configuration, in the order of the text. Displays each with its line.
#[derive(Clone, Debug)]
pub struct ConfigErrors {
    source: Source,
    errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// Sorts what was found; there is at least one.
    pub(super) fn new(source: Source, mut errors: Vec<ConfigError>) -> Self {
        debug_assert!(!errors.is_empty(), "no mistakes are no error");
        errors.sort_by(|a, b| {
            let key = |error: &ConfigError| {
                let span = error.span.clone().unwrap_or(0..0);
                (span.start, span.end)
            };
            key(a).cmp(&key(b)).then_with(|| a.mistake.cmp(&b.mistake))
        });
        errors.dedup();
        Self { source, errors }
    }

    /// The mistakes, in the order of the text.
    pub fn errors(&self) -> &[ConfigError] {
        &self.errors
    }

    /// The same as findings, for whoever shows findings of all kinds together.
    pub fn to_findings(&self) -> Vec<Finding> {
        self.errors.iter().map(ConfigError::to_finding).collect()
    }

    /// The line that a mistake stands in with the offending part marked; `None` without a place.
    pub fn excerpt(&self, error: &ConfigError) -> Option<String> {
        let span = error.span.clone()?;
        Some(excerpt::draw(
            &self.source,
            span,
            error.mistake.label().as_deref().map(printable).as_deref(),
        ))
    }
}

impl From<ConfigErrors> for Vec<Finding> {
    fn from(errors: ConfigErrors) -> Self {
        errors.to_findings()
    }
}

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "error[{}]: {}", error.mistake.code(), error.text())?;
            if let Some(location) = &error.location {
                let within = if error.table.is_empty() {
                    String::new()
                } else {
                    format!("    in {}", printable(&error.table))
                };
                let margin = " ".repeat(location.line.to_string().len());
                writeln!(f, "{margin}--> {location}{within}")?;
            }
            if let Some(excerpt) = self.excerpt(error) {
                f.write_str(&excerpt)?;
            }
            writeln!(f, "help: {}", printable(&error.mistake.help()))?;
        }
        Ok(())
    }
}
