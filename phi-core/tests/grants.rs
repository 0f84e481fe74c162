//! P7 and P8 at their root: no grant, no plaintext; no record, no work.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where it goes wrong"
)]

mod support;

use phi_core::audit::{
    AuditError, AuditLog as _, Event, Outcome, PrincipalKind, Reason, Receipt, Slot,
};
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{
    Circumstances, Grant, GrantError, Membership, Needs, OpenError, Principal, Safeguards,
    SealError, SearchError, StartError, Vault, testing,
};
use phi_core::{Phi, PhiRecord};
use pollster::block_on;
use sha2::Digest as _;
use support::*;
use testing::RecordingLog;
use uuid::Uuid;

const POLICY: &str = r#"
version = 1

[[roles.clinician.allow]]
actions = ["create", "read", "update", "delete", "search"]
resources = ["patient"]
classes = ["contact", "identifier", "clinical"]
scope = "tenant"
purposes = ["TREAT"]

[[roles.front-desk.allow]]
actions = ["read", "search"]
resources = ["patient"]
classes = ["contact"]
scope = "tenant"
purposes = ["TREAT"]

[[roles.archivist.allow]]
actions = ["delete"]
resources = ["patient"]
classes = ["contact"]
scope = "tenant"
purposes = ["TREAT"]

[[roles.visiting.allow]]
actions = ["read", "create"]
resources = ["patient"]
classes = ["contact", "identifier", "clinical"]
scope = "own"
purposes = ["TREAT"]

[[roles.auditor.allow]]
actions = ["read"]
resources = ["patient"]
classes = ["contact"]
scope = "all"
purposes = ["HOPERAT"]
"#;

fn start() -> (Safeguards, RecordingLog) {
    let log = RecordingLog::new();
    let policy = Policy::from_toml(POLICY).unwrap();
    let safeguards = Safeguards::builder(testing::keys(1), policy, log.clone())
        .record::<Patient>()
        .record::<PatientContact>()
        .build()
        .unwrap();
    safeguards.add_tenant(HERE).unwrap();
    safeguards.add_tenant(THERE).unwrap();
    (safeguards, log)
}

fn person(number: u128, tenant: Uuid, role: &str) -> Principal {
    Principal::person(Uuid::from_u128(number), Membership::new(1, tenant, role))
}

fn begin(safeguards: &Safeguards, who: &Principal, action: Action) -> Grant {
    block_on(safeguards.begin(who, action, "patient", Purpose::Treatment)).unwrap()
}

/// A row that a clinician of the first clinic has written.
fn stored(safeguards: &Safeguards) -> SealedPatient {
    let write = begin(safeguards, &person(7, HERE, "clinician"), Action::Create);
    let row = write.seal(&ada()).unwrap();
    block_on(write.finish()).unwrap();
    row
}

/// The same row as a page that needs less reads it.
fn contact(row: &SealedPatient) -> SealedPatientContact {
    SealedPatientContact {
        id: row.id,
        clinic_id: row.clinic_id,
        clinician_id: row.clinician_id,
        name: row.name.clone(),
        name_index: row.name_index,
    }
}

fn last(log: &RecordingLog) -> Event {
    log.events().pop().unwrap()
}

#[test]
fn a_role_reads_its_classes_and_is_denied_the_others_by_name() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);

    let clinician = begin(&safeguards, &person(8, HERE, "clinician"), Action::Read);
    assert_eq!(clinician.open(row.clone()).unwrap().ssn.expose(), "123-45-6789");
    block_on(clinician.finish()).unwrap();

    let desk = begin(&safeguards, &person(9, HERE, "front-desk"), Action::Read);
    let denied = OpenError::Denied { record: "patient", field: "ssn" };
    assert_eq!(desk.open(row.clone()).unwrap_err(), denied);
    assert_eq!(desk.open(contact(&row)).unwrap().name.expose(), "Ada Sample");
    block_on(desk.finish()).unwrap();
    let event = last(&log);
    assert_eq!(event.reason, Some(Reason::FieldClass));
    let fields: Vec<_> = event.items.iter().map(|item| item.fields.len()).collect();
    assert_eq!(
        fields,
        [0, 1],
        "what was denied is named without fields, what was opened with them"
    );
}

