//! Throttling avoided: token buckets after the limits that ARM publishes, corrected by what its
//! answers say is left.
//!
//! [`Buckets`] is a pure state machine over a moment in time; [`Throttle`] makes callers wait.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use azure_core::http::Method;
use azure_core::http::headers::{HeaderName, Headers};
use tokio::time::Instant;

/// What ARM counts separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestClass {
    /// GET and HEAD.
    Read,
    /// PUT, PATCH and POST.
    Write,
    /// DELETE.
    Delete,
}

impl RequestClass {
    /// The class of a method.
    pub fn of(method: Method) -> Self {
        if matches!(method, Method::Get | Method::Head) {
            Self::Read
        } else if method == Method::Delete {
            Self::Delete
        } else {
            Self::Write
        }
    }

    const fn header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Self::Read => "x-ms-ratelimit-remaining-subscription-reads",
            Self::Write => "x-ms-ratelimit-remaining-subscription-writes",
            Self::Delete => "x-ms-ratelimit-remaining-subscription-deletes",
        })
    }
}

/// How much may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many requests at once.
    pub burst: u32,
    /// How long it takes until one more may be sent.
    pub interval: Duration,
}

impl Rate {
    /// A bucket of `burst` requests that fills by `count` in each `period`.
    pub const fn new(burst: u32, count: u32, period: Duration) -> Self {
        Self {
            burst,
            interval: match period.checked_div(count) {
                Some(interval) => interval,
                None => period,
            },
        }
    }

    /// How long an empty bucket takes to fill.
    fn depth(&self) -> Duration {
        self.interval.saturating_mul(self.burst)
    }
}

/// A limit that a provider has besides ARM's.
#[derive(Clone, Copy, Debug)]
pub struct ProviderRate {
    /// The part of the path that it applies to, in lower case.
    pub path: &'static str,
    /// The requests that it counts.
    pub class: RequestClass,
    /// How many there may be.
    pub rate: Rate,
}

const SECOND: Duration = Duration::from_secs(1);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Providers' published limits.
pub const PROVIDER_RATES: &[ProviderRate] = &[
    // learn.microsoft.com, request limits: Network 1000 writes and 10000 reads in five minutes.
    ProviderRate {
        path: "/providers/microsoft.network/",
        class: RequestClass::Write,
        rate: Rate::new(1000, 1000, FIVE_MINUTES),
    },
    ProviderRate {
        path: "/providers/microsoft.network/",
        class: RequestClass::Read,
        rate: Rate::new(10_000, 10_000, FIVE_MINUTES),
    },
    // The same page: DNS and Private DNS, 500 reads in five minutes.
    ProviderRate {
        path: "/providers/microsoft.network/dnszones",
        class: RequestClass::Read,
        rate: Rate::new(500, 500, FIVE_MINUTES),
    },
    ProviderRate {
        path: "/providers/microsoft.network/privatednszones",
        class: RequestClass::Read,
        rate: Rate::new(500, 500, FIVE_MINUTES),
    },
    // Entra's documentation: two writes of user-assigned identities per second and subscription.
    ProviderRate {
        path: "/providers/microsoft.managedidentity/userassignedidentities",
        class: RequestClass::Write,
        rate: Rate::new(2, 2, SECOND),
    },
];

/// How requests are kept below the limits.
#[derive(Clone, Debug)]
pub struct ThrottleOptions {
    /// Whether they are. Off only against an emulator that does not throttle.
    pub enabled: bool,
    /// Reads per subscription.
    pub reads: Rate,
    /// Writes per subscription.
    pub writes: Rate,
    /// Deletes per subscription.
    pub deletes: Rate,
    /// What providers allow besides.
    pub providers: &'static [ProviderRate],
}

impl Default for ThrottleOptions {
    /// The limits that ARM publishes since 2024, per region, subscription and identity.
    fn default() -> Self {
        Self {
            enabled: true,
            reads: Rate::new(250, 25, SECOND),
            writes: Rate::new(200, 10, SECOND),
            deletes: Rate::new(200, 10, SECOND),
            providers: PROVIDER_RATES,
        }
    }
}

impl ThrottleOptions {
    /// No throttling.
    pub fn off() -> Self {
        Self {
            enabled: false,
            ..Self::default()
        }
    }

    fn rate(&self, class: RequestClass) -> Rate {
        match class {
            RequestClass::Read => self.reads,
            RequestClass::Write => self.writes,
            RequestClass::Delete => self.deletes,
        }
    }
}

