//! The sealed twin: the struct that is stored, cached and queued.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::field::{Field, Kind};
use super::{Record, literal, option, place_of, token_label};

impl Record<'_> {
    /// The twin and its `SealedRecord`.
    pub(super) fn twin(&self) -> TokenStream {
        let definition = self.twin_struct();
        let (ident, twin) = (self.ident, &self.twin);
        let place = self.place();
        let opened = self.fields.iter().map(|field| {
            let name = field.ident;
            let Kind::Phi(phi) = &field.kind else { return quote!(#name: self.#name) };
            let number = phi.number;
            if phi.optional {
                quote!(#name: opener.optional(#number, self.#name)?)
            } else {
                quote!(#name: opener.field(#number, self.#name)?)
            }
        });
        let visits = self.visits();
        quote! {
            #definition

            #[automatically_derived]
            impl ::phi_core::SealedRecord for #twin {
                type Open = #ident;

                #place

                #[allow(unused_variables, reason = "a record may have no PHI fields")]
                fn open_fields(
                    self,
                    opener: &mut ::phi_core::record::FieldOpener<'_>,
                ) -> ::core::result::Result<#ident, ::phi_core::OpenError> {
                    ::core::result::Result::Ok(#ident { #(#opened),* })
                }

                #[allow(unused_variables, reason = "a record may have no PHI fields")]
                fn visit_stored(
                    &self,
                    visit: &mut dyn ::core::ops::FnMut(::phi_core::record::Stored<'_>),
                ) {
                    #visits
                }
            }
        }
    }

    fn twin_struct(&self) -> TokenStream {
        let Self { vis, ident, twin, sealed, .. } = self;
        let doc = format!("The sealed twin of [`{}`].", ident.unraw());
        let sqlx = self.sqlx.then(|| quote!(#[derive(::sqlx::FromRow)]));
        let fields = self.fields.iter().map(twin_field);
        quote! {
            #[doc = #doc]
            #[derive(
                ::core::clone::Clone,
                ::core::fmt::Debug,
                ::phi_core::__private::serde::Serialize,
                ::phi_core::__private::serde::Deserialize,
            )]
            #sqlx
            #[serde(crate = "::phi_core::__private::serde")]
            #(#[#sealed])*
            #vis struct #twin { #(#fields)* }
        }
    }

    /// `place()`, the same for the record and its twin: they share the fields it looks at.
    pub(super) fn place(&self) -> TokenStream {
        use crate::attrs::Role;
        let id = self.role(Role::Id).map(plain_id);
        let tenant = option(self.role(Role::Tenant).map(plain_id));
        let subject = self.role(Role::Subject).map(plain_id);
        let subject = subject.unwrap_or_else(|| quote!(::core::clone::Clone::clone(&id)));
        let owner = match self.role(Role::Owner) {
            Some(field) if is_optional(field) => optional_id(field),
            field => option(field.map(plain_id)),
        };
        quote! {
            fn place(&self) -> ::phi_core::record::Place {
                let id = #id;
                ::phi_core::record::Place {
                    tenant: #tenant,
                    subject: #subject,
                    owner: #owner,
                    id,
                }
            }
        }
    }

    fn visits(&self) -> TokenStream {
        let stored = quote!(::phi_core::record::Stored);
        let visits = self.phi_fields().map(|(field, phi)| {
            let (name, column) = (field.ident, literal(&field.name, field.ident));
            let label = &phi.label;
            let bytes = if phi.optional {
                quote!(self.#name.as_deref())
            } else {
                quote!(::core::option::Option::Some(&*self.#name))
            };
            let token = phi.index.as_ref().map(|index| {
                let (name, column) = (&index.column, literal(&index.column_name, field.ident));
                let label = token_label(label);
                let bytes = if phi.optional {
                    quote!(self.#name.as_ref().map(::phi_core::index::IndexToken::as_bytes))
                } else {
                    quote!(::core::option::Option::Some(self.#name.as_bytes()))
                };
                quote!(visit(#stored::token(#column, #label, #bytes));)
            });
            quote!(visit(#stored::sealed(#column, #label, #bytes)); #token)
        });
        visits.collect()
    }
}

/// The twin's field, and its token if it has an index.
fn twin_field(field: &Field<'_>) -> TokenStream {
    let Field { vis, ident, docs, ty, .. } = field;
    let Kind::Phi(phi) = &field.kind else {
        return quote!(#(#docs)* #vis #ident: #ty,);
    };
    let value = phi.value;
    let sealed = quote_spanned!(place_of(ty)=> ::phi_core::Sealed<#value>);
    let sealed = if phi.optional { quote!(::core::option::Option<#sealed>) } else { sealed };
    let token = phi.index.as_ref().map(|index| {
        let column = &index.column;
        let doc = format!("The search token of `{}`.", field.name);
        let token = quote!(::phi_core::index::IndexToken);
        // Never serialised; what is read back without it must not be stored as "no token".
        let (serde, token) = if phi.optional {
            (
                quote!(skip, default = "::phi_core::__private::token_left_out"),
                quote!(::core::option::Option<#token>),
            )
        } else {
            (quote!(skip), token)
        };
        quote!(#[doc = #doc] #[serde(#serde)] #vis #column: #token,)
    });
    quote!(#(#docs)* #vis #ident: #sealed, #token)
}

fn is_optional(field: &Field<'_>) -> bool {
    matches!(&field.kind, Kind::Plain(plain) if plain.optional)
}

/// The `Id` in a field.
fn plain_id(field: &Field<'_>) -> TokenStream {
    let name = field.ident;
    // Spanned at the type, so that a type that is no id is told there.
    let span = place_of(field.ty);
    if is_opaque(field) {
        quote_spanned!(span=> ::phi_core::Id::opaque(::core::convert::AsRef::<str>::as_ref(&self.#name)))
    } else {
        quote_spanned!(span=> ::phi_core::Id::from(::core::clone::Clone::clone(&self.#name)))
    }
}

/// The `Option<Id>` in an optional field.
fn optional_id(field: &Field<'_>) -> TokenStream {
    let name = field.ident;
    let span = place_of(field.ty);
    if is_opaque(field) {
        quote_spanned!(span=> self.#name.as_ref().map(|id| {
            ::phi_core::Id::opaque(::core::convert::AsRef::<str>::as_ref(id))
        }))
    } else {
        quote_spanned!(span=> ::core::clone::Clone::clone(&self.#name).map(::phi_core::Id::from))
    }
}

fn is_opaque(field: &Field<'_>) -> bool {
    matches!(&field.kind, Kind::Plain(plain) if plain.opaque)
}
