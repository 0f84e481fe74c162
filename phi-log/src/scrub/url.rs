//! Web addresses, from the scheme to the last character that belongs to them.
//!
//! Names of vocabularies (`http://loinc.org`, profiles of FHIR, XML schemas) look like addresses and
//! stand for nobody; so does the machine itself.

use super::text::Text;

const SCHEMES: [&[u8]; 7] = [b"http", b"https", b"ftp", b"ftps", b"sftp", b"ws", b"wss"];

/// Hosts whose addresses are names of vocabularies.
const VOCABULARIES: [&[u8]; 12] = [
    b"hl7.org",
    b"terminology.hl7.org",
    b"www.hl7.org",
    b"build.fhir.org",
    b"loinc.org",
    b"snomed.info",
    b"unitsofmeasure.org",
    b"www.nlm.nih.gov",
    b"nucc.org",
    b"dicom.nema.org",
    b"www.w3.org",
    b"schemas.xmlsoap.org",
];

/// The machine itself.
const HERE: [&[u8]; 4] = [b"localhost", b"127.0.0.1", b"0.0.0.0", b"[::1]"];

/// How far a query is looked for behind a host that stands for nobody.
const MAX_LOOK: usize = 256;

/// The start and end of the address whose `://` begins at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<(usize, usize)> {
    if text.at(at + 1) != b'/' || text.at(at + 2) != b'/' {
        return None;
    }
    let mut start = at;
    while at - start < 8 && text.before(start, floor).is_ascii_alphanumeric() {
        start -= 1;
    }
    let scheme = text.slice(start, at);
    if !SCHEMES.into_iter().any(|each| each.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let host = at + 3;
    let stands_for_nobody = HERE.into_iter().any(|name| is_host(text, host, name))
        || VOCABULARIES.into_iter().any(|name| is_host(text, host, name));
    if stands_for_nobody {
        let near = text.until(host + MAX_LOOK);
        let query = (host..url_end(near, host)).any(|at| text.at(at) == b'?');
        if !query {
            return None;
        }
    }
    let mut end = url_end(text, host);
    // `?name=O'Neil`, but for an address in quotes.
    let quoted = text.before(start, 0) == b'\'';
    while !quoted && text.at(end) == b'\'' && text.at(end - 1).is_ascii_alphanumeric() {
        let next = url_end(text, end + 1);
        if !text.at(end + 1).is_ascii_alphanumeric() {
            break;
        }
        end = next;
    }
    (end > host).then_some((start, end))
}

fn is_host(text: Text<'_>, at: usize, name: &[u8]) -> bool {
    let after = text.at(at + name.len());
    text.has_word(at, name)
        && !after.is_ascii_alphanumeric()
        && !matches!(after, b'.' | b'-' | b'@')
        && (after != b':' || text.at(at + name.len() + 1).is_ascii_digit())
}

fn url_end(text: Text<'_>, at: usize) -> usize {
    let mut end = at;
    while is_part(text.at(end)) {
        end += 1;
    }
    // Punctuation at the end is the sentence's.
    while end > at && is_sentence(text.at(end - 1)) {
        end -= 1;
    }
    end
}

const fn is_part(byte: u8) -> bool {
    !matches!(
        byte,
        0..=b' ' | 0x7f | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b'|' | b'{' | b'}'
    )
}

const fn is_sentence(byte: u8) -> bool {
    matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']')
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::becomes;

    /// `?name=O'Neil` once left the name: an apostrophe ended the address.
    #[test]
    fn an_apostrophe_in_a_word_is_a_part_of_an_address() {
        becomes(&[
            ("at https://a.example/p?q=O'Neil%2C+Ada, ok", "at [PHI:url], ok"),
            ("url 'https://a.example/p?q=O'Neil' failed", "url '[PHI:url]'Neil' failed"),
            ("get('https://a.example/p'), x", "get('[PHI:url]'), x"),
        ]);
    }
}
