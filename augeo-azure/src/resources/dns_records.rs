//! The types of records that a record set can have: A, CNAME, TXT, MX and NS.

use augeo_core::stack::Added;
use augeo_core::value::{Input, Value};
use serde::Serialize;

use super::dns::{DnsZone, Records, Sealed, record_facts};
use crate::schema::{ArmType, Compare};

/// The version of the contract of all of them.
const VERSION: &str = "2018-05-01";

/// The form of domain names in which equal ones are equal: in lower case, without the full stop
/// that may end them.
fn domain_name(value: &Value) -> Value {
    value.map_leaves(&|leaf| {
        let text = leaf.as_str()?.to_ascii_lowercase();
        Some(Value::String(text.trim_end_matches('.').to_owned()))
    })
}

/// A text of a TXT record as one: it travels in strings of 255 bytes, wherever they were cut.
fn whole_text(value: &Value) -> Value {
    let strings = value.as_array().unwrap_or_default();
    let texts: Option<Vec<&str>> = strings.iter().map(Value::as_str).collect();
    match texts {
        Some(texts) if texts.len() > 1 => Value::Array(vec![Value::String(texts.concat())]),
        _ => value.clone(),
    }
}

/// An address.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AddressRecord {
    /// It.
    pub ipv4_address: Input<String>,
}

/// [A records](https://learn.microsoft.com/azure/templates/microsoft.network/dnszones/a): the
/// addresses of a name.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ARecords {
    /// They, in any order.
    #[serde(rename = "ARecords")]
    pub records: Vec<AddressRecord>,
}

impl ARecords {
    /// These addresses.
    pub fn of<T: Into<Input<String>>>(addresses: impl IntoIterator<Item = T>) -> Self {
        let record = |address: T| AddressRecord {
            ipv4_address: address.into(),
        };
        Self {
            records: addresses.into_iter().map(record).collect(),
        }
    }
}

impl Sealed for ARecords {}

impl Records for ARecords {
    fn facts() -> &'static ArmType {
        &A_RECORDS
    }
}

/// The facts of A record sets.
pub static A_RECORDS: ArmType = {
    let mut ty = record_facts().named("Microsoft.Network/dnsZones/A", VERSION, "DNS A records");
    ty.compare = &[("ARecords", Compare::Set)];
    ty
};

/// Another name.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CanonicalName {
    /// It.
    pub cname: Input<String>,
}

/// A [CNAME record](https://learn.microsoft.com/azure/templates/microsoft.network/dnszones/cname):
/// the name that this one stands for. There is one of it, and nothing else of that name beside it;
/// a zone's own name cannot have one.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CnameRecord {
    /// It.
    #[serde(rename = "CNAMERecord")]
    pub record: CanonicalName,
}

impl CnameRecord {
    /// This other name.
    pub fn of(name: impl Into<Input<String>>) -> Self {
        Self {
            record: CanonicalName { cname: name.into() },
        }
    }
}

impl Sealed for CnameRecord {}

impl Records for CnameRecord {
    fn facts() -> &'static ArmType {
        &CNAME_RECORD
    }
}

/// The facts of CNAME record sets.
pub static CNAME_RECORD: ArmType = {
    let mut ty = record_facts().named(
        "Microsoft.Network/dnsZones/CNAME",
        VERSION,
        "DNS CNAME record",
    );
    ty.compare = &[("CNAMERecord.cname", Compare::By(domain_name))];
    ty
};

/// How many bytes one string of a TXT record holds.
const STRING_MAX: usize = 255;

/// One text.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TextRecord {
    /// The strings that it is cut into, each of at most 255 bytes.
    pub value: Vec<Input<String>>,
}

/// [TXT records](https://learn.microsoft.com/azure/templates/microsoft.network/dnszones/txt): all
/// texts of a name, whoever reads them.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TxtRecords {
    /// They, in any order.
    #[serde(rename = "TXTRecords")]
    pub records: Vec<TextRecord>,
}

impl TxtRecords {
    /// These texts, cut where they are too long.
    pub fn of<T: Into<Input<String>>>(texts: impl IntoIterator<Item = T>) -> Self {
        let record = |text: T| TextRecord {
            value: strings(text.into()),
        };
        Self {
            records: texts.into_iter().map(record).collect(),
        }
    }
}

/// A text in strings that fit. One that is not known yet is taken for short.
fn strings(text: Input<String>) -> Vec<Input<String>> {
    match text {
        Input::Known(text) if text.len() > STRING_MAX => {
            let mut strings = vec![String::new()];
            for c in text.chars() {
                match strings.last_mut() {
                    Some(last) if last.len() + c.len_utf8() <= STRING_MAX => last.push(c),
                    _ => strings.push(c.to_string()),
                }
            }
            strings.into_iter().map(Input::Known).collect()
        }
        text @ (Input::Known(_) | Input::Output(_) | Input::Format(_)) => vec![text],
    }
}

impl Sealed for TxtRecords {}

impl Records for TxtRecords {
    fn facts() -> &'static ArmType {
        &TXT_RECORDS
    }
}

