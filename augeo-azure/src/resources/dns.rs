//! DNS: zones, and the record sets in them.
//!
//! A record set is all records of one type that a name has, written as one: two authors of one name
//! must put their values together. Record sets take no tags, so their metadata tells whose they are;
//! one that somebody made by hand in a zone of the stack's is left alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::OutputPath;
use serde::Serialize;

use super::existing::{ExistingError, existing};
use super::facts::usual;
use super::management::ResourceGroup;
use crate::schema::{
    ArmType, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameRule, OwnershipMark, ReadPlan,
};

/// A [zone](https://learn.microsoft.com/azure/templates/microsoft.network/dnszones): what a domain
/// and the names in it lead to. It is served once the domain's registrar, or the zone around it,
/// names its name servers, and those are others each time that it is made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DnsZone {
    /// Always `global`.
    pub location: String,
    /// Its tags, at most 15; their names hold neither spaces nor parentheses.
    pub tags: BTreeMap<String, String>,
    #[serde(skip)]
    domain: String,
    #[serde(skip)]
    scope: Scope,
}

impl DnsZone {
    /// The first of its four name servers.
    pub const NAME_SERVER_1: OutputPath<Self, String> = OutputPath::new("nameServers[0]");
    /// The second.
    pub const NAME_SERVER_2: OutputPath<Self, String> = OutputPath::new("nameServers[1]");
    /// The third.
    pub const NAME_SERVER_3: OutputPath<Self, String> = OutputPath::new("nameServers[2]");
    /// The fourth.
    pub const NAME_SERVER_4: OutputPath<Self, String> = OutputPath::new("nameServers[3]");

    /// A zone outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a DNS zone.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&DNS_ZONE, id)
    }

    /// The zone of a domain, in a group.
    pub fn within(group: &Added<ResourceGroup>, domain: impl Into<String>) -> Self {
        Self {
            location: "global".to_owned(),
            tags: BTreeMap::new(),
            domain: domain.into(),
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for DnsZone {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&DNS_ZONE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.domain.clone())
    }
}

/// The facts of zones. Whoever deletes one deletes its delegation: a new one has other name servers.
pub static DNS_ZONE: ArmType = {
    let mut ty = ArmType::REGIONAL.named("Microsoft.Network/dnsZones", "2018-05-01", "DNS zone");
    ty.facts.immutable = &["location"];
    ty.facts.holds_data = true;
    ty.facts.usual = usual(3_000, 1_200, 5_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.key_sets = &[];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::Domain,
        length_min: 1,
        length_max: 253,
    };
    ty
};

pub(super) use sealed::Sealed;

mod sealed {
    /// Only the types that are described here are types of records.
    pub trait Sealed {}
}

/// The records of a record set.
pub trait Records: Sealed + Serialize + Send + Sync {
    /// The facts of record sets with such records.
    fn facts() -> &'static ArmType;
}

/// A [record set](https://learn.microsoft.com/azure/dns/dns-zones-records#record-sets): all records
/// of one type that a name in a zone has.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RecordSet<R> {
    /// For how many seconds others may keep them.
    #[serde(rename = "TTL")]
    pub ttl: u32,
    /// Its metadata; keys are letters and digits.
    pub metadata: BTreeMap<String, String>,
    /// The records.
    #[serde(flatten)]
    pub records: R,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    scope: Scope,
}

impl<R: Records> RecordSet<R> {
    /// The records of a name in a zone, kept for an hour; `@` is the zone's own name.
    pub fn within(zone: &Added<DnsZone>, name: impl Into<String>, records: R) -> Self {
        Self {
            ttl: 3_600,
            metadata: BTreeMap::new(),
            records,
            name: name.into(),
            scope: Scope::Within(zone.name().clone()),
        }
    }
}

impl<R: Records> Resource for RecordSet<R> {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&R::facts().facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.name.clone())
    }
}

/// What all record sets have in common. One list tells all of a zone; they are written one at a
/// time, because each write changes the zone.
pub(super) const fn record_facts() -> ArmType {
    let mut ty = ArmType::CHILD;
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(1_500, 1_500, 1_500);
    ty.key_sets = &[];
    // https://learn.microsoft.com/rest/api/dns/record-sets/list-all-by-dns-zone
    ty.read = ReadPlan::ListOfAll("all");
    ty.ownership = OwnershipMark::Metadata("metadata");
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftnetwork
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::Record,
        length_min: 1,
        length_max: 253,
    };
    ty
}
