//! `#[derive(PhiRecord)]`: the struct is read into a model, checked whole, then written out.

mod columns;
mod field;
mod open;
mod reveal;
mod twin;

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, FieldsNamed, Ident, Meta, Path, Token, Type, Visibility};

use self::field::{Field, Kind};
use crate::attrs::{FieldAttrs, RecordAttrs, Role, Root};
use crate::ctxt::Ctxt;
use crate::label::label;
use crate::serde::SerdeStruct;

/// A record without mistakes.
struct Record<'a> {
    vis: &'a Visibility,
    ident: &'a Ident,
    twin: Ident,
    root: Root,
    /// How it is revealed.
    serde: SerdeStruct,
    label: String,
    sqlx: bool,
    sealed: Vec<Meta>,
    fields: Vec<Field<'a>>,
}

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let record = Record::read(input, &mut ctxt);
    match (record, ctxt.into_compile_errors()) {
        (Some(record), None) => {
            let parts = [record.twin(), record.open(), record.columns()];
            parts.into_iter().collect()
        }
        (_, errors) => errors.unwrap_or_default(),
    }
}

impl<'a> Record<'a> {
    fn read(input: &'a DeriveInput, ctxt: &mut Ctxt) -> Option<Self> {
        let ident = &input.ident;
        let attrs = RecordAttrs::read(&input.attrs, ctxt);
        let label = attrs.label.as_ref().map(|lit| label(lit, "record", ctxt));
        if !input.generics.params.is_empty() || input.generics.where_clause.is_some() {
            ctxt.error(&input.generics, "a record takes no generics; write a struct for each type");
        }
        let Some(named) = named_fields(input) else {
            ctxt.error(ident, "PhiRecord is for structs with named fields");
            return None;
        };
        if label.is_none() {
            ctxt.error(
                ident,
                "record has no label; write `#[phi(record = \"…\")]`: it is bound into every \
                 ciphertext, so that the struct and its table can be renamed",
            );
        }
        check_sealed(&attrs, ctxt);
        let serde = SerdeStruct::read(&input.attrs, &ident.unraw(), ctxt);
        let fields = read_fields(ident, named, ctxt);
        check_roles(&fields, ctxt);
        check_names(&fields, ctxt);
        Some(Self {
            vis: &input.vis,
            ident,
            twin: format_ident!("Sealed{}", ident.unraw(), span = ident.span()),
            root: attrs.root.unwrap_or_default(),
            serde,
            label: label.unwrap_or_default(),
            sqlx: attrs.sqlx.is_some(),
            sealed: attrs.sealed,
            fields,
        })
    }

    /// The field with this role.
    fn role(&self, role: Role) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.role() == Some(role))
    }

    /// Each PHI field with what it says.
    fn phi_fields(&self) -> impl Iterator<Item = (&Field<'a>, &field::PhiField<'a>)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            Kind::Phi(phi) => Some((field, phi)),
            Kind::Plain(_) => None,
        })
    }
}

fn named_fields(input: &DeriveInput) -> Option<&FieldsNamed> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => Some(named),
            _ => None,
        },
        _ => None,
    }
}

/// Reads each field; PHI fields are numbered in the order of the struct.
fn read_fields<'a>(record: &Ident, named: &'a FieldsNamed, ctxt: &mut Ctxt) -> Vec<Field<'a>> {
    let mut number = 0;
    let mut fields = Vec::new();
    let mut has_id = false;
    for field in &named.named {
        let attrs = FieldAttrs::read(&field.attrs, ctxt);
        // A field that could not be read may have been meant as the id.
        has_id |= attrs.refused || attrs.roles.iter().any(|(role, _)| *role == Role::Id);
        let Some(field) = Field::read(field, attrs, number, ctxt) else { continue };
        number += usize::from(matches!(field.kind, Kind::Phi(_)));
        fields.push(field);
    }
    if !has_id {
        ctxt.error(
            record,
            "record has no id; mark the field that holds it with `#[phi(id)]`: a UUID or an \
             integer that is known before the save",
        );
    }
    fields
}

