//! Inputs for the properties on stable: any bytes, and files of the corpus with damage.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

/// The files of a subject's corpus.
pub(crate) fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// One thing that happens to bytes.
#[derive(Clone, Debug)]
enum Damage {
    Overwrite(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// A piece of it again, elsewhere.
    Repeat(Index, usize, Index),
    Truncate(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    let telling = prop::sample::select(&br#""'{}[]:,/.=-+ %0198aZ~\"#[..]);
    let byte = prop_oneof![telling, any::<u8>()];
    prop_oneof![
        4 => (at(), byte.clone()).prop_map(|(at, byte)| Damage::Overwrite(at, byte)),
        3 => (at(), prop::collection::vec(byte, 1..5)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        2 => (at(), 1..20_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (at(), 1..60_usize, at()).prop_map(|(from, length, to)| Damage::Repeat(from, length, to)),
        1 => at().prop_map(Damage::Truncate),
    ]
}

fn apply(damage: &Damage, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let piece = |from: usize, length: usize, of: &[u8]| from..(from + length).min(of.len());
    match damage {
        Damage::Overwrite(at, byte) => *at.get_mut(bytes) = *byte,
        Damage::Insert(at, new) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, new.iter().copied());
        }
        Damage::Remove(at, length) => {
            bytes.drain(piece(at.index(bytes.len()), *length, bytes));
        }
        Damage::Repeat(from, length, to) => {
            let again = bytes[piece(from.index(bytes.len()), *length, bytes)].to_vec();
            let to = to.index(bytes.len());
            bytes.splice(to..to, again);
        }
        Damage::Truncate(at) => bytes.truncate(at.index(bytes.len())),
    }
}

/// Any bytes, or a file of the corpus that something happened to.
pub(crate) fn input(name: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let damaged = (
        prop::sample::select(corpus(name)),
        prop::collection::vec(damage(), 1..6),
    )
        .prop_map(|(mut bytes, damages)| {
            for damage in &damages {
                apply(damage, &mut bytes);
            }
            bytes
        });
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => any::<String>().prop_map(String::into_bytes),
        8 => damaged,
    ]
}
