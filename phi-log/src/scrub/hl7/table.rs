//! The fields of HL7 segments that hold identifiers.

use crate::scrub::kind::Kind;

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Field {
    /// One value, whatever its components.
    Whole(Kind),
    /// The first component is the value, the rest says by whom it was given (CX).
    First(Kind),
    /// A person's name (XPN): family, given, further names, suffix.
    Name,
    /// Number, then name (XCN).
    Clinician,
    /// The same of the patient a question is about: the number is the patient's.
    Subject,
    /// Street, other, town, state, code, country (XAD).
    Address,
    /// A telephone number, and an e-mail address in the fourth component (XTN).
    Contact,
    Date,
    /// The first and the last day (DR).
    Range,
    /// How often, how long, and from when to when (TQ).
    Timing,
    /// What is asked for: the path of a field, then its value (QIP); or a number of a patient (CX).
    Query,
    /// What the second field says (OBX).
    Typed,
}

/// The fields of a segment, by number, from 1.
#[expect(clippy::too_many_lines, reason = "a table, one row after the other")]
pub(super) fn fields(segment: &[u8]) -> &'static [(u8, Field)] {
    use Field::{
        Address, Clinician, Contact, Date, First, Name, Query, Range, Subject, Timing, Typed, Whole,
    };
    const MRN: Field = First(Kind::Mrn);
    const MEMBER: Field = First(Kind::Member);
    const ACCOUNT: Field = First(Kind::Account);
    const SSN: Field = Whole(Kind::Ssn);
    match segment {
        b"PID" => &[
            (2, MRN),
            (3, MRN),
            (4, MRN),
            (5, Name),
            (6, Name),
            (7, Date),
            (9, Name),
            (11, Address),
            (12, Whole(Kind::Address)),
            (13, Contact),
            (14, Contact),
            (18, ACCOUNT),
            (19, SSN),
            (20, First(Kind::Licence)),
            (21, MRN),
            (23, Whole(Kind::Address)),
            (29, Date),
            (33, Date),
        ],
        b"PD1" => &[(4, Clinician)],
        b"EVN" => &[(5, Clinician), (6, Date)],
        b"NK1" => &[
            (2, Name),
            (4, Address),
            (5, Contact),
            (6, Contact),
            (8, Date),
            (9, Date),
            (12, ACCOUNT),
            (16, Date),
            (26, Name),
            (30, Name),
            (31, Contact),
            (32, Address),
            (33, MRN),
            (37, SSN),
            (40, Contact),
        ],
        b"GT1" => &[
            (2, ACCOUNT),
            (3, Name),
            (4, Name),
            (5, Address),
            (6, Contact),
            (7, Contact),
            (8, Date),
            (12, SSN),
            (16, Name),
            (17, Address),
            (18, Contact),
            (19, ACCOUNT),
            (42, Name),
            (45, Name),
            (46, Contact),
        ],
        b"IN1" => &[
            (5, Address),
            (6, Name),
            (7, Contact),
            (8, MEMBER),
            (10, MEMBER),
            (12, Date),
            (13, Date),
            (14, MEMBER),
            (16, Name),
            (18, Date),
            (19, Address),
            (36, MEMBER),
            (44, Address),
            (49, MEMBER),
        ],
        b"IN2" => &[
            (1, ACCOUNT),
            (2, SSN),
            (6, MEMBER),
            (8, MEMBER),
            (10, MEMBER),
            (25, MEMBER),
            (26, MEMBER),
            (40, Name),
            (52, Name),
            (61, MEMBER),
            (63, Contact),
        ],
        b"MRG" => {
            &[(1, MRN), (2, MRN), (3, ACCOUNT), (4, MRN), (5, ACCOUNT), (6, ACCOUNT), (7, Name)]
        }
        b"PV1" => &[
            (5, ACCOUNT),
            (7, Clinician),
            (8, Clinician),
            (9, Clinician),
            (17, Clinician),
            (19, ACCOUNT),
            (44, Date),
            (45, Date),
            (50, ACCOUNT),
            (52, Clinician),
        ],
        b"PV2" => &[(8, Date), (9, Date), (13, Name), (47, Date)],
        b"ACC" => &[(1, Date)],
        b"DG1" => &[(5, Date), (16, Clinician), (19, Date)],
        b"PR1" => &[(5, Date), (8, Clinician), (11, Clinician), (12, Clinician)],
        b"PRB" => &[(2, Date), (7, Date), (8, Date), (15, Date), (16, Date)],
        b"AL1" | b"AIL" => &[(6, Date)],
        b"IAM" => &[(11, Date), (13, Date), (14, Name), (18, Clinician)],
        b"FT1" => &[(4, Range), (5, Date), (20, Clinician), (21, Clinician)],
        b"ORC" => &[
            (2, ACCOUNT),
            (3, ACCOUNT),
            (4, ACCOUNT),
            (7, Timing),
            (9, Date),
            (10, Clinician),
            (11, Clinician),
            (12, Clinician),
            (15, Date),
            (19, Clinician),
        ],
        b"OBR" => &[
            (2, ACCOUNT),
            (3, ACCOUNT),
            (7, Date),
            (8, Date),
            (10, Clinician),
            (14, Date),
            (16, Clinician),
            (22, Date),
            (27, Timing),
            (28, Clinician),
            (32, Clinician),
            (33, Clinician),
            (34, Clinician),
            (35, Clinician),
            (36, Date),
        ],
        b"OBX" => &[(5, Typed), (14, Date), (16, Clinician), (19, Date)],
        b"SPM" => &[(2, ACCOUNT), (17, Range), (18, Date)],
        b"TXA" => &[
            (4, Date),
            (5, Clinician),
            (6, Date),
            (7, Date),
            (8, Date),
            (9, Clinician),
            (10, Clinician),
            (11, Clinician),
            (12, ACCOUNT),
            (13, ACCOUNT),
            (14, ACCOUNT),
            (15, ACCOUNT),
            (22, Clinician),
            (23, Clinician),
        ],
        b"TQ1" => &[(7, Date), (8, Date)],
        b"ARQ" => &[
            (1, ACCOUNT),
            (2, ACCOUNT),
            (11, Range),
            (15, Clinician),
            (16, Contact),
            (17, Address),
            (19, Clinician),
        ],
        b"AIS" => &[(4, Date)],
        b"AIG" => &[(3, Clinician), (8, Date)],
        b"AIP" => &[(3, Clinician), (6, Date)],
        b"QRD" => &[(8, Subject)],
        b"QPD" => &[(3, Query), (4, Query), (5, Query), (6, Query), (7, Query), (8, Query)],
        b"STF" => &[
            (3, Name),
            (6, Date),
            (10, Contact),
            (11, Address),
            (12, Range),
            (13, Range),
            (15, Whole(Kind::Email)),
            (22, First(Kind::Licence)),
        ],
        b"CTD" => &[(2, Name), (3, Address), (5, Contact)],
        b"SCH" => &[
            (1, ACCOUNT),
            (2, ACCOUNT),
            (11, Timing),
            (12, Clinician),
            (13, Contact),
            (16, Clinician),
            (17, Contact),
            (20, Clinician),
        ],
        b"ROL" => &[(4, Clinician), (5, Date), (6, Date), (11, Address), (12, Contact)],
        b"RXA" => &[(3, Date), (4, Date), (10, Clinician)],
        b"RXE" | b"RXO" | b"RXD" => &[(13, Clinician), (14, Clinician)],
        _ => &[],
    }
}

/// What a value of this type holds, where the message itself says which it is (OBX-2).
pub(super) fn of_value(named: &[u8]) -> Option<Field> {
    Some(match named {
        b"DT" | b"TS" | b"DTM" => Field::Date,
        b"DR" => Field::Range,
        b"PN" | b"XPN" => Field::Name,
        b"CN" | b"XCN" | b"PPN" => Field::Clinician,
        b"AD" | b"XAD" | b"SAD" => Field::Address,
        b"TN" | b"XTN" => Field::Contact,
        b"CX" | b"CK" => Field::First(Kind::Mrn),
        _ => return None,
    })
}
