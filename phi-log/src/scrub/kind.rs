//! What was found, and how often.

use core::fmt;

/// A kind of identifier that the scrubber removes.
///
/// The kinds follow the list of 45 CFR 164.514(b)(2); more are added as detectors grow, so the list
/// is not exhaustive.
///
/// ```
/// use phi_log::Kind;
///
/// assert_eq!(Kind::Ssn.label(), "ssn");
/// assert_eq!(Kind::Ssn.to_string(), "[PHI:ssn]");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Social security number, or an ITIN, which has the same shape.
    Ssn,
    /// Medical record number, or another number of a patient's chart.
    Mrn,
    /// Telephone or fax number.
    Phone,
    /// E-mail address.
    Email,
    /// Payment card number.
    Card,
    /// Date of birth.
    Birth,
    /// Another date: of death, admission, discharge, a visit.
    Date,
    /// A person's name.
    Name,
    /// Postal address, or a part of it smaller than a state.
    Address,
    /// Latitude or longitude.
    Geo,
    /// Health plan member, subscriber or policy number.
    Member,
    /// Account number.
    Account,
    /// Driving or professional licence number.
    Licence,
    /// Passport number.
    Passport,
    /// Diagnosis or its code.
    Diagnosis,
    /// Medication, allergy or clinical note.
    Clinical,
    /// Medicare beneficiary identifier.
    Mbi,
    /// National provider identifier.
    Npi,
    /// Number of a prescriber with the Drug Enforcement Administration.
    Dea,
    /// Internet address, version 4 or 6.
    Ip,
    /// Hardware address of a network card.
    Mac,
    /// Web address.
    Url,
    /// Vehicle identification number.
    Vin,
    /// Licence plate of a vehicle.
    Plate,
    /// Serial number or identifier of a device.
    Device,
    /// Postal code.
    Zip,
    /// Age over 89.
    Age,
    /// A value that the current request has opened, whatever it is: see the feature `phi-core`.
    Known,
    /// Text or a long number written into an SQL statement, or what an error repeats without the name of its field,
    /// whatever it is.
    Literal,
}

impl Kind {
    /// Every kind, in the order in which [`Hits`] counts them.
    pub const ALL: [Self; 29] = [
        Self::Ssn,
        Self::Mrn,
        Self::Phone,
        Self::Email,
        Self::Card,
        Self::Birth,
        Self::Date,
        Self::Name,
        Self::Address,
        Self::Geo,
        Self::Member,
        Self::Account,
        Self::Licence,
        Self::Passport,
        Self::Diagnosis,
        Self::Clinical,
        Self::Mbi,
        Self::Npi,
        Self::Dea,
        Self::Ip,
        Self::Mac,
        Self::Url,
        Self::Vin,
        Self::Plate,
        Self::Device,
        Self::Zip,
        Self::Age,
        Self::Known,
        Self::Literal,
    ];

