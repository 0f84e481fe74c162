//! Values that stay: addresses of the house, the number of the front desk.

use core::net::{IpAddr, Ipv4Addr};

use super::ConfigError;
use crate::scrub::kind::Kind;

/// Values of one kind that are let through.
#[derive(Debug, Clone)]
pub(super) enum Allowed {
    /// This one value, letters in any case.
    Value(Kind, String),
    /// Addresses of this network.
    Network(u32, u32),
    /// Web addresses of this host, mail of this domain.
    Host(Kind, String),
}

impl Allowed {
    /// Reads an entry. One that would let a whole kind through is refused.
    pub(super) fn new(kind: Kind, entry: &str) -> Result<Self, ConfigError> {
        let entry = entry.trim();
        let filled = entry.bytes().filter(u8::is_ascii_alphanumeric).count();
        if filled < 3 || entry.contains('*') {
            return Err(ConfigError::AllowTooWide(kind));
        }
        if kind == Kind::Ip
            && let Some((address, bits)) = entry.split_once('/')
        {
            let address: Ipv4Addr = address.parse().map_err(|_| ConfigError::AllowForm(kind))?;
            let bits: u32 = bits.parse().map_err(|_| ConfigError::AllowForm(kind))?;
            if bits < 8 {
                return Err(ConfigError::AllowTooWide(kind));
            }
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(u32::MAX);
            return Ok(Self::Network(u32::from(address) & mask, mask));
        }
        let host = match kind {
            Kind::Url => Some(entry).filter(|entry| !entry.contains('/')),
            Kind::Email => entry.strip_prefix('@'),
            _ => None,
        };
        match host {
            Some(host) if !host.contains('.') => Err(ConfigError::AllowTooWide(kind)),
            Some(host) => Ok(Self::Host(kind, host.to_ascii_lowercase())),
            None => Ok(Self::Value(kind, entry.to_owned())),
        }
    }

    pub(super) fn lets(&self, kind: Kind, value: &str) -> bool {
        match self {
            Self::Value(own, entry) => *own == kind && entry.eq_ignore_ascii_case(value),
            Self::Network(network, mask) => {
                kind == Kind::Ip
                    && matches!(value.parse(), Ok(IpAddr::V4(address))
                        if u32::from(address) & mask == *network)
            }
            Self::Host(own, host) => {
                *own == kind && host_of(kind, value).eq_ignore_ascii_case(host)
            }
        }
    }
}

fn host_of(kind: Kind, value: &str) -> &str {
    if kind == Kind::Email {
        return value.rsplit('@').next().unwrap_or_default();
    }
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands in front of an `@` is a name and a password: never let through.
    if host.contains('@') { "" } else { host.split(':').next().unwrap_or_default() }
}
