//! The environment variables, read once and passed on.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

/// The environment variables of the process; those that are not Unicode are left out.
#[derive(Clone, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl fmt::Debug for Variables {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Variables {
    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let unicode = variables.into_iter().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self(unicode.collect())
    }

    /// The value, if it is set and not empty: an empty variable is taken for an absent one, as
    /// no-color.org asks.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All of them, for the credentials of Azure's SDK.
    pub(crate) fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Whether a switch is on: set, and not to `0` or `false`.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| !matches!(value, "0" | "false"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_absent_and_zero_is_off() {
        let variables = Variables::new(
            [("A", ""), ("B", "0"), ("C", "1"), ("D", "false")]
                .map(|(name, value)| (name.into(), value.into())),
        );
        assert_eq!(variables.get("A"), None);
        assert_eq!(variables.get("B"), Some("0"));
        assert_eq!(
            ["A", "B", "C", "D", "E"].map(|name| variables.is_on(name)),
            [false, false, true, false, false]
        );
    }
}
