//! The sealed twin: the struct that is stored, cached and queued.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::field::{Field, Kind};
use super::{Record, literal, option, place_of, token_label};
use crate::attrs::{Role, Root};

impl Record<'_> {
    /// The twin and its `SealedRecord`.
    pub(super) fn twin(&self) -> TokenStream {
        let definition = self.twin_struct();
        let Self { ident, twin, root, .. } = self;
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
            impl #root::SealedRecord for #twin {
                type Open = #ident;

                #place

                #[allow(unused_variables, reason = "a record may have no PHI fields")]
                fn open_fields(
                    self,
                    opener: &mut #root::record::FieldOpener<'_>,
                ) -> ::core::result::Result<#ident, #root::OpenError> {
                    ::core::result::Result::Ok(#ident { #(#opened),* })
                }

                #[allow(unused_variables, reason = "a record may have no PHI fields")]
                fn visit_stored(
                    &self,
                    visit: &mut dyn ::core::ops::FnMut(#root::record::Stored<'_>),
                ) {
                    #visits
                }
            }
        }
    }

    fn twin_struct(&self) -> TokenStream {
        let Self { vis, ident, twin, root, sealed, .. } = self;
        let doc = format!("The sealed twin of [`{}`].", ident.unraw());
        let sqlx = self.sqlx.then(|| quote!(#[derive(::sqlx::FromRow)]));
        let serde = root.text("__private::serde");
        let fields = self.fields.iter().map(|field| twin_field(field, root));
        quote! {
            #[doc = #doc]
            #[derive(
                ::core::clone::Clone,
                ::core::fmt::Debug,
                #root::__private::serde::Serialize,
                #root::__private::serde::Deserialize,
            )]
            #sqlx
            #[serde(crate = #serde)]
            #(#[#sealed])*
            #vis struct #twin { #(#fields)* }
        }
    }

    /// `place()`, the same for the record and its twin: they share the fields it looks at.
    pub(super) fn place(&self) -> TokenStream {
        let root = &self.root;
        let plain_id = |field: &Field<'_>| plain_id(field, root);
        let id = self.role(Role::Id).map(plain_id);
        let tenant = option(self.role(Role::Tenant).map(plain_id));
        let subject = self.role(Role::Subject).map(plain_id);
        let subject = subject.unwrap_or_else(|| quote!(::core::clone::Clone::clone(&id)));
        let owner = match self.role(Role::Owner) {
            Some(field) if is_optional(field) => optional_id(field, root),
            field => option(field.map(plain_id)),
        };
        quote! {
            fn place(&self) -> #root::record::Place {
                let id = #id;
                #root::record::Place {
                    tenant: #tenant,
                    subject: #subject,
                    owner: #owner,
                    id,
                }
            }
        }
    }

    fn visits(&self) -> TokenStream {
        let root = &self.root;
        let stored = quote!(#root::record::Stored);
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
                    quote!(self.#name.as_ref().map(#root::index::IndexToken::as_bytes))
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
fn twin_field(field: &Field<'_>, root: &Root) -> TokenStream {
    let Field { vis, ident, docs, ty, .. } = field;
    let Kind::Phi(phi) = &field.kind else {
        return quote!(#(#docs)* #vis #ident: #ty,);
    };
    let value = phi.value;
    let place = place_of(ty);
    let at_type = root.at(place);
    let sealed = quote_spanned!(place=> #at_type::Sealed<#value>);
    let sealed = if phi.optional { quote!(::core::option::Option<#sealed>) } else { sealed };
    let token = phi.index.as_ref().map(|index| {
        let column = &index.column;
        let doc = format!("The search token of `{}`.", field.name);
        let token = quote!(#root::index::IndexToken);
        // Never serialised; what is read back without it must not be stored as "no token".
        let (serde, token) = if phi.optional {
            let left_out = root.text("__private::token_left_out");
            (quote!(skip, default = #left_out), quote!(::core::option::Option<#token>))
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
fn plain_id(field: &Field<'_>, root: &Root) -> TokenStream {
    let name = field.ident;
    // Spanned at the type, so that a type that is no id is told there.
    let span = place_of(field.ty);
    let root = root.at(span);
    if is_opaque(field) {
        quote_spanned!(span=> #root::Id::opaque(::core::convert::AsRef::<str>::as_ref(&self.#name)))
    } else {
        quote_spanned!(span=> #root::Id::from(::core::clone::Clone::clone(&self.#name)))
    }
}

/// The `Option<Id>` in an optional field.
fn optional_id(field: &Field<'_>, root: &Root) -> TokenStream {
    let name = field.ident;
    let span = place_of(field.ty);
    let root = root.at(span);
    if is_opaque(field) {
        quote_spanned!(span=> self.#name.as_ref().map(|id| {
            #root::Id::opaque(::core::convert::AsRef::<str>::as_ref(id))
        }))
    } else {
        quote_spanned!(span=> ::core::clone::Clone::clone(&self.#name).map(#root::Id::from))
    }
}

fn is_opaque(field: &Field<'_>) -> bool {
    matches!(&field.kind, Kind::Plain(plain) if plain.opaque)
}
