//! The one place that decides what snapshots leave out: ids, durations, times, paths.

use insta::Settings;

/// The settings that every snapshot of rendered text is taken with.
pub fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    let filters = [
        // RFC 3339 before anything that could match a part of it.
        (
            r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?",
            "[time]",
        ),
        (
            r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            "[id]",
        ),
        (r"\b[0-9a-f]{16}\b", "[digest]"),
        (
            r"\b(\d+ h )?(\d+ min )?\d+(\.\d+)? ?(ms|s|min|h)\b",
            "[duration]",
        ),
        (r"(/[\w.@-]+)+/(augeo-[a-z]+)/", "$2/"),
    ];
    for (pattern, replacement) in filters {
        settings.add_filter(pattern, replacement);
    }
    settings
}
