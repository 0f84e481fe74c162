//! What must not compile does not, and the compiler's message says what to write (promise P1).
//!
//! Each folder of refusals has a file in `pass` that does the allowed thing beside it, so that a
//! refusal cannot come from a broken test.
#![cfg(feature = "derive")]

#[test]
fn an_open_value_has_no_way_out_but_its_verbs() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/absent/*.rs");
    cases.pass("tests/ui/pass/absent_control.rs");
}

#[test]
fn the_derives_refuse_what_they_do_not_understand() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/derive/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}

// The compiler lists the types that would do, which further features make longer.
#[cfg(not(any(feature = "chrono", feature = "time", feature = "decimal")))]
#[test]
fn a_type_that_cannot_be_sealed_or_searched_is_told_at_its_field() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/derive_types/*.rs");
    cases.pass("tests/ui/pass/patient.rs");
}

// With the databases that a build of the whole workspace has: the lists differ for each.
#[cfg(feature = "postgres")]
#[test]
fn an_open_value_is_never_bound_to_a_column() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/absent_sqlx/*.rs");
    cases.pass("tests/ui/pass_sqlx/*.rs");
}

#[cfg(feature = "sqlx")]
#[test]
fn the_columns_of_a_twin_have_one_name() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/derive_sqlx/*.rs");
    cases.pass("tests/ui/pass/patient.rs");
}

// The other way round: what a build without the feature says.
#[cfg(not(feature = "sqlx"))]
#[test]
fn columns_without_their_feature_are_one_mistake_that_names_it() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/derive_no_sqlx/*.rs");
    cases.pass("tests/ui/pass/patient.rs");
}
