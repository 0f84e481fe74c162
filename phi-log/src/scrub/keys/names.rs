//! The words themselves.

use super::around::is_machine;
use crate::scrub::kind::Kind;

/// Words that mean PHI wherever they stand in a name. A word beyond the end is empty.
pub(super) fn anywhere(word: &[u8], second: &[u8], third: &[u8]) -> Option<Kind> {
    Some(match (word, second, third) {
        (b"ssn" | b"ssns" | b"ssn4" | b"itin", _, _)
        | (b"social", b"security", _)
        | (b"soc", b"sec", _)
        | (b"ss", b"number" | b"no" | b"num" | b"nbr", _)
        | (b"tax", b"id", b"") => Kind::Ssn,
        (b"mrn" | b"mrns" | b"empi" | b"uhid" | b"csn" | b"medrec", _, _)
        | (b"mr", b"number" | b"no" | b"num" | b"nbr", _)
        | (b"medical" | b"med", b"record" | b"rec", b"number" | b"no" | b"num" | b"id" | b"") => {
            Kind::Mrn
        }
        (
            b"dob" | b"birthdate" | b"birthday" | b"dateofbirth" | b"birthtime" | b"bdate"
            | b"bday",
            _,
            _,
        )
        | (b"birth" | b"brth", b"date" | b"day" | b"year" | b"time" | b"dt", _)
        | (b"date", b"of", b"birth")
        | (b"born", b"" | b"on" | b"at", _) => Kind::Birth,
        (b"next", b"of", b"kin") => Kind::Name,
        (b"age", b"at", b"admission" | b"death" | b"diagnosis" | b"onset" | b"visit") => Kind::Age,
        (b"dod" | b"deathdate", b"", _)
        | (
            b"date",
            b"of",
            b"death" | b"admission" | b"discharge" | b"service" | b"visit" | b"surgery" | b"injury"
            | b"onset",
        ) => Kind::Date,
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
        (b"mbi", _, _) | (b"medicare", b"beneficiary", b"identifier" | b"id" | b"number") => {
            Kind::Mbi
        }
        (b"hicn", _, _) => Kind::Member,
        (b"npi", _, _) | (b"national", b"provider", b"identifier" | b"id" | b"number") => Kind::Npi,
        (b"dea", b"number" | b"no" | b"num" | b"registration" | b"", _) => Kind::Dea,
        (b"vin" | b"vins", b"" | b"number" | b"no", _)
        | (b"vehicle", b"identification" | b"id", _) => Kind::Vin,
        (b"imei" | b"meid" | b"imsi" | b"udi", _, _) => Kind::Device,
        (b"passport", _, _) => Kind::Passport,
        (b"addr1" | b"addr2" | b"addr3", _, _) => Kind::Address,
        _ => return None,
    })
}

/// Words that mean PHI when they end a name, with the words before them.
pub(super) fn at_end(last: &[u8], previous: &[u8], before: &[u8], alone: bool) -> Option<Kind> {
    let number = matches!(last, b"number" | b"no" | b"num" | b"nr" | b"nbr");
    of_contact(last, previous, alone, number)
        .or_else(|| of_numbers(last, previous, before, number))
        .or_else(|| of_dates(last, previous))
}