#[test]
fn an_absent_field_of_a_denied_class_is_denied_not_absent() {
    let (safeguards, _) = start();
    let write = begin(&safeguards, &person(7, HERE, "clinician"), Action::Create);
    let row = write.seal(&Patient { diagnosis: None, ..ada() }).unwrap();
    let desk = begin(&safeguards, &person(9, HERE, "front-desk"), Action::Read);
    assert!(matches!(desk.open(row).unwrap_err(), OpenError::Denied { .. }));
}

#[test]
fn another_tenants_row_is_not_found_and_audited_as_denied() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let stranger = begin(&safeguards, &person(8, THERE, "clinician"), Action::Read);
    assert_eq!(stranger.open(row.clone()).unwrap_err(), OpenError::NotFound);
    assert_eq!(stranger.denied(), Some(Reason::ForeignTenant));
    block_on(stranger.finish_as(Outcome::Denied, None)).unwrap();
    let event = last(&log);
    assert_eq!((event.outcome, event.reason), (Outcome::Denied, Some(Reason::ForeignTenant)));
    assert_eq!(event.items.len(), 1);

    // Negative control: a principal of that tenant opens the same bytes, so it was policy that refused.
    let at_home = begin(&safeguards, &person(8, HERE, "clinician"), Action::Read);
    assert!(at_home.open(row).is_ok());
}

#[test]
fn a_row_scope_of_ones_own_looks_at_the_owner() {
    let (safeguards, _) = start();
    let row = stored(&safeguards);
    let owner = begin(&safeguards, &person(7, HERE, "visiting"), Action::Read);
    assert!(owner.open(row.clone()).is_ok());
    let other = begin(&safeguards, &person(8, HERE, "visiting"), Action::Read);
    assert_eq!(other.open(row.clone()).unwrap_err(), OpenError::NotFound);
    assert_eq!(other.denied(), Some(Reason::NotOwner));
    // Owning a row of another clinic helps nobody: the tenant comes first.
    let moved = begin(&safeguards, &person(7, THERE, "visiting"), Action::Read);
    assert_eq!(moved.open(row).unwrap_err(), OpenError::NotFound);

    let write = begin(&safeguards, &person(8, HERE, "visiting"), Action::Create);
    assert_eq!(write.seal(&ada()).unwrap_err(), SealError::NotFound, "owned by somebody else");
    assert_eq!(write.denied(), Some(Reason::NotOwner));
}

#[test]
fn a_row_of_another_tenant_was_told_apart_from_a_missing_one_when_it_was_written() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    for action in [Action::Update, Action::Create] {
        let foreign = begin(&safeguards, &person(8, THERE, "clinician"), action);
        let error = foreign.seal(&ada()).unwrap_err();
        // The same words as for a row that is opened or removed there.
        assert_eq!(error.to_string(), OpenError::NotFound.to_string());
        assert!(!foreign.has_reached());
        block_on(foreign.finish_as(Outcome::Denied, None)).unwrap();
        let event = last(&log);
        assert_eq!(event.reason, Some(Reason::ForeignTenant));
        assert_eq!(event.items[0].id.as_str(), row.id.to_string());
    }
    // The control: a role that may write no such record at all is told so.
    let own = begin(&safeguards, &person(7, HERE, "clinician"), Action::Update);
    assert!(own.seal(&ada()).is_ok() && own.has_reached());
    let reads = begin(&safeguards, &person(7, HERE, "clinician"), Action::Read);
    assert!(matches!(reads.seal(&ada()).unwrap_err(), SealError::Denied { .. }));
}

