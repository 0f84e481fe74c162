// What stands beside each absence: the allowed way to the same end.
use phi_core::{Phi, PhiRecord};

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: i64,
    #[phi(class = "contact")]
    name: Phi<String>,
}

fn twin_is_stored(row: &SealedPatient) -> SealedPatient {
    let _ = serde_json::to_string(row);
    row.clone()
}

fn main() {
    let name: Phi<String> = Phi::new(String::from("Ada Sample"));
    let other = name.duplicate(); // instead of `clone`
    assert!(name.same_as(&other)); // instead of `==`
    assert!(!name.same_as(&"Bo Sample".into()));
    assert_eq!(name.expose().as_str(), "Ada Sample"); // instead of `Deref` and `AsRef`
    assert_eq!(name.expose_with(|name| name.len()), 10);
    assert_eq!(format!("{name:?}"), "Phi(redacted)"); // `Debug` is there and silent
    let patient = Patient { id: 1, name };
    assert_eq!(format!("{patient:?}"), "Patient { id: 1, name: Phi(redacted) }");
    let read: Phi<String> = serde_json::from_str("\"Cy Sample\"").unwrap(); // taking in is fine
    assert_eq!(read.expose(), "Cy Sample");
    let _ = twin_is_stored;
}
