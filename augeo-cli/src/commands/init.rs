//! `augeo init`: a configuration to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use clap::Args;

use crate::error::{CliError, Exit};
use crate::project;
use crate::session::Session;

const TEMPLATE: &str = include_str!("../../templates/augeo.toml");

/// Write a commented augeo.toml to start from
#[derive(Args, Debug)]
pub(crate) struct InitArgs {}

pub(crate) fn run(_: &InitArgs, session: &Session) -> Result<Exit, CliError> {
    let path = project::config_file(&session.global.config);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    written.map_err(|source| {
        if source.kind() == ErrorKind::AlreadyExists {
            CliError::Exists { path: path.clone() }
        } else {
            CliError::Write {
                path: path.clone(),
                source,
            }
        }
    })?;
    session.output.note(&format!("Wrote {}", path.display()));
    let config = project::option_for(&session.global.config);
    session.output.next(&format!("augeo plan dev{config}"));
    Ok(Exit::Done)
}
