//! The keys of `[redis]`, and what they come to in an environment: a size of one kind or of the
//! other, with what that kind has.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::builder::Builder;
use super::form::{self, Objection};
use super::section::Section;
use super::setting::{ENABLED, Fallback, Kind, LOCK, Scalar, SectionSpec, Setting, name_of};
use crate::resources::managed_redis::MANAGED_REDIS;
use crate::resources::{ClusteringPolicy, RedisPersistence, RedisSku};

/// The words for what goes when the memory is full: that of a classic cache, and Managed Redis's.
const EVICTIONS: [(&str, &str); 8] = [
    ("volatile-lru", "VolatileLRU"),
    ("volatile-lfu", "VolatileLFU"),
    ("volatile-random", "VolatileRandom"),
    ("volatile-ttl", "VolatileTTL"),
    ("allkeys-lru", "AllKeysLRU"),
    ("allkeys-lfu", "AllKeysLFU"),
    ("allkeys-random", "AllKeysRandom"),
    ("noeviction", "NoEviction"),
];

const PERSISTENCE: &[&str] = &["off", "aof", "rdb-1h", "rdb-6h", "rdb-12h"];

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "redis",
    about: "Redis for sessions and as a cache. TLS 1.2 or later only.",
    settings: &[
        ENABLED,
        name_of(&MANAGED_REDIS),
        LOCK,
        Setting {
            key: "kind",
            kind: Kind::Choice(&["managed", "classic"]),
            default: Fallback::Always(Scalar::Text("managed")),
            about: "Azure Managed Redis, or Azure Cache for Redis, which Azure makes only for those \
                    who had one before April 2026.",
        },
        Setting {
            key: "sku",
            kind: Kind::Text(&form::REDIS_SKU),
            default: Fallback::Nothing(
                "`Balanced_B0` in dev, else `Balanced_B1`; classic: `Basic_C0` in dev, else \
                 `Standard_C1`",
            ),
            about: "The size: that of Managed Redis, or tier and size of a classic cache.",
        },
        Setting {
            key: "high_availability",
            kind: Kind::Flag,
            default: Fallback::Nothing("false in dev, else true; classic: by its tier"),
            about: "Whether there is a second node. It cannot be changed; without one, maintenance \
                    and a change of the size lose the data.",
        },
        Setting {
            key: "persistence",
            kind: Kind::Choice(PERSISTENCE),
            default: Fallback::Nothing("`aof` in production, else `off`; classic: `off`"),
            about: "What is kept on disk: a log of each second (aof), or a copy every 1, 6 or 12 \
                    hours. It is no backup. Of classic caches only Premium has it, in the storage \
                    account.",
        },
        Setting {
            key: "clustering",
            kind: Kind::Choice(&["enterprise", "none", "oss"]),
            default: Fallback::Nothing("`enterprise`; classic: none"),
            about: "How the data are spread: behind one address for plain clients (enterprise), not \
                    at all (none, up to 25 GB), or by the protocol of clusters, which the client \
                    must speak (oss). It cannot be changed.",
        },
        Setting {
            key: "eviction",
            kind: Kind::Choice(&[
                EVICTIONS[0].0,
                EVICTIONS[1].0,
                EVICTIONS[2].0,
                EVICTIONS[3].0,
                EVICTIONS[4].0,
                EVICTIONS[5].0,
                EVICTIONS[6].0,
                EVICTIONS[7].0,
            ]),
            default: Fallback::Always(Scalar::Text(EVICTIONS[0].0)),
            about: "What goes when the memory is full.",
        },
        Setting {
            key: "entra",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(true)),
            about: "Whether clients sign in by Entra, and access keys open nothing. The web app's \
                    identity is let in.",
        },
        Setting {
            key: "firewall",
            kind: Kind::Map {
                keys: &form::REDIS_RULE_NAME,
                values: &form::ADDRESSES,
            },
            default: Fallback::Nothing("everybody; who signs in is another question"),
            about: "From where a classic cache is reached, by name: public IPv4 addresses, written as \
                    in `[database.firewall]`. Addresses of a subnet never match. Managed Redis has \
                    no firewall.",
        },
        Setting {
            key: "patch_days",
            kind: Kind::List(&form::WEEKDAY),
            default: Fallback::Nothing("any day"),
            about: "On which days Azure may patch a classic cache; Basic ones have no such schedule.",
        },
        Setting {
            key: "patch_hour",
            kind: Kind::Number { min: 0, max: 23 },
            default: Fallback::Always(Scalar::Number(2)),
            about: "The hour, in UTC, from which it may do so for five hours.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) enabled: bool,
    pub(super) lock: bool,
    pub(super) name: Option<String>,
    kind: String,
    sku: Option<String>,
    high_availability: Option<bool>,
    persistence: Option<String>,
    clustering: Option<String>,
    eviction: String,
    pub(super) entra: bool,
    #[serde(default)]
    pub(super) firewall: BTreeMap<String, String>,
    #[serde(default)]
    patch_days: Vec<String>,
    patch_hour: u8,
}

/// What is kept on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    /// A log.
    Writes,
    /// Copies, so many hours apart.
    Copies(u16),
}

impl Kept {
    fn named(word: &str) -> Self {
        let hours = word
            .strip_prefix("rdb-")
            .and_then(|rest| rest.strip_suffix('h'))
            .and_then(|hours| hours.parse().ok());
        match hours {
            Some(hours) => Self::Copies(hours),
            None if word == "aof" => Self::Writes,
            None => Self::Nothing,
        }
    }
}

