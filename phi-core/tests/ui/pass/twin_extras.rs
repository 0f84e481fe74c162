// The twin takes further derives and attributes, in the record's visibility, and in strict crates.
#![deny(missing_docs, unreachable_pub, unused, single_use_lifetimes, unsafe_code)]
//! A test.

mod records {
    use phi_core::{Phi, PhiRecord};

    /// Sample.
    #[derive(PhiRecord)]
    #[phi(
        record = "device",
        sealed(derive(sqlx::FromRow), serde(rename_all = "camelCase"), must_use)
    )]
    pub(crate) struct Device {
        /// Its id.
        #[phi(id)]
        pub(crate) id: i64,
        /// Its serial number.
        #[phi(class = "identifier", index(exact = "digits"))]
        pub(crate) serial_number: Option<Phi<String>>,
    }
}

fn main() {
    let row: records::SealedDevice =
        serde_json::from_str(r#"{"id":1,"serialNumber":null}"#).unwrap();
    assert_eq!(row.id, 1);
    assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"id":1,"serialNumber":null}"#);
    // Read back without its token: not "no token", which would be stored and hide the row.
    assert_eq!(format!("{:?}", row.serial_number_index), "Some(IndexToken(left out))");
    assert!(row.serial_number.is_none());
}
