//! The log of the emulator's world: any file is refused by name or is a world that answers; damage to
//! a true one leaves a prefix of its history, or is told.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use augeo_testkit::emulator::{
    ArmRequest, Durations, Emulator, Method, Now, VIRTUAL_EPOCH, WorldError, WorldOptions,
};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";

/// What a true log holds: after each line, where it ends and what the world is.
#[derive(Debug)]
struct History {
    text: Vec<u8>,
    /// The ends of lines, with the ids and tags of what is there then.
    states: Vec<(usize, String)>,
}

static HISTORY: LazyLock<History> = LazyLock::new(|| in_a_folder(write_history));

/// The first byte tells what follows: `=` the bytes of a file, `#` lines that get the sums which they
/// lack; anything else is damage to a true log.
pub fn world_log(data: &[u8]) {
    match data.split_first() {
        Some((b'=', file)) => any_file(file),
        Some((b'#', lines)) => any_file(&summed(lines)),
        _ => damaged(&HISTORY, &of_edits(&HISTORY.text, data)),
    }
}

fn in_a_folder<T>(act: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    act(&folder.path().join("world.log"))
}

fn open(path: &Path, hours: i64) -> Result<Emulator, WorldError> {
    let options = WorldOptions {
        durations: Durations::azure(),
        ..WorldOptions::default()
    };
    let now = Now::new(move || VIRTUAL_EPOCH + time::Duration::hours(hours));
    Emulator::open_at(path, options, now)
}

fn send(emulator: &Emulator, method: Method, path: &str, body: Option<&Json>) -> u16 {
    let request = ArmRequest::new(method, path).bearer("t");
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    emulator
        .handle(&request)
        .expect("the file can be written")
        .status
}

fn put(emulator: &Emulator, path: &str, body: &Json) -> u16 {
    send(emulator, Method::Put, path, Some(body))
}

fn group() -> String {
    format!("{GROUP}?api-version=2025-04-01")
}

/// What a world holds, as text.
fn state(emulator: &Emulator) -> String {
    let world = emulator.snapshot();
    let live = world.live_resources();
    live.iter().fold(String::new(), |mut text, it| {
        let _ = writeln!(text, "{} {:?} {}", it.id, it.tags, it.version);
        text
    })
}

fn write_history(path: &Path) -> History {
    let mut states = Vec::new();
    let mut note = |emulator: &Emulator| {
        let length = fs::metadata(path).expect("the log is there").len();
        states.push((
            usize::try_from(length).expect("it is small"),
            state(emulator),
        ));
    };
    let emulator = open(path, 0).expect("a new world opens");
    note(&emulator);
    let account =
        format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/acc1?api-version=2026-04-01");
    let account_body =
        json!({"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}});
    for turn in 0..3 {
        let tags = json!({"location": "westeurope", "tags": {"turn": turn.to_string()}});
        assert!(put(&emulator, &group(), &tags) < 300);
        note(&emulator);
    }
    assert!(put(&emulator, &account, &account_body) < 300);
    note(&emulator);
    let text = fs::read(path).expect("the log is there");
    History { text, states }
}

/// Four bytes an edit: where, and what is put there; an edit of `0` cuts the log off there instead.
fn of_edits(text: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    for edit in edits.chunks_exact(4) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % text.len().max(1);
        match (edit[2], text.get_mut(at)) {
            (0, _) => text.truncate(at),
            (_, Some(byte)) => *byte = edit[3],
            (_, None) => {}
        }
    }
    text
}

/// A log of these rows: a header, then each line with its sum.
fn summed(lines: &[u8]) -> Vec<u8> {
    let header = r#"{"format":"augeo-world","version":1,"seed":7}"#;
    let lines = String::from_utf8_lossy(lines);
    let with_sum = |json: &str| format!("{} {json}\n", checksum(json));
    std::iter::once(header)
        .chain(lines.lines())
        .map(with_sum)
        .collect::<String>()
        .into_bytes()
}

fn checksum(json: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(0_u64.to_be_bytes());
    for part in [json, "0"] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    format!("{:x}", hash.finalize())[..16].to_owned()
}

fn any_file(bytes: &[u8]) {
    in_a_folder(|path| {
        fs::write(path, bytes).expect("the folder can be written");
        match open(path, 1) {
            Err(error) => refused(path, bytes, &error),
            Ok(emulator) => {
                is_kept(path, bytes);
                answers(&emulator);
                let (before, after) = (state(&emulator), open(path, 1).map(|again| state(&again)));
                assert_eq!(after.expect("it opens again"), before);
            }
        }
    });
}

/// A file that was opened lost at most a line that was never finished, and a first line only if it can
/// be the header of a world.
fn is_kept(path: &Path, bytes: &[u8]) {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |at| at + 1);
    let kept = fs::read(path).expect("it is still there");
    assert!(kept.starts_with(&bytes[..whole]), "whole lines were lost");
    let begun = String::from_utf8_lossy(bytes);
    let form = " {\"format\":\"augeo-world\",\"version\":";
    let can_be_a_header = HISTORY.text.starts_with(bytes)
        || begun.get(16..).is_some_and(|rest| {
            !rest.is_empty() && (rest.starts_with(form) || form.starts_with(rest))
        });
    assert!(whole > 0 || can_be_a_header, "lost: {begun}");
}

