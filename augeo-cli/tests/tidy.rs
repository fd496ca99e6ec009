//! Holds the whole repository to the rules of `CONTRIBUTING.md` that a machine can check.
//!
//! Each rule is a pure function of one file's path and text. Needles that would make this file
//! break its own rules are put together with `concat!`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const LINES_MAX: usize = 500;
const VAGUE_NAMES: [&str; 7] = [
    "util", "utils", "helper", "helpers", "common", "misc", "manager",
];
const FOREIGN_WORDS_IN_CORE: [&str; 2] = ["azure", "arm"];
const UNFINISHED: [&str; 2] = [concat!("to", "do!"), concat!("unimpl", "emented!")];
const IGNORED_TEST: &str = concat!("#[", "ignore");
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// A file of the repository; the path has forward slashes and starts at the repository's root.
struct SourceFile {
    path: String,
    text: String,
}

/// A line that breaks a rule; line 0 stands for the file as a whole.
type Breach = (usize, String);
type Rule = fn(path: &str, text: &str) -> Vec<Breach>;

const RULES: [(&str, Rule); 10] = [
    ("a file is too long; split it by what it owns", too_long),
    ("a name hides what the file owns", vague_name),
    (
        "a file does not open with `//!` and its purpose",
        no_purpose,
    ),
    ("core knows a word of its provider", foreign_word_in_core),
    ("the generic provider names a type", type_name_in_provider),
    ("a library prints", prints),
    (
        "the emulator imports what it is there to check",
        emulator_imports,
    ),
    ("a test is ignored", ignored_test),
    ("code is unfinished", unfinished),
    (
        "a note to self has no issue number, as in `(#12)`",
        note_without_issue,
    ),
];

fn is_rust(path: &str) -> bool {
    has_extension(path, "rs")
}

fn has_extension(path: &str, wanted: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == wanted)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn breaches(text: &str, mut says: impl FnMut(&str) -> Option<String>) -> Vec<Breach> {
    let numbered = text.lines().enumerate();
    numbered
        .filter_map(|(index, line)| says(line).map(|what| (index + 1, what)))
        .collect()
}

/// True where `word` stands in `line` with no letter, digit or underscore before it.
fn calls(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn too_long(path: &str, text: &str) -> Vec<Breach> {
    let lines = text.lines().count();
    if !is_rust(path) || lines <= LINES_MAX {
        return vec![];
    }
    vec![(0, format!("{lines} lines, {LINES_MAX} at most"))]
}

fn vague_name(path: &str, _text: &str) -> Vec<Breach> {
    let parts = path
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let vague = parts.filter(|part| VAGUE_NAMES.contains(&part.to_lowercase().as_str()));
    if is_rust(path) {
        vague.map(|part| (0, part.to_owned())).collect()
    } else {
        vec![]
    }
}

fn no_purpose(path: &str, text: &str) -> Vec<Breach> {
    let first = text.lines().next().unwrap_or_default();
    let purpose = first.strip_prefix("//!").map_or("", str::trim);
    if is_rust(path) && purpose.is_empty() {
        vec![(1, first.to_owned())]
    } else {
        vec![]
    }
}

fn foreign_word_in_core(path: &str, text: &str) -> Vec<Breach> {
    if !path.starts_with("augeo-core/src/") {
        return vec![];
    }
    breaches(text, |line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        words
            .find(|word| FOREIGN_WORDS_IN_CORE.contains(&word.to_lowercase().as_str()))
            .map(Into::into)
    })
}

fn type_name_in_provider(path: &str, text: &str) -> Vec<Breach> {
    if !path.starts_with("augeo-azure/src/provider") {
        return vec![];
    }
    breaches(text, |line| {
        line.contains("Microsoft.").then(|| line.trim().to_owned())
    })
}

fn prints(path: &str, text: &str) -> Vec<Breach> {
    let a_program = path.starts_with("augeo-cli/") || path.starts_with("examples/");
    let an_example = path.contains("/examples/") || path.contains("/benches/");
    if !is_rust(path) || a_program || an_example || path.ends_with("build.rs") {
        return vec![];
    }
    breaches(text, |line| {
        let macros = ["print!", "println!", "eprint!", "eprintln!"];
        let found = macros.into_iter().find(|name| calls(line, name));
        found.filter(|_| !is_comment(line)).map(Into::into)
    })
}

fn emulator_imports(path: &str, text: &str) -> Vec<Breach> {
    if !path.starts_with("augeo-testkit/src/emulator") {
        return vec![];
    }
    breaches(text, |line| {
        let crates = ["augeo_azure", "augeo_core"];
        let found = crates.into_iter().find(|name| calls(line, name));
        found.filter(|_| !is_comment(line)).map(Into::into)
    })
}

