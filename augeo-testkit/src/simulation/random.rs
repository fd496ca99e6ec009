//! Choices from a seed: one stream per concern, so that a draw more in one does not shift another.

use augeo_core::clock::Stream;

/// A stream of choices.
#[derive(Clone, Debug)]
pub struct Random(Stream);

impl Random {
    /// The stream of one concern of a seed.
    pub fn new(seed: u64, concern: &str) -> Self {
        Self(Stream::new(seed, concern))
    }

    /// A number below a bound; zero where the bound is.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).unwrap_or(0)
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn per_mille(&mut self, times: u32) -> bool {
        self.0.below(1000) < u64::from(times)
    }

    /// One of several.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }
}
