//! What the terminal can do: asked once, from the streams, the variables and `--color`.

use std::io::IsTerminal;

use augeo_core::render::{Glyphs, Style};

use crate::args::ColorChoice;
use crate::variables::Variables;

/// The columns where nothing tells how many there are.
const WIDTH_DEFAULT: usize = 100;

/// Which of the three streams are terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Streams {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
}

impl Streams {
    pub(crate) fn detect() -> Self {
        Self {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
        }
    }
}

/// What the terminal can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    streams: Streams,
    colour_stdout: bool,
    colour_stderr: bool,
    glyphs: Glyphs,
    width: usize,
    redraws: bool,
}

impl Terminal {
    /// Judges streams and variables; `width` is what the terminal says of itself.
    pub(crate) fn new(
        streams: Streams,
        width: Option<u16>,
        variables: &Variables,
        choice: ColorChoice,
    ) -> Self {
        let dumb = variables.get("TERM") == Some("dumb");
        let accessible = variables.is_on("AUGEO_ACCESSIBLE");
        let colour = |is_terminal| colour(choice, is_terminal && !dumb, variables);
        let unicode = streams.stdout && streams.stderr && !accessible && !dumb && utf8(variables);
        let columns = variables.get("COLUMNS").and_then(|text| text.parse().ok());
        Self {
            streams,
            colour_stdout: colour(streams.stdout),
            colour_stderr: colour(streams.stderr),
            glyphs: if unicode {
                Glyphs::Unicode
            } else {
                Glyphs::Ascii
            },
            width: width
                .map(usize::from)
                .or(columns)
                .filter(|width| *width > 0)
                .unwrap_or(WIDTH_DEFAULT),
            redraws: streams.stderr && !accessible && !dumb,
        }
    }

    /// Whether a question can be asked: someone reads it and can answer.
    pub(crate) fn can_ask(&self) -> bool {
        self.streams.stdin && self.streams.stderr
    }

    /// Whether stdout is read by a person now.
    pub(crate) fn stdout_is_read(&self) -> bool {
        self.streams.stdout
    }

    /// Whether rows may be redrawn on stderr.
    pub(crate) fn can_redraw(&self) -> bool {
        self.redraws
    }

    /// How text on stdout looks.
    pub(crate) fn style_stdout(&self) -> Style {
        self.style(self.colour_stdout)
    }

    /// How text on stderr looks.
    pub(crate) fn style_stderr(&self) -> Style {
        self.style(self.colour_stderr)
    }

    fn style(&self, colour: bool) -> Style {
        Style {
            width: self.width,
            colour,
            glyphs: self.glyphs,
            ..Style::default()
        }
    }
}

/// `--color` decides; then `NO_COLOR`; then what forces colour; then what asks for none; then
/// whether there is a terminal.
fn colour(choice: ColorChoice, capable: bool, variables: &Variables) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            if variables.get("NO_COLOR").is_some() {
                false
            } else if variables.is_on("FORCE_COLOR") || variables.is_on("CLICOLOR_FORCE") {
                true
            } else {
                variables.get("CLICOLOR") != Some("0") && capable
            }
        }
    }
}

fn utf8(variables: &Variables) -> bool {
    if cfg!(windows) {
        return variables.get("WT_SESSION").is_some();
    }
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variables.get(name))
        .is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Streams = Streams {
        stdin: true,
        stdout: true,
        stderr: true,
    };

    fn terminal(streams: Streams, variables: &[(&str, &str)], choice: ColorChoice) -> Terminal {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Terminal::new(streams, None, &Variables::new(variables), choice)
    }

    #[test]
    fn colours_follow_the_conventions() {
        let coloured = |streams, variables: &[(&str, &str)], choice| {
            terminal(streams, variables, choice).style_stdout().colour
        };
        let piped = Streams::default();
        let auto = ColorChoice::Auto;
        for (expected, streams, variables, choice) in [
            (true, ALL, &[][..], auto),
            (false, piped, &[], auto),
            (false, ALL, &[("NO_COLOR", "1")], auto),
            (true, ALL, &[("NO_COLOR", "")], auto),
            (true, ALL, &[("NO_COLOR", "1")], ColorChoice::Always),
            (false, ALL, &[("FORCE_COLOR", "1")], ColorChoice::Never),
            (true, piped, &[("FORCE_COLOR", "1")], auto),
            (false, piped, &[("FORCE_COLOR", "0")], auto),
            (true, piped, &[("CLICOLOR_FORCE", "1")], auto),
            (
                false,
                piped,
                &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
                auto,
            ),
            (false, ALL, &[("CLICOLOR", "0")], auto),
            (true, ALL, &[("CLICOLOR", "1")], auto),
            (false, ALL, &[("TERM", "dumb")], auto),
        ] {
            let found = coloured(streams, variables, choice);
            assert_eq!(found, expected, "{streams:?} {variables:?} {choice:?}");
        }
    }

    #[test]
    fn streams_are_judged_one_by_one() {
        let streams = Streams {
            stdout: false,
            ..ALL
        };
        let terminal = terminal(streams, &[], ColorChoice::Auto);
        assert!(!terminal.style_stdout().colour && terminal.style_stderr().colour);
        assert!(terminal.can_ask() && terminal.can_redraw() && !terminal.stdout_is_read());
    }

    #[test]
    fn accessible_and_dumb_terminals_are_never_redrawn() {
        for variable in [("AUGEO_ACCESSIBLE", "1"), ("TERM", "dumb")] {
            let variables = [variable, ("LANG", "en_US.UTF-8")];
            let terminal = terminal(ALL, &variables, ColorChoice::Auto);
            assert!(!terminal.can_redraw());
            assert_eq!(terminal.style_stdout().glyphs, Glyphs::Ascii);
        }
        let variables = [("LANG", "en_US.UTF-8")];
        let capable = terminal(ALL, &variables, ColorChoice::Auto);
        assert_eq!(capable.style_stdout().glyphs, Glyphs::Unicode);
    }

    #[test]
    fn the_width_comes_from_the_terminal_then_from_columns() {
        let variables = Variables::new([("COLUMNS".into(), "72".into())]);
        let width = |told, variables: &Variables| {
            let terminal = Terminal::new(ALL, told, variables, ColorChoice::Auto);
            terminal.style_stdout().width
        };
        assert_eq!(width(Some(132), &variables), 132);
        assert_eq!(width(None, &variables), 72);
        assert_eq!(width(Some(0), &Variables::default()), WIDTH_DEFAULT);
    }
}
