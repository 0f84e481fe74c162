//! The words themselves.

use super::around::is_machine;
use crate::scrub::kind::Kind;

/// Words that mean PHI wherever they stand in a name. A word beyond the end is empty.
pub(super) fn anywhere(word: &[u8], second: &[u8], third: &[u8]) -> Option<Kind> {
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
pub(super) fn at_end(last: &[u8], previous: &[u8], before: &[u8], alone: bool) -> Option<Kind> {
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