/// Names, and where a person is reached.
fn of_contact(last: &[u8], previous: &[u8], alone: bool, number: bool) -> Option<Kind> {
    Some(match (previous, last) {
        (
            b"patient" | b"patients" | b"first" | b"last" | b"middle" | b"full" | b"given"
            | b"family" | b"maiden" | b"legal" | b"preferred" | b"person" | b"guardian"
            | b"caregiver" | b"spouse" | b"mother" | b"mothers" | b"father" | b"parent" | b"child"
            | b"contact" | b"member" | b"subscriber" | b"beneficiary" | b"client" | b"relative"
            | b"nick" | b"resident" | b"guarantor" | b"insured" | b"physician" | b"doctor"
            | b"provider" | b"nurse" | b"practitioner" | b"employee" | b"customer" | b"holder"
            | b"cardholder" | b"pt" | b"kin" | b"worker" | b"driver" | b"donor" | b"pat" | b"frst"
            | b"lst" | b"mid" | b"f" | b"l" | b"mbr" | b"guar" | b"dependent" | b"recipient"
            | b"to" | b"formatted" | b"enrollee" | b"policyholder" | b"nok" | b"caller" | b"pcp",
            b"name" | b"names" | b"nm",
        )
        | (b"name" | b"names", b"family" | b"given" | b"first" | b"last" | b"middle")
        | (b"pt" | b"pat", b"first" | b"last" | b"middle")
        | (b"emergency", b"contact")
        | (b"responsible", b"party")
        | (b"parent" | b"legal", b"guardian")
        | (b"policy" | b"account", b"holder")
        | (
            b"referring" | b"attending" | b"ordering" | b"rendering",
            b"provider" | b"physician" | b"doctor",
        )
        | (
            _,
            b"fname" | b"lname" | b"firstname" | b"lastname" | b"middlename" | b"fullname"
            | b"surname" | b"forename" | b"patientname" | b"givenname" | b"familyname"
            | b"nickname" | b"maidenname" | b"contactname" | b"membername" | b"subscribername"
            | b"guarantorname",
        ) => Kind::Name,
        (b"e", b"mail" | b"mails")
        | (_, b"email" | b"emails")
        | (b"email" | b"mail", b"address" | b"addr") => Kind::Email,
        (
            _,
            b"phone" | b"phones" | b"telephone" | b"phonenumber" | b"fax" | b"cellphone"
            | b"homephone" | b"workphone" | b"mobilephone" | b"msisdn" | b"callerid",
        )
        | (b"cell" | b"mobile" | b"home" | b"work", b"tel" | b"ph" | b"phn")
        | (b"caller", b"id") => Kind::Phone,
        (
            b"phone" | b"telephone" | b"fax" | b"mobile" | b"cell" | b"tel" | b"pager" | b"ph"
            | b"contact" | b"callback",
            _,
        ) if number => Kind::Phone,
        (_, b"mac" | b"macaddress" | b"macaddr" | b"hwaddr")
        | (b"mac" | b"hardware" | b"hw", b"address" | b"addr") => Kind::Mac,
        (_, b"address" | b"addresses") if alone || !is_machine(previous) => Kind::Address,
        (
            _,
            b"street" | b"city" | b"town" | b"county" | b"neighborhood" | b"streetaddress"
            | b"birthplace" | b"municipality",
        )
        | (b"street" | b"city" | b"town" | b"county", b"name" | b"nm")
        | (b"birth", b"place")
        | (b"street" | b"home" | b"postal" | b"mailing", b"addr") => Kind::Address,
        (
            _,
            b"zipcode" | b"postcode" | b"postalcode" | b"postal" | b"plz" | b"zip" | b"zip5"
            | b"zip4",
        )
        | (b"zip" | b"postal" | b"post", b"code" | b"cd") => Kind::Zip,
        (_, b"latitude" | b"longitude" | b"lat" | b"lng" | b"lon") => Kind::Geo,
        _ => return None,
    })
}

/// What else has an age: `max-age=120`.
const AGING: [&[u8]; 9] =
    [b"max", b"cache", b"page", b"file", b"log", b"token", b"key", b"session", b"window"];

