//! `#[derive(PhiCode)]`.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitStr, Variant};

use crate::attrs::Root;
use crate::ctxt::{Ctxt, set};
use crate::label::is_code;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut ctxt = Ctxt::default();
    let ident = &input.ident;
    let mut root = None;
    ctxt.each_key(&input.attrs, |key, meta| match key {
        "crate" => set(&mut root, Root::read(meta)?, meta),
        "code" => Err(meta.error("`#[phi(code = \"…\")]` belongs on each variant")),
        _ => Err(meta.error("unknown attribute; an enum knows `crate = \"…\"`")),
    });
    let root = root.unwrap_or_default();
    if !input.generics.params.is_empty() {
        ctxt.error(&input.generics, "PhiCode takes no generics; write an enum without them");
    }
    let Data::Enum(data) = &input.data else {
        ctxt.error(ident, "PhiCode is for enums whose variants hold nothing");
        return ctxt.into_compile_errors().unwrap_or_default();
    };
    let mut seen = HashSet::new();
    let variants: Vec<_> =
        data.variants.iter().filter_map(|variant| read(variant, &mut seen, &mut ctxt)).collect();
    if data.variants.is_empty() {
        ctxt.error(ident, "PhiCode needs a variant: a wiped value is overwritten with the first");
    }
    if let Some(errors) = ctxt.into_compile_errors() {
        return errors;
    }
    let names: Vec<_> = variants.iter().map(|(variant, _)| &variant.ident).collect();
    let codes: Vec<_> = variants.iter().map(|(_, code)| code).collect();
    let first = names.first();
    quote! {
        #[automatically_derived]
        impl #root::PhiCode for #ident {
            fn code(&self) -> &'static str {
                match self {
                    #(Self::#names => #codes,)*
                }
            }

            fn from_code(
                code: &str,
            ) -> ::core::result::Result<Self, #root::value::ValueError> {
                match code {
                    #(#codes => ::core::result::Result::Ok(Self::#names),)*
                    _ => ::core::result::Result::Err(#root::value::ValueError::new()),
                }
            }

            fn blank() -> Self {
                Self::#first
            }
        }
    }
}

/// The code of a variant; `None` with the mistake noted.
fn read<'a>(
    variant: &'a Variant,
    seen: &mut HashSet<String>,
    ctxt: &mut Ctxt,
) -> Option<(&'a Variant, LitStr)> {
    let name = &variant.ident;
    if !matches!(variant.fields, Fields::Unit) {
        ctxt.error(&variant.fields, format_args!("variant `{name}` must hold nothing"));
    }
    let mut code: Option<LitStr> = None;
    let mut tried = false;
    ctxt.each_key(&variant.attrs, |key, meta| {
        tried = true;
        match key {
            "code" => set(&mut code, meta.value()?.parse()?, meta),
            _ => Err(meta.error("unknown attribute; a variant knows `code = \"…\"`")),
        }
    });
    let Some(code) = code else {
        if !tried {
            ctxt.error(
                name,
                format_args!("variant `{name}` has no code; write `#[phi(code = \"…\")]`"),
            );
        }
        return None;
    };
    let text = code.value();
    if !is_code(&text) {
        ctxt.error(&code, "a code has 1 to 64 printable ASCII characters, no space at either end");
    } else if !seen.insert(text) {
        ctxt.error(&code, "another variant has this code; each needs its own");
    }
    Some((variant, code))
}
