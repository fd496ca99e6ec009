//! ARM's token buckets, per principal, subscription and kind of request.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::facts::{BucketFacts, facts};
use super::request::Method;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: OffsetDateTime,
}

/// What a bucket says to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// The header that tells what remains.
    pub(crate) header: &'static str,
    pub(crate) remaining: u64,
    /// Seconds to wait, where the bucket is empty.
    pub(crate) wait: Option<u64>,
}

const MAX_BUCKETS: usize = 10_000;

/// All buckets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets {
    buckets: BTreeMap<(String, String, &'static str), Bucket>,
}

impl Buckets {
    /// Takes one token, where `enforce` says that it matters.
    pub(crate) fn take(
        &mut self,
        principal: &str,
        subscription: &str,
        method: Method,
        now: OffsetDateTime,
        enforce: bool,
    ) -> Verdict {
        let limits = &facts().cloud.throttling;
        let (header, limit): (_, BucketFacts) = match method {
            Method::Get | Method::Head => {
                ("x-ms-ratelimit-remaining-subscription-reads", limits.reads)
            }
            Method::Put | Method::Patch | Method::Post => (
                "x-ms-ratelimit-remaining-subscription-writes",
                limits.writes,
            ),
            Method::Delete => (
                "x-ms-ratelimit-remaining-subscription-deletes",
                limits.deletes,
            ),
        };
        if self.buckets.len() > MAX_BUCKETS {
            // Whoever comes with ever new tokens only wins full buckets that he had anyway.
            self.buckets.clear();
        }
        let key = (principal.to_owned(), subscription.to_owned(), header);
        let bucket = self.buckets.entry(key).or_insert(Bucket {
            tokens: limit.burst,
            at: now,
        });
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.tokens = (bucket.tokens + passed * limit.per_second).min(limit.burst);
        bucket.at = now;
        let wait = if bucket.tokens >= 1.0 || !enforce {
            bucket.tokens = (bucket.tokens - 1.0).max(0.0);
            None
        } else {
            Some(whole(
                ((1.0 - bucket.tokens) / limit.per_second).ceil().max(1.0),
            ))
        };
        Verdict {
            header,
            remaining: whole(bucket.tokens),
            wait,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tokens and waits are small and not negative"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

/// How many requests of a method's kind are let through at once.
pub fn requests_at_once(method: Method) -> u64 {
    let limits = &facts().cloud.throttling;
    whole(match method {
        Method::Get | Method::Head => limits.reads.burst,
        Method::Put | Method::Patch | Method::Post => limits.writes.burst,
        Method::Delete => limits.deletes.burst,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let mut buckets = Buckets::default();
        let start = OffsetDateTime::UNIX_EPOCH;
        for i in 0..200 {
            assert_eq!(
                buckets.take("p", "s", Method::Put, start, true).wait,
                None,
                "{i}"
            );
        }
        assert_eq!(
            buckets.take("p", "s", Method::Put, start, true).wait,
            Some(1)
        );
        assert_eq!(
            buckets.take("q", "s", Method::Put, start, true).wait,
            None,
            "another principal"
        );
        assert_eq!(
            buckets.take("p", "s", Method::Get, start, true).wait,
            None,
            "another kind"
        );
        let later = start + Duration::seconds(1);
        for i in 0..10 {
            assert_eq!(
                buckets.take("p", "s", Method::Put, later, true).wait,
                None,
                "{i}"
            );
        }
        assert!(
            buckets
                .take("p", "s", Method::Put, later, true)
                .wait
                .is_some()
        );
    }
}