#[test]
fn purpose_role_and_action_are_each_needed() {
    let (safeguards, log) = start();
    let deny = |who: &Principal, action, purpose| match block_on(
        safeguards.begin(who, action, "patient", purpose),
    )
    .unwrap_err()
    {
        GrantError::Denied(reason) => {
            let event = last(&log);
            assert_eq!((event.outcome, event.reason), (Outcome::Denied, Some(reason.clone())));
            reason
        }
        other => panic!("{other}"),
    };
    let clinician = person(7, HERE, "clinician");
    assert_eq!(deny(&clinician, Action::Read, Purpose::Payment), Reason::WrongPurpose);
    assert_eq!(deny(&person(7, HERE, "nobody"), Action::Read, Purpose::Treatment), Reason::NoRole);
    let desk = person(9, HERE, "front-desk");
    assert_eq!(deny(&desk, Action::Create, Purpose::Treatment), Reason::NoRole);

    // A grant to read does not write, one to write does not delete.
    let read = begin(&safeguards, &clinician, Action::Read);
    assert!(matches!(read.seal(&ada()).unwrap_err(), SealError::Denied { .. }));
    let row = stored(&safeguards);
    assert!(matches!(read.delete(&row).unwrap_err(), OpenError::NotGranted { .. }));
    let delete = begin(&safeguards, &clinician, Action::Delete);
    delete.delete(&row).unwrap();
    block_on(delete.finish()).unwrap();
    let hashes = &last(&log).items[0].hashes;
    assert_eq!(hashes.len(), 5, "three sealed columns and two tokens");
}

#[test]
fn a_scope_over_all_tenants_reads_only_its_classes() {
    let (safeguards, _) = start();
    let row = stored(&safeguards);
    let auditor = Principal::person(1i64, Membership::global(1, "auditor"));
    let read = safeguards.begin(&auditor, Action::Read, "patient", Purpose::Operations);
    let read = block_on(read).unwrap();
    assert!(read.open(contact(&row)).is_ok());
    assert!(matches!(read.open(row).unwrap_err(), OpenError::Denied { .. }));
}

#[test]
fn hits_are_counted_on_the_search_that_found_them() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let who = person(8, HERE, "clinician");
    let grant = begin(&safeguards, &who, Action::Search);
    let first = grant.search(Patient::NAME_INDEX, "Ada Sample").unwrap();
    let second = grant.search(Patient::NAME_INDEX, "Bea Sample").unwrap();
    assert_eq!(grant.open_found(&first, [row.clone()]).unwrap().len(), 1);
    assert_eq!(grant.open_found(&second, [row.clone()]).unwrap().len(), 0);
    // Another grant's search is not one of this grant's.
    let other = begin(&safeguards, &who, Action::Search);
    let foreign = other.search(Patient::NAME_INDEX, "Ada Sample").unwrap();
    assert_eq!(grant.open_found(&foreign, [row]).unwrap().len(), 1);
    block_on(grant.finish()).unwrap();
    let hits: Vec<_> = last(&log).searches.iter().map(|search| search.hits).collect();
    assert_eq!(hits, [1, 0]);
}

#[test]
fn search_needs_its_right_and_notes_field_and_hits_but_no_value() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let clinician = begin(&safeguards, &person(8, HERE, "clinician"), Action::Search);
    let search = clinician.search(Patient::SSN_INDEX, "123 45 6789").unwrap();
    assert!(search.tokens().contains(&row.ssn_index));
    let found = clinician.open_found(&search, [row.clone()]).unwrap();
    assert_eq!(found.len(), 1);

    // A row whose token collides, but whose value is another, is no hit.
    let other = begin(&safeguards, &person(7, HERE, "clinician"), Action::Create);
    let other = other.seal(&Patient { ssn: "987-65-4321".into(), ..ada() }).unwrap();
    let collides = SealedPatient { ssn_index: row.ssn_index, ..other };
    assert_eq!(clinician.open_found(&search, [collides]).unwrap().len(), 0);
    block_on(clinician.finish()).unwrap();
    let event = last(&log);
    assert_eq!(event.searches.len(), 1);
    assert_eq!(event.searches[0].hits, 1);
    let stored = String::from_utf8(event.encode()).unwrap();
    for planted in ["123", "Ada", "Sample", "987"] {
        assert!(!stored.contains(&format!("\"{planted}")), "the event holds a value");
    }

    let desk = begin(&safeguards, &person(9, HERE, "front-desk"), Action::Search);
    assert!(desk.search(PatientContact::NAME_INDEX, "ada sample").is_ok());
    let denied = desk.search(Patient::SSN_INDEX, "123-45-6789").unwrap_err();
    assert_eq!(denied, SearchError::Denied { record: "patient", field: "ssn" });
}

