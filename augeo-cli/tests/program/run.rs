//! Runs the program in a folder of its own, with an empty environment.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A configuration of a resource group and a storage account.
pub(crate) const SMALL: &str = r#"
project = "augeo"
location = "westeurope"
cost_center = "CC-1"

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
        Running { child }
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

/// A program that runs; it is killed when the test ends.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// The first line that it prints.
    pub(crate) fn first_line(&mut self) -> String {
        let stdout = self.child.stdout.as_mut().expect("it is piped");
        let mut line = String::new();
        let mut byte = [0];
        while stdout.read(&mut byte).expect("it can be read") == 1 && byte[0] != b'\n' {
            line.push(char::from(byte[0]));
        }
        line
    }

    /// Ends it as service managers do, and answers its exit code.
    #[cfg(unix)]
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let killed = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(killed.expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
