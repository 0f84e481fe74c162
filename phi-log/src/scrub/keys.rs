//! Which names of fields say that their value is PHI.
//!
//! A name is split into words (`patientName`, `patient_name`, `patient.name` and `Patient Name` are the
//! same two) and whole words are compared, so that `mrn` is found in `patientMrn` and not in `tmrnd`,
//! and `pid`, the process id of every log, never is.

use super::kind::Kind;

/// Longer names are judged by their end.
const MAX_NAME: usize = 64;
/// Words kept of a name; of more, the last ones.
const MAX_WORDS: usize = 8;

/// The kind of PHI that a field of this name holds.
pub(crate) fn judge(name: &[u8]) -> Option<Kind> {
    let tail = name.get(name.len().saturating_sub(MAX_NAME)..).unwrap_or_default();
    let mut words = Words::default();
    words.split(tail);
    words.judge()
}

/// The same for a label in running text, whose words are set apart by spaces: the last word counts, or
/// the last ones together, so that `ssn lookup failed` labels nothing.
pub(crate) fn judge_label(label: &[u8]) -> Option<Kind> {
    if !label.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let tail = label.get(label.len().saturating_sub(MAX_NAME)..).unwrap_or_default();
    let last = tail.rsplit(|byte| *byte == b' ').next().unwrap_or(tail);
    if last.len() == tail.len() {
        return judge(tail);
    }
    let mut words = Words::default();
    words.split(tail);
    let kind = judge(last).or_else(|| words.phrase());
    let machine = kind == Some(Kind::Address) && is_machine(words.back(1));
    if machine { None } else { kind }
}

/// The words of a name in lower case, without allocation.
struct Words {
    text: [u8; MAX_NAME],
    /// Start and end of each word in `text`.
    spans: [(usize, usize); MAX_WORDS],
    count: usize,
}

impl Default for Words {
    fn default() -> Self {
        Self { text: [0; MAX_NAME], spans: [(0, 0); MAX_WORDS], count: 0 }
    }
}

impl Words {
    fn split(&mut self, name: &[u8]) {
        let mut start = 0;
        for (at, (byte, slot)) in name.iter().zip(&mut self.text).enumerate() {
            *slot = byte.to_ascii_lowercase();
            let previous = at.checked_sub(1).and_then(|at| name.get(at)).copied();
            let next = name.get(at + 1).copied();
            if !byte.is_ascii_alphanumeric() {
                Self::close(&mut self.spans, &mut self.count, start, at);
                start = at + 1;
            } else if begins_word(previous, *byte, next) {
                Self::close(&mut self.spans, &mut self.count, start, at);
                start = at;
            }
        }
        Self::close(&mut self.spans, &mut self.count, start, name.len());
    }

    fn close(spans: &mut [(usize, usize); MAX_WORDS], count: &mut usize, start: usize, end: usize) {
        if start >= end {
            return;
        }
        if *count == MAX_WORDS {
            spans.rotate_left(1);
            *count -= 1;
        }
        if let Some(span) = spans.get_mut(*count) {
            *span = (start, end);
            *count += 1;
        }
    }

    /// The word `back` places from the end, or an empty one.
    fn back(&self, back: usize) -> &[u8] {
        self.count.checked_sub(back + 1).map_or(&[][..], |at| self.word(at))
    }

    fn word(&self, at: usize) -> &[u8] {
        let (start, end) = self.spans.get(at).copied().unwrap_or_default();
        self.text.get(start..end).unwrap_or_default()
    }

    fn judge(&mut self) -> Option<Kind> {
        for at in 0..self.count {
            if let Some(kind) = anywhere(self.word(at), self.word(at + 1), self.word(at + 2)) {
                return Some(kind);
            }
        }
        // `email_value`, `address_line_2`, `phone1`: what follows says nothing about the value.
        while self.count > 1 && is_filler(self.back(0)) {
            self.count -= 1;
        }
        self.drop_last_digits();
        at_end(self.back(0), self.back(1), self.back(2), self.count == 1)
    }

    /// `phone2`, `address1`
    fn drop_last_digits(&mut self) {
        let digits = self.back(0).iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        if let Some((_, end)) = self.spans.get_mut(..self.count).and_then(<[_]>::last_mut) {
            *end -= digits;
        }
    }

    /// The kind that the last two or three words mean together.
    fn phrase(&self) -> Option<Kind> {
        let ends = |first: &[u8], rest: &[&[u8]]| {
            let alone = anywhere(first, b"", b"").is_some();
            let second = rest.first().copied().unwrap_or_default();
            let third = rest.get(1).copied().unwrap_or_default();
            (!alone || rest.iter().all(|word| is_bridge(word)))
                .then(|| anywhere(first, second, third))
                .flatten()
        };
        let (last, previous, before) = (self.back(0), self.back(1), self.back(2));
        ends(before, &[previous, last])
            .filter(|_| anywhere(before, previous, b"").is_none() || is_bridge(last))
            .or_else(|| ends(previous, &[last]))
            .or_else(|| at_end(last, previous, before, false))
    }
}

