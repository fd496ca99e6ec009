//! `--trace FILE`: every ARM request as one JSON line, in a file that only its owner reads.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use augeo_azure::trace::{TraceRecord, TraceSink};

use crate::error::CliError;
use crate::world::create_private;

/// Writes each record as it comes, so that what was sent is known even if the program is killed.
#[derive(Debug)]
pub(crate) struct TraceFile {
    file: Mutex<File>,
}

impl TraceFile {
    /// Begins a file, in place of one that may be there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create(path: &Path) -> Result<Self, CliError> {
        let file = create_private(path).map_err(|source| CliError::Write {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(Self {
            file: Mutex::new(file),
        })
    }
}

impl TraceSink for TraceFile {
    fn on_request(&self, record: &TraceRecord) {
        let Ok(mut line) = serde_json::to_vec(record) else {
            return;
        };
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end a run that changes things.
        let _ = file.write_all(&line);
    }
}