/// Numbers that stand for a person, and of what a person has.
fn of_numbers(last: &[u8], previous: &[u8], before: &[u8], number: bool) -> Option<Kind> {
    Some(match (before, previous, last) {
        (
            _,
            b"member" | b"subscriber" | b"beneficiary" | b"insurance" | b"medicare" | b"medicaid"
            | b"enrollee" | b"insured" | b"mem" | b"mbr" | b"ins" | b"insd" | b"cardholder"
            | b"coverage",
            b"id" | b"ids" | b"identifier",
        )
        | (b"health", b"plan", b"id" | b"identifier" | b"number")
        | (_, _, b"memberid" | b"subscriberid") => Kind::Member,
        (
            _,
            b"member" | b"subscriber" | b"beneficiary" | b"insurance" | b"medicare" | b"medicaid"
            | b"policy" | b"group" | b"enrollee" | b"mem" | b"mbr" | b"ins" | b"insd" | b"grp",
            _,
        ) if number => Kind::Member,
        (
            _,
            b"patient" | b"chart" | b"record" | b"pt" | b"pat" | b"hospital" | b"nhs"
            | b"encounter" | b"visit",
            _,
        ) if number => Kind::Mrn,
        (_, b"chart" | b"pt" | b"pat", b"id") | (_, _, b"visitno" | b"encounternumber") => {
            Kind::Mrn
        }
        (_, b"account" | b"acct" | b"routing" | b"claim" | b"rx" | b"accession", _) if number => {
            Kind::Account
        }
        (_, b"bank" | b"billing" | b"guarantor" | b"patient", b"account" | b"acct")
        | (_, b"claim", b"id")
        | (_, _, b"iban" | b"accountnumber") => Kind::Account,
        (_, b"card" | b"cc", _) if number => Kind::Card,
        (_, b"credit" | b"debit", b"card") | (_, _, b"cardnumber" | b"creditcard") => Kind::Card,
        (_, b"plate", _) if number => Kind::Plate,
        (_, b"license" | b"licence" | b"number" | b"registration", b"plate" | b"plates")
        | (_, b"vehicle", b"registration")
        | (_, _, b"licenseplate" | b"plate") => Kind::Plate,
        (_, b"license" | b"licence" | b"lic", _) if number => Kind::Licence,
        (
            _,
            b"driver" | b"drivers" | b"driving" | b"state" | b"provider" | b"nursing",
            b"license" | b"licence",
        )
        | (b"driver" | b"drivers", b"s", b"license" | b"licence" | b"lic")
        | (b"driver" | b"drivers" | b"s", b"license" | b"licence", b"id")
        | (_, b"driver" | b"drivers", b"lic")
        | (_, _, b"driverslicense" | b"driverlicense" | b"dln") => Kind::Licence,
        (_, b"dl" | b"cdl", _) if number => Kind::Licence,
        (_, b"serial" | b"ser", _) if number => Kind::Device,
        (_, b"device" | b"implant", b"id" | b"identifier" | b"serial" | b"sn")
        | (_, b"pacemaker" | b"pump", b"serial")
        | (_, _, b"deviceid" | b"serialnumber") => Kind::Device,
        (_, _, b"age") if !AGING.contains(&previous) => Kind::Age,
        (_, b"age", b"years" | b"yrs") | (b"age", b"in", b"years" | b"yrs") => Kind::Age,
        _ => return None,
    })
}

/// Dates of what happened to a person.
fn of_dates(last: &[u8], previous: &[u8]) -> Option<Kind> {
    Some(match (previous, last) {
        (
            b"death" | b"deceased" | b"admission" | b"admit" | b"discharge" | b"service" | b"visit"
            | b"encounter" | b"appointment" | b"appt" | b"onset" | b"surgery" | b"procedure"
            | b"diagnosis" | b"injury" | b"exam" | b"vaccination" | b"immunization" | b"fill"
            | b"dispense" | b"svc" | b"disch" | b"collection" | b"specimen" | b"study",
            b"date" | b"datetime" | b"dt",
        )
        | (b"admit" | b"admission" | b"discharge" | b"disch", b"ts")
        | (b"admit" | b"admission" | b"discharge" | b"appointment" | b"appt" | b"death", b"time")
        | (b"next", b"appointment" | b"appt" | b"visit")
        | (b"admitted" | b"discharged" | b"diagnosed" | b"deceased" | b"died", b"on" | b"at")
        | (
            _,
            b"admitdate" | b"dischargedate" | b"admissiondate" | b"appointmentdate" | b"visitdate"
            | b"servicedate" | b"dos",
        ) => Kind::Date,
        _ => return None,
    })
}
