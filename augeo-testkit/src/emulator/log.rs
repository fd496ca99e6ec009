//! Keeps a world in a file: a log of changed rows, written before each answer, shared between processes.
//!
//! Each line holds a checksum and the rows that one request changed. A process that appends holds the file's
//! lock and has first read what others appended. A line without its end was torn by a dying process and is cut
//! off; a line that is whole but wrong makes the file corrupt, and a corrupt file is never written to. Neither is
//! a file that begins as no world does: it is somebody else's.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt;
use serde::{Deserialize, Serialize};

use super::seed::Seed;
use super::store::Change;
use super::world::World;

const FORMAT: &str = "augeo-world";
const VERSION: u32 = 1;
/// Checksums guard against accidents, not against people.
const SUM_DIGITS: usize = 16;

/// Why a world cannot be kept in its file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// The file cannot be opened, read or locked.
    #[error("the emulator's world in '{}' cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("the emulator's world in '{}' cannot be written: {source}; nothing was changed", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else than was written.
    #[error("the emulator's world in '{}' is corrupt at line {line}: {reason}; the file is kept as it is and never overwritten", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The file was written by a newer emulator.
    #[error("the emulator's world in '{}' has version {found} of its format; this program knows version {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version of this program.
        known: u32,
    },
    /// A world that is kept in a file cannot be put in the place of another.
    #[error("the world in '{}' is kept in a file and cannot be replaced", path.display())]
    Kept {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    seed: u64,
}

impl Header {
    fn of(seed: Seed) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            seed: seed.0,
        }
    }
}

/// The open file of a world.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Held shared while the world is open, so that nobody compacts under us.
    presence: File,
    /// Up to where the file was read or written.
    end: u64,
    line: usize,
}

impl Log {
    /// Opens the file, makes it where there is none, and brings the world up to date.
    pub(crate) fn open(path: &Path, world: &mut World) -> Result<Self, WorldError> {
        let unwritable = |source| WorldError::Unwritable {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            private_folder(folder).map_err(unwritable)?;
        }
        let presence = private_file(&beside(path, "lock")).map_err(unwritable)?;
        FileExt::lock_shared(&presence).map_err(unwritable)?;
        let file = private_file(path).map_err(unwritable)?;
        let mut log = Self {
            path: path.to_owned(),
            file,
            presence,
            end: 0,
            line: 0,
        };
        world.store.track_changes();
        log.exclusively(world, |_| ())?;
        Ok(log)
    }

    /// Reads what others wrote, lets `act` change the world, and writes its changes, all under the file's lock.
    pub(crate) fn exclusively<T>(
        &mut self,
        world: &mut World,
        act: impl FnOnce(&mut World) -> T,
    ) -> Result<T, WorldError> {
        FileExt::lock_exclusive(&self.file).map_err(|source| WorldError::Unreadable {
            path: self.path.clone(),
            source,
        })?;
        let result = self.locked(world, act);
        // The lock ends with the process anyway; a failure to release it shows at the next request.
        let _ = FileExt::unlock(&self.file);
        result
    }

    fn locked<T>(
        &mut self,
        world: &mut World,
        act: impl FnOnce(&mut World) -> T,
    ) -> Result<T, WorldError> {
        self.catch_up(world)?;
        let answer = act(world);
        let changes = world.store.drain_changes();
        if changes.is_empty() {
            return Ok(answer);
        }
        if let Err(source) = self.append(&changes) {
            // What the file does not hold did not happen.
            self.reload(world)?;
            return Err(WorldError::Unwritable {
                path: self.path.clone(),
                source,
            });
        }
        Ok(answer)
    }

