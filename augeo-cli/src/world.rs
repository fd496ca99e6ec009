//! The embedded emulator's world: the `.augeo` folder beside the configuration.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use augeo_azure::operation::PollLimits;
use augeo_testkit::emulator::{Durations, Emulator, Listener, SUBSCRIPTION_ID, WorldOptions};

use crate::cancel::Signals;
use crate::error::{CliError, Exit};
use crate::project;
use crate::session::Session;

/// How much faster than Azure the emulator runs unless told.
const TIME_SCALE_DEFAULT: u32 = 60;

/// The folder of the world, beside the configuration.
const FOLDER: &str = ".augeo";

/// The file in it.
const FILE: &str = "world.log";

/// How much faster than Azure the embedded emulator runs.
pub(crate) fn time_scale(option: Option<u32>) -> u32 {
    option.unwrap_or(TIME_SCALE_DEFAULT)
}

/// How long to wait between looks on the emulator where nothing says how long: as much shorter as
/// everything else there, as the emulator does it with its own `Retry-After`.
pub(crate) fn poll_delay(option: Option<u32>) -> Duration {
    let azure = PollLimits::default().delay.as_secs();
    let azure = u32::try_from(azure).unwrap_or(u32::MAX);
    Duration::from_secs(Durations::scaled(time_scale(option)).retry_after(azure))
}

/// Where the world beside a configuration is kept.
pub(crate) fn folder(beside: &Path) -> PathBuf {
    beside.join(FOLDER)
}

/// Opens the world beside a configuration; an absent one begins empty, and has this subscription.
///
/// # Errors
/// When its folder cannot be written, or its file is damaged.
pub(crate) fn open(
    beside: &Path,
    time_scale: Option<u32>,
    subscription: &str,
) -> Result<Emulator, CliError> {
    let mut options = WorldOptions {
        durations: Durations::scaled(self::time_scale(time_scale)),
        ..WorldOptions::default()
    };
    if !options
        .subscriptions
        .iter()
        .any(|known| known == subscription)
    {
        options.subscriptions.push(subscription.to_owned());
    }
    let folder = folder(beside);
    let emulator = Emulator::open(&folder.join(FILE), options)?;
    ignore(&folder).map_err(|source| CliError::Write {
        path: folder,
        source,
    })?;
    Ok(emulator)
}

/// Makes the folder, if it is not there, and keeps it out of version control.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    ignore(folder)
}

/// Keeps the folder out of version control.
fn ignore(folder: &Path) -> io::Result<()> {
    let path = folder.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Begins a file that only its owner reads, in place of one that may be there.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    // A file that was there keeps its mode when it is opened: it is closed to others first.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.is_file() {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

/// What to do with an emulator that listens; `beside` is where its world is kept.
fn usage(session: &Session, endpoint: &str, beside: &Path, subscription: &str) -> String {
    let world = folder(beside).join(FILE);
    let pace = match time_scale(session.global.time_scale) {
        0 => "nothing takes time".to_owned(),
        1 => "as slow as Azure".to_owned(),
        scale => format!("{scale} times faster than Azure"),
    };
    let config = project::option_for(&session.global.config);
    format!(
        "World: {} | {pace} (--time-scale) | Ctrl-C ends it\n\
         Plan:  augeo plan dev --endpoint {endpoint}{config}\n\
         Ask:   curl -H 'Authorization: Bearer any' \
         '{endpoint}/subscriptions/{subscription}/resourcegroups?api-version=2025-04-01'",
        world.display()
    )
}

/// Answers other programs until a signal comes.
///
/// # Errors
/// When the world cannot be used, or the port is taken.
pub(crate) async fn serve(session: &Session, port: u16) -> Result<Exit, CliError> {
    let config = project::config_file(&session.global.config);
    let subscription = session.chosen_subscription();
    let subscription = subscription.as_deref().unwrap_or(SUBSCRIPTION_ID);
    let beside = project::folder_of(&config);
    let emulator = open(beside, session.global.time_scale, subscription)?;
    let mut signals = Signals::listen()?;
    let listener = Listener::bind(emulator, (Ipv4Addr::LOCALHOST, port).into()).await?;
    let ready = format!("Emulator ready at {}", listener.endpoint());
    session.output.raw_data(&ready);
    session
        .output
        .note(&usage(session, &listener.endpoint(), beside, subscription));
    listener
        .serve(async {
            signals.next().await;
        })
        .await;
    Ok(Exit::Done)
}
