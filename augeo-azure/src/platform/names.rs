//! The forms of names in the world: domains, labels, senders, and what DNS holds.

use super::form::{Form, Objection, check_id, made_of, with_rule};
use crate::naming::name_problem;
use crate::schema::{NameAlphabet, NameRule};

/// A domain.
pub(super) static DOMAIN: Form = Form {
    noun: "a domain, such as \"example.org\"",
    check: |text| {
        let lower = !text.chars().any(|c| c.is_ascii_uppercase() || c == '_');
        let holds = lower && text.contains('.') && is_domain(text, 253);
        with_rule(text, "a domain in lower case, such as `example.org`", holds)
    },
};

/// What stands before the domain.
pub(super) static LABEL: Form = Form {
    noun: "the first part of a host name, such as \"api\"",
    check: |text| {
        let lower = !text.chars().any(|c| c.is_ascii_uppercase());
        let rule = "lower-case letters, digits and dashes, such as `api`";
        with_rule(text, rule, lower && is_domain(text, 63))
    },
};

fn is_domain(text: &str, length_max: usize) -> bool {
    let rule = NameRule::Own {
        alphabet: NameAlphabet::Domain,
        length_min: 1,
        length_max,
    };
    let mut words = text.split('.');
    words.all(|word| !word.starts_with('-') && !word.ends_with('-'))
        && name_problem(&rule, text).is_none()
}

/// The id of a DNS zone.
pub(super) static ZONE_ID: Form = Form {
    noun: "the id of a DNS zone",
    check: |text| check_id(text, "Microsoft.Network/dnsZones"),
};

/// What a TXT record holds.
pub(super) static TEXT: Form = Form {
    noun: "the text of a TXT record",
    check: |text| {
        if text.to_ascii_lowercase().starts_with("v=spf1") {
            let help = "name the others who send in `spf` of [communication]: there is one such \
                        record, and it is put together";
            return Err(Objection::new("cannot be an SPF record", help));
        }
        let holds = made_of(text, |c| c.is_ascii() && !c.is_control(), 1, 1024);
        with_rule(text, "1 to 1024 characters of ASCII", holds)
    },
};

/// What an SPF record says of one sender (<https://datatracker.ietf.org/doc/html/rfc7208#section-5>).
pub(super) static SPF: Form = Form {
    noun: "a mechanism of SPF, such as \"include:spf.example.org\"",
    check: |text| {
        let word = text.split([':', '/']).next().unwrap_or_default();
        let known = ["include", "ip4", "ip6", "a", "mx", "exists"];
        let holds = made_of(text, |c| c.is_ascii_graphic(), 1, 255) && known.contains(&word);
        let rule = "`include:`, `ip4:`, `ip6:`, `a`, `mx` or `exists:`, without a sign before it";
        with_rule(text, rule, holds)
    },
};

/// What stands before the `@` of an address.
pub(super) static SENDER: Form = Form {
    noun: "the first part of an address",
    check: |text| {
        if text.eq_ignore_ascii_case("donotreply") {
            let help = "delete the line: every domain has it without anybody's doing";
            return Err(Objection::new("cannot be `donotreply`", help));
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let holds = made_of(text, allowed, 1, 64) && is_domain(text, 64);
        let rule = "1 to 64 lower-case letters, digits, dashes, underscores and full stops";
        with_rule(text, rule, holds)
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(form: &Form, text: &str) -> bool {
        (form.check)(text).is_ok()
    }

    #[test]
    fn domains_labels_and_senders_are_told_from_what_is_none() {
        for (form, fine, wrong) in [
            (&DOMAIN, "dev.example.org", "example"),
            (&DOMAIN, "xn--bcher-kva.example", "Example.org"),
            (&LABEL, "api", "-.api"),
            (&SENDER, "first.last", "donotreply"),
            (&SENDER, "news", "news@example.org"),
            (&TEXT, "google-site-verification=x", "v=SPF1 -all"),
            (&SPF, "include:spf.example.org", "v=spf1"),
            (&SPF, "mx", "+mx all"),
        ] {
            assert!(fits(form, fine), "{fine}");
            assert!(!fits(form, wrong), "{wrong}");
        }
    }
}
