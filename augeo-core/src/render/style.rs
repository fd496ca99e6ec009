//! How a rendering looks: its width, its colours, its characters, and how long it may become.

use std::time::Duration;

/// Which characters decorate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Those that every log and every screen reader can take.
    #[default]
    Ascii,
    /// Arrows and bars where a terminal shows them.
    Unicode,
}

/// How a rendering looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// How many columns there are; more than 100 are not used.
    pub width: usize,
    /// Whether ANSI colours are used.
    pub colour: bool,
    /// Which characters decorate.
    pub glyphs: Glyphs,
    /// Whether everything is listed: no group is folded, no value shortened.
    pub full: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 100,
            colour: false,
            glyphs: Glyphs::Ascii,
            full: false,
        }
    }
}

/// What a colour is for; the words beside it say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Quiet,
    Good,
    Careful,
    Bad,
}

impl Style {
    /// The columns that may be used.
    pub(super) fn columns(&self) -> usize {
        self.width.clamp(40, 100)
    }

    pub(super) fn arrow(&self) -> &'static str {
        match self.glyphs {
            Glyphs::Ascii => "->",
            Glyphs::Unicode => "→",
        }
    }

    pub(super) fn ellipsis(&self) -> &'static str {
        match self.glyphs {
            Glyphs::Ascii => "...",
            Glyphs::Unicode => "…",
        }
    }

    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => "",
            Tone::Strong => "1",
            Tone::Quiet => "2",
            Tone::Good => "32",
            Tone::Careful => "33",
            Tone::Bad => "31",
        };
        if self.colour && !code.is_empty() && !text.trim().is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// `text` with its middle left out if it is longer than `columns`, unless all is to be shown.
    pub(super) fn shorten(&self, text: &str, columns: usize) -> String {
        let length = text.chars().count();
        if self.full || length <= columns {
            return text.to_owned();
        }
        let kept = columns.saturating_sub(self.ellipsis().chars().count());
        let (head, tail) = (kept - kept / 3, kept / 3);
        let start: String = text.chars().take(head).collect();
        let end: String = text.chars().skip(length - tail).collect();
        format!("{start}{}{end}", self.ellipsis())
    }
}

/// A word of a command that is to be copied: quoted for a shell where it has to be.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=@%+\\".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A duration in words: `0.4 s`, `21 s`, `10 min 52 s`, `2 h 5 min`.
pub fn duration_text(duration: Duration) -> String {
    let (seconds, tenths) = (duration.as_secs(), duration.subsec_millis() / 100);
    match seconds {
        0 => format!("0.{tenths} s"),
        1..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A duration as a clock that runs: `5:08`, `1:05:08`.
pub(super) fn clock_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    if hours == 0 {
        format!("{minutes}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

/// A number and its noun: `1 change`, `3 changes`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else if let Some(stem) = noun.strip_suffix('y') {
        format!("{number} {stem}ies")
    } else {
        format!("{number} {noun}s")
    }
}

/// Text from outside on one line: what could move the cursor or turn the reading direction is
/// written as an escape.
pub fn printable(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => cleaned.push(' '),
            '\r' => {}
            c if is_unsafe(c) => cleaned.extend(c.escape_unicode()),
            c => cleaned.push(c),
        }
    }
    cleaned
}

/// Whether a character could change how what follows is shown.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        let text = |seconds| duration_text(Duration::from_secs_f64(seconds));
        assert_eq!(text(0.42), "0.4 s");
        assert_eq!(text(21.9), "21 s");
        assert_eq!(text(60.0), "1 min");
        assert_eq!(text(652.0), "10 min 52 s");
        assert_eq!(text(7500.0), "2 h 5 min");
        assert_eq!(clock_text(Duration::from_secs(308)), "5:08");
        assert_eq!(clock_text(Duration::from_secs(3908)), "1:05:08");
    }

    #[test]
    fn outside_text_cannot_move_the_cursor() {
        assert_eq!(
            printable("a\u{1b}[2Jb\nc\u{202e}d"),
            "a\\u{1b}[2Jb c\\u{202e}d"
        );
    }

    #[test]
    fn shortening_keeps_both_ends() {
        let style = Style::default();
        assert_eq!(style.shorten("abcdefghijklmnop", 9), "abcd...op");
        let full = Style {
            full: true,
            ..style
        };
        assert_eq!(full.shorten("abcdefghijklmnop", 9), "abcdefghijklmnop");
    }
}