/// One bucket: when it will be full again says how much is in it now.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: Rate,
    full_at: Instant,
    closed_until: Instant,
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            full_at: now,
            closed_until: now,
        }
    }

    /// Takes one, and says when it may be used. Callers are served in the order of their calls.
    fn take(&mut self, now: Instant) -> Instant {
        self.full_at = self.full_at.max(now) + self.rate.interval;
        let depth = self.rate.depth();
        let free_at = self.full_at.checked_sub(depth).unwrap_or(now);
        free_at.max(self.closed_until).max(now)
    }

    /// Someone else took from it too: no more than `remaining` are left.
    fn correct(&mut self, remaining: u32, now: Instant) {
        let missing = self.rate.burst.saturating_sub(remaining);
        self.full_at = self
            .full_at
            .max(now + self.rate.interval.saturating_mul(missing));
    }
}

/// The buckets of every subscription that is asked.
#[derive(Debug)]
pub struct Buckets {
    options: ThrottleOptions,
    buckets: BTreeMap<(String, RequestClass), Bucket>,
}

/// Which request is about to be sent.
#[derive(Clone, Debug)]
pub struct RequestShape {
    class: RequestClass,
    /// The path in lower case.
    path: String,
}

impl RequestShape {
    /// The shape of a request by its method and path.
    pub fn new(method: Method, path: &str) -> Self {
        Self {
            class: RequestClass::of(method),
            path: path.to_ascii_lowercase(),
        }
    }

    /// The subscription, or nothing for the tenant.
    fn scope(&self) -> &str {
        self.path
            .strip_prefix("/subscriptions/")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default()
    }
}

impl Buckets {
    /// Full buckets.
    pub fn new(options: ThrottleOptions) -> Self {
        Self {
            options,
            buckets: BTreeMap::new(),
        }
    }

    /// Takes one from each bucket that counts the request; says when it may be sent.
    pub fn take(&mut self, shape: &RequestShape, now: Instant) -> Instant {
        if !self.options.enabled {
            return now;
        }
        let mut at = self.own(shape, now).take(now);
        for (key, rate) in self.provider_keys(shape) {
            let bucket = self
                .buckets
                .entry(key)
                .or_insert_with(|| Bucket::full(rate, now));
            at = at.max(bucket.take(now));
        }
        at
    }

    /// Learns from the headers of an answer.
    pub fn learn(&mut self, shape: &RequestShape, headers: &Headers, now: Instant) {
        if !self.options.enabled {
            return;
        }
        let remaining = headers
            .get_optional_str(&shape.class.header())
            .and_then(|text| text.trim().parse().ok());
        if let Some(remaining) = remaining {
            self.own(shape, now).correct(remaining, now);
        }
    }

    /// The whole subscription was told to wait: a request before that would only renew the wait.
    pub fn close(&mut self, shape: &RequestShape, until: Instant, now: Instant) {
        if self.options.enabled {
            let bucket = self.own(shape, now);
            bucket.closed_until = bucket.closed_until.max(until);
        }
    }

    /// Until when the request's bucket is closed, if it is.
    fn closed_until(&mut self, shape: &RequestShape, now: Instant) -> Option<Instant> {
        Some(self.own(shape, now).closed_until).filter(|until| *until > now)
    }

    fn own(&mut self, shape: &RequestShape, now: Instant) -> &mut Bucket {
        let rate = self.options.rate(shape.class);
        self.buckets
            .entry((shape.scope().to_owned(), shape.class))
            .or_insert_with(|| Bucket::full(rate, now))
    }

    fn provider_keys(&self, shape: &RequestShape) -> Vec<((String, RequestClass), Rate)> {
        self.options
            .providers
            .iter()
            .filter(|provider| provider.class == shape.class && shape.path.contains(provider.path))
            .map(|provider| {
                let key = format!("{}{}", shape.scope(), provider.path);
                ((key, provider.class), provider.rate)
            })
            .collect()
    }
}

/// Makes requests wait for their turn.
#[derive(Debug)]
pub struct Throttle {
    buckets: Mutex<Buckets>,
}

