//! Numbers without a shape of their own behind a label without a sign: `MRN 12345`, `MRN#12345`,
//! `MRN12345`, `SSN 123456789`, `phone 5551234567`, `DOB 1/5/1980`.

use super::engine::Hit;
use super::keys;
use super::kind::Kind;
use super::pair::label_start;
use super::text::Text;
use super::{blocks, card, fits, value};

/// What may stand between a label and its number: `MRN 7`, `mrn#7`, `mrn [7]`, `mrn -> 7`, `| mrn | 7 |`, `/mrn/7`.
pub(super) const fn is_joint(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'#'
            | b'.'
            | b'-'
            | b'_'
            | b'\t'
            | b'('
            | b'['
            | b'>'
            | b'|'
            | b'/'
            | b'"'
            | b'\''
            | b'`'
    )
}

/// Whether a label may stand in front of the first part of the number whose second is at `at`: `plate ABC 1234`.
pub(super) fn may_follow_part(text: Text<'_>, at: usize, floor: usize) -> bool {
    first_part(text, at, floor).is_some_and(|start| may_name(text, start, floor))
}

fn may_name(text: Text<'_>, start: usize, floor: usize) -> bool {
    let end = label_end(text, start, floor);
    text.before(end, floor).is_ascii_alphabetic() && keys::may_end_words(text, end, floor)
}

/// Where a label ends in front of `start`: at most four signs may stand between.
fn label_end(text: Text<'_>, start: usize, floor: usize) -> usize {
    let mut end = start;
    while start - end < 4 && is_joint(text.before(end, floor)) {
        end -= 1;
    }
    end
}

/// The labelled value that holds the first digit at `at`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let start = prefix_start(text, at, floor);
    // `ssn4=7893`: the digit belongs to the label.
    let named = text.at(at + 1) == b'=';
    let glued = glued(text.slice(start, at)).filter(|_| !named).map(|kind| (at, kind));
    let named = glued.or_else(|| label(text, start, floor).map(|kind| (start, kind)));
    let Some((start, kind)) = named.or_else(|| in_parts(text, start, floor)) else {
        return spoken(text, at, floor);
    };
    let mut end = value::bare_end(text, start, kind);
    if text.before(start, floor) == b'/' {
        // One step of a path.
        end = text.until(end).find_either(b'/', b'?', start).unwrap_or(end);
    }
    fits::fits(text, start, end, kind).then_some(Hit { start, end, kind, quote: None })
}

/// Where the letters and digits begin that may belong to the number at `at`, eight at most: `MRN A12345`.
#[inline]
fn prefix_start(text: Text<'_>, at: usize, floor: usize) -> usize {
    at - blocks::alphanumerics_before(text.word_before(at, floor))
}

/// `plate ABC 1234`, `MRN AB-12345`: letters that belong to the number stand in front of it.
fn in_parts(text: Text<'_>, start: usize, floor: usize) -> Option<(usize, Kind)> {
    let from = first_part(text, start, floor)?;
    let kind = label(text, from, floor)?;
    let word = text.slice(from, start - 1);
    let joined = text.before(start, floor) == b'-';
    let own =
        !joined && (keys::judge(word).is_some() || keys::is_bridge(&word.to_ascii_lowercase()));
    (!own && !matches!(kind, Kind::Date | Kind::Birth | Kind::Zip)).then_some((from, kind))
}

/// Where those letters begin.
fn first_part(text: Text<'_>, start: usize, floor: usize) -> Option<usize> {
    if !matches!(text.before(start, floor), b' ' | b'-') {
        return None;
    }
    let mut from = start - 1;
    while start - from < 6 && matches!(text.before(from, floor), b'A'..=b'Z' | b'0'..=b'9') {
        from -= 1;
    }
    let apart = matches!(text.before(from, floor), b' ' | b'\t' | b'[' | b'(');
    (from < start - 1 && apart).then_some(from)
}

