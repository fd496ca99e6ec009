//! Ctrl-C and SIGTERM: the first stops, the second leaves.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use crate::error::CliError;

/// The signals that ask the program to end.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

/// Which signal it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C as a rule, which terminals of Unix echo.
    Interrupt,
    /// Sent by another program.
    Terminate,
}

impl Signals {
    /// From now on these signals no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system does not let the process listen.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|source| CliError::Signals { source });
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// From now on Ctrl-C no longer ends the process by itself.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, CliError> {
        Ok(Self {})
    }

    /// The next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }

    /// The next signal.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        // Nothing is echoed here.
        Signal::Terminate
    }
}

/// Runs what may be dropped at any moment, until a signal comes.
///
/// # Errors
/// When a signal came first.
pub(crate) async fn unless_cancelled<T>(work: impl Future<Output = T>) -> Result<T, CliError> {
    let mut signals = Signals::listen()?;
    tokio::select! {
        biased;
        _ = signals.next() => Err(CliError::Cancelled),
        result = work => Ok(result),
    }
}

/// How far the user has gone in ending a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing new starts.
    Stop,
    /// Nothing is waited for.
    Abandon,
    /// It was said twice already.
    Nothing,
}

/// The two tokens of a run, cancelled one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct TwoSteps {
    pub(crate) stop: CancellationToken,
    pub(crate) abandon: CancellationToken,
}

impl TwoSteps {
    /// Takes the next step, and says which it was.
    pub(crate) fn advance(&self) -> Step {
        if !self.stop.is_cancelled() {
            self.stop.cancel();
            Step::Stop
        } else if !self.abandon.is_cancelled() {
            self.abandon.cancel();
            Step::Abandon
        } else {
            Step::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stops_and_the_second_abandons() {
        let steps = TwoSteps::default();
        assert_eq!(steps.advance(), Step::Stop);
        assert!(steps.stop.is_cancelled() && !steps.abandon.is_cancelled());
        assert_eq!(steps.advance(), Step::Abandon);
        assert!(steps.abandon.is_cancelled());
        assert_eq!(steps.advance(), Step::Nothing);
    }
}