/// At most one field of each role but `clear`.
fn check_roles(fields: &[Field<'_>], ctxt: &mut Ctxt) {
    for role in [Role::Id, Role::Tenant, Role::Owner, Role::Subject] {
        for second in fields.iter().filter(|field| field.role() == Some(role)).skip(1) {
            let (name, role) = (&second.name, role.name());
            ctxt.error(
                second.ident,
                format_args!("field `{name}` is a second `#[phi({role})]`; a record has one"),
            );
        }
    }
}

/// What the audit log calls the token of the field of this label.
fn token_label(label: &str) -> String {
    format!("{label}_index")
}

/// Field labels, columns and index constants must each be unique.
fn check_names(fields: &[Field<'_>], ctxt: &mut Ctxt) {
    let columns: HashMap<_, _> = fields.iter().map(|field| (field.name.clone(), field)).collect();
    let (mut labels, mut constants) = (HashMap::new(), HashMap::new());
    for field in fields {
        let Kind::Phi(phi) = &field.kind else { continue };
        let name = &field.name;
        if let Some(first) = labels.insert(phi.label.clone(), name) {
            let label = &phi.label;
            ctxt.error(
                field.ident,
                format_args!(
                    "fields `{first}` and `{name}` share the label `{label}`; give one \
                     another with `#[phi(field = \"…\")]`"
                ),
            );
        }
        let Some(index) = &phi.index else { continue };
        let token = token_label(&phi.label);
        if let Some(first) = labels.insert(token.clone(), name) {
            ctxt.error(
                field.ident,
                format_args!(
                    "fields `{first}` and `{name}` share the label `{token}`, which is that of a search \
                     token; give one another with `#[phi(field = \"…\")]`"
                ),
            );
        }
        if let Some(other) = columns.get(&index.column_name) {
            ctxt.error(
                other.ident,
                format_args!(
                    "column `{}` holds the search token of `{name}`; rename this field",
                    index.column_name
                ),
            );
        }
        if let Some(first) = constants.insert(index.constant.to_string(), name) {
            ctxt.error(
                field.ident,
                format_args!(
                    "the indexes of `{first}` and `{name}` would both be `{}`; rename \
                     one of the fields",
                    index.constant
                ),
            );
        }
    }
}

/// What the twin has anyway, or what would part its columns from its fields.
fn check_sealed(attrs: &RecordAttrs, ctxt: &mut Ctxt) {
    for meta in &attrs.sealed {
        let path = meta.path();
        if path.is_ident("sqlx") && attrs.sqlx.is_some() {
            ctxt.error(
                meta,
                "`sqlx` stores each field in the column of its name; rename the field and keep \
                 its label with `#[phi(field = \"…\")]`, or write \
                 `sealed(derive(sqlx::FromRow), sqlx(…))` instead of `sqlx`",
            );
        }
        if path.is_ident("phi") {
            ctxt.error(meta, "the twin takes no `phi` attributes");
        }
        let Meta::List(list) = meta else { continue };
        if !list.path.is_ident("derive") {
            continue;
        }
        let paths =
            list.parse_args_with(syn::punctuated::Punctuated::<Path, Token![,]>::parse_terminated);
        for path in ctxt.take(paths).into_iter().flatten() {
            let Some(name) = path.segments.last().map(|last| last.ident.to_string()) else {
                continue;
            };
            let there = matches!(&*name, "Clone" | "Debug" | "Serialize" | "Deserialize")
                || (name == "FromRow" && attrs.sqlx.is_some());
            if there {
                ctxt.error(path, format_args!("the twin derives `{name}` already; leave it out"));
            }
        }
    }
}

/// A place for messages about a type. Names in it still resolve where the derive's own do, also
/// when a `macro_rules` wrote the struct.
fn place_of(ty: &Type) -> Span {
    ty.span().resolved_at(Span::call_site())
}

/// A string literal at the place of a field.
fn literal(text: &str, at: &impl Spanned) -> TokenStream {
    syn::LitStr::new(text, at.span()).into_token_stream()
}

/// `Some(…)` or `None`, in full.
fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}
