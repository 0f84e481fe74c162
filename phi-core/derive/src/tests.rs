//! Whatever is written into the attributes, the answer is code or a mistake with a message.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use syn::DeriveInput;

type Derive = fn(&DeriveInput) -> TokenStream;

/// What a derive answers: `Ok` with the number of items, `Err` with the number of mistakes.
fn answer(derive: Derive, input: &str) -> Option<Result<usize, usize>> {
    let input: DeriveInput = syn::parse_str(input).ok()?;
    let file: syn::File = syn::parse2(derive(&input)).expect("the derive writes items");
    let mistakes = file.items.iter().filter(|item| matches!(item, syn::Item::Macro(_))).count();
    Some(if mistakes == 0 { Ok(file.items.len()) } else { Err(mistakes) })
}

const KEYS: [&str; 19] = [
    "id",
    "id, opaque",
    "tenant",
    "owner",
    "subject",
    "clear",
    "class = \"contact\"",
    "class = \"\"",
    "class",
    "class = \"a\", field = \"b\"",
    "class = \"a\", index(exact = \"ssn\")",
    "class = \"a\", index(exact = \"text\", bits = 8), pad = \"none\"",
    "class = \"a\", index()",
    "class = \"a\", index",
    "class = \"a\", pad = 99999999999999999999999",
    "class = \"a\", pad = -1",
    "id = 3, , clear",
    "a::b, (x), [y], \"z\"",
    "",
];

const SERDE: [&str; 12] = [
    "",
    "skip",
    "skip_serializing, with = \"a\"",
    "skip_serializing_if = \"Option::is_none\"",
    "skip_serializing_if = \"\"",
    "rename = \"\"",
    "rename(serialize = \"a\", deserialize = 3)",
    "rename(), rename",
    "rename_all = \"camelCase\", default",
    "rename_all = \"camel\", bound(serialize = \"a, b\"), alias = \"b\"",
    "flatten, tag = \"a\", , x",
    "a::b, (x), [y], \"z\"",
];

const TYPES: [&str; 9] = [
    "Phi<String>",
    "Option<Phi<u8>>",
    "Vec<Phi<String>>",
    "Phi",
    "i64",
    "String",
    "Option<i64>",
    "[u8; { struct Phi; 4 }]",
    "dyn Fn(Phi<A>) -> B",
];

fn field() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "a_index", "r#type", "SSN", "é", "__"]);
    let serde = prop::sample::select(SERDE.to_vec());
    (name, prop::sample::select(KEYS.to_vec()), serde, prop::sample::select(TYPES.to_vec()))
        .prop_map(|(name, key, serde, ty)| format!("#[phi({key})] #[serde({serde})] {name}: {ty}"))
}

proptest! {
    #[test]
    fn any_record_is_answered_with_code_or_mistakes(
        record in prop::sample::select(vec![
            "record = \"a\"",
            "record = \"a\", sqlx",
            "record = \"a\", sealed(derive(Eq), serde(default))",
            "record = \"a\", sealed(derive(1))",
            "sealed = 3",
            "record = 4",
        ]),
        serde in prop::sample::select(SERDE.to_vec()),
        fields in prop::collection::vec(field(), 0..5),
    ) {
        let fields = fields.join(", ");
        let input = format!("#[phi({record})] #[serde({serde})] struct A {{ {fields} }}");
        let _ = answer(crate::record::derive, &input);
    }

    #[test]
    fn any_code_is_answered_with_code_or_mistakes(code in "\\PC{0,70}", other in "[ab]{0,2}") {
        let input = format!("enum A {{ #[phi(code = {code:?})] B, #[phi(code = {other:?})] C }}");
        let good = |code: &str| {
            let printable = code.chars().all(|c| (' '..='~').contains(&c));
            (1..=64).contains(&code.len()) && printable && code.trim_matches(' ') == code
        };
        let want = good(&code) && good(&other) && code != other;
        let got = answer(crate::code::derive, &input).map(|answer| answer.is_ok());
        prop_assert_eq!(got, Some(want), "{}", input);
    }
}

#[test]
fn no_path_leads_to_phi_core_where_it_has_another_name() {
    let path = |of: &str| format!("#[phi({of}crate = \"safe::core\")]");
    // Each kind of code that a record can have.
    let record = |of: &str, id: &str, ty: &str| {
        format!(
            "{} struct A {{ #[phi(id{id})] id: {ty}, #[phi(tenant)] t: i64, #[phi(subject)] s: i64, \
             #[phi(owner{id})] o: Option<{ty}>, \
             #[phi(class = \"a\", index(exact = \"text\"))] a: Phi<String>, \
             #[phi(class = \"a\", index(exact = \"text\"))] b: Option<Phi<String>>, \
             #[phi(class = \"a\")] #[serde(skip_serializing_if = \"c\")] c: Option<Phi<u8>> }}",
            path(of)
        )
    };
    let opaque = record("record = \"a\", ", ", opaque", "String");
    let plain = record("record = \"a\", ", "", "i64");
    let columns = record("record = \"a\", sqlx, ", "", "i64");
    let code = format!("{} enum A {{ #[phi(code = \"b\")] B }}", path(""));
    let derives: [(Derive, _); 4] = [
        (crate::record::derive, opaque),
        (crate::record::derive, plain),
        (crate::record::derive, columns),
        (crate::code::derive, code),
    ];
    for (derive, input) in derives {
        let written = derive(&syn::parse_str(&input).unwrap()).to_string();
        assert!(!written.contains("phi_core"), "{input}: {written}");
        // Without the feature, `sqlx` is refused before any path is written.
        let refused = input.contains("sqlx") && !cfg!(feature = "_sqlx");
        assert_eq!(written.contains("safe :: core"), !refused, "{input}: {written}");
    }
}

#[test]
fn mistakes_do_not_hide_each_other() {
    let fields = ["#[phi(clear)] a: Phi<u8>", "b: String", "#[phi(class = \"\")] c: Phi<u8>"];
    for count in 1..=fields.len() {
        let input = format!("#[phi(record = \"a\")] struct A {{ {} }}", fields[..count].join(", "));
        // One mistake for each field, and one for the id that is not there.
        assert_eq!(answer(crate::record::derive, &input), Some(Err(count + 1)));
    }
    let good = "#[phi(record = \"a\")] struct A { #[phi(id)] id: i64 }";
    assert_eq!(answer(crate::record::derive, good), Some(Ok(3)));
}