#[test]
fn a_finished_grant_and_all_its_clones_are_closed() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let grant = begin(&safeguards, &person(8, HERE, "clinician"), Action::Update);
    let clone = grant.clone();
    let patient = clone.open(row.clone()).unwrap(); // negative control: open before the end
    block_on(grant.finish()).unwrap();
    assert_eq!(clone.open(row).unwrap_err(), OpenError::Closed);
    assert_eq!(clone.seal(&patient).unwrap_err(), SealError::Closed);
    assert!(matches!(clone.search(Patient::SSN_INDEX, "123-45-6789"), Err(SearchError::Closed)));
    assert!(clone.reveal(&patient).is_err());
    let events = log.events().len();
    drop(clone);
    assert_eq!(log.events().len(), events, "one grant, one outcome");
}

#[test]
fn a_grant_that_ends_through_another_slot_hands_its_event_over_there_and_once() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let before = log.events().len();
    let other = RecordingLog::new();
    let read = begin(&safeguards, &person(7, HERE, "clinician"), Action::Read);
    read.open(row.clone()).unwrap();
    assert!(read.finish_through(other.reserve().unwrap(), Outcome::Success, None));
    assert_eq!((log.events().len(), other.events().len()), (before, 1));
    assert_eq!(other.events()[0].items.len(), 1);
    // Closed for good, also through the grant's own slot.
    assert_eq!(read.open(row).unwrap_err(), OpenError::Closed);
    assert!(!read.finish_through(other.reserve().unwrap(), Outcome::Success, None));
    // Whoever finishes it waits for that slot's receipt, once.
    block_on(read.finish_as(Outcome::Success, None)).unwrap();
    assert_eq!(block_on(read.finish()), Err(AuditError::Closed));
    // A receipt that is not good is handed on as well.
    let lost = begin(&safeguards, &person(7, HERE, "clinician"), Action::Read);
    let nowhere = Slot::new(|_| Receipt::ready(Err(AuditError::Unavailable)));
    assert!(lost.finish_through(nowhere, Outcome::Success, None));
    assert_eq!(block_on(lost.finish()), Err(AuditError::Unavailable));
    assert_eq!((log.events().len(), other.events().len()), (before, 1));
}

#[test]
fn a_dropped_grant_writes_that_it_was_aborted() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let grant = begin(&safeguards, &person(8, HERE, "clinician"), Action::Read);
    grant.open(row).unwrap();
    drop(grant);
    let event = last(&log);
    assert_eq!((event.outcome, event.reason), (Outcome::Aborted, Some(Reason::GrantDropped)));
    assert_eq!(event.items[0].fields.len(), 3, "what was read until then is in it");
}

#[test]
fn a_write_has_a_durable_intent_and_the_hash_of_what_it_stored() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let events = log.events();
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Intent, Outcome::Success]);
    assert_eq!(events[0].request, events[1].request);
    assert_eq!(events[1].principal.as_ref().unwrap().kind, PrincipalKind::Person);
    let hashes = &events[1].items[0].hashes;
    let columns: Vec<_> = hashes.keys().map(|id| id.as_str().to_owned()).collect();
    assert_eq!(columns, ["diagnosis", "name", "name_index", "ssn", "ssn_index"]);
    let want: [u8; 32] = sha2::Sha256::digest(&*row.name).into();
    let got = hashes.iter().find(|(column, _)| column.as_str() == "name").unwrap().1;
    assert_eq!(*got, phi_core::audit::ContentHash::Sha256(want));
}

#[test]
fn a_log_that_refuses_stops_every_grant() {
    let (safeguards, log) = start();
    let who = person(8, HERE, "clinician");
    assert!(safeguards.grant(&who, &Needs::read("patient"), Circumstances::default()).is_ok());
    log.refuse();
    let begun = block_on(safeguards.begin(&who, Action::Read, "patient", Purpose::Treatment));
    assert!(matches!(begun.unwrap_err(), GrantError::Audit(_)));
    let refused = safeguards.grant(&who, &Needs::read("patient"), Circumstances::default());
    assert_eq!(refused.unwrap_err().0, Reason::LogUnavailable);
}