    /// The stable word for this kind, as it stands in the marker and in configuration.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ssn => "ssn",
            Self::Mrn => "mrn",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Card => "card",
            Self::Birth => "dob",
            Self::Date => "date",
            Self::Name => "name",
            Self::Address => "address",
            Self::Geo => "geo",
            Self::Member => "member",
            Self::Account => "account",
            Self::Licence => "licence",
            Self::Passport => "passport",
            Self::Diagnosis => "diagnosis",
            Self::Clinical => "clinical",
            Self::Mbi => "mbi",
            Self::Npi => "npi",
            Self::Dea => "dea",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::Url => "url",
            Self::Vin => "vin",
            Self::Plate => "plate",
            Self::Device => "device",
            Self::Zip => "zip",
            Self::Age => "age",
            Self::Known => "known",
            Self::Literal => "literal",
        }
    }

    /// The family of identifiers this kind is of, as reports name it: a date of birth is a `DATE`.
    ///
    /// `CLINICAL` stands for what is no identifier itself, diagnoses and notes.
    pub const fn family(self) -> &'static str {
        match self {
            Self::Ssn => "SSN",
            Self::Mrn => "MRN",
            Self::Phone => "PHONE",
            Self::Email => "EMAIL",
            Self::Card => "CREDIT_CARD",
            Self::Birth | Self::Date => "DATE",
            Self::Name => "NAME",
            Self::Address => "ADDRESS",
            Self::Geo => "GEO",
            Self::Member => "HEALTH_PLAN",
            Self::Account => "ACCOUNT",
            Self::Licence => "DRIVER_LICENSE",
            Self::Passport => "PASSPORT",
            Self::Diagnosis | Self::Clinical => "CLINICAL",
            Self::Mbi => "MBI",
            Self::Npi => "NPI",
            Self::Dea => "DEA",
            Self::Ip => "IP",
            Self::Mac => "MAC",
            Self::Url => "URL",
            Self::Vin => "VIN",
            Self::Plate => "PLATE",
            Self::Device => "DEVICE",
            Self::Zip => "ZIP",
            Self::Age => "AGE",
            Self::Known => "KNOWN",
            Self::Literal => "LITERAL",
        }
    }

    /// What stands where the value stood.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Ssn => "[PHI:ssn]",
            Self::Mrn => "[PHI:mrn]",
            Self::Phone => "[PHI:phone]",
            Self::Email => "[PHI:email]",
            Self::Card => "[PHI:card]",
            Self::Birth => "[PHI:dob]",
            Self::Date => "[PHI:date]",
            Self::Name => "[PHI:name]",
            Self::Address => "[PHI:address]",
            Self::Geo => "[PHI:geo]",
            Self::Member => "[PHI:member]",
            Self::Account => "[PHI:account]",
            Self::Licence => "[PHI:licence]",
            Self::Passport => "[PHI:passport]",
            Self::Diagnosis => "[PHI:diagnosis]",
            Self::Clinical => "[PHI:clinical]",
            Self::Mbi => "[PHI:mbi]",
            Self::Npi => "[PHI:npi]",
            Self::Dea => "[PHI:dea]",
            Self::Ip => "[PHI:ip]",
            Self::Mac => "[PHI:mac]",
            Self::Url => "[PHI:url]",
            Self::Vin => "[PHI:vin]",
            Self::Plate => "[PHI:plate]",
            Self::Device => "[PHI:device]",
            Self::Zip => "[PHI:zip]",
            Self::Age => "[PHI:age]",
            Self::Known => "[PHI:known]",
            Self::Literal => "[PHI:literal]",
        }
    }

    /// The kind of this [`label`](Self::label).
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }

    /// Whether a value of this kind may be several words long, so that free text behind its label
    /// is removed to the end of the clause.
    pub(crate) const fn is_wordy(self) -> bool {
        matches!(self, Self::Name | Self::Address | Self::Diagnosis | Self::Clinical)
    }
}

impl fmt::Display for Kind {
    /// Writes the marker.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.marker())
    }
}

/// How many values of each kind were removed: numbers only, never what was found.
///
/// ```
/// use phi_log::{Kind, Scrubber};
///
/// let scrubbed = Scrubber::new().scrub("ssn 123-45-6789, ada@example.com, bob@example.com");
/// assert_eq!(scrubbed.hits().count(Kind::Email), 2);
/// assert_eq!(scrubbed.hits().count(Kind::Card), 0);
/// assert_eq!(scrubbed.hits().total(), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hits {
    counts: [u32; Kind::ALL.len()],
}

impl Hits {
    /// How many values of this kind were removed.
    pub fn count(&self, kind: Kind) -> u32 {
        self.counts.get(kind as usize).copied().unwrap_or(0)
    }

    /// How many values were removed in all.
    pub fn total(&self) -> u32 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The kinds that were found, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u32)> + '_ {
        Kind::ALL.iter().copied().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
    }

    pub(crate) fn add(&mut self, kind: Kind) {
        if let Some(count) = self.counts.get_mut(kind as usize) {
            *count = count.saturating_add(1);
        }
    }
}
