//! Words that stand around the telling ones.

/// Endings that leave the meaning of a name as it is.
pub(super) fn is_filler(word: &[u8]) -> bool {
    FILLERS.iter().any(|each| each.as_bytes() == word) || word.iter().all(u8::is_ascii_digit)
}

pub(super) const FILLERS: &[&str] = &[
    "value",
    "text",
    "raw",
    "str",
    "string",
    "plain",
    "clear",
    "old",
    "new",
    "line",
    "line1",
    "line2",
    "hash",
    "last4",
    "primary",
    "secondary",
    // How a search compares it: `last_name__icontains`, `birth_date_gte`, `first_name.keyword`.
    "keyword",
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "exact",
    "iexact",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "like",
    "ilike",
    "cont",
    "in",
    "matches",
];

/// Words before `address` that make it one of a machine.
pub(super) fn is_machine(word: &[u8]) -> bool {
    matches!(
        word,
        b"ip"
            | b"ipv4"
            | b"ipv6"
            | b"mac"
            | b"bind"
            | b"listen"
            | b"listening"
            | b"remote"
            | b"peer"
            | b"local"
            | b"server"
            | b"host"
            | b"socket"
            | b"net"
            | b"network"
            | b"memory"
            | b"mem"
            | b"base"
            | b"tcp"
            | b"udp"
            | b"http"
            | b"grpc"
            | b"hardware"
            | b"hw"
            | b"bus"
            | b"virtual"
            | b"physical"
            | b"start"
            | b"end"
            | b"contract"
            | b"wallet"
            | b"proxy"
            | b"upstream"
            | b"source"
            | b"destination"
            | b"src"
            | b"dst"
            | b"client"
    )
}

/// Words between a label and its value.
pub(crate) fn is_bridge(word: &[u8]) -> bool {
    BRIDGES.iter().any(|each| each.as_bytes() == word)
}

pub(super) const BRIDGES: &[&str] =
    &["number", "no", "num", "nr", "id", "code", "is", "was", "of", "identifier"];
