//! One run of the program: its options, its output, and a runtime once something needs one.

use std::cell::OnceCell;
use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;

use augeo_core::render::shell_word;
use clap::ValueEnum;
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::EnvFilter;

use crate::args::Global;
use crate::destination::ensure_free;
use crate::error::CliError;
use crate::output::Output;
use crate::project::{Project, option_for};
use crate::terminal::{Streams, Terminal};
use crate::variables::Variables;

/// For developers: spans and events of the libraries. Nothing is told there only.
fn log_to_stderr(filter: &str) {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}

/// What every command works with.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) global: Global,
    pub(crate) variables: Variables,
    pub(crate) output: Arc<Output>,
    runtime: OnceCell<Runtime>,
}

impl Session {
    pub(crate) fn new(global: Global, variables: Variables) -> Self {
        let width = console::Term::stderr()
            .size_checked()
            .map(|(_, columns)| columns);
        let terminal = Terminal::new(Streams::detect(), width, &variables, global.color);
        let output = Arc::new(Output::new(terminal, global.json));
        if let Some(filter) = variables.get("AUGEO_LOG") {
            log_to_stderr(filter);
        }
        Self {
            global,
            variables,
            output,
            runtime: OnceCell::new(),
        }
    }

    /// Runs what contacts a target. The runtime starts with the first call.
    ///
    /// # Errors
    /// When the runtime cannot start, or the work fails.
    pub(crate) fn run<T>(
        &self,
        work: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        if self.runtime.get().is_none() {
            let runtime = Builder::new_multi_thread()
                .enable_all()
                .build()
                .map_err(|source| CliError::Runtime { source })?;
            let _ = self.runtime.set(runtime);
        }
        let runtime = self.runtime.get().expect("it was set above");
        runtime.block_on(work)
    }

    /// Reads the configuration that the options name.
    ///
    /// # Errors
    /// When there is none, with every mistake in it, or when the trace would take its place.
    pub(crate) fn project(&self) -> Result<Project, CliError> {
        if let Some(path) = &self.global.trace {
            ensure_free(self, "--trace", path, &[])?;
        }
        Project::read(&self.global.config, &self.output)
    }

    /// The subscription that the option, else the variable, chooses.
    pub(crate) fn chosen_subscription(&self) -> Option<String> {
        let variable = || self.variables.get("AZURE_SUBSCRIPTION_ID");
        let option = self.global.subscription.as_deref();
        option.or_else(variable).map(str::to_owned)
    }

    /// A command to go on with, with the options that say where. It can be copied: what is added
    /// to `command` is quoted where it has to be.
    pub(crate) fn command(&self, command: &str) -> String {
        let mut text = format!("augeo {command}{}", option_for(&self.global.config));
        if let Some(target) = self
            .global
            .target
            .and_then(|target| target.to_possible_value())
        {
            let _ = write!(text, " --target {}", target.get_name());
        }
        if let Some(endpoint) = &self.global.endpoint {
            let _ = write!(text, " --endpoint {}", shell_word(endpoint));
        }
        if let Some(subscription) = &self.global.subscription {
            let _ = write!(text, " --subscription {}", shell_word(subscription));
        }
        text
    }

    /// Ends without waiting for threads that read the terminal.
    pub(crate) fn shut_down(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