fn ignored_test(path: &str, text: &str) -> Vec<Breach> {
    if !is_rust(path) && !has_extension(path, "md") {
        return vec![];
    }
    breaches(text, |line| {
        let ignored = line.contains(IGNORED_TEST) || is_ignored_fence(line);
        ignored.then(|| line.trim().to_owned())
    })
}

/// True where a fence opens whose info string has `ignore` in it, as `ignore-windows` too.
fn is_ignored_fence(line: &str) -> bool {
    let line = line.trim_start();
    let comment = line.strip_prefix("//!").or(line.strip_prefix("///"));
    let line = comment.unwrap_or(line).trim_start_matches([' ', '>']);
    let info = line.strip_prefix("```").or(line.strip_prefix("~~~"));
    let mut words = info
        .unwrap_or_default()
        .split(|c: char| !c.is_alphanumeric());
    words.any(|word| word == "ignore")
}

fn unfinished(path: &str, text: &str) -> Vec<Breach> {
    if !is_rust(path) {
        return vec![];
    }
    breaches(text, |line| {
        UNFINISHED
            .into_iter()
            .find(|name| calls(line, name))
            .map(Into::into)
    })
}

fn note_without_issue(path: &str, text: &str) -> Vec<Breach> {
    if !is_rust(path) {
        return vec![];
    }
    breaches(text, |line| {
        let mut words = line.split(|c: char| c.is_whitespace() || c == ':');
        words
            .find(|word| NOTES.contains(word))
            .map(|_| line.trim().to_owned())
    })
}

/// The ADRs whose file name the index does not link to, and the links that lead nowhere.
fn adr_index_differs(index: &str, adrs: &[&str]) -> Vec<String> {
    let links: Vec<&str> = index
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    let missing = adrs.iter().filter(|adr| !links.contains(*adr));
    let dangling = links
        .iter()
        .filter(|link| has_extension(link, "md") && !link.contains('/') && !adrs.contains(*link));
    let missing = missing.map(|adr| format!("{adr} is not in the index"));
    missing
        .chain(dangling.map(|link| format!("the index links to {link}, which is absent")))
        .collect()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository is readable") {
        let path = entry.expect("an entry of a readable folder").path();
        let relative = path
            .strip_prefix(root)
            .expect("the walk starts at the root");
        let relative = relative.to_string_lossy().replace('\\', "/");
        let name = relative.rsplit('/').next().unwrap_or_default();
        if name.starts_with('.') || relative == "target" {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            files.push(SourceFile {
                path: relative,
                text,
            });
        }
    }
}

