//! `PhiRecord` for the open struct, and its index constants.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::field::{Field, Kind, PhiField};
use super::{Record, option, place_of};
use crate::attrs::Role;

impl Record<'_> {
    pub(super) fn open(&self) -> TokenStream {
        let Self { ident, twin, root, .. } = self;
        let indexes = self.index_constants();
        let schema = self.schema();
        let place = self.place();
        let sealed = self.fields.iter().map(sealed_field);
        let has_normal = self.has_normal();
        let reveal = self.reveal();
        quote! {
            #indexes

            #[automatically_derived]
            impl #root::PhiRecord for #ident {
                type Sealed = #twin;

                #schema

                #place

                #[allow(unused_variables, reason = "a record may have no PHI fields")]
                fn seal_fields(
                    &self,
                    sealer: &mut #root::record::FieldSealer<'_>,
                ) -> ::core::result::Result<#twin, #root::SealError> {
                    ::core::result::Result::Ok(#twin { #(#sealed)* })
                }

                #has_normal

                #reveal
            }
        }
    }

    fn index_constants(&self) -> Option<TokenStream> {
        let Self { vis, ident, root, .. } = self;
        let constants: Vec<_> = self
            .phi_fields()
            .filter_map(|(field, phi)| phi.index.as_ref().map(|index| (field, phi, index)))
            .map(|(field, phi, index)| {
                let (constant, number) = (&index.constant, phi.number);
                let doc = format!("The search index over `{}`.", field.name);
                quote! {
                    #[doc = #doc]
                    #[allow(dead_code, reason = "not every program that writes an index asks it")]
                    #vis const #constant: #root::index::Index<#ident> =
                        #root::index::Index::new(#number);
                }
            })
            .collect();
        (!constants.is_empty()).then(|| {
            quote! {
                #[automatically_derived]
                impl #ident { #(#constants)* }
            }
        })
    }

    fn schema(&self) -> TokenStream {
        let Self { label, root, .. } = self;
        let has_tenant = self.role(Role::Tenant).is_some();
        let has_owner = self.role(Role::Owner).is_some();
        let fields = self.phi_fields().map(|(_, phi)| {
            let PhiField { value, class, label, pad, .. } = phi;
            let index = option(phi.index.as_ref().map(|index| {
                let (normaliser, bits) = (&index.normaliser, index.bits);
                quote! {
                    #root::record::IndexSchema::new(
                        #root::index::Normaliser::#normaliser,
                        #bits,
                    )
                }
            }));
            quote! {
                #root::record::FieldSchema::new(
                    #label,
                    #class,
                    <#value as #root::PhiValue>::TYPE,
                    #pad,
                    #index,
                )
            }
        });
        quote! {
            fn schema() -> &'static #root::record::RecordSchema {
                // A static, not a constant: its address stands for the record in caches.
                static SCHEMA: #root::record::RecordSchema =
                    #root::record::RecordSchema::new(
                        #label,
                        #has_tenant,
                        #has_owner,
                        &[#(#fields),*],
                    );
                &SCHEMA
            }
        }
    }

    fn has_normal(&self) -> TokenStream {
        let arms: Vec<_> = self
            .phi_fields()
            .filter(|(_, phi)| phi.index.is_some())
            .map(|(field, phi)| {
                let (name, number) = (field.ident, phi.number);
                // Spanned at the type, so that one that cannot be searched is told there.
                let span = place_of(phi.value);
                let root = self.root.at(span);
                let has = quote_spanned!(span=> #root::__private::has_normal);
                if phi.optional {
                    quote_spanned! {span=>
                        #number => self.#name.as_ref().is_some_and(|value| #has(schema, value, normal)),
                    }
                } else {
                    quote_spanned!(span=> #number => #has(schema, &self.#name, normal),)
                }
            })
            .collect();
        let root = &self.root;
        let body = if arms.is_empty() {
            quote! {
                let _ = (field, normal);
                false
            }
        } else {
            quote! {
                let schema = <Self as #root::PhiRecord>::schema();
                let ::core::option::Option::Some(schema) = schema.fields.get(field) else {
                    return false;
                };
                match field {
                    #(#arms)*
                    _ => false,
                }
            }
        };
        quote! {
            fn has_normal(&self, field: usize, normal: &#root::index::Normal) -> bool {
                #body
            }
        }
    }
}

/// `name: …,` of the twin, and its token's.
fn sealed_field(field: &Field<'_>) -> TokenStream {
    let name = field.ident;
    let Kind::Phi(phi) = &field.kind else {
        return quote!(#name: ::core::clone::Clone::clone(&self.#name),);
    };
    let number = phi.number;
    let sealed = if phi.optional {
        quote!(sealer.optional(#number, self.#name.as_ref())?)
    } else {
        quote!(sealer.field(#number, &self.#name)?)
    };
    let token = phi.index.as_ref().map(|index| {
        let column = &index.column;
        let span = place_of(phi.value);
        let token = if phi.optional {
            quote_spanned!(span=> sealer.optional_token(#number, self.#name.as_ref())?)
        } else {
            quote_spanned!(span=> sealer.token(#number, &self.#name)?)
        };
        quote!(#column: #token,)
    });
    quote!(#name: #sealed, #token)
}
