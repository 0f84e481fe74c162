//! The text of a keyring file (FORMAT.md section 6).

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::text::{hex, unhex};
use super::{KeyError, KeyErrorKind, RootKey, Scope};
use crate::crypto::constant_time_eq;

/// The parsed file: its rings stay wrapped until somebody asks.
#[derive(Clone, Default)]
pub(crate) struct Stored {
    pub(super) governed: bool,
    pub(super) generation: u64,
    pub(super) rings: BTreeMap<Scope, Box<[u8]>>,
}

impl Stored {
    pub(super) fn encode(&self, root: &RootKey) -> String {
        use std::fmt::Write as _;
        let mut out = format!(
            "phi-keyring-1\nroot {}\ngoverned {}\ngeneration {}\n",
            root.fingerprint(),
            if self.governed { "yes" } else { "no" },
            self.generation
        );
        for (scope, wrapped) in &self.rings {
            let _ = writeln!(out, "ring {scope} {}", STANDARD.encode(wrapped));
        }
        let mac = hex(&root.check(out.as_bytes()));
        let _ = writeln!(out, "mac {mac}");
        out
    }
}

/// Parses a keyring file, strictly, and checks that it was written under this root.
pub(crate) fn parse(path: &Path, root: &RootKey, bytes: &[u8]) -> Result<Stored, KeyError> {
    let at = |line| KeyError::new(KeyErrorKind::Malformed { line }, path);
    let text = std::str::from_utf8(bytes).map_err(|_| at(0))?;
    let (body, mac) = split_mac(text).ok_or_else(|| at(0))?;
    let mut lines = body.lines().enumerate().map(|(at, line)| (at + 1, line));
    let mut header = |want: &str| {
        let (number, line) = lines.next().ok_or_else(|| at(0))?;
        line.strip_prefix(want).ok_or_else(|| at(number))
    };
    if !header("phi-keyring-1")?.is_empty() {
        return Err(at(1));
    }
    if header("root ")? != root.fingerprint() {
        return Err(KeyError::new(KeyErrorKind::WrongRoot, path));
    }
    if !constant_time_eq(&root.check(body.as_bytes()), &mac) {
        return Err(KeyError::new(KeyErrorKind::NotAuthentic, path));
    }
    let governed = match header("governed ")? {
        "yes" => true,
        "no" => false,
        _ => return Err(at(3)),
    };
    let generation = header("generation ")?.parse().map_err(|_| at(4))?;
    let mut rings = BTreeMap::new();
    for (number, line) in lines {
        let (scope, wrapped) = parse_ring(line).ok_or_else(|| at(number))?;
        if rings.insert(scope, wrapped).is_some() {
            return Err(at(number));
        }
    }
    Ok(Stored { governed, generation, rings })
}

fn parse_ring(line: &str) -> Option<(Scope, Box<[u8]>)> {
    let (scope, wrapped) = line.strip_prefix("ring ")?.split_once(' ')?;
    Some((Scope::parse(scope)?, STANDARD.decode(wrapped).ok()?.into_boxed_slice()))
}

/// Splits off the last line, `mac` and 64 digits.
fn split_mac(text: &str) -> Option<(&str, [u8; 32])> {
    let line_start = text.strip_suffix('\n')?.rfind('\n')?.checked_add(1)?;
    let (body, line) = text.split_at_checked(line_start)?;
    let mut mac = [0; 32];
    unhex(line.strip_prefix("mac ")?.strip_suffix('\n')?, &mut mac)?;
    Some((body, mac))
}