/// Managed Redis, as it is to be.
#[derive(Debug)]
pub(super) struct Managed {
    pub(super) sku: String,
    pub(super) high_availability: bool,
    pub(super) persistence: RedisPersistence,
    pub(super) clustering: ClusteringPolicy,
    pub(super) eviction: &'static str,
}

/// A classic cache, as it is to be.
#[derive(Debug)]
pub(super) struct Classic {
    pub(super) sku: RedisSku,
    pub(super) kept: Kept,
    pub(super) eviction: String,
    /// The days on which it may be patched, as ARM spells them, and the hour.
    pub(super) patches: Option<(Vec<String>, u8)>,
}

impl Settings {
    pub(super) fn is_classic(&self) -> bool {
        self.kind == "classic"
    }

    /// What is to be if it is Managed Redis. What only the other kind has is a mistake.
    pub(super) fn managed(&self, builder: &mut Builder<'_>, section: &Section) -> Managed {
        let defaults = builder.defaults();
        if !self.firewall.is_empty() {
            let help = "delete [redis.firewall]: sign-in and TLS protect it, and a private endpoint \
                        closes it";
            object(
                builder,
                section,
                "firewall",
                "is for classic caches only",
                help,
            );
        }
        if !self.patch_days.is_empty() {
            let help = "delete the line: Azure chooses when it patches Managed Redis";
            object(
                builder,
                section,
                "patch_days",
                "is for classic caches only",
                help,
            );
        }
        let written = self.sku.as_deref();
        if let Some(sku) = written.filter(|sku| classic_size(sku).is_some()) {
            let problem = format!("cannot be `{sku}`, a size of classic caches");
            let help = format!(
                "take a size such as `{}`, or set `kind = \"classic\"`",
                defaults.redis_sku
            );
            object(builder, section, "sku", problem, help);
        }
        let kept = self
            .persistence
            .as_deref()
            .unwrap_or(defaults.redis_persistence);
        Managed {
            sku: written.unwrap_or(defaults.redis_sku).to_owned(),
            high_availability: self
                .high_availability
                .unwrap_or(defaults.redis_high_availability),
            persistence: match Kept::named(kept) {
                Kept::Nothing => RedisPersistence::off(),
                Kept::Writes => RedisPersistence::aof(),
                Kept::Copies(hours) => RedisPersistence::rdb(format!("{hours}h")),
            },
            clustering: match self.clustering.as_deref() {
                Some("none") => ClusteringPolicy::NoCluster,
                Some("oss") => ClusteringPolicy::OssCluster,
                _ => ClusteringPolicy::EnterpriseCluster,
            },
            eviction: EVICTIONS
                .iter()
                .find(|(word, _)| *word == self.eviction)
                .map_or(EVICTIONS[0].1, |(_, word)| word),
        }
    }

    /// What is to be if it is a classic cache. What only the other kind has is a mistake.
    pub(super) fn classic(&self, builder: &mut Builder<'_>, section: &Section) -> Classic {
        let defaults = builder.defaults();
        for (key, written) in [
            ("high_availability", self.high_availability.is_some()),
            ("clustering", self.clustering.is_some()),
        ] {
            if written {
                let help = "delete the line: a classic cache has it by its tier, from Standard on \
                            a second node, in Premium shards";
                object(builder, section, key, "is for Managed Redis only", help);
            }
        }
        let written = self.sku.as_deref().unwrap_or(defaults.redis_classic_sku);
        let sku = classic_size(written).unwrap_or_else(|| {
            let problem = format!("cannot be `{written}`, a size of Managed Redis");
            let help = format!(
                "take tier and size, such as `{}`, or set `kind = \"managed\"`",
                defaults.redis_classic_sku
            );
            object(builder, section, "sku", problem, help);
            RedisSku::new("Standard", 1)
        });
        Classic {
            sku,
            kept: self
                .persistence
                .as_deref()
                .map_or(Kept::Nothing, Kept::named),
            eviction: self.eviction.clone(),
            patches: (!self.patch_days.is_empty()).then(|| {
                let days = self.patch_days.iter().map(|day| capitalized(day));
                (days.collect(), self.patch_hour)
            }),
        }
    }
}

fn object(
    builder: &mut Builder<'_>,
    section: &Section,
    key: &str,
    problem: impl Into<String>,
    help: impl Into<String>,
) {
    let place = section.at(key);
    builder
        .mistakes
        .object(place, key, Objection::new(problem, help));
}

/// Tier and size of a classic cache, from a text such as `Standard_C1`.
fn classic_size(text: &str) -> Option<RedisSku> {
    let (tier, size) = text.split_once('_')?;
    let letter = match tier {
        "Basic" | "Standard" => 'C',
        "Premium" => 'P',
        _ => return None,
    };
    let capacity = size.strip_prefix(letter)?.parse().ok()?;
    Some(RedisSku::new(tier, capacity))
}

fn capitalized(day: &str) -> String {
    let mut letters = day.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        assert_eq!(Kept::named("off"), Kept::Nothing);
        assert_eq!(Kept::named("aof"), Kept::Writes);
        assert_eq!(Kept::named("rdb-12h"), Kept::Copies(12));
        assert_eq!(
            classic_size("Premium_P1"),
            Some(RedisSku::new("Premium", 1))
        );
        assert_eq!(classic_size("Basic_C0").unwrap().family, "C");
        assert_eq!(classic_size("Balanced_B1"), None);
        assert_eq!(capitalized("sunday"), "Sunday");
    }
}
