//! Rules for who reaches something over the network.

use augeo_core::finding::Severity;
use augeo_core::resource::Desired;
use augeo_core::value::Value;

use super::scene::{Found, Scene, is_a, items, plain, text};
use super::{Rule, Test};
use crate::platform::address::AddressRange;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/firewall-private",
        severity: Severity::Error,
        title: "A firewall rule names addresses that no caller from outside ever has.",
        reason: "The firewalls of PostgreSQL, Redis, vaults and storage match the public address that a \
                 request comes from. The range of a subnet never matches, so the rule lets in nobody; \
                 an app leaves from the outbound addresses of its plan or of its NAT gateway.",
        fix: "name the public address that the caller leaves from, or use a private endpoint",
        link: "https://learn.microsoft.com/azure/azure-cache-for-redis/cache-network-isolation",
        types: &[
            "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
            "Microsoft.Cache/redis/firewallRules",
            "Microsoft.KeyVault/vaults",
            "Microsoft.Storage/storageAccounts",
        ],
        test: Test::Each(private),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/firewall-backwards",
        title: "A firewall rule ends before it begins.",
        reason: "The last address of a range is at least its first; Azure refuses the rule.",
        fix: "write the lower address first",
        link: "https://learn.microsoft.com/azure/postgresql/flexible-server/security-firewall-rules",
        types: &[
            "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
            "Microsoft.Cache/redis/firewallRules",
        ],
        test: Test::Each(backwards),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/network-subnets",
        severity: Severity::Error,
        title: "A virtual network is written with an empty list of subnets.",
        reason: "The list in the network's body is the whole truth: an empty one deletes every subnet \
                 that is there, also those that are declared by themselves.",
        fix: "leave `subnets` out, and declare the subnets by themselves",
        link: "https://learn.microsoft.com/azure/templates/microsoft.network/virtualnetworks",
        types: &["Microsoft.Network/virtualNetworks"],
        test: Test::Each(no_subnets),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/network-open",
        title: "A security rule opens remote administration to the whole internet.",
        reason: "SSH and RDP that answer everybody are tried by machines within minutes.",
        fix: "name the addresses of the administrators, or use Bastion",
        link: "https://learn.microsoft.com/azure/security/fundamentals/network-best-practices",
        types: &["Microsoft.Network/networkSecurityGroups"],
        test: Test::Each(administration),
        ..Rule::BASE
    },
];

/// The properties with the first and the last address of a firewall rule of either service.
fn ends(rule: &Desired) -> (&'static str, &'static str) {
    if is_a(rule, &["Microsoft.Cache/redis/firewallRules"]) {
        ("startIP", "endIP")
    } else {
        ("startIpAddress", "endIpAddress")
    }
}

/// The addresses that a firewall rule lets in, where they are written.
pub(super) fn range_of(rule: &Desired) -> Option<AddressRange> {
    let (first, last) = ends(rule);
    let first = text(rule, first)?.parse().ok()?;
    let last = text(rule, last)?.parse().ok()?;
    (first <= last).then_some(AddressRange { first, last })
}

fn private<'a>(_: &Scene<'a>, desired: &'a Desired) -> Vec<Found<'a>> {
    let says = |range: AddressRange| {
        format!("`{range}` is inside a private network: no caller from outside has such an address")
    };
    if let Some(range) = range_of(desired) {
        let private = range.is_private();
        let found = private.then(|| Found::at(desired, ends(desired).0, says(range)));
        return found.into_iter().collect();
    }
    let rules = items(desired, "networkAcls.ipRules").iter().enumerate();
    let rules = rules.filter_map(|(index, rule)| {
        let range = AddressRange::parse(rule.field("value")?.as_str()?).ok()?;
        let path = format!("networkAcls.ipRules[{index}].value");
        range
            .is_private()
            .then(|| Found::at(desired, &path, says(range)))
    });
    rules.collect()
}

fn backwards<'a>(_: &Scene<'a>, rule: &'a Desired) -> Vec<Found<'a>> {
    let address = |path| text(rule, path)?.parse::<std::net::Ipv4Addr>().ok();
    let (start, end) = ends(rule);
    match (address(start), address(end)) {
        (Some(first), Some(last)) if last < first => {
            let message = format!("begins with {first} and ends with {last}");
            vec![Found::at(rule, end, message)]
        }
        _ => Vec::new(),
    }
}

fn no_subnets<'a>(_: &Scene<'a>, network: &'a Desired) -> Vec<Found<'a>> {
    let list = network
        .value
        .get(&"subnets".into())
        .and_then(Value::as_array);
    if list.is_none_or(|list| !list.is_empty()) {
        return Vec::new();
    }
    let message = "an empty list of subnets deletes all that are there";
    vec![Found::at(network, "subnets", message)]
}

fn administration<'a>(_: &Scene<'a>, group: &'a Desired) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for (index, rule) in items(group, "securityRules").iter().enumerate() {
        let inner = rule.field("properties").unwrap_or(rule);
        let is = |key: &str, words: &[&str]| {
            let text = inner.field(key).and_then(plain).unwrap_or_default();
            words.iter().any(|word| word.eq_ignore_ascii_case(&text))
        };
        let opens = is("access", &["Allow"]) && is("direction", &["Inbound"]);
        let to_all = is("sourceAddressPrefix", &["*", "Internet", "0.0.0.0/0"]);
        if opens && to_all && is("destinationPortRange", &["22", "3389", "*", "22-22"]) {
            let path = format!("securityRules[{index}]");
            found.push(Found::at(
                group,
                &path,
                "administration is open to the internet",
            ));
        }
    }
    found
}
