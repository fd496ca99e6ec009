//! What a key of `augeo.toml` is: its type, its default in each environment, its meaning. Data
//! that checks the document, fills in what is not written, and makes the reference.

use super::environment::Defaults;
use super::form::Form;
use crate::schema::ArmType;

/// One key.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    pub(super) default: Fallback,
    /// One sentence for the reference.
    pub(super) about: &'static str,
}

/// What a key takes.
#[derive(Debug)]
pub(super) enum Kind {
    Flag,
    Number {
        min: i64,
        max: i64,
    },
    Text(&'static Form),
    /// The name in Azure of a resource of this type.
    Name(&'static ArmType),
    Choice(&'static [&'static str]),
    List(&'static Form),
    /// Text by name. An environment's entries are added to the module's.
    Map {
        keys: &'static Form,
        values: &'static Form,
    },
}

/// What a key holds when nobody writes it.
#[derive(Debug)]
pub(super) enum Fallback {
    /// It must be written; the text is an example.
    Required(&'static str),
    /// Nothing; the text says what happens then.
    Nothing(&'static str),
    Always(Scalar),
    ByEnvironment(fn(&Defaults) -> Scalar),
}

/// A default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Flag(bool),
    Number(i64),
    Text(&'static str),
    List(&'static [&'static str]),
}

impl Scalar {
    pub(super) fn to_value(self) -> toml::Value {
        match self {
            Self::Flag(flag) => flag.into(),
            Self::Number(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::List(items) => items.to_vec().into(),
        }
    }
}

/// The keys of one table.
#[derive(Debug)]
pub(super) struct SectionSpec {
    /// The table's name; empty for the top of the document.
    pub(super) name: &'static str,
    /// One sentence for the reference.
    pub(super) about: &'static str,
    pub(super) settings: &'static [Setting],
}

impl SectionSpec {
    pub(super) fn setting(&self, key: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }
}

impl Kind {
    /// What it takes, with an article, for a message.
    pub(super) fn noun(&self) -> String {
        match self {
            Self::Flag => "a switch (true or false)".to_owned(),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Text(form) => form.noun.to_owned(),
            Self::Name(_) => "a name".to_owned(),
            Self::Choice(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::List(form) => format!("a list, each item {}", form.noun),
            Self::Map { values, .. } => format!("a table, each entry {}", values.noun),
        }
    }
}

/// The switch that every module has.
pub(super) const ENABLED: Setting = Setting {
    key: "enabled",
    kind: Kind::Flag,
    default: Fallback::Always(Scalar::Flag(true)),
    about: "Whether the module is part of the environment.",
};

/// The switch that every module with data has.
pub(super) const LOCK: Setting = Setting {
    key: "lock",
    kind: Kind::Flag,
    default: Fallback::ByEnvironment(|defaults| Scalar::Flag(defaults.locks)),
    about: "Whether a lock keeps it from being deleted, in the portal and by other tools, too. A plan \
            that needs to lifts it, says so, and puts it back.",
};

/// The name in Azure, for a resource whose name is otherwise derived.
pub(super) const fn name_of(ty: &'static ArmType) -> Setting {
    Setting {
        key: "name",
        kind: Kind::Name(ty),
        default: Fallback::Nothing("derived from project, environment and resource"),
        about: "The resource's name in Azure.",
    }
}

impl Fallback {
    /// The default in an environment of this kind, as the reference shows it.
    pub(super) fn shown(&self, defaults: &Defaults) -> String {
        match self {
            Self::Required(_) => "required".to_owned(),
            Self::Nothing(text) => (*text).to_owned(),
            Self::Always(scalar) => format!("`{}`", scalar.to_value()),
            Self::ByEnvironment(pick) => format!("`{}`", pick(defaults).to_value()),
        }
    }

    /// The default in an environment of this kind, if there is one.
    pub(super) fn value(&self, defaults: &Defaults) -> Option<Scalar> {
        match self {
            Self::Required(_) | Self::Nothing(_) => None,
            Self::Always(scalar) => Some(*scalar),
            Self::ByEnvironment(pick) => Some(pick(defaults)),
        }
    }
}