/// Words between a label and its value.
fn is_bridge(word: &[u8]) -> bool {
    matches!(word, b"number" | b"no" | b"num" | b"nr" | b"id" | b"code" | b"is" | b"was" | b"of")
}

/// Where a word begins inside a run of letters and digits: `patientName`, `HTTPServer`, `line2`.
const fn begins_word(previous: Option<u8>, byte: u8, next: Option<u8>) -> bool {
    let Some(previous) = previous else {
        return false;
    };
    if byte.is_ascii_digit() {
        return false;
    }
    if byte.is_ascii_uppercase() {
        let next_lower = matches!(next, Some(next) if next.is_ascii_lowercase());
        return previous.is_ascii_lowercase()
            || previous.is_ascii_digit()
            || (previous.is_ascii_uppercase() && next_lower);
    }
    false
}

/// Words that mean PHI wherever they stand in a name. A word beyond the end is empty.
fn anywhere(word: &[u8], second: &[u8], third: &[u8]) -> Option<Kind> {
    Some(match (word, second, third) {
        (b"ssn" | b"ssns" | b"ssn4" | b"itin", _, _) | (b"social", b"security", _) => Kind::Ssn,
        (b"mrn" | b"mrns", _, _) | (b"medical", b"record", b"number" | b"no" | b"num" | b"id") => {
            Kind::Mrn
        }
        (b"dob" | b"birthdate" | b"birthday" | b"dateofbirth", _, _)
        | (b"birth", b"date" | b"day" | b"year", _)
        | (b"date", b"of", b"birth")
        | (b"born", b"" | b"on" | b"at", _) => Kind::Birth,
        (b"dod" | b"deathdate", b"", _)
        | (b"date", b"of", b"death" | b"admission" | b"discharge" | b"service")
        | (b"death" | b"admission" | b"admit" | b"discharge", b"date", _) => Kind::Date,
        (b"diagnosis" | b"diagnoses" | b"icd10" | b"icd9" | b"prognosis" | b"symptoms", _, _)
        | (b"icd", b"10" | b"9" | b"code" | b"codes", _)
        | (b"chief", b"complaint", _) => Kind::Diagnosis,
        (
            b"medication" | b"medications" | b"prescription" | b"prescriptions" | b"allergy"
            | b"allergies",
            _,
            _,
        )
        | (
            b"clinical" | b"progress" | b"visit" | b"nursing" | b"patient" | b"discharge",
            b"note" | b"notes",
            _,
        ) => Kind::Clinical,
        (b"mbi" | b"hicn", _, _) => Kind::Member,
        (b"passport", _, _) => Kind::Passport,
        _ => return None,
    })
}

/// Words that mean PHI when they end a name, with the words before them.
fn at_end(last: &[u8], previous: &[u8], before: &[u8], alone: bool) -> Option<Kind> {
    let number = matches!(last, b"number" | b"no" | b"num" | b"nr");
    Some(match (before, previous, last) {
        (
            _,
            b"patient" | b"patients" | b"first" | b"last" | b"middle" | b"full" | b"given"
            | b"family" | b"maiden" | b"legal" | b"preferred" | b"person" | b"guardian"
            | b"caregiver" | b"spouse" | b"mother" | b"father" | b"parent" | b"child" | b"contact"
            | b"member" | b"subscriber" | b"beneficiary" | b"client" | b"relative" | b"nick"
            | b"resident",
            b"name" | b"names",
        )
        | (
            _,
            _,
            b"firstname" | b"lastname" | b"middlename" | b"fullname" | b"surname" | b"forename"
            | b"patientname" | b"givenname" | b"familyname" | b"nickname",
        ) => Kind::Name,
        (_, b"e", b"mail" | b"mails")
        | (_, _, b"email" | b"emails")
        | (_, b"email" | b"mail", b"address" | b"addr") => Kind::Email,
        (_, _, b"phone" | b"phones" | b"telephone" | b"phonenumber" | b"fax")
        | (_, b"cell" | b"mobile" | b"home" | b"work", b"tel") => Kind::Phone,
        (_, b"phone" | b"telephone" | b"fax" | b"mobile" | b"cell" | b"tel", _) if number => {
            Kind::Phone
        }
        (_, _, b"address" | b"addresses") if alone || !is_machine(previous) => Kind::Address,
        (_, _, b"street" | b"zipcode" | b"postcode" | b"city" | b"county" | b"streetaddress")
        | (_, b"zip" | b"postal" | b"post", b"code")
        | (_, b"street" | b"home" | b"postal" | b"mailing", b"addr") => Kind::Address,
        (_, _, b"latitude" | b"longitude" | b"lat" | b"lng") => Kind::Geo,
        (
            _,
            b"member" | b"subscriber" | b"beneficiary" | b"insurance" | b"medicare" | b"medicaid",
            b"id",
        )
        | (_, _, b"memberid" | b"subscriberid") => Kind::Member,
        (
            _,
            b"member" | b"subscriber" | b"beneficiary" | b"insurance" | b"medicare" | b"medicaid"
            | b"policy",
            _,
        ) if number => Kind::Member,
        (_, b"patient" | b"chart" | b"record", _) if number => Kind::Mrn,
        (_, b"account" | b"acct", _) if number => Kind::Account,
        (_, b"card" | b"cc", _) if number => Kind::Card,
        (_, b"credit" | b"debit", b"card") | (_, _, b"cardnumber" | b"creditcard") => Kind::Card,
        (_, b"license" | b"licence", _) if number => Kind::Licence,
        (_, b"driver" | b"drivers" | b"driving", b"license" | b"licence") => Kind::Licence,
        _ => return None,
    })
}

