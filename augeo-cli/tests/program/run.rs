//! Runs the program in a folder of its own, with an empty environment.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use augeo_testkit::emulator::{Durations, Emulator, Listener, WorldOptions, wall_now};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A configuration with nothing but what must be there: every module is as it is by default, but
/// for Redis, which takes longer than all the others.
pub(crate) const SMALL: &str = r#"
project = "augeo"
location = "westeurope"
cost_center = "CC-1"
redis.enabled = false
[environment.dev]
target = "emulator"

[environment.production]
"#;

/// A folder with a configuration.
pub(crate) struct Place {
    folder: TempDir,
}

/// What a run of the program left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn empty() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder"),
        }
    }

    pub(crate) fn with(config: &str) -> Self {
        let place = Self::empty();
        place.write("augeo.toml", config);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file of the temporary folder");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file that the program wrote")
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_augeo"));
        command
            .env_clear()
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .args(arguments.split_whitespace());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Ran {
        let output = self
            .command(arguments)
            .envs(variables.iter().copied())
            .output()
            .expect("the program runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints text");
        Ran {
            code: output.status.code().expect("it ends by itself"),
            stdout: self.redacted(&text(output.stdout)),
            stderr: self.redacted(&text(output.stderr)),
        }
    }

    /// Runs the program on the emulator, where nothing takes time.
    pub(crate) fn run_fast(&self, arguments: &str) -> Ran {
        self.run(&format!("{arguments} --time-scale 0"))
    }

    pub(crate) fn start(&self, arguments: &str) -> Running {
        let child = self.command(arguments).spawn().expect("the program starts");
        Running::of(child)
    }

    fn redacted(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        text.replace(&folder, "[folder]")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Ran {
    /// Fails with everything that was printed unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn expect_stderr(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not on stderr of {self}"
        );
        self
    }

    #[track_caller]
    pub(crate) fn expect_stdout(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "`{text}` is not on stdout of {self}"
        );
        self
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}

/// An emulator without durations that a test looks into, while the program reaches it over HTTP.
pub(crate) struct Served {
    pub(crate) emulator: Emulator,
    pub(crate) endpoint: String,
    /// It serves until it is dropped.
    _runtime: Runtime,
}

impl Served {
    pub(crate) fn new() -> Self {
        let options = WorldOptions {
            durations: Durations::instant(),
            ..WorldOptions::default()
        };
        let emulator = Emulator::in_memory(options, wall_now());
        let runtime = Runtime::new().expect("a runtime");
        let bound = Listener::bind(emulator.clone(), ([127, 0, 0, 1], 0).into());
        let listener = runtime.block_on(bound).expect("a port is free");
        let endpoint = listener.endpoint();
        drop(runtime.spawn(listener.serve(std::future::pending::<()>())));
        Self {
            emulator,
            endpoint,
            _runtime: runtime,
        }
    }
}

/// A program that runs; it is killed when the test ends.
pub(crate) struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: Option<BufReader<ChildStderr>>,
    said: String,
}

impl Running {
    fn of(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = child.stderr.take().map(BufReader::new);
        Self {
            child,
            stdout,
            stderr,
            said: String::new(),
        }
    }

    /// The next line on its stdout.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        let stdout = self.stdout.as_mut().expect("it is piped");
        stdout.read_line(&mut line).expect("it can be read");
        line.trim_end().to_owned()
    }

    /// Reads its stderr until a line holds this text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let stderr = self.stderr.as_mut().expect("it is piped");
        let start = self.said.len();
        while !self.said[start..].contains(text) {
            let read = stderr.read_line(&mut self.said).expect("it can be read");
            assert!(read > 0, "it ended without `{text}`:\n{}", self.said);
        }
    }

    /// What was read of its stderr so far.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// Asks it to end, as service managers do.
    #[cfg(unix)]
    pub(crate) fn signal(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ran {
        let mut stdout = String::new();
        let mut stderr = std::mem::take(&mut self.said);
        let pipe = self.stderr.as_mut().expect("it is piped");
        pipe.read_to_string(&mut stderr).expect("it can be read");
        let pipe = self.stdout.as_mut().expect("it is piped");
        pipe.read_to_string(&mut stdout).expect("it can be read");
        let status = self.child.wait().expect("it ends");
        let code = status.code().expect("it ends by itself");
        Ran {
            code,
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
