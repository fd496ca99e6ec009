//! What every code means: one table for `augeo explain` and for `docs/reference/errors.md`.

mod arm;
mod azure;
mod table;

use std::borrow::Cow;

use augeo_azure::rules::Rule;
use serde_json::{Value as Json, json};

/// What a code means.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The code, as errors and findings print it.
    code: &'static str,
    /// What happened.
    what: Cow<'static, str>,
    /// Why it is so.
    why: Cow<'static, str>,
    /// What to do.
    fix: Cow<'static, str>,
    /// Where whoever decides says so.
    link: Option<&'static str>,
}

/// Everything that can be explained, in the order of the codes.
pub(crate) fn entries() -> Vec<Entry> {
    let own = table::ENTRIES.iter().chain(azure::ENTRIES);
    let mut entries: Vec<Entry> = own
        .map(|(code, what, why, fix)| Entry {
            code,
            what: Cow::Borrowed(what),
            why: Cow::Borrowed(why),
            fix: Cow::Borrowed(fix),
            link: None,
        })
        .chain(arm::entries())
        .chain(augeo_azure::rules::all().into_iter().map(of_rule))
        .collect();
    entries.sort_by_key(|entry| (!entry.code.contains('/'), entry.code));
    entries
}

/// What a rule says of itself.
fn of_rule(rule: &'static Rule) -> Entry {
    let mut why = rule.reason.to_owned();
    if let Some(date) = rule.date {
        why = format!("{why} The day is {date}.");
    }
    why.push_str(if rule.enforced {
        " Azure refuses it, so that it cannot be suppressed."
    } else {
        ""
    });
    Entry {
        code: rule.id,
        what: Cow::Borrowed(rule.title),
        why: Cow::Owned(why),
        fix: Cow::Owned(sentence(rule.fix)),
        link: Some(rule.link),
    }
}

/// A clause as a sentence; one that begins with code stays as it is.
pub(crate) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let is_command = clause.starts_with("az ");
    let first = if is_command {
        clause.chars().next()
    } else {
        first
    };
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// The entry of a code; with or without what stands before its slash, in any case.
pub(crate) fn find<'a>(entries: &'a [Entry], code: &str) -> Option<&'a Entry> {
    let bare = code.strip_prefix("ARM/").unwrap_or(code);
    entries.iter().find(|entry| {
        entry
            .spellings()
            .any(|spelling| spelling.eq_ignore_ascii_case(bare))
    })
}