/// `MRN12345`
pub(super) fn glued(prefix: &[u8]) -> Option<Kind> {
    if prefix.eq_ignore_ascii_case(b"mrn") {
        Some(Kind::Mrn)
    } else if prefix.eq_ignore_ascii_case(b"ssn") {
        Some(Kind::Ssn)
    } else if prefix.eq_ignore_ascii_case(b"dob") {
        Some(Kind::Birth)
    } else {
        None
    }
}

/// The kind that the words in front of `start` name.
fn label(text: Text<'_>, start: usize, floor: usize) -> Option<Kind> {
    let end = label_end(text, start, floor);
    if end == start || !may_name(text, start, floor) {
        return None;
    }
    let label = text.slice(label_start(text, end, floor), end);
    let kind = keys::judge_label(label)
        .filter(|kind| !kind.is_wordy())
        .or_else(|| loose(text, label, start))
        .or_else(|| of_last_digits(text, end, floor))?;
    let bare = !kind.is_wordy() && !matches!(kind, Kind::Geo | Kind::Email | Kind::Age);
    bare.then_some(kind)
}

/// What says between a label and its number that only the end of the number follows.
const LAST: [&[u8]; 7] = [
    b" ending in",
    b" ending with",
    b" ends in",
    b" ends with",
    b" last 4",
    b" last four",
    b" last four digits",
];

/// `SSN ending in 1234`, whose words end in front of `end`. The last digits of other numbers say less, and are on every
/// receipt.
pub(super) fn of_last_digits(text: Text<'_>, end: usize, floor: usize) -> Option<Kind> {
    let front = |words: &[u8]| end.checked_sub(words.len()).filter(|start| *start >= floor);
    let start =
        LAST.into_iter().find_map(|words| front(words).filter(|at| text.has_word(*at, words)))?;
    let label = text.slice(label_start(text, start, floor), start);
    keys::judge_label(label).filter(|kind| *kind == Kind::Ssn)
}

/// `acct 77193551`, `DL: D1234567`, `Patient ID 88123`: words that label a number in running text, and no
/// field of this name.
pub(super) fn loose(text: Text<'_>, label: &[u8], start: usize) -> Option<Kind> {
    // `acct is 77193551`, `soc. sec. no. 123456789`
    let last = label.rsplit(|byte| *byte == b' ').next().unwrap_or(label);
    let front = label.len().checked_sub(last.len() + 1).and_then(|end| label.get(..end));
    let label = match front.filter(|_| keys::joins(last)) {
        Some(front) => front.strip_suffix(b".").unwrap_or(front),
        None => label,
    };
    // `D.L. D1234567`
    let short = label.rsplit(|byte| *byte == b' ').next().and_then(keys::abbreviation);
    let label = short.as_ref().and_then(|(letters, count)| letters.get(..*count)).unwrap_or(label);
    let ends = |word: &[u8]| {
        let tail = label.get(label.len().checked_sub(word.len())?..)?;
        let front = label.len().checked_sub(word.len() + 1).and_then(|at| label.get(at));
        let whole = front.is_none_or(|byte| matches!(byte, b' ' | b'.' | b'_' | b'-'));
        (tail.eq_ignore_ascii_case(word) && whole).then_some(())
    };
    let is = |words: &[&[u8]]| words.iter().any(|word| ends(word).is_some());
    let number = text.slice(start.saturating_sub(3), start).contains(&b'#');
    // `GET /patients/88123/chart`
    let stepped = text.before(start, 0) == b'/';
    let (kind, least) = if is(&[b"acct", b"account"]) {
        (Kind::Account, 6)
    } else if is(&[b"dl", b"cdl"]) {
        (Kind::Licence, 5)
    } else if is(&[b"ph", b"cell", b"mobile"]) {
        (Kind::Phone, 10)
    } else if text.at(start).is_ascii_uppercase()
        && (is(&[b"member", b"subscriber"]) || (stepped && is(&[b"members", b"subscribers"])))
    {
        (Kind::Member, 8)
    } else if is(&[b"claim"]) {
        (Kind::Account, 6)
    } else if is(&[b"patient", b"pt"]) || (stepped && is(&[b"patients"])) {
        (Kind::Mrn, 6)
    } else if is(&[b"sn"]) || (number && is(&[b"serial"])) {
        (Kind::Device, 6)
    } else if is(&[b"policy", b"medicaid", b"medicare"]) {
        (Kind::Member, 8)
    } else if is(&[b"soc sec", b"soc. sec"]) || (number && is(&[b"ss"])) {
        (Kind::Ssn, 9)
    } else if number && is(&[b"mr", b"chart", b"visit"]) {
        (Kind::Mrn, 4)
    } else if is(&[b"prescription", b"fin", b"har"]) || (number && is(&[b"rx"])) {
        (Kind::Account, 6)
    } else if number && is(&[b"group", b"grp"]) {
        (Kind::Member, 5)
    } else if is(&[
        b"patient id",
        b"pt id",
        b"patient_id",
        b"patient-id",
        b"patientid",
        b"patient identifier",
        b"patient_identifier",
        b"patientidentifier",
        b"patient with id",
        b"encounter id",
        b"encounter_id",
        b"encounter-id",
        b"encounterid",
    ]) {
        (Kind::Mrn, 5)
    } else {
        return None;
    };
    let value = text.slice(start, value::bare_end(text.until(start + 32), start, kind));
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    (digits >= least && value.len() <= 24).then_some(kind)
}

