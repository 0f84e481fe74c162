//! The revealed view: what `#[derive(Serialize)]` would write of the open struct.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::field::{Field, Kind};
use super::{Record, literal};

impl Record<'_> {
    /// `reveal_fields()`.
    pub(super) fn reveal(&self) -> TokenStream {
        let Self { root, serde, .. } = self;
        let serialize = quote!(#root::__private::serde::ser::SerializeStruct);
        let name = serde.name.clone().unwrap_or_else(|| self.ident.unraw().to_string());
        let shown: Vec<_> = self.fields.iter().filter(|field| !field.serde.skip).collect();
        let conditions: Vec<_> = shown.iter().filter_map(|field| condition(field)).collect();
        let always = shown.len() - conditions.len();
        let fields = shown.iter().map(|field| self.revealed_field(&serialize, field));
        let (flags, hides): (Vec<_>, Vec<_>) = conditions.into_iter().unzip();
        // Out of sight of the paths that the struct names.
        let serializer = Ident::new("serializer", Span::mixed_site());
        quote! {
            fn reveal_fields<S: #root::__private::serde::Serializer>(
                &self,
                #serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                #(let #flags = !#hides;)*
                #[allow(unused_mut, reason = "a record may show nothing")]
                let mut view = #serializer.serialize_struct(
                    #name,
                    #always #(+ ::core::primitive::usize::from(#flags))*,
                )?;
                #(#fields)*
                #serialize::end(view)
            }
        }
    }

    fn revealed_field(&self, serialize: &TokenStream, field: &Field<'_>) -> TokenStream {
        let (root, ident) = (&self.root, field.ident);
        let name = literal(&self.serde.name_of(&field.name, &field.serde), ident);
        let value = match &field.kind {
            Kind::Plain(_) => quote!(&self.#ident),
            Kind::Phi(phi) if phi.optional => quote! {
                &self.#ident.as_ref().map(#root::__private::RevealField)
            },
            Kind::Phi(_) => quote!(&#root::__private::RevealField(&self.#ident)),
        };
        let show = quote!(#serialize::serialize_field(&mut view, #name, #value)?;);
        match condition(field) {
            Some((flag, _)) => quote! {
                if #flag {
                    #show
                } else {
                    #serialize::skip_field(&mut view, #name)?;
                }
            },
            None => show,
        }
    }
}

/// Where the value decides whether a field is shown: the name of what is decided, and the call of
/// `skip_serializing_if`. A PHI field is handed over as it is, so the function can hide it and do
/// nothing that it could not do anywhere else.
fn condition(field: &Field<'_>) -> Option<(Ident, TokenStream)> {
    let path = field.serde.skip_if.as_ref()?;
    let ident = field.ident;
    let flag = format_ident!("shows_{}", ident.unraw(), span = Span::mixed_site());
    // Spanned at the path, so that a function that takes something else is told there.
    let span = path.span().resolved_at(Span::call_site());
    Some((flag, quote_spanned!(span=> #path(&self.#ident))))
}
