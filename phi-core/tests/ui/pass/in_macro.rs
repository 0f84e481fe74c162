// A record that `macro_rules` writes, with types that come in from outside.
macro_rules! record {
    ($name:ident, $text:ty, $owner:ty) => {
        #[derive(phi_core::PhiRecord)]
        #[phi(record = "made")]
        struct $name {
            #[phi(id, opaque)]
            id: $text,
            #[phi(owner)]
            owner: Option<$owner>,
            #[phi(class = "contact", index(exact = "text"))]
            name: phi_core::Phi<$text>,
            #[phi(class = "contact", index(exact = "text"))]
            other: Option<phi_core::Phi<$text>>,
        }
    };
}

record!(Made, String, i64);

fn main() {
    use phi_core::{Id, PhiRecord};
    let made = Made { id: "7".into(), owner: Some(1), name: "sample".into(), other: None };
    assert_eq!(made.place().id, Id::opaque("7"));
    assert_eq!(made.place().owner, Some(Id::Int(1)));
    let _ = (Made::NAME_INDEX, Made::OTHER_INDEX);
}