/// Words between two numbers of one kind.
const BETWEEN: [&[u8]; 10] = [
    b", ",
    b" and ",
    b" or ",
    b" to ",
    b" into ",
    b" merged into ",
    b" -> ",
    b" => ",
    b" with ",
    b" vs ",
];

/// Whether a number near a value of this kind may be one because of it.
pub(super) const fn speaks_of_next(kind: Kind) -> bool {
    matches!(kind, Kind::Name | Kind::Mrn | Kind::Member | Kind::Account | Kind::Address)
}

/// The number whose first digits, so many, are at `at`, by what was found in front of it: `MRN 77193551 merged into
/// A77193552`, `Patient: Ada Sample (77193551)`.
pub(super) fn of_last(
    text: Text<'_>,
    at: usize,
    run: usize,
    (last, end): (Kind, usize),
) -> Option<Hit> {
    if run < 5 || at - end > MAX_BETWEEN {
        return None;
    }
    let start = prefix_start(text, at, end);
    let (before, after) = (text.slice(end, start), text.at(at + run));
    let kind = match last {
        Kind::Name => (6..=10).contains(&run) && start == at && before == b" (" && after == b')',
        Kind::Mrn | Kind::Member | Kind::Account => BETWEEN.contains(&before),
        _ => false,
    };
    let kind = kind.then_some(if last == Kind::Name { Kind::Mrn } else { last })?;
    let whole = !after.is_ascii_alphanumeric() && !matches!(after, b'-' | b'/' | b'.' | b':');
    let ends = whole || (after == b'.' && !text.at(at + run + 1).is_ascii_alphanumeric());
    ends.then_some(Hit { start, end: at + run, kind, quote: None })
}

/// Bytes between two numbers of one kind, with the letters that the second begins with.
pub(super) const MAX_BETWEEN: usize = 21;

