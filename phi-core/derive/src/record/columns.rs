//! `Columns` for the twin: how sqlx binds a whole record.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Ident;

use super::field::{Field, Kind};
use super::{Record, literal, option};
use crate::attrs::{Role, Root};

/// A column: its name, the twin's field, and the field's type.
struct Column<'a> {
    name: TokenStream,
    field: &'a Ident,
    ty: TokenStream,
    kind: TokenStream,
}

impl Record<'_> {
    /// Nothing unless the record says `sqlx`.
    pub(super) fn columns(&self) -> TokenStream {
        if !self.sqlx {
            return TokenStream::new();
        }
        let Self { root, twin, .. } = self;
        let columns: Vec<_> =
            self.fields.iter().flat_map(|field| columns_of(field, root)).collect();
        let names: Vec<_> = columns.iter().map(|column| &column.name).collect();
        let kinds = columns.iter().map(|column| &column.kind);
        let fields = columns.iter().map(|column| column.field);
        let mut seen = HashSet::new();
        let types = columns.iter().map(|column| &column.ty);
        let types = types.filter(|ty| seen.insert(ty.to_string()));
        let name_of = |role| self.role(role).map(|field| literal(&field.name, field.ident));
        let (id, tenant) = (name_of(Role::Id), option(name_of(Role::Tenant)));
        let sqlx = quote!(#root::__private::sqlx);
        quote! {
            #[automatically_derived]
            impl<DB: #sqlx::Database> #root::record::Columns<DB> for #twin
            where
                #(#types: for<'q> #sqlx::Encode<'q, DB> + #sqlx::Type<DB>,)*
            {
                const NAMES: &'static [&'static str] = &[#(#names),*];
                const KINDS: &'static [#root::record::ColumnKind] =
                    &[#(#root::record::ColumnKind::#kinds),*];
                const ID: &'static str = #id;
                const TENANT: ::core::option::Option<&'static str> = #tenant;

                fn bind(
                    &self,
                    column: &str,
                    arguments: &mut <DB as #sqlx::Database>::Arguments,
                ) -> ::core::result::Result<(), #sqlx::error::BoxDynError> {
                    match column {
                        #(#names => #sqlx::Arguments::add(arguments, &self.#fields),)*
                        _ => ::core::result::Result::Err(
                            ::core::convert::From::from("record has no column of this name"),
                        ),
                    }
                }
            }
        }
    }
}

/// The columns of a field: its own, and its token's.
fn columns_of<'a>(field: &'a Field<'_>, root: &Root) -> Vec<Column<'a>> {
    let name = literal(&field.name, field.ident);
    let phi = match &field.kind {
        Kind::Phi(phi) => phi,
        Kind::Plain(plain) => {
            let kind = match plain.role {
                Role::Id => quote!(Id),
                Role::Tenant => quote!(Tenant),
                Role::Owner => quote!(Owner),
                Role::Subject => quote!(Subject),
                Role::Clear => quote!(Clear),
            };
            let ty = field.ty.to_token_stream();
            return vec![Column { name, field: field.ident, ty, kind }];
        }
    };
    let value = phi.value;
    let in_full = |ty| if phi.optional { quote!(::core::option::Option<#ty>) } else { ty };
    let sealed = in_full(quote!(#root::Sealed<#value>));
    let kind = quote!(Sealed { value: ::core::stringify!(#value) });
    let mut columns = vec![Column { name, field: field.ident, ty: sealed, kind }];
    if let Some(index) = &phi.index {
        columns.push(Column {
            name: literal(&index.column_name, field.ident),
            field: &index.column,
            ty: in_full(quote!(#root::index::IndexToken)),
            kind: quote!(Token),
        });
    }
    columns
}
