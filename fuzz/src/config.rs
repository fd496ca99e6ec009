//! `augeo.toml`: any text is a configuration or a list of mistakes, each with a place in the text.

use augeo_azure::platform::{CODES, Config, ConfigErrors};
use augeo_core::graph::Graph;

const DAY: time::Date = time::macros::date!(2026 - 12 - 01);

/// The text of a configuration.
///
/// # Panics
/// When a promise is broken.
pub fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Config::parse(&text, "augeo.toml") {
        Err(errors) => check(&errors, &text),
        Ok(config) => {
            for environment in config.environments() {
                match config.stack(environment) {
                    // A stack may hold mistakes that the graph finds; rules look at any.
                    Ok(stack) => {
                        drop(Graph::build(&stack));
                        let judged = config.judged(environment, DAY);
                        assert!(judged.is_ok(), "a stack is made once and not again");
                    }
                    Err(errors) => check(&errors, &text),
                }
                if let Err(errors) = config.target(environment) {
                    check(&errors, &text);
                }
            }
        }
    }
}

fn check(errors: &ConfigErrors, text: &str) {
    assert!(!errors.errors().is_empty(), "refused without a mistake");
    for error in errors.errors() {
        let code = error.mistake.code();
        assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        if let Some(span) = &error.span {
            assert!(text.get(span.clone()).is_some(), "{code} is at {span:?}");
        }
    }
    let shown = errors.to_string();
    let moves = |c: char| c.is_control() && c != '\n';
    assert!(!shown.contains(moves), "the cursor moves: {shown:?}");
    assert_eq!(errors.to_findings().len(), errors.errors().len());
}

#[cfg(test)]
mod tests;