#[test]
fn a_struct_that_nobody_registered_is_refused() {
    let log = RecordingLog::new();
    let policy = Policy::from_toml(POLICY).unwrap();
    let safeguards =
        Safeguards::builder(testing::keys(1), policy, log).record::<Patient>().build().unwrap();
    safeguards.add_tenant(HERE).unwrap();
    let row = stored(&safeguards);
    let read = begin(&safeguards, &person(8, HERE, "clinician"), Action::Read);
    assert!(read.open(row.clone()).is_ok());
    let refused = OpenError::NotGranted { record: "patient" };
    assert_eq!(read.open(contact(&row)).unwrap_err(), refused);
}

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
struct Disagrees {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(owner)]
    clinician_id: Uuid,
    #[phi(class = "contact", index(exact = "text"))]
    diagnosis: Phi<String>, // "clinical" elsewhere
}

#[test]
fn two_structs_that_disagree_about_a_field_do_not_start() {
    let policy = Policy::from_toml(POLICY).unwrap();
    let error = Safeguards::builder(testing::keys(1), policy, RecordingLog::new())
        .record::<Patient>()
        .record::<Disagrees>()
        .build()
        .unwrap_err();
    let want = StartError::Disagree { record: "patient", field: Some("diagnosis") };
    assert_eq!(error.to_string(), want.to_string());
}

#[test]
fn a_governed_keyring_is_refused_by_a_bare_vault() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name| dir.path().join(name);
    let keys = || phi_core::keys::KeyFile::open_or_create(file("root"), file("ring")).unwrap();
    assert!(Vault::new(keys()).is_ok(), "negative control: it was nobody's");
    let policy = Policy::from_toml(POLICY).unwrap();
    let records = Safeguards::builder(keys(), policy, RecordingLog::new());
    records.record::<Patient>().build().unwrap();
    let error = Vault::new(keys()).unwrap_err();
    assert_eq!(error.kind(), phi_core::keys::KeyErrorKind::Governed);
}

#[test]
fn what_another_grant_opened_is_judged_again_before_it_is_shown() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let opened = begin(&safeguards, &person(8, HERE, "clinician"), Action::Read).open(row).unwrap();
    let stranger = begin(&safeguards, &person(8, THERE, "clinician"), Action::Read);
    assert_eq!(stranger.reveal(&opened).unwrap_err(), OpenError::NotFound);
    let desk = begin(&safeguards, &person(9, HERE, "front-desk"), Action::Read);
    assert!(matches!(desk.reveal(&opened).unwrap_err(), OpenError::Denied { .. }));
    let writer = begin(&safeguards, &person(7, HERE, "clinician"), Action::Create);
    assert!(writer.reveal(&opened).is_ok());
    drop(stranger);
    assert_eq!(last(&log).reason, Some(Reason::GrantDropped));
}

#[test]
fn an_intent_comes_first_or_never() {
    let (safeguards, log) = start();
    let who = person(7, HERE, "clinician");
    let grant = safeguards.grant(&who, &Needs::create("patient"), Circumstances::default());
    let grant = grant.unwrap();
    assert_eq!(grant.seal(&ada()).unwrap_err(), SealError::Closed, "before its intent");
    block_on(grant.intent().unwrap()).unwrap();
    assert!(grant.seal(&ada()).is_ok());
    block_on(grant.finish_as(Outcome::Success, None)).unwrap();
    assert!(grant.intent().is_none());
    assert_eq!(log.events().len(), 2);
}

#[test]
fn a_role_deletes_no_row_with_a_field_outside_its_classes() {
    let (safeguards, log) = start();
    let row = stored(&safeguards);
    let grant = begin(&safeguards, &person(9, HERE, "archivist"), Action::Delete);
    let denied = OpenError::Denied { record: "patient", field: "ssn" };
    assert_eq!(grant.delete(&row).unwrap_err(), denied);
    assert!(grant.delete(&contact(&row)).is_ok(), "negative control: what it may delete");
    block_on(grant.finish()).unwrap();
    assert_eq!(last(&log).reason, Some(Reason::FieldClass));
}
