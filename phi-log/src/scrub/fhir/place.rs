//! What a value means by the keys above it.

use crate::scrub::age;
use crate::scrub::engine::Quote;
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;

/// A string's content or a number.
#[derive(Clone, Copy, Default)]
pub(super) struct Leaf {
    pub(super) start: usize,
    pub(super) end: usize,
    /// For a number: the quotes that a marker needs to stay JSON.
    pub(super) quote: Option<Quote>,
}

pub(super) enum Meaning {
    Is(Kind),
    Nothing,
}

macro_rules! keys {
    ($($variant:ident = $($name:literal)|+;)+) => {
        /// The keys that mean something.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Key { $($variant,)+ Other }

        impl Key {
            pub(super) fn of(name: &[u8]) -> Self {
                match name {
                    $($($name)|+ => Self::$variant,)+
                    _ => Self::Other,
                }
            }
        }
    };
}

keys! {
    ResourceType = b"resourceType";
    Name = b"name" | b"valueHumanName" | b"maidenName";
    NamePart = b"family" | b"given";
    Text = b"text";
    Address = b"address" | b"valueAddress" | b"locationAddress";
    AddressPart = b"line" | b"city" | b"district";
    PostalCode = b"postalCode";
    Telecom = b"telecom" | b"valueContactPoint";
    Identifier = b"identifier" | b"valueIdentifier" | b"masterIdentifier";
    System = b"system";
    Value = b"value" | b"valueString" | b"valueDecimal" | b"valueUri";
    Type = b"type";
    Code = b"code";
    Extension = b"extension" | b"modifierExtension";
    Url = b"url";
    BirthDate = b"birthDate";
    Latitude = b"latitude" | b"longitude";
    Device = b"serialNumber" | b"distinctIdentifier" | b"deviceIdentifier" | b"carrierHRF";
    Member = b"subscriberId" | b"policyNumber";
    Reference = b"reference";
    Display = b"display";
    Age = b"onsetAge" | b"abatementAge" | b"deceasedAge" | b"ageAge" | b"valueAge" | b"performedAge";
    Person = b"subject" | b"patient" | b"individual" | b"performer" | b"actor" | b"requester"
        | b"recorder" | b"asserter" | b"practitioner" | b"author" | b"participant" | b"sender"
        | b"recipient" | b"informant" | b"beneficiary" | b"subscriber" | b"enterer" | b"member"
        | b"generalPractitioner" | b"attester" | b"who" | b"party" | b"receiver" | b"policyHolder";
}

/// What an object is, by the key it stands under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Address,
    Telecom,
    Identifier,
    Extension,
    /// Under `type` of an identifier.
    IdentifierType,
    Age,
    Person,
    Other,
}

/// An object or array that is open.
pub(super) struct Frame {
    pub(super) is_array: bool,
    pub(super) key: Key,
    place: Place,
    /// A value that waits for its siblings to say what it is.
    pub(super) pending: Leaf,
    /// What the siblings said.
    said: Option<Kind>,
    /// The resource says that it is no person's.
    impersonal: bool,
    /// The kind of the identifiers of this resource that do not say theirs.
    own: Option<Kind>,
}

impl Frame {
    pub(super) fn element(array: &Self, object: bool) -> Self {
        Self::new(array.key, array.place, !object, array.impersonal, array.own)
    }

    pub(super) fn member(parent: Option<&Self>, key: Key, object: bool) -> Self {
        let inside = parent.map_or(Place::Other, |parent| parent.place);
        let place = match key {
            Key::Name => Place::Name,
            Key::Address => Place::Address,
            Key::Telecom => Place::Telecom,
            Key::Identifier => Place::Identifier,
            Key::Extension => Place::Extension,
            Key::Type if inside == Place::Identifier => Place::IdentifierType,
            Key::Age => Place::Age,
            Key::Person => Place::Person,
            _ if inside == Place::IdentifierType => Place::IdentifierType,
            // `given: [..]`, `line: [..]`
            _ if !object => inside,
            _ => Place::Other,
        };
        let impersonal = parent.is_some_and(|parent| parent.impersonal);
        Self::new(key, place, !object, impersonal, parent.and_then(|parent| parent.own))
    }

    fn new(key: Key, place: Place, is_array: bool, impersonal: bool, own: Option<Kind>) -> Self {
        Self { is_array, key, place, pending: Leaf::default(), said: None, impersonal, own }
    }