impl Entry {
    /// How the code may be written: whole, or without what stands before its slash.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        let code: &'static str = self.code;
        [Some(code), code.split_once('/').map(|(_, bare)| bare)]
            .into_iter()
            .flatten()
    }

    /// The code and what happened, on one line.
    pub(crate) fn line(&self) -> String {
        format!("{:<32} {}", self.code, self.what)
    }

    /// The whole explanation, for programs.
    pub(crate) fn to_json(&self) -> Json {
        let mut entry =
            json!({"code": self.code, "what": self.what, "why": self.why, "fix": self.fix});
        if let Some(link) = self.link {
            entry["link"] = link.into();
        }
        entry
    }

    /// The whole explanation.
    pub(crate) fn to_text(&self) -> String {
        let link = self.link.map(|link| format!("  link  {link}\n"));
        format!(
            "{}\n\n  what  {}\n  why   {}\n  fix   {}\n{}",
            self.code,
            self.what,
            self.why,
            self.fix,
            link.unwrap_or_default()
        )
    }

    /// Where to read on, if somebody else decides it.
    pub(crate) fn link(&self) -> Option<&'static str> {
        self.link
    }

    /// What happened, in one sentence.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// Why it is so, and what to do.
    pub(crate) fn why_and_fix(&self) -> String {
        format!("{} Fix: {}", self.why, self.fix)
    }

    #[cfg(test)]
    fn to_markdown(&self) -> String {
        let link = self.link.map(|link| format!("\nSee <{link}>.\n"));
        format!(
            "## {}\n\n{}\n\n{}\n\nFix: {}\n{}",
            self.code,
            self.what,
            self.why,
            self.fix,
            link.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    const PREAMBLE: &str = "# Errors and findings\n\nEvery code that Augeo prints, and what to do \
                            about it. `augeo explain CODE` prints the same.\nGenerated from \
                            `augeo-cli/src/explain`; `AUGEO_UPDATE=1 cargo test -p augeo-cli` \
                            writes it anew.\n";

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("crates lie below the root")
    }

    fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rust_files(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }

    /// The codes in quotes in the source of a crate, outside its tests and examples.
    fn codes_in(text: &str) -> BTreeSet<String> {
        let code = text.split("\nmod tests {").next().unwrap_or_default();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        let prefixes = ["augeo/", "azure/"];
        texts
            .filter(|text| {
                let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
                rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
            })
            .map(str::to_owned)
            .collect()
    }

    /// What stands between the commas of a call, whose parenthesis was opened just before the text.
    fn arguments(text: &str) -> Vec<String> {
        let mut arguments = vec![String::new()];
        let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
        for c in text.chars() {
            let ends = !quoted && depth == 0;
            match c {
                '"' if !escaped => quoted = !quoted,
                ')' if ends => break,
                ',' if ends => {
                    arguments.push(String::new());
                    continue;
                }
                '(' | '[' | '{' if !quoted => depth += 1,
                ')' | ']' | '}' if !quoted => depth -= 1,
                _ => {}
            }
            escaped = quoted && c == '\\' && !escaped;
            arguments.last_mut().expect("there is a first").push(c);
        }
        arguments.iter().map(|it| it.trim().to_owned()).collect()
    }

    /// The codes that are put together while the program runs, so that nobody can look them up here.
    fn computed_codes_in(text: &str) -> Vec<String> {
        // What these answer is among the literals, or Azure's own, of which no list is whole.
        let answered_elsewhere = ["rule", "error.code()", "self.code()", "self.mistake.code()"];
        let code = text.split("\nmod tests {").next().unwrap_or_default();
        let makers = [
            ("ProviderError::new(", 1),
            ("Finding::error(", 0),
            ("Finding::warning(", 0),
            ("Finding::note(", 0),
        ];
        let calls = makers.into_iter().flat_map(|(maker, at)| {
            let calls = code.split(maker).skip(1);
            calls.filter_map(move |rest| arguments(rest).into_iter().nth(at))
        });
        calls
            .filter(|code| !code.starts_with('"') && !answered_elsewhere.contains(&code.as_str()))
            .collect()
    }

    /// The codes without a slash: what the arms of `fn code` answer.
    fn client_codes_in(text: &str) -> BTreeSet<String> {
        let arms = text.split("=> \"").skip(1);
        let codes = arms
            .filter_map(|rest| rest.split_once("\","))
            .map(|(code, _)| code);
        let camel = |code: &&str| {
            code.starts_with(|c: char| c.is_ascii_uppercase())
                && code.chars().all(|c| c.is_ascii_alphabetic())
        };
        codes.filter(camel).map(str::to_owned).collect()
    }

    #[test]
    fn every_code_in_the_source_is_explained() {
        let mut files = Vec::new();
        for name in ["augeo-core", "augeo-azure", "augeo-cli"] {
            rust_files(&root().join(name).join("src"), &mut files);
        }
        let mut found = BTreeSet::new();
        let mut computed = Vec::new();
        for file in files {
            let is_tests = file.ends_with("tests.rs") || file.iter().any(|part| part == "tests");
            if !is_tests {
                let text = fs::read_to_string(&file).unwrap();
                found.extend(codes_in(&text));
                computed.extend(computed_codes_in(&text));
            }
        }
        assert!(
            computed.is_empty(),
            "a code is a literal, and what varies is in the message: {computed:?}"
        );
        for file in ["error.rs", "credential.rs"] {
            let path = root().join("augeo-azure/src").join(file);
            let codes = client_codes_in(&fs::read_to_string(path).unwrap());
            assert!(!codes.is_empty(), "{file} has no codes");
            found.extend(codes);
        }
        // What the client calls an operation that failed without a reason.
        found.extend(["OperationFailed", "OperationCanceled"].map(str::to_owned));
        for known in [
            "augeo/cycle",
            "azure/name-taken",
            "Unreachable",
            "CredentialMissing",
        ] {
            assert!(found.contains(known), "the walk is broken: {found:?}");
        }
        let entries = entries();
        let known: BTreeSet<&str> = entries.iter().map(|entry| entry.code).collect();
        let unexplained: Vec<&String> = found
            .iter()
            .filter(|code| !known.contains(code.as_str()))
            .collect();
        assert!(
            unexplained.is_empty(),
            "add to explain/table.rs: {unexplained:?}"
        );
        let stale: Vec<&&str> = known
            .iter()
            .filter(|code| code.contains('/') && !found.contains(**code))
            .collect();
        assert!(stale.is_empty(), "nothing uses {stale:?}");
    }

    #[test]
    fn a_code_that_is_put_together_is_noticed() {
        let formatted = "Finding::warning(format!(\"unreadable/{}\", error.code), message)";
        assert_eq!(computed_codes_in(formatted).len(), 1);
        let borrowed = "ProviderError::new(\n    ErrorKind::Invalid { property: None },\n    code.clone(),\n    m,\n)";
        assert_eq!(computed_codes_in(borrowed), ["code.clone()"]);
        let literal = "Finding::error(\"augeo/x\", format!(\"{a}, \\\"{b}\\\")\"))";
        assert_eq!(computed_codes_in(literal), Vec::<String>::new());
    }

    #[test]
    fn every_arm_code_is_explained() {
        let entries = entries();
        for fact in augeo_azure::error::ERROR_FACTS {
            assert!(find(&entries, fact.code).is_some(), "{}", fact.code);
            let prefixed = format!("ARM/{}", fact.code);
            assert!(find(&entries, &prefixed).is_some(), "{prefixed}");
        }
    }

    #[test]
    fn entries_are_whole_and_unique() {
        let entries = entries();
        let codes: BTreeSet<&str> = entries.iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), entries.len(), "a code is explained twice");
        for entry in &entries {
            for text in [&entry.what, &entry.why, &entry.fix] {
                assert!(text.ends_with('.'), "{}: {text}", entry.code);
            }
        }
    }

    #[test]
    fn codes_are_found_in_any_spelling() {
        let entries = entries();
        for code in ["augeo/no-target", "no-target", "No-Target", "arm/x"] {
            let found = find(&entries, code).map(|entry| entry.code);
            let expected = (code != "arm/x").then_some("augeo/no-target");
            assert_eq!(found, expected, "{code}");
        }
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable says that the file is to be written"
    )]
    fn the_reference_lists_every_code() {
        let path = root().join("docs/reference/errors.md");
        let sections: Vec<String> = entries().iter().map(Entry::to_markdown).collect();
        let expected = format!("{PREAMBLE}\n{}", sections.join("\n"));
        if std::env::var_os("AUGEO_UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &expected).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == expected,
            "docs/reference/errors.md is out of date: AUGEO_UPDATE=1 cargo test -p augeo-cli"
        );
    }
}