/// Digits without a sign, and the words that say what they are up to forty bytes in front.
pub(super) fn spoken(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    const MAX_CONTEXT: usize = 40;
    let run = text.digits(at, 20);
    let words: &[&[u8]] = match run {
        9 => &[b"ssn", b"social"],
        // Area and exchange of a telephone number; the seconds since 1970 have none.
        10 if matches!(text.at(at), b'2'..=b'9') && matches!(text.at(at + 3), b'2'..=b'9') => &[
            b"phone",
            b"telephone",
            b"tel",
            b"cell",
            b"mobile",
            b"fax",
            b"dial",
            b"reach",
            b"sms",
            b"call",
            b"called",
            b"calls",
            b"contact",
            b"voicemail",
            b"callback",
            b"caller",
            b"texted",
        ],
        12..=19 if card::checks(text, at, at + run) => &[
            b"card",
            b"cards",
            b"visa",
            b"mastercard",
            b"maestro",
            b"amex",
            b"payment",
            b"debit",
            b"paid",
        ],
        _ => return None,
    };
    let kind = match run {
        9 => Kind::Ssn,
        10 => Kind::Phone,
        _ => Kind::Card,
    };
    let before = text.before(at, floor);
    let after = text.at(at + run);
    if before.is_ascii_alphanumeric()
        || matches!(before, b'.' | b'-' | b'_' | b'/' | b':')
        || after.is_ascii_alphanumeric()
        || matches!(after, b'_' | b'-' | b':' | b'/')
    {
        return None;
    }
    // Also what was removed is a part of the sentence.
    let near = text.slice(at.saturating_sub(MAX_CONTEXT), at);
    let near = near.rsplit(|byte| matches!(byte, b'\n' | b';')).next().unwrap_or(near);
    near.split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| words.iter().any(|each| each.eq_ignore_ascii_case(word)))
        .then_some(Hit { start: at, end: at + run, kind, quote: None })
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn numbers_beside_one_of_a_kind_and_in_paths_are_of_that_kind() {
        becomes(&[
            ("MRN 77193551 merged into 71349506", "MRN [PHI:mrn] merged into [PHI:mrn]"),
            ("mrn=77193551, 77193552, 77193553", "mrn=[PHI:mrn], [PHI:mrn], [PHI:mrn]"),
            ("MRN A77193551 merged into A71349506.", "MRN [PHI:mrn] merged into [PHI:mrn]."),
            ("Pt. #24935911 discharged", "Pt. #[PHI:mrn] discharged"),
            ("GET /patients/97603299/chart", "GET /patients/[PHI:mrn]/chart"),
            ("GET /members/YDP370203619/claims", "GET /members/[PHI:member]/claims"),
            ("Serial #: AB12345678 (made up)", "Serial #: [PHI:device] (made up)"),
            ("callback # 2064931327", "callback # [PHI:phone]"),
            ("your claim CLM357014351 was denied", "your claim [PHI:account] was denied"),
            ("Rx# 1234567 ready, Rx #: 1234568", "Rx# [PHI:account] ready, Rx #: [PHI:account]"),
            ("Your prescription 3664702 is ready", "Your prescription [PHI:account] is ready"),
            ("--fin V585419894 seen, har 7719355", "--fin [PHI:account] seen, har [PHI:account]"),
            ("Group #: GRP377678", "Group #: [PHI:member]"),
            ("encounter_id=V714069474", "encounter_id=[PHI:mrn]"),
            (
                "Unable to find com.acme.Patient with id 63509355",
                "Unable to find com.acme.Patient with id [PHI:mrn]",
            ),
            ("INVITE sip:2125929603@pbx", "INVITE sip:[PHI:phone]@pbx"),
            ("SSN ending in 1234", "SSN ending in [PHI:ssn]"),
            (
                "social security number ends with 1234.",
                "social security number ends with [PHI:ssn]",
            ),
            (
                "ssn last 4: 1234, ssn last four 1234",
                "ssn last 4: [PHI:ssn], ssn last four [PHI:ssn]",
            ),
        ]);
        stays(&[
            "MRN missing, 77193552 rows",
            "mrn=[PHI:mrn] took 12345 ms",
            "loaded patients 976032",
            "card ending in 1111 declined",
            "ssn checks ended in 1234 ms",
            "encounter_id=77, group #12, prescription 7 of 9",
            "rx 1234567 bytes, tx 1234568 bytes",
        ]);
    }
}