    /// What the value that waited is, now that the object ends.
    pub(super) fn resolve(&self, above: &[Self], text: Text<'_>) -> Option<Kind> {
        if self.pending.start == self.pending.end {
            return None;
        }
        let resource = above.iter().rev().find(|frame| frame.said_resource());
        match self.place {
            Place::Identifier => self.said.or_else(|| {
                let impersonal = resource.map_or(self.impersonal, |frame| frame.impersonal);
                let own = resource.and_then(|frame| frame.own).unwrap_or(Kind::Mrn);
                (!impersonal).then_some(own)
            }),
            Place::Telecom => Some(self.said.unwrap_or_else(|| {
                let at = text.slice(self.pending.start, self.pending.end).contains(&b'@');
                if at { Kind::Email } else { Kind::Phone }
            })),
            Place::Extension | Place::Person => self.said,
            _ => None,
        }
    }

    const fn said_resource(&self) -> bool {
        self.impersonal || self.own.is_some()
    }
}

/// What the value under `key` is.
pub(super) fn judge(stack: &mut [Frame], key: Key, leaf: Leaf, text: Text<'_>) -> Meaning {
    let bytes = text.slice(leaf.start, leaf.end);
    let place = stack.last().map_or(Place::Other, |frame| frame.place);
    match (place, key) {
        (_, Key::ResourceType) => resource(stack, bytes),
        (Place::Name, Key::NamePart | Key::Text) => return Meaning::Is(Kind::Name),
        (Place::Address, Key::AddressPart | Key::Text) => return Meaning::Is(Kind::Address),
        (_, Key::PostalCode) => return Meaning::Is(Kind::Zip),
        (_, Key::BirthDate) => return Meaning::Is(Kind::Birth),
        (_, Key::Latitude) => return Meaning::Is(Kind::Geo),
        (_, Key::Device) => return Meaning::Is(Kind::Device),
        (_, Key::Member) => return Meaning::Is(Kind::Member),
        (Place::Age, Key::Value) if age::number(text, leaf.start) == Some(leaf.end) => {
            return Meaning::Is(Kind::Age);
        }
        (Place::Identifier | Place::Telecom | Place::Extension, Key::Value)
        | (Place::Person, Key::Display) => wait(stack, leaf),
        (Place::Identifier, Key::System) => say(stack, of_system(bytes), false),
        (Place::Telecom, Key::System) => say(stack, of_contact(bytes), true),
        (Place::Extension, Key::Url) => say(stack, of_extension(bytes), true),
        (Place::Person, Key::Reference) => say(stack, of_reference(bytes), true),
        (Place::IdentifierType, Key::Code | Key::Text | Key::Display) => {
            let outer = stack
                .iter_mut()
                .rev()
                .find(|frame| frame.place == Place::Identifier && !frame.is_array);
            if let (Some(frame), Some(kind)) = (outer, of_type(bytes)) {
                frame.said = Some(kind);
            }
        }
        _ => {}
    }
    let impersonal = stack.last().is_some_and(|frame| frame.impersonal);
    if !impersonal && leaf.quote.is_none() && is_date(bytes) {
        return Meaning::Is(Kind::Date);
    }
    Meaning::Nothing
}

fn wait(stack: &mut [Frame], leaf: Leaf) {
    if let Some(frame) = stack.last_mut() {
        frame.pending = leaf;
        if frame.place == Place::Person && frame.said.is_none() {
            frame.said = Some(Kind::Name);
        }
    }
}

/// Notes what a sibling says; `over` also where something was said before.
fn say(stack: &mut [Frame], kind: Option<Kind>, over: bool) {
    if let Some(frame) = stack.last_mut() {
        // A reference to something else than a person takes the name back.
        if frame.place == Place::Person {
            frame.said = kind;
        } else if over || frame.said.is_none() {
            frame.said = kind.or(frame.said);
        }
    }
}

/// Notes on the object that holds the key what kind of resource it is.
fn resource(stack: &mut [Frame], name: &[u8]) {
    let Some(frame) = stack.last_mut() else { return };
    frame.impersonal = matches!(
        name,
        b"Organization"
            | b"Location"
            | b"Medication"
            | b"Substance"
            | b"ValueSet"
            | b"CodeSystem"
            | b"StructureDefinition"
            | b"CapabilityStatement"
            | b"Questionnaire"
            | b"PlanDefinition"
            | b"ActivityDefinition"
            | b"Library"
            | b"HealthcareService"
            | b"Endpoint"
            | b"InsurancePlan"
            | b"OperationOutcome"
            | b"SearchParameter"
            | b"ConceptMap"
            | b"ImplementationGuide"
            | b"OperationDefinition"
    );
    frame.own = Some(match name {
        b"Coverage" => Kind::Member,
        b"Account" | b"Claim" | b"ClaimResponse" | b"ExplanationOfBenefit" | b"Invoice" => {
            Kind::Account
        }
        b"Device" => Kind::Device,
        b"Practitioner" | b"PractitionerRole" => Kind::Npi,
        _ => Kind::Mrn,
    });
}

