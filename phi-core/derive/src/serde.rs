//! What serde's attributes say about the revealed view: it shows what `#[derive(Serialize)]` would.
//!
//! What is not known here is refused: an attribute that is passed over may be the one that was to
//! keep a field from being shown.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, ExprPath, Ident, LitStr, Token};

use crate::ctxt::{Ctxt, inner_keys, pass_over, set};

/// What concerns reading alone, or the code that serde's own derives write.
const READING_STRUCT: [&str; 7] =
    ["default", "deny_unknown_fields", "bound", "from", "try_from", "expecting", "crate"];

/// As [`READING_STRUCT`], on a field.
const READING_FIELD: [&str; 6] =
    ["default", "alias", "deserialize_with", "skip_deserializing", "bound", "borrow"];

/// What gives a whole struct another form.
const FORMS: [&str; 6] = ["tag", "content", "untagged", "transparent", "into", "remote"];

/// What stands on the struct.
#[derive(Default)]
pub(crate) struct SerdeStruct {
    /// Its name, if it is another.
    pub(crate) name: Option<String>,
    case: Option<Case>,
}

impl SerdeStruct {
    pub(crate) fn read(attrs: &[Attribute], record: &Ident, ctxt: &mut Ctxt) -> Self {
        let mut read = Self::default();
        ctxt.each_key_of("serde", attrs, |key, meta| match key {
            "rename" => set_name(&mut read.name, meta),
            "rename_all" => match written(meta)? {
                Some(lit) => set(&mut read.case, Case::read(&lit)?, meta),
                None => Ok(()),
            },
            _ if READING_STRUCT.contains(&key) => pass_over(meta),
            _ if FORMS.contains(&key) => Err(meta.error(format_args!(
                "`reveal` writes `{record}` as a plain struct; leave `{key}` out, and read what \
                 comes in this form into a struct of its own"
            ))),
            _ => Err(meta.error(
                "unknown serde attribute; of those for writing, `reveal` knows `rename` and \
                 `rename_all` on a struct",
            )),
        });
        read
    }

    /// The name that a field is revealed under.
    pub(crate) fn name_of(&self, field: &str, serde: &SerdeField) -> String {
        let in_case = || self.case.map_or_else(|| field.to_owned(), |case| case.of(field));
        serde.name.clone().unwrap_or_else(in_case)
    }
}

/// What stands on a field.
#[derive(Default)]
pub(crate) struct SerdeField {
    name: Option<String>,
    /// Whether it is never shown.
    pub(crate) skip: bool,
    /// What decides by its value whether it is shown.
    pub(crate) skip_if: Option<ExprPath>,
}

impl SerdeField {
    pub(crate) fn read(attrs: &[Attribute], field: &str, ctxt: &mut Ctxt) -> Self {
        let mut read = Self::default();
        let mut forms = Vec::new();
        ctxt.each_key_of("serde", attrs, |key, meta| match key {
            "rename" => set_name(&mut read.name, meta),
            "skip" | "skip_serializing" => {
                read.skip = true;
                Ok(())
            }
            "skip_serializing_if" => {
                let lit: LitStr = meta.value()?.parse()?;
                let path = lit.parse().map_err(|_| {
                    syn::Error::new_spanned(&lit, "`skip_serializing_if` is the path of a function")
                })?;
                set(&mut read.skip_if, path, meta)
            }
            "flatten" | "with" | "serialize_with" | "getter" => {
                forms.push((meta.path.span(), key.to_owned()));
                pass_over(meta)
            }
            _ if READING_FIELD.contains(&key) => pass_over(meta),
            _ => Err(meta.error(format_args!(
                "unknown serde attribute on field `{field}`; of those for writing, `reveal` knows \
                 `rename`, `skip`, `skip_serializing` and `skip_serializing_if`"
            ))),
        });
        // What is not shown has no form.
        for (at, form) in forms.into_iter().filter(|_| !read.skip) {
            ctxt.push(refused(at, &form, field));
        }
        read
    }
}

/// The mistake of a field that serde would write in another form.
fn refused(at: Span, form: &str, field: &str) -> syn::Error {
    let instead = match form {
        "flatten" => "leave it out, and read what comes in this form into a struct of its own",
        "with" => "write `deserialize_with = \"…::deserialize\"` for reading alone",
        "serialize_with" => "give the field a type that serialises so",
        _ => "leave it out",
    };
    let message = format!(
        "`reveal` writes field `{field}` as its type does, without `{form}`; {instead}, or add \
         `skip_serializing` to show nothing of the field"
    );
    syn::Error::new(at, message)
}

/// Stores what `rename` says for writing, if it says something.
fn set_name(slot: &mut Option<String>, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    match written(meta)? {
        Some(name) => set(slot, name.value(), meta),
        None => Ok(()),
    }
}

/// The text of `key = "…"` or `key(serialize = "…", deserialize = "…")` that counts for writing.
fn written(outer: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if outer.input.peek(Token![=]) {
        return outer.value()?.parse().map(Some);
    }
    let mut lit = None;
    inner_keys(outer, |key, meta| match key {
        "serialize" => set(&mut lit, meta.value()?.parse()?, meta),
        "deserialize" => pass_over(meta),
        _ => Err(meta.error("unknown serde attribute; there is `serialize` and `deserialize`")),
    })?;
    Ok(lit)
}

/// A case that `rename_all` brings the names of all fields to.
#[derive(Clone, Copy)]
enum Case {
    /// `lowercase` and `snake_case`, which serde takes field names to be in.
    AsWritten,
    Upper,
    Pascal,
    Camel,
    Kebab,
    UpperKebab,
}

impl Case {
    const ALL: [(&'static str, Self); 8] = [
        ("lowercase", Self::AsWritten),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::AsWritten),
        ("SCREAMING_SNAKE_CASE", Self::Upper),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::UpperKebab),
    ];

    fn read(lit: &LitStr) -> syn::Result<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == lit.value());
        found.map(|(_, case)| *case).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
            let message = format!("unknown case; the cases are {}", known.join(", "));
            syn::Error::new_spanned(lit, message)
        })
    }

    /// A field's name in this case, as serde makes it.
    fn of(self, field: &str) -> String {
        match self {
            Self::AsWritten => field.to_owned(),
            Self::Upper => field.to_ascii_uppercase(),
            Self::Pascal => {
                field.split('_').map(|word| first(word, char::to_ascii_uppercase)).collect()
            }
            Self::Camel => first(&Self::Pascal.of(field), char::to_ascii_lowercase),
            Self::Kebab => field.replace('_', "-"),
            Self::UpperKebab => Self::Kebab.of(field).to_ascii_uppercase(),
        }
    }
}

/// A text with another first letter.
fn first(text: &str, change: fn(&char) -> char) -> String {
    let mut letters = text.chars();
    letters.next().iter().map(change).chain(letters).collect()
}
