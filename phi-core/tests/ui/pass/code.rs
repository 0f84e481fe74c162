// Codes are stored under their own names, and a closed list stays closed.
use phi_core::value::ValueType;
use phi_core::{Phi, PhiCode, PhiValue};

#[derive(Clone, Copy, Debug, PartialEq, PhiCode)]
enum Status {
    #[phi(code = "negative")]
    Negative,
    #[phi(code = "in progress")]
    InProgress,
    #[phi(code = "M")]
    r#Match,
}

fn main() {
    for (status, code) in
        [(Status::Negative, "negative"), (Status::InProgress, "in progress"), (Status::Match, "M")]
    {
        assert_eq!(status.code(), code);
        assert_eq!(Status::from_code(code).unwrap(), status);
    }
    for other in ["", "Negative", "m", "negative "] {
        assert!(Status::from_code(other).is_err());
    }
    assert_eq!(Status::blank(), Status::Negative);
    assert_eq!(<Status as PhiValue>::TYPE, ValueType::Code);
    assert_eq!(format!("{:?}", Phi::new(Status::Match)), "Phi(redacted)");
}