/// The facts of TXT record sets.
pub static TXT_RECORDS: ArmType = {
    let mut ty = record_facts().named("Microsoft.Network/dnsZones/TXT", VERSION, "DNS TXT records");
    ty.compare = &[
        ("TXTRecords[].value", Compare::By(whole_text)),
        ("TXTRecords", Compare::Set),
    ];
    ty
};

/// A server that takes mail.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MailExchange {
    /// The lower, the sooner it is tried.
    pub preference: u16,
    /// Its name.
    pub exchange: Input<String>,
}

/// [MX records](https://learn.microsoft.com/azure/templates/microsoft.network/dnszones/mx): who
/// takes the mail of a name.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MxRecords {
    /// They, in any order.
    #[serde(rename = "MXRecords")]
    pub records: Vec<MailExchange>,
}

impl MxRecords {
    /// These servers, each with its preference.
    pub fn of<T: Into<Input<String>>>(servers: impl IntoIterator<Item = (u16, T)>) -> Self {
        let record = |(preference, server): (u16, T)| MailExchange {
            preference,
            exchange: server.into(),
        };
        Self {
            records: servers.into_iter().map(record).collect(),
        }
    }
}

impl Sealed for MxRecords {}

impl Records for MxRecords {
    fn facts() -> &'static ArmType {
        &MX_RECORDS
    }
}

/// The facts of MX record sets.
pub static MX_RECORDS: ArmType = {
    let mut ty = record_facts().named("Microsoft.Network/dnsZones/MX", VERSION, "DNS MX records");
    ty.compare = &[
        ("MXRecords[].exchange", Compare::By(domain_name)),
        ("MXRecords", Compare::Set),
    ];
    ty
};

/// A name server.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NameServer {
    /// Its name.
    pub nsdname: Input<String>,
}

/// [NS records](https://learn.microsoft.com/azure/dns/delegate-subdomain): the name servers that
/// answer for a name and all below it. Those of the zone itself are made by Azure.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NsRecords {
    /// They, in any order.
    #[serde(rename = "NSRecords")]
    pub records: Vec<NameServer>,
}

impl NsRecords {
    /// These name servers.
    pub fn of<T: Into<Input<String>>>(servers: impl IntoIterator<Item = T>) -> Self {
        let record = |server: T| NameServer {
            nsdname: server.into(),
        };
        Self {
            records: servers.into_iter().map(record).collect(),
        }
    }

    /// The name servers of another zone, so that its names are found through the one around it.
    pub fn delegating_to(zone: &Added<DnsZone>) -> Self {
        Self::of([
            zone.output(DnsZone::NAME_SERVER_1),
            zone.output(DnsZone::NAME_SERVER_2),
            zone.output(DnsZone::NAME_SERVER_3),
            zone.output(DnsZone::NAME_SERVER_4),
        ])
    }
}

impl Sealed for NsRecords {}

impl Records for NsRecords {
    fn facts() -> &'static ArmType {
        &NS_RECORDS
    }
}

/// The facts of NS record sets. The type has
/// [no published schema](https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update) of
/// its own; its body is that of the others.
pub static NS_RECORDS: ArmType = {
    let mut ty = record_facts().named("Microsoft.Network/dnsZones/NS", VERSION, "DNS NS records");
    ty.compare = &[
        ("NSRecords[].nsdname", Compare::By(domain_name)),
        ("NSRecords", Compare::Set),
    ];
    ty.made_by_service = &["@"];
    ty
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::normalize::canonical;

    use super::*;

    #[test]
    fn a_long_text_is_cut_and_nothing_of_it_is_lost() {
        let text = format!("v=DKIM1; p={}", "ä".repeat(300));
        let records = TxtRecords::of([text.as_str()]);
        let strings: Vec<&String> = records.records[0]
            .value
            .iter()
            .filter_map(|string| match string {
                Input::Known(string) => Some(string),
                Input::Output(_) | Input::Format(_) => None,
            })
            .collect();
        assert_eq!(strings.len(), 3);
        assert!(strings.iter().all(|string| string.len() <= STRING_MAX));
        assert_eq!(strings.into_iter().cloned().collect::<String>(), text);
    }

    #[test]
    fn records_are_equal_in_any_order_and_form() {
        let form = |ty: &ArmType, json| canonical(ty, &Value::from(json));
        assert_eq!(
            form(
                &TXT_RECORDS,
                json!({"TXTRecords": [{"value": ["b"]}, {"value": ["a", "b"]}]})
            ),
            form(
                &TXT_RECORDS,
                json!({"TXTRecords": [{"value": ["ab"]}, {"value": ["b"]}]})
            ),
        );
        assert_eq!(
            form(
                &NS_RECORDS,
                json!({"NSRecords": [{"nsdname": "NS1.example.com."}, {"nsdname": "ns2.example.com"}]})
            ),
            form(
                &NS_RECORDS,
                json!({"NSRecords": [{"nsdname": "ns2.example.com."}, {"nsdname": "ns1.example.com"}]})
            ),
        );
        assert_ne!(
            form(&TXT_RECORDS, json!({"TXTRecords": [{"value": ["A"]}]})),
            form(&TXT_RECORDS, json!({"TXTRecords": [{"value": ["a"]}]})),
        );
    }
}
