//! How what is worth showing of a resource is printed.

use std::fmt::Write as _;

use augeo_azure::outputs::Outputs;
use augeo_core::name::ResourceName;
use augeo_core::render::printable;
use augeo_core::resource::Observed;

/// The resource's name, kind and id, then a line for each output.
pub(crate) fn outputs_text(
    name: &ResourceName,
    title: &str,
    observed: &Observed,
    outputs: &Outputs,
) -> String {
    let mut text = format!(
        "{:<34} {title}\n  {:<26} {}\n",
        name.as_str(),
        "id",
        observed.id
    );
    for (path, value) in outputs.iter() {
        let _ = writeln!(text, "  {path:<26} {}", printable(value));
    }
    text
}