impl Throttle {
    /// Full buckets.
    pub fn new(options: ThrottleOptions) -> Self {
        Self {
            buckets: Mutex::new(Buckets::new(options)),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Buckets, Instant) -> T) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut buckets, Instant::now())
    }

    /// Waits until the request may be sent. A caller that goes away leaves its place unused.
    pub async fn wait(&self, shape: &RequestShape) {
        let at = self.with(|buckets, now| Some(buckets.take(shape, now)).filter(|at| *at > now));
        if let Some(at) = at {
            tokio::time::sleep_until(at).await;
        }
        // The bucket may have been closed while this one waited for its turn.
        while let Some(until) = self.with(|buckets, now| buckets.closed_until(shape, now)) {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Learns from the headers of an answer.
    pub fn learn(&self, shape: &RequestShape, headers: &Headers) {
        self.with(|buckets, now| buckets.learn(shape, headers, now));
    }

    /// The whole subscription was told to wait this long.
    pub fn close(&self, shape: &RequestShape, wait: Duration) {
        self.with(|buckets, now| buckets.close(shape, now + wait, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(method: Method, path: &str) -> RequestShape {
        RequestShape::new(method, path)
    }

    const GROUP: &str = "/subscriptions/S/resourceGroups/g";

    fn waits(
        buckets: &mut Buckets,
        shape: &RequestShape,
        now: Instant,
        count: u32,
    ) -> Vec<Duration> {
        (0..count).map(|_| buckets.take(shape, now) - now).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_then_requests_are_spaced() {
        let mut buckets = Buckets::new(ThrottleOptions::default());
        let now = Instant::now();
        let put = shape(Method::Put, GROUP);
        let spaced = waits(&mut buckets, &put, now, 203);
        assert!(spaced[..200].iter().all(Duration::is_zero));
        let millis: Vec<_> = spaced[200..].iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [100, 200, 300]);
        // Other classes and other subscriptions have buckets of their own.
        assert_eq!(buckets.take(&shape(Method::Get, GROUP), now), now);
        assert_eq!(buckets.take(&shape(Method::Delete, GROUP), now), now);
        assert_eq!(
            buckets.take(&shape(Method::Put, "/subscriptions/T/x"), now),
            now
        );
        // Spelling does not make another bucket.
        assert!(buckets.take(&shape(Method::Put, "/SUBSCRIPTIONS/s/x"), now) > now);
        // After the time it takes to refill, it is full again and no fuller.
        let later = now + Duration::from_secs(3600);
        assert!(
            waits(&mut buckets, &put, later, 200)
                .iter()
                .all(Duration::is_zero)
        );
        assert!(buckets.take(&put, later) > later);
    }

    #[tokio::test(start_paused = true)]
    async fn what_answers_say_is_left_corrects_downwards_only() {
        let mut buckets = Buckets::new(ThrottleOptions::default());
        let now = Instant::now();
        let get = shape(Method::Get, GROUP);
        let mut headers = Headers::new();
        headers.insert("x-ms-ratelimit-remaining-subscription-reads", "2");
        buckets.learn(&get, &headers, now);
        let millis: Vec<_> = waits(&mut buckets, &get, now, 4)
            .iter()
            .map(Duration::as_millis)
            .collect();
        assert_eq!(millis, [0, 0, 40, 80]);
        headers.insert("x-ms-ratelimit-remaining-subscription-reads", "240");
        buckets.learn(&get, &headers, now);
        assert_eq!(buckets.take(&get, now) - now, Duration::from_millis(120));
        headers.insert("x-ms-ratelimit-remaining-subscription-reads", "many");
        buckets.learn(&get, &headers, now);
    }

    #[tokio::test(start_paused = true)]
    async fn providers_have_limits_besides() {
        let mut buckets = Buckets::new(ThrottleOptions::default());
        let now = Instant::now();
        let path = format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i");
        let put = shape(Method::Put, &path);
        let millis: Vec<_> = waits(&mut buckets, &put, now, 4)
            .iter()
            .map(Duration::as_millis)
            .collect();
        assert_eq!(millis, [0, 0, 500, 1000]);
        assert_eq!(buckets.take(&shape(Method::Put, GROUP), now), now);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_bucket_holds_back_those_already_waiting() {
        let throttle = Throttle::new(ThrottleOptions {
            writes: Rate::new(1, 1, SECOND),
            ..ThrottleOptions::default()
        });
        let start = Instant::now();
        let put = shape(Method::Put, GROUP);
        throttle.wait(&put).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        let second = async {
            throttle.wait(&put).await;
            start.elapsed()
        };
        let closing = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            throttle.close(&put, Duration::from_secs(17));
        };
        let (second, ()) = tokio::join!(second, closing);
        assert_eq!(second, Duration::from_millis(17_500));
    }

    #[tokio::test(start_paused = true)]
    async fn switched_off_nothing_waits() {
        let throttle = Throttle::new(ThrottleOptions::off());
        let put = shape(Method::Put, GROUP);
        throttle.close(&put, SECOND);
        let start = Instant::now();
        for _ in 0..1_000 {
            throttle.wait(&put).await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
