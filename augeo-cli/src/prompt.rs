//! Questions: at most one per command, and never without someone to answer.

use std::io::BufRead;

use crate::cancel::Signals;
use crate::error::CliError;
use crate::output::Output;

/// An answer to "yes, no or details".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Details,
    Unclear,
}

/// Asks whether to go on; `details` calls `details` and asks again.
///
/// # Errors
/// When there is no terminal to ask on, naming `flag` as the way without one; when the answer is
/// not yes.
pub(crate) async fn confirm(
    output: &Output,
    question: &str,
    flag: &str,
    details: impl Fn(),
) -> Result<(), CliError> {
    ensure_terminal(output, question, flag)?;
    loop {
        output.ask(&format!("{question} (yes, no, details)"));
        match parse(&read_line(output).await?) {
            Answer::Yes => return Ok(()),
            Answer::No => return Err(CliError::Declined),
            Answer::Details => details(),
            Answer::Unclear => output.note("Please type yes, no or details."),
        }
    }
}

/// Asks for an exact text; anything else stops.
///
/// # Errors
/// When there is no terminal to ask on, naming `flag` as the way without one; when the answer is
/// another text.
pub(crate) async fn type_exactly(
    output: &Output,
    question: &str,
    expected: &str,
    flag: &str,
) -> Result<(), CliError> {
    ensure_terminal(output, question, flag)?;
    output.ask(question);
    if read_line(output).await?.trim() == expected {
        Ok(())
    } else {
        Err(CliError::Declined)
    }
}

fn ensure_terminal(output: &Output, question: &str, flag: &str) -> Result<(), CliError> {
    if output.terminal().can_ask() && !output.is_json() {
        Ok(())
    } else {
        Err(CliError::NoTerminal {
            question: question.trim_end_matches([':', ' ']).to_owned(),
            flag: flag.to_owned(),
        })
    }
}

fn parse(line: &str) -> Answer {
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        // The end of the input and Enter alone change nothing.
        "" | "n" | "no" => Answer::No,
        "d" | "details" => Answer::Details,
        _ => Answer::Unclear,
    }
}

/// Reads a line without holding up signals. The reading thread may outlive an interrupted
/// question; the program ends without waiting for it.
async fn read_line(output: &Output) -> Result<String, CliError> {
    let mut signals = Signals::listen()?;
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        biased;
        _ = signals.next() => {
            // The question's line has no end yet.
            output.note("");
            Err(CliError::Cancelled)
        }
        line = reading => match line {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(source)) => Err(CliError::Input { source }),
            Err(_) => Err(CliError::Cancelled),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for line in ["y\n", "yes\n", "YES"] {
            assert_eq!(parse(line), Answer::Yes, "{line}");
        }
        for line in ["", "\n", "n\n", "No"] {
            assert_eq!(parse(line), Answer::No, "{line}");
        }
        assert_eq!(parse("details\n"), Answer::Details);
        assert_eq!(parse("yep\n"), Answer::Unclear);
    }
}
