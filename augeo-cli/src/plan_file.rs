//! Saved plans on disk: written privately, read with care.

use std::fs;
use std::path::Path;

use augeo_core::plan::Plan;
use augeo_core::plan::file::{from_json, to_json};
use augeo_core::provider::Provider;

use crate::error::CliError;
use crate::world::create_private;

/// Saves a plan. Declared values are in it, secrets are not.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(path: &Path, plan: &Plan) -> Result<(), CliError> {
    let mut text = to_json(plan).to_string();
    text.push('\n');
    create_private(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .map_err(|source| CliError::Write {
            path: path.to_path_buf(),
            source,
        })
}

/// Reads a plan for the stack called `asked`.
///
/// # Errors
/// When there is none, or it is another stack's.
pub(crate) fn read(path: &Path, provider: &dyn Provider, asked: &str) -> Result<Plan, CliError> {
    let text = fs::read_to_string(path).map_err(|source| CliError::Read {
        path: path.to_path_buf(),
        source,
    })?;
    let not_a_plan = |reason: String| CliError::NotAPlan {
        path: path.to_path_buf(),
        reason,
    };
    let json = serde_json::from_str(&text).map_err(|error| not_a_plan(error.to_string()))?;
    let plan = from_json(json, provider).map_err(|error| not_a_plan(error.to_string()))?;
    let found = plan.stack.to_string();
    if found == asked {
        Ok(plan)
    } else {
        Err(CliError::OtherPlan {
            path: path.to_path_buf(),
            found,
            asked: asked.to_owned(),
        })
    }
}