/// Endings that leave the meaning of a name as it is.
fn is_filler(word: &[u8]) -> bool {
    matches!(
        word,
        b"value"
            | b"text"
            | b"raw"
            | b"str"
            | b"string"
            | b"plain"
            | b"clear"
            | b"old"
            | b"new"
            | b"line"
            | b"line1"
            | b"line2"
            | b"hash"
            | b"last4"
            | b"primary"
            | b"secondary"
    ) || word.iter().all(u8::is_ascii_digit)
}

/// Words before `address` that make it one of a machine.
fn is_machine(word: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> Option<Kind> {
        judge(name.as_bytes())
    }

    #[test]
    fn the_spelling_of_a_name_does_not_matter() {
        for name in [
            "patientName",
            "patient_name",
            "patient.name",
            "Patient Name",
            "PATIENT-NAME",
            "PatientName",
            "req.patient.name",
            "patientname",
        ] {
            assert_eq!(kind(name), Some(Kind::Name), "{name}");
        }
    }

    #[test]
    fn every_documented_name_is_known() {
        for (name, want) in [
            ("ssn", Kind::Ssn),
            ("patientSSN", Kind::Ssn),
            ("ssn_last4", Kind::Ssn),
            ("social_security_number", Kind::Ssn),
            ("mrn", Kind::Mrn),
            ("medicalRecordNumber", Kind::Mrn),
            ("dob", Kind::Birth),
            ("birth_date", Kind::Birth),
            ("birthDate", Kind::Birth),
            ("date of birth", Kind::Birth),
            ("discharge_date", Kind::Date),
            ("first_name", Kind::Name),
            ("lastName", Kind::Name),
            ("email", Kind::Email),
            ("user.email", Kind::Email),
            ("e-mail", Kind::Email),
            ("email_address", Kind::Email),
            ("phone", Kind::Phone),
            ("mobile_number", Kind::Phone),
            ("phone2", Kind::Phone),
            ("address", Kind::Address),
            ("home_address", Kind::Address),
            ("address_line_2", Kind::Address),
            ("zip_code", Kind::Address),
            ("lat", Kind::Geo),
            ("member_id", Kind::Member),
            ("policyNumber", Kind::Member),
            ("account_number", Kind::Account),
            ("card_number", Kind::Card),
            ("drivers_license_number", Kind::Licence),
            ("passport", Kind::Passport),
            ("diagnosis", Kind::Diagnosis),
            ("icd10_code", Kind::Diagnosis),
            ("medications", Kind::Clinical),
        ] {
            assert_eq!(kind(name), Some(want), "{name}");
        }
    }

    #[test]
    fn names_of_machinery_are_left_alone() {
        for name in [
            "",
            "pid",
            "name",
            "file_name",
            "hostname",
            "username",
            "thread.name",
            "otel.name",
            "ip_address",
            "remote_address",
            "addr",
            "email_sent",
            "phone_verified",
            "policy_id",
            "account_id",
            "message",
            "log.target",
            "duration_ms",
            "status",
            "latency",
            "capacity",
            "velocity",
            "tmrnd",
            "assn",
            "PHI",
            "discard_number",
        ] {
            assert_eq!(kind(name), None, "{name}");
        }
    }

    #[test]
    fn a_label_is_judged_by_the_words_next_to_its_value() {
        for (label, want) in [
            ("the patient with mrn", Some(Kind::Mrn)),
            ("medical record number", Some(Kind::Mrn)),
            ("MRN no", Some(Kind::Mrn)),
            ("social security number", Some(Kind::Ssn)),
            ("her date of birth", Some(Kind::Birth)),
            ("patient name", Some(Kind::Name)),
            ("mobile number", Some(Kind::Phone)),
            ("home address", Some(Kind::Address)),
            ("ssn lookup failed", None),
            ("mrn lookup took", None),
            ("diagnosis service status", None),
            ("listening address", None),
            ("12 34", None),
            ("", None),
        ] {
            assert_eq!(judge_label(label.as_bytes()), want, "{label}");
        }
    }

    #[test]
    fn a_long_name_is_judged_by_its_end() {
        let name = format!("{}.patient_name", "module.".repeat(40));
        assert_eq!(kind(&name), Some(Kind::Name));
        assert_eq!(kind(&"x".repeat(1_000)), None);
    }
}