/// A file that is refused is named, and kept as it is.
fn refused(path: &Path, bytes: &[u8], error: &WorldError) {
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
    let kept = fs::read(path).expect("it is still there");
    assert!(kept == bytes, "{error}: it was changed");
}

fn answers(emulator: &Emulator) {
    let list = format!("{GROUP}/resources?api-version=2025-04-01");
    for (method, url, body) in [
        (Method::Get, group(), None),
        (Method::Get, list, None),
        (
            Method::Put,
            group(),
            Some(json!({"location": "westeurope"})),
        ),
        (Method::Delete, group(), None),
    ] {
        let status = send(emulator, method, &url, body.as_ref());
        assert!((200..600).contains(&status), "{method} {url}: {status}");
    }
}

fn damaged(history: &History, bytes: &[u8]) {
    in_a_folder(|path| {
        fs::write(path, bytes).expect("the folder can be written");
        match open(path, 0) {
            Err(error) => refused(path, bytes, &error),
            Ok(emulator) => {
                is_prefix(history, bytes, &state(&emulator));
                answers(&emulator);
            }
        }
    });
}

/// What is there was there after the last line that is still whole.
fn is_prefix(history: &History, bytes: &[u8], found: &str) {
    let same = bytes
        .iter()
        .zip(&history.text)
        .take_while(|(one, other)| one == other)
        .count();
    let last = history.states.iter().rev().find(|(end, _)| *end <= same);
    let wanted = last.map_or("", |(_, state)| state.as_str());
    assert_eq!(found, wanted, "the first {same} bytes are whole");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::damage::input;

    proptest! {
        #[test]
        fn logs_are_survived(data in input("world_log")) {
            world_log(&data);
        }

        #[test]
        fn damage_leaves_a_prefix_or_is_told(
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = HISTORY.text.clone();
            *at.get_mut(&mut bytes) = byte;
            damaged(&HISTORY, &bytes);
            bytes.truncate(cut.index(bytes.len()));
            damaged(&HISTORY, &bytes);
        }
    }

    #[test]
    fn it_is_cut_off_everywhere() {
        for end in 0..=HISTORY.text.len() {
            damaged(&HISTORY, &HISTORY.text[..end]);
        }
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever changes the form asks for new files"
    )]
    fn the_corpus_is_of_this_version() {
        let text = String::from_utf8(HISTORY.text.clone()).unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/world_log");
        if std::env::var_os("AUGEO_UPDATE").is_some() {
            let rows = text
                .lines()
                .skip(1)
                .map(|line| line.split_once(' ').unwrap().1);
            let rows = rows.collect::<Vec<_>>().join("\n");
            fs::write(format!("{folder}/rows"), format!("#{rows}")).unwrap();
            fs::write(format!("{folder}/whole"), format!("={text}")).unwrap();
        }
        for (name, mark) in [("rows", b'#'), ("whole", b'=')] {
            let file = fs::read(format!("{folder}/{name}")).unwrap();
            assert_eq!(file[0], mark);
            let bytes = if mark == b'#' {
                summed(&file[1..])
            } else {
                file[1..].to_vec()
            };
            let read = in_a_folder(|path| {
                fs::write(path, bytes).unwrap();
                open(path, 0).map(|emulator| state(&emulator))
            });
            let wanted = HISTORY.states.last().map(|(_, state)| state.as_str());
            let hint = "run it again with AUGEO_UPDATE=1";
            assert_eq!(read.ok().as_deref(), wanted, "{hint}");
        }
    }

    #[test]
    fn the_history_has_five_states_and_the_sums_are_right() {
        let states: std::collections::BTreeSet<_> =
            HISTORY.states.iter().map(|(_, state)| state).collect();
        assert_eq!(states.len(), 5);
        let text = String::from_utf8(HISTORY.text.clone()).unwrap();
        for line in text.lines() {
            let (sum, json) = line.split_once(' ').unwrap();
            assert_eq!(sum, checksum(json));
        }
    }

    #[test]
    #[should_panic(expected = "bytes are whole")]
    fn a_world_that_lost_its_history_would_be_told() {
        is_prefix(&HISTORY, &HISTORY.text, "");
    }

    #[test]
    #[should_panic(expected = "lost: dear diary")]
    fn somebody_elses_text_that_was_erased_would_be_told() {
        in_a_folder(|path| {
            fs::write(path, "").unwrap();
            is_kept(path, b"dear diary");
        });
    }

    #[test]
    #[should_panic(expected = "it was changed")]
    fn a_refused_file_that_was_written_to_would_be_told() {
        in_a_folder(|path| {
            fs::write(path, "not a world\n").unwrap();
            let error = open(path, 0).unwrap_err();
            refused(path, b"another text\n", &error);
        });
    }
}