    fn catch_up(&mut self, world: &mut World) -> Result<(), WorldError> {
        let unreadable = |source| WorldError::Unreadable {
            path: self.path.clone(),
            source,
        };
        let length = self.file.metadata().map_err(unreadable)?.len();
        if length < self.end {
            return Err(self.corrupt("the file became shorter"));
        }
        if length == self.end && length > 0 {
            return Ok(());
        }
        let mut text = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.end))
            .map_err(unreadable)?;
        (&self.file).read_to_end(&mut text).map_err(unreadable)?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        for line in text[..whole].split_inclusive(|byte| *byte == b'\n') {
            self.line += 1;
            self.read_line(world, &line[..line.len() - 1])?;
            self.end += line.len() as u64;
        }
        let torn = &text[whole..];
        if self.line == 0 && !torn.is_empty() && !begins_a_world(torn, world.seed) {
            self.line = 1;
            return Err(self.corrupt("this is not the world of an emulator"));
        }
        if !torn.is_empty() {
            // Nobody writes while we hold the lock: whoever began this line is dead.
            self.file
                .set_len(self.end)
                .map_err(|source| WorldError::Unwritable {
                    path: self.path.clone(),
                    source,
                })?;
        }
        if self.line == 0 {
            let line = Self::encode(&Header::of(world.seed));
            self.write(&line).map_err(|source| WorldError::Unwritable {
                path: self.path.clone(),
                source,
            })?;
        }
        Ok(())
    }

    fn read_line(&mut self, world: &mut World, line: &[u8]) -> Result<(), WorldError> {
        let text = std::str::from_utf8(line).map_err(|error| self.corrupt(&error.to_string()))?;
        let (sum, json) = text
            .split_once(' ')
            .ok_or_else(|| self.corrupt("a line without a checksum"))?;
        if sum != checksum(json) {
            return Err(self.corrupt("the checksum is wrong"));
        }
        if self.line == 1 {
            let header: Header =
                serde_json::from_str(json).map_err(|error| self.corrupt(&error.to_string()))?;
            if header.format != FORMAT {
                return Err(self.corrupt("this is not the world of an emulator"));
            }
            if header.version > VERSION {
                return Err(WorldError::Newer {
                    path: self.path.clone(),
                    found: header.version,
                    known: VERSION,
                });
            }
            world.seed = Seed(header.seed);
            return Ok(());
        }
        let changes: Vec<Change> =
            serde_json::from_str(json).map_err(|error| self.corrupt(&error.to_string()))?;
        for change in &changes {
            world
                .store
                .apply(change)
                .map_err(|error| self.corrupt(&error.to_string()))?;
        }
        // What was read is not ours to write again.
        let _ = world.store.drain_changes();
        Ok(())
    }

    fn corrupt(&self, reason: &str) -> WorldError {
        WorldError::Corrupt {
            path: self.path.clone(),
            line: self.line,
            reason: reason.to_owned(),
        }
    }

    fn encode(record: &impl Serialize) -> Vec<u8> {
        let json = serde_json::to_string(record).expect("rows are plain JSON");
        format!("{} {json}\n", checksum(&json)).into_bytes()
    }

    fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let line = Self::encode(&changes);
        self.write(&line)
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(line)?;
        self.file.flush()?;
        self.end += line.len() as u64;
        self.line += 1;
        Ok(())
    }

    /// Reads the world anew from the file.
    fn reload(&mut self, world: &mut World) -> Result<(), WorldError> {
        // A line that could only be begun is not part of the file.
        let _ = self.file.set_len(self.end);
        let mut fresh = World::new(world.options().clone());
        fresh.store.track_changes();
        (self.end, self.line) = (0, 0);
        self.catch_up(&mut fresh)?;
        world.store = fresh.store;
        world.seed = fresh.seed;
        Ok(())
    }

    /// Waits until the disk has what was written, which survives a loss of power, not only of the process.
    pub(crate) fn sync(&self) -> Result<(), WorldError> {
        self.file
            .sync_data()
            .map_err(|source| WorldError::Unwritable {
                path: self.path.clone(),
                source,
            })
    }

    pub(crate) fn refuse_restore(&self) -> WorldError {
        WorldError::Kept {
            path: self.path.clone(),
        }
    }

    /// Writes the file anew with the rows as they are. Returns `false` where another process has it open.
    pub(crate) fn compact(&mut self, world: &mut World) -> Result<bool, WorldError> {
        if !FileExt::try_lock_exclusive(&self.presence).unwrap_or(false) {
            // A conversion that fails may have lost the shared lock.
            let _ = FileExt::lock_shared(&self.presence);
            return Ok(false);
        }
        let result = self
            .exclusively(world, |_| ())
            .and_then(|()| self.rewrite(world));
        let _ = FileExt::lock_shared(&self.presence);
        result.map(|()| true)
    }

    fn rewrite(&mut self, world: &mut World) -> Result<(), WorldError> {
        let unwritable = |source| WorldError::Unwritable {
            path: self.path.clone(),
            source,
        };
        let new = beside(&self.path, "new");
        let mut text = Self::encode(&Header::of(world.seed));
        let mut lines = 1;
        for rows in world.store.all_rows().chunks(100) {
            text.extend(Self::encode(&rows));
            lines += 1;
        }
        let mut file = private_file(&new).map_err(unwritable)?;
        file.set_len(0).map_err(unwritable)?;
        file.write_all(&text).map_err(unwritable)?;
        file.sync_all().map_err(unwritable)?;
        std::fs::rename(&new, &self.path).map_err(unwritable)?;
        (self.file, self.end, self.line) = (file, text.len() as u64, lines);
        Ok(())
    }
}

/// Whether the only bytes of a file can be a header that was not written to its end: that of this seed, or of
/// another as far as it can be told apart from anybody's text.
fn begins_a_world(torn: &[u8], seed: Seed) -> bool {
    if Log::encode(&Header::of(seed)).starts_with(torn) {
        return true;
    }
    let text = std::str::from_utf8(torn).unwrap_or_default();
    let Some((sum, mut rest)) = text.split_at_checked(SUM_DIGITS) else {
        return false;
    };
    let format = format!(" {{\"format\":\"{FORMAT}\",\"version\":");
    if rest.is_empty() || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return false;
    }
    for part in [format.as_str(), ",\"seed\":", "}"] {
        let Some(after) = rest.strip_prefix(part) else {
            return part.starts_with(rest);
        };
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    rest.is_empty()
}

fn checksum(json: &str) -> String {
    Seed(0).hex(SUM_DIGITS, &[json])
}

/// A file beside another: its name with an ending more.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A file from elsewhere may stand open to others.
        let mode = file.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}
