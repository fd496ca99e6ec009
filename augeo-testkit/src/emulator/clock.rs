//! Where the emulator's fronts take the time from.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

/// A source of the current time.
#[derive(Clone)]
pub struct Now(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Now {
    /// A source of one's own.
    pub fn new(source: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The time now.
    pub fn get(&self) -> OffsetDateTime {
        (self.0)()
    }
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

/// When virtual time begins: 2026-11-23, midnight in UTC.
pub const VIRTUAL_EPOCH: OffsetDateTime = time::macros::datetime!(2026-11-23 00:00 UTC);

/// Time that begins at [`VIRTUAL_EPOCH`] now and passes with tokio's clock, also where that is paused.
pub fn virtual_now() -> Now {
    let start = tokio::time::Instant::now();
    Now::new(move || {
        let passed = tokio::time::Instant::now().saturating_duration_since(start);
        VIRTUAL_EPOCH
            .saturating_add(time::Duration::try_from(passed).unwrap_or(time::Duration::MAX))
    })
}

/// The wall clock.
pub fn wall_now() -> Now {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the emulator reads the wall clock; everything else is handed a `Now`"
    )]
    Now::new(OffsetDateTime::now_utc)
}
