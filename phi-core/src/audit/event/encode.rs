//! Writing an event: JSON in one line, keys in a fixed order, what is absent left out.

use super::text::{hex_digit, holds};
use super::{Client, ContentHash, Event, Item, Part, Principal, Search};

/// Where the writer puts its bytes: a buffer, or only their number.
pub(in crate::audit) trait Out {
    fn put(&mut self, bytes: &[u8]);
}

impl Out for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Counts what would be written.
pub(super) struct Count(pub(super) usize);

impl Out for Count {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

impl Event {
    /// The event's bytes in format 1: one line of UTF-8 JSON.
    ///
    /// Longer than [`Event::MAX_BYTES`] if it was not split first; a log refuses it then.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // A guess that most events stay within: growing copies them.
        let fields: usize = self.items.iter().map(|item| item.fields.len()).sum();
        let mut out = Vec::with_capacity(512 + 160 * self.items.len() + 16 * fields);
        put_event(&mut out, self);
        out
    }
}

pub(super) fn encoded_len(write: impl FnOnce(&mut Count)) -> usize {
    let mut count = Count(0);
    write(&mut count);
    count.0
}

pub(super) fn put_event<O: Out>(out: &mut O, event: &Event) {
    let mut id = uuid::Uuid::encode_buffer();
    let id: &str = event.id.as_uuid().hyphenated().encode_lower(&mut id);
    out.put(b"{\"id\":\"");
    out.put(id.as_bytes());
    out.put(b"\",\"time\":\"");
    out.put(&event.time.to_text());
    out.put(b"\"");
    if let Some(Principal { id, kind }) = &event.principal {
        out.put(b",\"principal\":{\"id\":");
        put_string(out, id.as_str());
        out.put(b",\"kind\":");
        put_string(out, kind.as_str());
        out.put(b"}");
    }
    put_optional(out, b",\"role\":", event.role.as_ref().map(super::text::Id::as_str));
    put_optional(out, b",\"membership\":", event.membership.as_ref().map(super::text::Id::as_str));
    put_optional(out, b",\"tenant\":", event.tenant.as_ref().map(super::text::Id::as_str));
    put_optional(out, b",\"action\":", Some(event.action.as_str()));
    put_optional(out, b",\"purpose\":", event.purpose.as_ref().map(super::text::Code::as_str));
    put_optional(out, b",\"outcome\":", Some(event.outcome.as_str()));
    put_optional(out, b",\"reason\":", event.reason.as_ref().map(super::codes::Reason::as_str));
    put_optional(out, b",\"route\":", event.route.as_ref().map(super::text::Id::as_str));
    put_optional(out, b",\"request\":", event.request.as_ref().map(super::text::Printable::as_str));
    put_client(out, &event.client);
    put_optional(
        out,
        b",\"break_glass\":",
        event.break_glass.as_ref().map(super::text::Id::as_str),
    );
    if let Some(count) = event.count {
        out.put(b",\"count\":");
        put_decimal(out, count);
    }
    put_list(out, b",\"items\":[", &event.items, put_item);
    put_list(out, b",\"searches\":[", &event.searches, put_search);
    if let Some(Part { n, of }) = event.part {
        out.put(b",\"part\":{\"n\":");
        put_decimal(out, u64::from(n));
        out.put(b",\"of\":");
        put_decimal(out, u64::from(of));
        out.put(b"}");
    }
    out.put(b"}");
}

fn put_client<O: Out>(out: &mut O, client: &Client) {
    let texts = [
        (&b"\"address\":"[..], client.address.as_ref().map(super::text::Printable::as_str)),
        (&b"\"agent\":"[..], client.agent.as_ref().map(super::text::Printable::as_str)),
    ];
    let mut before: &[u8] = b",\"client\":{";
    for (key, text) in texts {
        let Some(text) = text else { continue };
        out.put(before);
        out.put(key);
        put_string(out, text);
        before = b",";
    }
    if before == b"," {
        out.put(b"}");
    }
}

