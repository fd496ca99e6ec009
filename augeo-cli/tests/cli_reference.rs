//! `docs/reference/cli.md` is what the program says of itself; `AUGEO_UPDATE=1` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const PREAMBLE: &str = "# The command line\n\nGenerated from `augeo --help`; \
                        `AUGEO_UPDATE=1 cargo test -p augeo-cli` writes it anew.\n";

/// What follows the arguments in the help of a command: its own commands.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    rest.lines()
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_augeo"))
        .env_clear()
        .args(command)
        .arg("--help")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).expect("help is text")
}

fn describe(command: &[String], reference: &mut String) {
    let text = help(command);
    let title = ["augeo".to_owned()]
        .iter()
        .chain(command)
        .cloned()
        .collect::<Vec<_>>();
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    let (title, lines) = (title.join(" "), lines.join("\n"));
    write!(reference, "\n## {title}\n\n```text\n{lines}\n```\n").expect("a string grows");
    for name in subcommands(&text) {
        let mut command = command.to_vec();
        command.push(name);
        describe(&command, reference);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable says that the file is to be written"
)]
fn the_reference_is_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("crates lie below the root");
    let path = root.join("docs/reference/cli.md");
    let mut expected = PREAMBLE.to_owned();
    describe(&[], &mut expected);
    for command in [
        "plan",
        "provision",
        "destroy",
        "emulator start",
        "completions",
    ] {
        assert!(
            expected.contains(&format!("## augeo {command}\n")),
            "{command} is missing"
        );
    }
    if std::env::var_os("AUGEO_UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("it has one")).expect("the folder is writable");
        fs::write(&path, &expected).expect("the file is writable");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differs = written
        .lines()
        .zip(expected.lines())
        .find(|(written, expected)| written != expected);
    assert!(
        written == expected,
        "docs/reference/cli.md is out of date ({differs:?}): AUGEO_UPDATE=1 cargo test -p augeo-cli"
    );
}
