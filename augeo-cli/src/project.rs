//! The configuration that a command works with: where it is, what it says.

use std::fs;
use std::path::{Path, PathBuf};

use augeo_azure::platform::{Config, JudgedStack};
use augeo_core::clock::{Clock, SystemClock};
use augeo_core::name::ResourceName;
use augeo_core::render::shell_word;
use augeo_core::stack::Stack;
use augeo_core::suggestion::nearest;
use time::Date;

use crate::error::CliError;
use crate::output::Output;

const FILE_NAME: &str = "augeo.toml";

/// A configuration that was read.
#[derive(Debug)]
pub(crate) struct Project {
    path: PathBuf,
    config: Config,
}

/// The day, in UTC: rules with a date depend on it.
pub(crate) fn today() -> Date {
    SystemClock.now().date()
}

/// The file that `--config` means: itself, or the one in the folder.
pub(crate) fn config_file(option: &Path) -> PathBuf {
    if option.is_dir() {
        option.join(FILE_NAME)
    } else {
        option.to_path_buf()
    }
}

/// The folder that a file is in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// The option that leads to the same configuration, for a command to go on with.
pub(crate) fn option_for(option: &Path) -> String {
    if option == Path::new(FILE_NAME) {
        String::new()
    } else {
        format!(" -c {}", shell_word(&option.display().to_string()))
    }
}

impl Project {
    /// Reads the configuration.
    ///
    /// # Errors
    /// When there is none, or with every mistake in it.
    pub(crate) fn read(option: &Path, output: &Output) -> Result<Self, CliError> {
        let path = config_file(option);
        let text = fs::read_to_string(&path).map_err(|source| {
            if source.kind() == std::io::ErrorKind::NotFound {
                CliError::NoConfig { path: path.clone() }
            } else {
                CliError::Read {
                    path: path.clone(),
                    source,
                }
            }
        })?;
        let name = path.display().to_string();
        output.remember(&name, &text);
        let config = Config::parse(&text, &name).map_err(CliError::Config)?;
        Ok(Self { path, config })
    }

    /// The file, as it was named.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The folder that it is in.
    pub(crate) fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The environments, in the order of the configuration.
    pub(crate) fn environments(&self) -> Vec<String> {
        self.config
            .environments()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// The environment of this name.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn environment(&self, name: &str) -> Result<String, CliError> {
        let known = self.environments();
        if known.iter().any(|known| known == name) {
            return Ok(name.to_owned());
        }
        Err(CliError::UnknownEnvironment {
            name: name.to_owned(),
            config: self.name(),
            meant: nearest(name, known.iter().map(String::as_str)).map(Into::into),
            known,
        })
    }

    /// The same with what the rules say of it on a day.
    ///
    /// # Errors
    /// With every mistake in it.
    pub(crate) fn judged(&self, environment: &str, today: Date) -> Result<JudgedStack, CliError> {
        let judged = self.config.judged(environment, today);
        judged.map_err(CliError::Config)
    }

    /// What an environment is to consist of, which no rule has looked at.
    ///
    /// # Errors
    /// With every mistake in it.
    pub(crate) fn stack(&self, environment: &str) -> Result<Stack, CliError> {
        self.config.stack(environment).map_err(CliError::Config)
    }
}

/// The resource that an option names.
///
/// # Errors
/// When the stack has none of this name.
pub(crate) fn resource(
    stack: &Stack,
    flag: &'static str,
    name: &str,
) -> Result<ResourceName, CliError> {
    let known = || stack.resources().iter().map(|resource| &resource.name);
    if let Some(found) = known().find(|known| known.as_str() == name) {
        return Ok(found.clone());
    }
    Err(CliError::UnknownName {
        flag,
        name: name.to_owned(),
        environment: stack.name().environment().to_owned(),
        meant: nearest(name, known().map(ResourceName::as_str)).map(Into::into),
    })
}
