//! What only some services have: deleted resources that wait, names that are asked for, settings
//! that are put back, answers that leave something out.

use augeo_core::value::{PropertyPath, Value};

/// Where a service tells what a subscription may have in a region, and has: a list of `name.value`,
/// `currentValue` and `limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The list below the subscription; `{location}` stands for the region.
    pub path: &'static str,
    /// What one more takes.
    pub counted: Counted,
}

/// What a resource takes of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// One of this counter.
    Each(&'static str),
    /// The cores of its size, of a counter of all and of that of the size's family.
    Cores {
        /// The counter of all.
        all: &'static str,
        /// The property (dotted, in the shape) that is the size.
        size: &'static str,
        /// The property (dotted, in the shape) and the word without which there are two.
        doubled_unless: (&'static str, &'static str),
    },
}

/// Where a deleted resource waits, and how it is brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftDelete {
    /// The list of deleted ones, below the subscription, with the api-version of the type.
    pub list: &'static str,
    /// Where an entry of that list keeps the id of what was deleted (dotted, in the raw entry).
    pub id_at: &'static str,
    /// Where it keeps the region (dotted, in the raw entry): what was deleted comes back there.
    pub location_at: &'static str,
    /// Where it keeps the date of the deletion (dotted, in the raw entry), and the property whose
    /// days lie between that and the purge.
    pub retention: Option<(&'static str, &'static str)>,
    /// How many days it is kept, where the service tells no date.
    pub kept_days: Option<u16>,
    /// Where it keeps the date of the purge, if it does.
    pub purge_at: Option<&'static str>,
    /// The property (dotted, in the shape) and text that bring it back; `None` where sending it
    /// again is enough.
    pub recover: Option<(&'static str, &'static str)>,
}

impl SoftDelete {
    /// How many days a resource is kept once it is deleted: as it says itself, if it has such
    /// a property, else as the type has it.
    pub fn days_of(&self, value: Option<&Value>) -> Option<u64> {
        let (_, property) = self.retention.unzip();
        let said = property.zip(value).and_then(|(property, value)| {
            let days = value.get(&PropertyPath::parse(property))?;
            days.to_json()?.as_u64()
        });
        said.or(self.kept_days.map(u64::from))
    }
}

/// How a setting that each parent has from the start is put back as it was: it can be written, and
/// not deleted. Paths are dotted, in the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The property that holds what was set.
    pub value: &'static str,
    /// The property that tells what it is when nobody sets it.
    pub default: &'static str,
    /// The property that tells where the value is from, and the word for nobody.
    pub source: (&'static str, &'static str),
    /// The flag of those that nobody can set.
    pub read_only: &'static str,
}

impl Reset {
    /// Whether nobody has set it.
    pub fn is_at_rest(&self, value: &Value) -> bool {
        let at = |path: &str| value.get(&PropertyPath::parse(path));
        let (source, nobody) = self.source;
        let from = at(source).and_then(Value::as_str);
        from.is_some_and(|from| from.eq_ignore_ascii_case(nobody))
            || at(self.value) == at(self.default)
            || at(self.read_only) == Some(&Value::Bool(true))
    }
}

/// What a service leaves out of its answers while a property is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It is this text.
    Text(&'static str),
    /// It is this flag.
    Flag(bool),
    /// It is a list without items.
    NoItems,
}

impl From<LeftOut> for Value {
    fn from(left_out: LeftOut) -> Self {
        match left_out {
            LeftOut::Text(text) => Self::from(text.to_owned()),
            LeftOut::Flag(flag) => Self::Bool(flag),
            LeftOut::NoItems => Self::Array(Vec::new()),
        }
    }
}

/// Where ARM is asked whether a name that is unique in all of Azure is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameCheck {
    /// The path below the subscription, without a leading slash.
    pub path: &'static str,
    /// What the request calls the type.
    pub type_name: &'static str,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RESET: Reset = Reset {
        value: "value",
        default: "defaultValue",
        source: ("source", "system-default"),
        read_only: "isReadOnly",
    };

    #[test]
    fn a_setting_is_at_rest_unless_somebody_gave_it_another_value() {
        let at_rest = |json: serde_json::Value| RESET.is_at_rest(&Value::from(json));
        assert!(at_rest(
            json!({"value": "off", "defaultValue": "on", "source": "System-Default"})
        ));
        assert!(at_rest(
            json!({"value": "on", "defaultValue": "on", "source": "user-override"})
        ));
        assert!(at_rest(
            json!({"value": "off", "defaultValue": "on", "source": "user-override", "isReadOnly": true})
        ));
        assert!(!at_rest(
            json!({"value": "off", "defaultValue": "on", "source": "user-override"})
        ));
    }
}
