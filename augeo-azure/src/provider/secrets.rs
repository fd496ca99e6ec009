//! Secret values: made while they are sent, known only to the run that made them.
//!
//! A value is never part of a plan, an event, an error, a trace or a file, and has no `Debug`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use augeo_core::name::{ResourceName, StackName};
use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::resource::{Observed, Resolved};
use augeo_core::value::{PropertyPath, SecretRef, Value};

/// Letters, digits and punctuation that every service takes and no URL, shell or connection
/// string gives a meaning. Their number divides 256, so each is as likely as any other.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH_MIN: usize = 32;
const ATTEMPTS_MAX: usize = 64;

/// Where the chance for secrets comes from.
pub trait SecretSource: fmt::Debug + Send + Sync {
    /// Fills the bytes with what nobody can guess.
    ///
    /// # Errors
    /// When there is no such source.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// There is no source of chance that is fit for secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no random numbers can be had for a secret: {0}")]
pub struct EntropyError(pub String);

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl SecretSource for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|error| EntropyError(error.to_string()))
    }
}

/// A secret value.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SecretText(String);

impl SecretText {
    /// The value, for the body that is about to be sent.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Makes one of at least `length` characters, with capitals, small letters, digits and
    /// punctuation.
    pub(super) fn generate(
        length: usize,
        source: &dyn SecretSource,
    ) -> Result<Self, ProviderError> {
        let mut bytes = vec![0; length.max(LENGTH_MIN)];
        for _ in 0..ATTEMPTS_MAX {
            source
                .fill(&mut bytes)
                .map_err(|error| refuse(error.to_string()))?;
            let text: String = bytes
                .iter()
                .map(|byte| char::from(ALPHABET[usize::from(byte & 63)]))
                .collect();
            let has = |class: fn(char) -> bool| text.chars().any(class);
            let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
            if begins_well
                && has(|c| c.is_ascii_uppercase())
                && has(|c| c.is_ascii_lowercase())
                && has(|c| c.is_ascii_digit())
                && has(|c| !c.is_ascii_alphanumeric())
            {
                return Ok(Self(text));
            }
        }
        Err(refuse(
            "the source of random numbers repeats itself".to_owned(),
        ))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

fn refuse(message: String) -> ProviderError {
    ProviderError::new(
        ErrorKind::Invalid { property: None },
        "azure/no-entropy",
        message,
    )
}

/// The values that this run made, by the resource that keeps each.
#[derive(Debug, Default)]
pub(super) struct KnownSecrets {
    values: Mutex<BTreeMap<(StackName, ResourceName), SecretText>>,
}

impl KnownSecrets {
    pub(super) fn remember(&self, stack: &StackName, keeper: &ResourceName, value: SecretText) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert((stack.clone(), keeper.clone()), value);
    }

    pub(super) fn value(&self, stack: &StackName, keeper: &ResourceName) -> Option<SecretText> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.get(&(stack.clone(), keeper.clone())).cloned()
    }
}

/// The secrets of one declaration, where they are, and the text of each; nothing for one that the
/// resource has already.
#[derive(Debug)]
pub(super) struct GivenSecrets(Vec<(PropertyPath, SecretRef, Option<SecretText>)>);

impl GivenSecrets {
    /// Makes what is to be made, and takes the rest from what this run made.
    pub(super) fn choose(
        resolved: &Resolved,
        prior: Option<&Observed>,
        known: &KnownSecrets,
        source: &dyn SecretSource,
    ) -> Result<Self, ProviderError> {
        let mut places = Vec::new();
        resolved.value.walk(&mut |path, value| {
            if let Value::Secret(secret) = value {
                places.push((path.clone(), secret.clone()));
            }
        });
        let mut given = Vec::with_capacity(places.len());
        for (path, secret) in places {
            let text = match &secret {
                SecretRef::Generated { length } => Some(SecretText::generate(*length, source)?),
                SecretRef::KeptBy(keeper) => {
                    let at = path.to_string();
                    let has = prior.and_then(|prior| prior.secret_versions.get(&at));
                    let is_current = has.is_some() && has == resolved.secret_versions.get(&at);
                    let value = known.value(&resolved.stack, keeper).filter(|_| !is_current);
                    if value.is_none() && !is_current {
                        return Err(unknown_secret(&path, &secret));
                    }
                    value
                }
            };
            given.push((path, secret, text));
        }
        Ok(Self(given))
    }

    /// The text for a place in the declaration; `None` leaves it out.
    pub(super) fn reveal(
        &self,
        path: &PropertyPath,
        secret: &SecretRef,
    ) -> Result<Option<String>, ProviderError> {
        let found = self.0.iter().find(|(known, ..)| known == path);
        let (.., text) = found.ok_or_else(|| unknown_secret(path, secret))?;
        Ok(text.as_ref().map(|text| text.expose().to_owned()))
    }

    /// Remembers what the resource keeps now, for those that are given it in this run.
    pub(super) fn remember(&self, resolved: &Resolved, known: &KnownSecrets) {
        for (_, secret, text) in &self.0 {
            if let (SecretRef::Generated { .. }, Some(text)) = (secret, text) {
                known.remember(&resolved.stack, &resolved.name, text.clone());
            }
        }
    }
}

fn unknown_secret(path: &PropertyPath, secret: &SecretRef) -> ProviderError {
    let message = format!("{path} needs {secret}, whose value is not known in this run");
    let kind = ErrorKind::Invalid {
        property: Some(path.to_string()),
    };
    ProviderError::new(kind, "augeo/secret-unknown", message)
        .with_help("plan again: a new version of the secret is made and used")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Counting(AtomicU8);

    impl SecretSource for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            for byte in bytes {
                *byte = self.0.fetch_add(11, Ordering::Relaxed);
            }
            Ok(())
        }
    }

    #[derive(Debug)]
    struct Stuck;

    impl SecretSource for Stuck {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            bytes.fill(7);
            Ok(())
        }
    }

    #[test]
    fn values_have_every_class_and_are_long() {
        let source = Counting::default();
        for length in [0, 32, 48] {
            let made = SecretText::generate(length, &source).unwrap();
            let text = made.expose();
            assert_eq!(text.len(), length.max(32));
            for class in [
                char::is_uppercase,
                char::is_lowercase,
                char::is_numeric,
                |c| "-_".contains(c),
            ] {
                assert!(text.chars().any(class), "{text}");
            }
        }
        let system = |length| SecretText::generate(length, &SystemEntropy).unwrap();
        assert!(system(40) != system(40));
    }

    #[test]
    fn a_source_without_chance_is_refused_and_values_are_not_shown() {
        assert_eq!(
            SecretText::generate(32, &Stuck).unwrap_err().code,
            "azure/no-entropy"
        );
        let known = KnownSecrets::default();
        let stack = StackName::parse("a", "b").unwrap();
        let name = ResourceName::parse("password").unwrap();
        let value = SecretText::generate(32, &Counting::default()).unwrap();
        known.remember(&stack, &name, value.clone());
        assert!(known.value(&stack, &name) == Some(value.clone()));
        assert!(
            known
                .value(&StackName::parse("a", "c").unwrap(), &name)
                .is_none()
        );
        assert!(!format!("{known:?}").contains(value.expose()));
    }
}
