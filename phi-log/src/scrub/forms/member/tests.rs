use crate::scrub::tests::{becomes, stays};
use crate::scrub::work::is_linear_work;

#[test]
fn values_are_read_by_the_name_that_stands_beside_them() {
    becomes(&[
        (
            r#"{"column":"LAST_NAME","oldValue":"Okonkwo","newValue":"Ngo"}"#,
            r#"{"column":"LAST_NAME","oldValue":"[PHI:name]","newValue":"[PHI:name]"}"#,
        ),
        (
            r#"{"property":"mobilePhone","before":"4153339499","after":4043685360}"#,
            r#"{"property":"mobilePhone","before":"[PHI:phone]","after":"[PHI:phone]"}"#,
        ),
        (
            r#"{"field":"first_name","rejectedValue":"Guadalupe"}"#,
            r#"{"field":"first_name","rejectedValue":"[PHI:name]"}"#,
        ),
        (
            r#"[{"op":"replace","path":"/firstName","value":"Jürgen"}]"#,
            r#"[{"op":"replace","path":"/firstName","value":"[PHI:name]"}]"#,
        ),
        (
            r#"{"op":"add","path":"/address/0","value":["12 Elm St","Apt 4"]}"#,
            r#"{"op":"add","path":"/address/0","value":["[PHI:address]","[PHI:address]"]}"#,
        ),
        (
            r#"{"data":"Linda","instancePath":"/firstName","keyword":"minLength"}"#,
            r#"{"data":"[PHI:name]","instancePath":"/firstName","keyword":"minLength"}"#,
        ),
        (
            r#"{"detail":[{"loc":["body","first_name"],"msg":"x","input":"Zoë"}]}"#,
            r#"{"detail":[{"loc":["body","first_name"],"msg":"x","input":"[PHI:name]"}]}"#,
        ),
        (
            r#"{"key":"patient.firstName","value":{"stringValue":"Siobhan"}}"#,
            r#"{"key":"patient.firstName","value":{"stringValue":"[PHI:name]"}}"#,
        ),
        (
            r#"{"id":"first_name","type":"text","answer":"Kwabena"}"#,
            r#"{"id":"first_name","type":"text","answer":"[PHI:name]"}"#,
        ),
        (r#"{"k":"patient_name","v":"María Okonkwo"}"#, r#"{"k":"patient_name","v":"[PHI:name]"}"#),
        (
            r#"{"patient":{"old":null,"new":"Itzel Haile"}}"#,
            r#"{"patient":{"old":null,"new":"[PHI:name]"}}"#,
        ),
        (
            r#"{\"field\": \"mrn\", \"x\": {\"value\": 1}, \"old_value\": \"A-77\"}"#,
            r#"{\"field\": \"mrn\", \"x\": {\"value\": 1}, \"old_value\": \"[PHI:mrn]\"}"#,
        ),
    ]);
}

#[test]
fn debug_text_has_such_objects_too() {
    becomes(&[
        (
            r#"Err(InvalidField { field: "last_name", got: "Zhou" })"#,
            r#"Err(InvalidField { field: "last_name", got: "[PHI:name]" })"#,
        ),
        (
            r#"Change { column: "mrn", old: Some("A-77"), new: None }"#,
            r#"Change { column: "mrn", old: Some("[PHI:mrn]"), new: None }"#,
        ),
        (
            "Violation{message='too long', propertyPath=firstName, root=class x.Y, value='Saoirse'}",
            "Violation{message='too long', propertyPath=firstName, root=class x.Y, value='[PHI:name]'}",
        ),
    ]);
}

#[test]
fn objects_of_programs_stay() {
    stays(&[
        r#"{"name":"worker-1","value":"A-77","before":"x"}"#,
        r#"{"path":"/api/orders","value":"x"}"#,
        r#"{"field":"first_name","message":"is required","value":null}"#,
        r#"{"id":"email","type":"text"},{"answer":"x"}"#,
        r#"path: "/name" value"#,
        r#"{"column":"last_name","type":"text","nullable":true}"#,
        r#"{"patient":{"new":true,"old":3}}"#,
    ]);
}

#[test]
fn the_work_on_objects_is_linear() {
    is_linear_work(&[
        r#"{"field":"mrn","#,
        r#""field":"mrn","#,
        r#"{"field":"mrn","value":""#,
        r#"{"loc":["mrn","#,
        r#""patient":{"new":""#,
        "k:mrn=",
        r#"{"k":"mrn","v":[""#,
        r#"{"k":"mrn","v":{"a""#,
    ]);
}
