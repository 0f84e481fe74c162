//! The derives of phi-core. Use them through it: `phi_core::PhiRecord` and `phi_core::PhiCode`.

mod attrs;
mod code;
mod ctxt;
mod label;
mod record;
mod serde;
mod shape;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with PHI fields a record: it can be sealed, opened, searched and revealed.
///
/// ```
/// use phi_core::index::IndexToken;
/// use phi_core::{Phi, PhiRecord, Sealed};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "patient")]
/// pub struct Patient {
///     #[phi(id)]
///     pub id: Uuid,
///     #[phi(tenant)]
///     pub clinic_id: Uuid,
///     #[phi(class = "contact")]
///     pub name: Phi<String>,
///     #[phi(class = "identifier", index(exact = "ssn"))]
///     pub ssn: Phi<String>,
///     #[phi(class = "clinical", pad = 64)]
///     pub diagnosis: Option<Phi<String>>,
///     #[phi(owner)]
///     pub clinician_id: Uuid,
///     #[phi(clear)]
///     pub active: bool,
/// }
///
/// // The derive makes the sealed twin, which is stored, cached and queued …
/// fn columns(row: SealedPatient) -> (Uuid, Sealed<String>, IndexToken, Option<Sealed<String>>) {
///     (row.id, row.name, row.ssn_index, row.diagnosis)
/// }
///
/// // … the schema that policies are checked against, and the names of the indexes.
/// assert_eq!(Patient::schema().fields[1].class, "identifier");
/// assert_eq!(format!("{:?}", Patient::SSN_INDEX), "Index(patient.ssn)");
/// # let _ = columns;
/// ```
///
/// A field that is neither `Phi<_>` nor marked does not compile:
///
/// ```compile_fail
/// use phi_core::{Phi, PhiRecord};
///
/// #[derive(PhiRecord)]
/// #[phi(record = "patient")]
/// struct Patient {
///     #[phi(id)]
///     id: i64,
///     #[phi(class = "contact")]
///     name: Phi<String>,
///     ssn: String, // refused: wrap it in `Phi<String>`, or write `#[phi(clear)]`
/// }
/// ```
///
/// # On the struct
///
/// | attribute | meaning |
/// |---|---|
/// | `record = "…"` | required: the record label. It is bound into every ciphertext, so it stays when the struct or the table is renamed |
/// | `sqlx` | short for `sealed(derive(sqlx::FromRow))`, and `phi_core::record::Columns` for the twin; needs the feature `sqlx` of phi-core |
/// | `sealed(…)` | further derives and attributes of the twin: `sealed(derive(…), serde(rename_all = "camelCase"))` |
/// | `crate = "…"` | the path that leads to phi-core where it has another name: a dependency that is renamed, or a module that re-exports all of it |
///
/// The struct has named fields and no generics.
///
/// # On a field that is PHI
///
/// Its type is spelled `Phi<T>` or `Option<Phi<T>>`; a list or a struct is sealed whole, as
/// `Phi<Json<Vec<T>>>`. NULL stays NULL and shows as such.
///
/// | attribute | meaning |
/// |---|---|
/// | `class = "…"` | required: the class that policy rules name |
/// | `index(exact = "…", bits = …)` | a search index, a column named after the field and `_index`, and a constant like `SSN_INDEX`. Kinds: `text`, `digits`, `ssn`, `last4`, `phone`, `date`. `bits`, 8 to 256, is the length of a token; 64 if left out |
/// | `pad = …` | the text is padded to a multiple of so many bytes, 1 to 4096, before it is sealed; 16 if left out; `"none"` shows exact lengths |
/// | `field = "…"` | the field label, if it is not the field's name. It is bound into the ciphertext: a field that is renamed keeps its old label here |
///
/// # On any other field
///
/// Exactly one of these:
///
/// | attribute | meaning |
/// |---|---|
/// | `id` | required once: the id every ciphertext is bound to, known before the save |
/// | `tenant` | the organisation the record belongs to, bound as well |
/// | `subject` | the patient it is about; the record's own id if there is none |
/// | `owner` | who owns the row, for the row scope `own`; may be an `Option` |
/// | `clear` | not PHI: stored, shown and serialised as it is |
///
/// An id is a `Uuid`, `i64`, `i32` or `u32`, or any type with a `From` for `phi_core::Id`. Text
/// may be PHI, so it is refused unless the mark says `opaque`: `#[phi(id, opaque)]`.
///
/// Labels are 1 to 64 of `a-z`, `0-9`, `-` and `_`, a letter first.
///
/// # What it makes
///
/// For `Patient`: the struct `SealedPatient`, with the same visibility and documentation, each
/// `Phi<T>` now `Sealed<T>`, and the tokens of the indexes. It is `Clone`, `Debug` (kinds and key
/// ids), `Serialize` and `Deserialize`, so fields that are not PHI need these too. Serialised, it
/// leaves the tokens out; a row read back without them can be opened, but not stored.
///
/// # What `reveal` shows
///
/// What `#[derive(serde::Serialize)]` would write of the struct, in clear: its fields in order, but
/// for what serde's own attributes say. A struct needs no derive of serde to have them.
///
/// ```
/// use phi_core::{Phi, PhiRecord};
///
/// #[derive(PhiRecord)]
/// #[phi(record = "patient")]
/// #[serde(rename_all = "camelCase")]
/// struct Patient {
///     #[phi(id)]
///     id: i64,
///     #[phi(tenant)]
///     #[serde(skip)] // never shown
///     clinic_id: i64,
///     #[phi(class = "contact")]
///     full_name: Phi<String>, // shown as `fullName`
///     #[phi(class = "contact")]
///     #[serde(skip_serializing_if = "Option::is_none")] // not shown as `null`
///     phone: Option<Phi<String>>,
/// }
/// ```
///
/// | attribute of serde | what it does here |
/// |---|---|
/// | `skip`, `skip_serializing` | the field is not shown. A `Phi` still counts as used: policy must allow its class, and the audit event names it |
/// | `skip_serializing_if` | the function is given the field as it is, `&Phi<T>` or `&Option<Phi<T>>` too |
/// | `rename`, `rename_all` | the name for writing |
/// | `default`, `alias`, `deserialize_with`, `deny_unknown_fields` and others that concern reading alone | nothing |
/// | `flatten`, `with`, `serialize_with`, `getter` | a compile error, unless the field is skipped as well |
/// | `tag`, `transparent`, `into` and others that give the whole another form; what is not known | a compile error |
///
/// Every record can be revealed, so the errors do not ask whether one is. Where a request has such
/// a form, read it into a struct of its own and make the record from that.
///
/// The twin takes none of these: it is what is stored, so it keeps every field, under its name
/// unless `sealed(serde(…))` says another.
///
/// # Security
///
/// The derive sees words, not types. A `Phi` in any form it does not understand is a compile
/// error, and an alias of `Phi<_>` that is marked `clear` fails because the twin is cloned and
/// serialised. It cannot see that a `String` marked `clear` holds a name: each `clear` is a
/// decision for review. Tests: `phi-core/tests/ui/derive`.
#[proc_macro_derive(PhiRecord, attributes(phi, serde))]
pub fn derive_phi_record(input: TokenStream) -> TokenStream {
    record::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes an enum of codes a value that can stand in a `Phi`.
///
/// ```
/// use phi_core::{Phi, PhiCode};
///
/// #[derive(Clone, Copy, Debug, PartialEq, PhiCode)]
/// enum Smoking {
///     #[phi(code = "never")]
///     Never,
///     #[phi(code = "former")]
///     Former,
///     #[phi(code = "current")]
///     Current,
/// }
///
/// let smoking = Phi::new(Smoking::Former);
/// assert_eq!(smoking.expose().code(), "former");
/// assert_eq!(Smoking::from_code("current"), Ok(Smoking::Current));
/// assert!(Smoking::from_code("Current").is_err()); // refused: the code, not the name, is stored
/// ```
///
/// A variant without a code does not compile, as its name would be stored for decades by accident:
///
/// ```compile_fail
/// #[derive(Clone, Copy, phi_core::PhiCode)]
/// enum Smoking {
///     Never,
/// }
/// ```
///
/// | attribute | meaning |
/// |---|---|
/// | `code = "…"` | required on each variant and unique: what is stored and revealed, 1 to 64 printable ASCII characters, no space at either end |
/// | `crate = "…"` | on the enum: the path that leads to phi-core where it has another name |
///
/// The variants hold nothing; the enum is `Copy` and has no generics. A wiped value is overwritten
/// with the first variant. A code that is taken out can no longer be opened: keep its variant.
#[proc_macro_derive(PhiCode, attributes(phi))]
pub fn derive_phi_code(input: TokenStream) -> TokenStream {
    code::derive(&parse_macro_input!(input as DeriveInput)).into()
}

#[cfg(test)]
mod tests;
