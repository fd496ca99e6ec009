//! Secrets of a simulation, and everything that a run told, to be searched for them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use augeo_azure::provider::{EntropyError, SecretSource};
use augeo_azure::trace::{TraceRecord, TraceSink};

use super::random::Random;

/// Secrets from the seed: the same in every replay, and known to whoever looks for them.
pub(super) struct SeededSecrets(Mutex<Random>);

impl SeededSecrets {
    /// The secrets of one run.
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(Random::new(seed, "secrets")))
    }
}

impl fmt::Debug for SeededSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededSecrets")
    }
}

impl SecretSource for SeededSecrets {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            *byte = random.number().to_be_bytes()[3];
        }
        Ok(())
    }
}

/// Everything that a run told, for the search for secrets.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<String>>);

impl Told {
    pub(super) fn add(&self, text: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.push_str(text);
        told.push('\n');
    }

    pub(super) fn holds(&self, secret: &str) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.contains(secret)
    }
}

impl TraceSink for Told {
    fn on_request(&self, record: &TraceRecord) {
        self.add(&format!("{record:?}"));
    }
}