fn repository() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("crates lie below the root");
    let mut files = Vec::new();
    collect(root, root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

#[test]
fn the_repository_is_tidy() {
    let files = repository();
    assert!(
        files
            .iter()
            .any(|file| file.path == "augeo-cli/tests/tidy.rs"),
        "the walk is broken"
    );
    let mut report = String::new();
    for (rule, check) in RULES {
        for file in &files {
            for (line, what) in check(&file.path, &file.text) {
                writeln!(report, "{}:{line}: {rule}: {what}", file.path).expect("a string grows");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_adr_is_in_the_index() {
    let files = repository();
    let adrs: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("docs/adr/"))
        .collect();
    let (index, adrs): (Vec<&str>, Vec<&str>) = adrs.into_iter().partition(|f| *f == "README.md");
    assert_eq!(index, ["README.md"]);
    assert!(!adrs.is_empty());
    let index = files
        .iter()
        .find(|file| file.path == "docs/adr/README.md")
        .expect("found above");
    assert_eq!(adr_index_differs(&index.text, &adrs), Vec::<String>::new());
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn too_long_counts_lines_of_rust_only() {
        let text = "x\n".repeat(LINES_MAX);
        assert!(too_long("a/src/b.rs", &text).is_empty());
        assert!(too_long("a/b.json", &format!("{text}x")).is_empty());
        assert_eq!(too_long("a/src/b.rs", &format!("{text}x")).len(), 1);
    }

    #[test]
    fn vague_name_looks_at_files_and_folders() {
        for path in ["a/src/utils.rs", "a/src/Common/mod.rs", "a/src/helper.rs"] {
            assert_eq!(vague_name(path, "").len(), 1, "{path}");
        }
        for path in [
            "a/src/command.rs",
            "a/src/utility_bill.rs",
            "docs/common.md",
        ] {
            assert!(vague_name(path, "").is_empty(), "{path}");
        }
    }

    #[test]
    fn no_purpose_wants_words_on_the_first_line() {
        assert!(no_purpose("a/src/b.rs", "//! Owns b.\nuse c;").is_empty());
        assert!(no_purpose("a/b.toml", "c = 1").is_empty());
        for text in ["", "//!", "use c;\n//! Late.", "/// Item."] {
            assert_eq!(no_purpose("a/src/b.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn foreign_word_in_core_means_whole_words_in_any_case() {
        for text in [
            "/// An Azure word.",
            "use azure_core::Url;",
            "let arm = 1;",
            "\"ARM\"",
        ] {
            assert_eq!(
                foreign_word_in_core("augeo-core/src/plan.rs", text).len(),
                1,
                "{text}"
            );
            assert!(foreign_word_in_core("augeo-azure/src/client.rs", text).is_empty());
        }
        for text in ["an alarm, armed and charming", "harmless"] {
            assert!(
                foreign_word_in_core("augeo-core/src/plan.rs", text).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn type_name_in_provider_covers_the_file_and_its_folder() {
        let text = "if name == \"Microsoft.Web/sites\" {";
        for path in [
            "augeo-azure/src/provider.rs",
            "augeo-azure/src/provider/observe.rs",
        ] {
            assert_eq!(type_name_in_provider(path, text).len(), 1);
            assert!(type_name_in_provider(path, "if name == ty.name {").is_empty());
        }
        assert!(type_name_in_provider("augeo-azure/src/resources/web.rs", text).is_empty());
    }

    #[test]
    fn prints_spares_programs_comments_and_other_macros() {
        let line = "    println!(\"x\");";
        for text in [line, "eprint!(\"x\")", "std::print!(\"x\")"] {
            assert_eq!(prints("augeo-core/src/plan.rs", text).len(), 1, "{text}");
        }
        assert!(prints("augeo-core/src/plan.rs", "/// println!(\"x\");").is_empty());
        assert!(prints("augeo-core/src/plan.rs", "reprint!(x); my_println!(x)").is_empty());
        for path in [
            "augeo-cli/src/main.rs",
            "examples/examples/embed.rs",
            "a/benches/plan.rs",
        ] {
            assert!(prints(path, line).is_empty(), "{path}");
        }
    }

    #[test]
    fn emulator_imports_spares_comments_and_the_rest_of_the_test_kit() {
        for text in [
            "use augeo_azure::resources;",
            "let x = augeo_core::name::ResourceId;",
        ] {
            let path = "augeo-testkit/src/emulator/world.rs";
            assert_eq!(emulator_imports(path, text).len(), 1, "{text}");
            assert!(emulator_imports(path, &format!("// {text}")).is_empty());
            assert!(emulator_imports("augeo-testkit/src/fake_provider.rs", text).is_empty());
        }
    }

    #[test]
    fn ignored_test_finds_attributes_and_doc_fences() {
        for text in [
            concat!("#[", "ignore]"),
            concat!("/// ```", "ignore"),
            concat!("    //! ```rust,", "ignore"),
            concat!("> ```rust, ", "ignore-windows"),
            concat!("~~~", "ignore"),
            IGNORED_TEST,
        ] {
            assert_eq!(ignored_test("a/tests/b.rs", text).len(), 1, "{text}");
            assert_eq!(ignored_test("README.md", text).len(), 1, "{text}");
        }
        assert!(ignored_test("a/tests/b.rs", "let never = ignore; // ```ignore").is_empty());
        assert!(ignored_test("a.md", "```no_run\nignore\n``` ignores").is_empty());
        assert!(ignored_test(".gitignore", IGNORED_TEST).is_empty());
    }

    #[test]
    fn unfinished_finds_macros_not_words() {
        assert_eq!(
            unfinished("a/src/b.rs", concat!("    to", "do!()")).len(),
            1
        );
        assert_eq!(
            unfinished("a/src/b.rs", concat!("unimpl", "emented!(\"x\")")).len(),
            1
        );
        assert!(unfinished("a/src/b.rs", "// nothing left to do!").is_empty());
        assert!(unfinished("a/src/b.rs", concat!("mastodon_to", "do!()")).is_empty());
    }

    #[test]
    fn note_without_issue_wants_the_number_at_the_word() {
        let word = NOTES[0];
        for note in [
            format!("// {word} later"),
            format!("// {word}: later (#12)"),
        ] {
            assert_eq!(note_without_issue("a/src/b.rs", &note).len(), 1, "{note}");
        }
        assert!(note_without_issue("a/src/b.rs", &format!("// {word}(#12): later")).is_empty());
        assert!(note_without_issue("notes.md", word).is_empty());
    }

    #[test]
    fn adr_index_differs_in_both_directions() {
        let index = "| [0001](0001-a.md) | [guide](../guide.md) |";
        assert!(adr_index_differs(index, &["0001-a.md"]).is_empty());
        assert_eq!(
            adr_index_differs(index, &["0001-a.md", "0002-b.md"]).len(),
            1
        );
        assert_eq!(adr_index_differs(index, &[]).len(), 1);
    }
}
