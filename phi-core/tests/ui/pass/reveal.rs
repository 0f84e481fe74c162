// The revealed view holds every field in order, in clear, under the names of the struct.
use phi_core::{Phi, PhiRecord};

#[derive(PhiRecord)]
#[phi(record = "visit")]
struct Visit {
    #[phi(id)]
    id: i64,
    #[phi(class = "clinical")]
    note: Phi<String>,
    #[phi(class = "clinical")]
    plan: Option<Phi<String>>,
    #[phi(class = "clinical", field = "kind")]
    r#type: Option<Phi<i64>>,
    #[phi(clear)]
    tags: Vec<String>,
}

fn main() {
    let visit = Visit {
        id: 4,
        note: "sample note".into(),
        plan: None,
        r#type: Some(3.into()),
        tags: vec!["new".into()],
    };
    let mut text = Vec::new();
    visit.reveal_fields(&mut serde_json::Serializer::new(&mut text)).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        r#"{"id":4,"note":"sample note","plan":null,"type":3,"tags":["new"]}"#
    );
}
