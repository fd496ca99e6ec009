//! `--trace FILE`: every ARM request as one JSON line, in a file that only its owner reads.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use augeo_azure::trace::{TraceRecord, TraceSink};

use crate::error::CliError;
use crate::output::Output;
use crate::world::create_private;

/// Writes each record as it comes, so that what was sent is known even if the program is killed.
#[derive(Debug)]
pub(crate) struct TraceFile {
    path: PathBuf,
    /// Nothing once it could not be written: a line after a torn one would belong to neither.
    file: Mutex<Option<File>>,
    output: Arc<Output>,
}

impl TraceFile {
    /// Begins a file, in place of one that may be there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn create(path: &Path, output: &Arc<Output>) -> Result<Self, CliError> {
        let file = create_private(path).map_err(|source| CliError::Write {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            file: Mutex::new(Some(file)),
            output: Arc::clone(output),
        })
    }
}

impl TraceSink for TraceFile {
    fn on_request(&self, record: &TraceRecord) {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = slot.as_mut() else {
            return;
        };
        let Err(error) = append(file, record) else {
            return;
        };
        *slot = None;
        drop(slot);
        // A full disk must not end a run that changes things.
        self.output.note(&format!(
            "The trace in {} is not complete; the run goes on without it: {error}",
            self.path.display()
        ));
    }
}

fn append(file: &mut File, record: &TraceRecord) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    file.write_all(&line)
}
