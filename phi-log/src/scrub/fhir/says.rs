//! What the values of a resource say of their siblings.

use crate::scrub::keys;
use crate::scrub::kind::Kind;

/// Whether resources of this name are about no person.
pub(super) fn is_impersonal(name: &[u8]) -> bool {
    matches!(
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
    )
}

/// The kind of the identifiers of such a resource that do not say theirs.
pub(super) fn own(name: &[u8]) -> Kind {
    match name {
        b"Coverage" => Kind::Member,
        b"Account" | b"Claim" | b"ClaimResponse" | b"ExplanationOfBenefit" | b"Invoice" => {
            Kind::Account
        }
        b"Device" => Kind::Device,
        b"Practitioner" | b"PractitionerRole" => Kind::Npi,
        _ => Kind::Mrn,
    }
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
        b"NPI" | b"npi" => Kind::Npi,
        b"DEA" | b"DN" => Kind::Dea,
        b"SNO" | b"UDI" => Kind::Device,
        b"LR" | b"VIN" => Kind::Plate,
        _ => return None,
    })
}

/// What the numbers of a system are, which a URL or an OID names.
pub(in crate::scrub) fn of_system(system: &[u8]) -> Option<Kind> {
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
    } else if system.ends_with(b"113883.4.572") {
        Some(Kind::Member)
    } else {
        None
    }
}

pub(super) fn of_contact(system: &[u8]) -> Option<Kind> {
    Some(match system {
        b"phone" | b"fax" | b"sms" | b"pager" => Kind::Phone,
        b"email" => Kind::Email,
        b"url" => Kind::Url,
        _ => return None,
    })
}

/// The last part of an extension's name.
pub(super) fn of_extension(url: &[u8]) -> Option<Kind> {
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

/// Whether a reference is to a person; `None` if it does not say to what.
pub(super) fn of_reference(reference: &[u8]) -> Option<bool> {
    if reference.starts_with(b"urn:") || reference.starts_with(b"#") {
        return None;
    }
    let mut parts = reference.split(|byte| *byte == b'/').rev();
    let (mut id, mut resource) = (parts.next(), parts.next());
    if resource == Some(b"_history") {
        (id, resource) = (parts.next(), parts.next());
    }
    let named = resource.or(id).unwrap_or(reference);
    Some(is_person(named.split(|byte| *byte == b'?').next().unwrap_or(named)))
}

/// Whether resources of this name are about one person, whose name is shown for them.
pub(super) fn is_person(resource: &[u8]) -> bool {
    let names =
        [&b"Patient"[..], b"Practitioner", b"PractitionerRole", b"RelatedPerson", b"Person"];
    names.contains(&resource)
}

/// What the answer to a question is: one that asks for a name, or for whom to call, has a name for its answer.
pub(super) fn of_question(question: &[u8]) -> Option<Kind> {
    let question = question.trim_ascii_end();
    let question = question.strip_suffix(b":").or(question.strip_suffix(b"?")).unwrap_or(question);
    keys::judge_label(question).or_else(|| {
        let mut words = question.split(|byte| !byte.is_ascii_alphabetic());
        let asks = |word: &[u8]| {
            word.eq_ignore_ascii_case(b"name") || word.eq_ignore_ascii_case(b"contact")
        };
        words.any(asks).then_some(Kind::Name)
    })
}

/// What a parameter of this name holds; it may be one of a search, `family:exact`.
pub(super) fn of_parameter(name: &[u8]) -> Option<Kind> {
    let name = name.split(|byte| *byte == b':').next().unwrap_or(name);
    match name {
        b"family" | b"given" | b"name" | b"first" | b"last" | b"middle" => Some(Kind::Name),
        b"identifier" => Some(Kind::Mrn),
        _ => keys::judge(name),
    }
}

/// A date of FHIR with a month at least: a year alone may stay.
pub(super) fn is_date(text: &[u8]) -> bool {
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
