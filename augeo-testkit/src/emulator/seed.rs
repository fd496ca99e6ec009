//! Ids made from the world's seed, the same in every run.

use sha2::{Digest, Sha256};

/// A seed from which every id of a world is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    fn digest(self, parts: &[&str]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0.to_be_bytes());
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    /// Text of lower-case hexadecimal digits.
    pub(crate) fn hex(self, digits: usize, parts: &[&str]) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(digits);
        let mut round = 0_usize;
        while text.len() < digits {
            let turn = round.to_string();
            let mut with_turn = parts.to_vec();
            with_turn.push(&turn);
            for byte in self.digest(&with_turn) {
                text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                text.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
            round += 1;
        }
        text.truncate(digits);
        text
    }

    /// A UUID in the form of version 4.
    pub(crate) fn uuid(self, parts: &[&str]) -> String {
        let hex = self.hex(32, parts);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// A decimal number of so many digits.
    pub(crate) fn digits(self, digits: usize, parts: &[&str]) -> String {
        self.digest(parts)
            .iter()
            .take(digits)
            .map(|byte| char::from(b'0' + byte % 10))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_seed_and_every_part() {
        let a = Seed(1).uuid(&["x", "y"]);
        assert_eq!(a, Seed(1).uuid(&["x", "y"]));
        assert_ne!(a, Seed(2).uuid(&["x", "y"]));
        assert_ne!(a, Seed(1).uuid(&["xy", ""]));
        assert_eq!(a.len(), 36);
        assert_eq!(Seed(1).hex(100, &["z"]).len(), 100);
    }
}