/// HL7 table 0203.
pub(crate) fn of_type(code: &[u8]) -> Option<Kind> {
    Some(match code {
        b"MR" | b"MRT" | b"PI" | b"PT" | b"PN" | b"Medical Record Number" => Kind::Mrn,
        b"SS" | b"SSN" | b"SB" | b"Social Security Number" => Kind::Ssn,
        b"DL" | b"MD" | b"LN" | b"Driver's License" => Kind::Licence,
        b"PPN" | b"Passport Number" => Kind::Passport,
        b"MB" | b"SN" | b"MA" | b"HC" | b"NII" | b"SNBSN" => Kind::Member,
        b"MC" => Kind::Mbi,
        b"AN" | b"VN" | b"BA" | b"FI" => Kind::Account,
        b"NPI" => Kind::Npi,
        b"DEA" | b"DN" => Kind::Dea,
        b"SNO" | b"UDI" => Kind::Device,
        b"LR" | b"VIN" => Kind::Plate,
        _ => return None,
    })
}

fn of_system(system: &[u8]) -> Option<Kind> {
    let has = |part: &[u8]| memchr::memmem::find(system, part).is_some();
    if has(b"us-ssn") || system.ends_with(b"2.16.840.1.113883.4.1") {
        Some(Kind::Ssn)
    } else if has(b"us-npi") || system.ends_with(b"2.16.840.1.113883.4.6") {
        Some(Kind::Npi)
    } else if has(b"us-mbi") || has(b"us-medicare") || system.ends_with(b"113883.4.927") {
        Some(Kind::Mbi)
    } else if has(b"113883.4.3.") {
        Some(Kind::Licence)
    } else if has(b"passport") {
        Some(Kind::Passport)
    } else if has(b"113883.4.814") {
        Some(Kind::Dea)
    } else {
        None
    }
}

fn of_contact(system: &[u8]) -> Option<Kind> {
    Some(match system {
        b"phone" | b"fax" | b"sms" | b"pager" => Kind::Phone,
        b"email" => Kind::Email,
        b"url" => Kind::Url,
        _ => return None,
    })
}

/// The last part of an extension's name.
fn of_extension(url: &[u8]) -> Option<Kind> {
    let name = url.rsplit(|byte| *byte == b'/').next().unwrap_or(url);
    Some(match name {
        b"patient-mothersMaidenName"
        | b"humanname-fathers-family"
        | b"humanname-mothers-family"
        | b"humanname-own-name"
        | b"humanname-partner-name"
        | b"mothersMaidenName" => Kind::Name,
        b"latitude" | b"longitude" => Kind::Geo,
        b"patient-birthPlace" | b"birthPlace" => Kind::Address,
        b"patient-cadavericDonor" => return None,
        _ if url.starts_with(b"iso21090-ADXP") || name.starts_with(b"iso21090-ADXP") => {
            Kind::Address
        }
        _ => return None,
    })
}

/// A reference to a person, or one that does not say to what.
fn of_reference(reference: &[u8]) -> Option<Kind> {
    let mut parts = reference.split(|byte| *byte == b'/').rev();
    let (id, resource) = (parts.next(), parts.next());
    let named = resource.or(id).unwrap_or(reference);
    let named = named.split(|byte| *byte == b'?').next().unwrap_or(named);
    let person = matches!(named, b"Patient" | b"Practitioner" | b"RelatedPerson" | b"Person");
    let silent = reference.starts_with(b"urn:") || reference.starts_with(b"#");
    (person || silent).then_some(Kind::Name)
}

/// A date of FHIR with a month at least: a year alone may stay.
fn is_date(text: &[u8]) -> bool {
    let shape = |pattern: &[u8]| {
        text.len() >= pattern.len()
            && text.iter().zip(pattern).all(|(byte, want)| match want {
                b'0' => byte.is_ascii_digit(),
                _ => byte == want,
            })
    };
    match text.len() {
        7 => shape(b"0000-00"),
        10 => shape(b"0000-00-00"),
        16..=40 => shape(b"0000-00-00T00:00"),
        _ => false,
    }
}
