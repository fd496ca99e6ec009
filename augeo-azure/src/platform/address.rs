//! Ranges of IPv4 addresses, as people write them and as a firewall rule takes them.

use std::fmt;
use std::net::Ipv4Addr;

/// From one address to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddressRange {
    pub(crate) first: Ipv4Addr,
    pub(crate) last: Ipv4Addr,
}

/// Why a text is no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("is an IPv6 address, which this firewall does not know")]
    V6,
    #[error("is not an IPv4 address or range")]
    Malformed,
    #[error("has a prefix longer than 32")]
    Prefix,
    #[error("ends before it begins")]
    Backwards,
    #[error("begins inside the range and not at its first address, {0}")]
    NotAligned(Ipv4Addr),
}

impl AddressError {
    pub(crate) fn help(self) -> String {
        match self {
            Self::V6 => "write the IPv4 address that the caller leaves from".to_owned(),
            Self::Malformed => "write `203.0.113.7`, `203.0.113.0/28` or \
                                `203.0.113.4-203.0.113.9`"
                .to_owned(),
            Self::Prefix => "write a prefix from 0 to 32".to_owned(),
            Self::Backwards => "write the lower address first".to_owned(),
            Self::NotAligned(first) => format!("begin with {first}"),
        }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl AddressRange {
    /// One address, a block (`a.b.c.d/n`) or two addresses with a dash between them.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let address = |text: &str| -> Result<Ipv4Addr, AddressError> {
            let text = text.trim();
            if text.contains(':') {
                return Err(AddressError::V6);
            }
            text.parse().map_err(|_| AddressError::Malformed)
        };
        if let Some((base, prefix)) = text.split_once('/') {
            let base = address(base)?;
            let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
            let prefix = if digits {
                prefix.parse::<u32>().ok()
            } else {
                None
            };
            let prefix = prefix.ok_or(AddressError::Malformed)?;
            if prefix > 32 {
                return Err(AddressError::Prefix);
            }
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            let first = Ipv4Addr::from(u32::from(base) & mask);
            if first != base {
                return Err(AddressError::NotAligned(first));
            }
            return Ok(Self {
                first,
                last: Ipv4Addr::from(u32::from(base) | !mask),
            });
        }
        let (first, last) = match text.split_once('-') {
            Some((first, last)) => (address(first)?, address(last)?),
            None => (address(text)?, address(text)?),
        };
        if last < first {
            return Err(AddressError::Backwards);
        }
        Ok(Self { first, last })
    }

    /// Whether it is the rule that stands for every service of Azure, of any customer.
    pub(crate) fn is_all_of_azure(self) -> bool {
        self.first.is_unspecified() && self.last.is_unspecified()
    }

    /// Whether any of it is an address that only a network of one's own has: no packet from the
    /// internet ever comes from there.
    pub(crate) fn is_private(self) -> bool {
        !self.is_all_of_azure() && (self.first.is_private() || self.last.is_private())
    }

    /// How many addresses it holds.
    pub(crate) fn size(self) -> u64 {
        u64::from(u32::from(self.last) - u32::from(self.first)) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_to_write_a_range() {
        let shown = |text: &str| {
            AddressRange::parse(text).map(|range| format!("{}-{}", range.first, range.last))
        };
        assert_eq!(shown("203.0.113.7").unwrap(), "203.0.113.7-203.0.113.7");
        assert_eq!(shown("203.0.113.0/28").unwrap(), "203.0.113.0-203.0.113.15");
        assert_eq!(shown("0.0.0.0/0").unwrap(), "0.0.0.0-255.255.255.255");
        assert_eq!(shown("10.0.0.1/32").unwrap(), "10.0.0.1-10.0.0.1");
        assert_eq!(shown("10.0.0.1 - 10.0.0.9").unwrap(), "10.0.0.1-10.0.0.9");
        assert_eq!(shown("::1"), Err(AddressError::V6));
        assert_eq!(shown("10.0.0"), Err(AddressError::Malformed));
        assert_eq!(shown("10.0.0.0/+8"), Err(AddressError::Malformed));
        assert_eq!(shown("10.0.0.0/33"), Err(AddressError::Prefix));
        assert_eq!(shown("10.0.0.9-10.0.0.1"), Err(AddressError::Backwards));
        let first = Ipv4Addr::new(203, 0, 113, 0);
        assert_eq!(
            shown("203.0.113.7/28"),
            Err(AddressError::NotAligned(first))
        );
    }

    #[test]
    fn sizes() {
        assert_eq!(AddressRange::parse("0.0.0.0/0").unwrap().size(), 1 << 32);
        assert!(AddressRange::parse("0.0.0.0").unwrap().is_all_of_azure());
    }
}