pub(super) fn put_item<O: Out>(out: &mut O, item: &Item) {
    out.put(b"{");
    if let Some(subject) = &item.subject {
        out.put(b"\"subject\":");
        put_string(out, subject.as_str());
        out.put(b",");
    }
    out.put(b"\"record\":");
    put_string(out, item.record.as_str());
    out.put(b",\"id\":");
    put_string(out, item.id.as_str());
    if let Some(tenant) = &item.tenant {
        out.put(b",\"tenant\":");
        put_string(out, tenant.as_str());
    }
    put_list(out, b",\"fields\":[", &item.fields, |out, field| {
        put_string(out, field.as_str());
    });
    if !item.hashes.is_empty() {
        let mut before: &[u8] = b",\"hashes\":{";
        for (column, hash) in &item.hashes {
            out.put(before);
            put_string(out, column.as_str());
            out.put(b":");
            put_hash(out, hash);
            before = b",";
        }
        out.put(b"}");
    }
    out.put(b"}");
}

fn put_hash<O: Out>(out: &mut O, hash: &ContentHash) {
    match hash {
        ContentHash::Null => out.put(b"\"null\""),
        ContentHash::Sha256(bytes) => {
            out.put(b"\"");
            for byte in bytes {
                out.put(&[hex_digit(byte >> 4), hex_digit(byte & 15)]);
            }
            out.put(b"\"");
        }
    }
}

pub(super) fn put_search<O: Out>(out: &mut O, search: &Search) {
    out.put(b"{\"record\":");
    put_string(out, search.record.as_str());
    out.put(b",\"field\":");
    put_string(out, search.field.as_str());
    out.put(b",\"hits\":");
    put_decimal(out, search.hits);
    out.put(b"}");
}

fn put_list<O: Out, T>(out: &mut O, open: &[u8], list: &[T], put: impl Fn(&mut O, &T)) {
    let mut before = open;
    for one in list {
        out.put(before);
        put(out, one);
        before = b",";
    }
    if !list.is_empty() {
        out.put(b"]");
    }
}

fn put_optional<O: Out>(out: &mut O, key: &[u8], text: Option<&str>) {
    if let Some(text) = text {
        out.put(key);
        put_string(out, text);
    }
}

/// A JSON string as RFC 8785 section 3.2.2.2 writes it: short escapes where JSON has them, `\u00xx` for the other
/// characters below U+0020, everything else as it is.
pub(super) fn put_string<O: Out>(out: &mut O, text: &str) {
    out.put(b"\"");
    let mut rest = text.as_bytes();
    while any_escape(rest) {
        let Some(at) = rest.iter().position(|b| needs_escape(*b)) else { break };
        let Some((plain, [byte, after @ ..])) = rest.split_at_checked(at) else {
            break;
        };
        out.put(plain);
        match byte {
            b'"' => out.put(b"\\\""),
            b'\\' => out.put(b"\\\\"),
            0x08 => out.put(b"\\b"),
            b'\t' => out.put(b"\\t"),
            b'\n' => out.put(b"\\n"),
            0x0c => out.put(b"\\f"),
            b'\r' => out.put(b"\\r"),
            other => {
                out.put(&[b'\\', b'u', b'0', b'0', hex_digit(other >> 4), hex_digit(other & 15)]);
            }
        }
        rest = after;
    }
    out.put(rest);
    out.put(b"\"");
}

/// Whether a byte needs an escape. Labels and ids are a few dozen bytes that need none: eight at a
/// time, and the last eight once more instead of one by one.
fn any_escape(bytes: &[u8]) -> bool {
    let (blocks, tail) = bytes.as_chunks::<8>();
    let any = |block: &[u8; 8]| holds(block, needs_escape);
    match (tail, bytes.last_chunk::<8>()) {
        ([], _) => blocks.iter().any(any),
        (_, Some(last)) => blocks.iter().any(any) || any(last),
        (tail, None) => tail.iter().any(|b| needs_escape(*b)),
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Decimal digits without leading zeros.
pub(in crate::audit) fn put_decimal<O: Out>(out: &mut O, mut number: u64) {
    let mut digits = [0; 20]; // u64::MAX has twenty
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        first -= 1;
        if number == 0 {
            break;
        }
    }
    out.put(digits.get(first..).unwrap_or_default());
}
