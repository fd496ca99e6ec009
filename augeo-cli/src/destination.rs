//! Files that options tell the program to write: none of them may take the place of what it needs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::project::{config_file, folder_of};
use crate::session::Session;
use crate::world;

/// Makes sure that a file may be written over. `kept` are more paths that must not be, and what
/// each of them is.
///
/// # Errors
/// When it is a folder, the configuration, in the emulator's world, or one of `kept`.
pub(crate) fn ensure_free(
    session: &Session,
    flag: &'static str,
    path: &Path,
    kept: &[(&'static str, Option<&Path>)],
) -> Result<(), CliError> {
    let refuse = |what| {
        Err(CliError::NotADestination {
            flag,
            path: path.to_path_buf(),
            what,
        })
    };
    if path.is_dir() {
        return refuse("a folder");
    }
    let config = config_file(&session.global.config);
    let wanted = resolved(path);
    if wanted == resolved(&config) {
        return refuse("the configuration");
    }
    if wanted.starts_with(resolved(&world::folder(folder_of(&config)))) {
        return refuse("part of the emulator's world");
    }
    let taken = kept
        .iter()
        .find(|(_, kept)| kept.is_some_and(|kept| resolved(kept) == wanted));
    taken.map_or(Ok(()), |(what, _)| refuse(what))
}

/// The same text for the same file, whichever way leads to it, and also before there is one.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = folder_of(path);
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        folder.join(path.file_name().unwrap_or(OsStr::new("")))
    })
}
