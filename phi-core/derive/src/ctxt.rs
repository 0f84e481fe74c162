//! Collects every mistake of an input, so that one compile shows them all.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Token};

/// The mistakes found so far, each with its place.
#[derive(Default)]
pub(crate) struct Ctxt(Option<syn::Error>);

impl Ctxt {
    /// Notes a mistake at the tokens that made it.
    pub(crate) fn error(&mut self, at: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    /// Notes a mistake that syn or a reader found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value, or `None` with the mistake noted.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// All mistakes as `compile_error!`, or `None` if there were none.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(syn::Error::into_compile_error)
    }

    /// Reads each `key`, `key = …` and `key(…)` of the `#[phi(…)]` attributes.
    ///
    /// A key that `read` refuses is noted and skipped, so that the next one is still read.
    pub(crate) fn each_key(
        &mut self,
        attrs: &[Attribute],
        read: impl FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<()>,
    ) {
        self.each_key_of("phi", attrs, read);
    }

    /// As [`Ctxt::each_key`], for the attributes of another name.
    pub(crate) fn each_key_of(
        &mut self,
        name: &str,
        attrs: &[Attribute],
        mut read: impl FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<()>,
    ) {
        for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
            let parsed = attr.parse_nested_meta(|meta| self.one_key(&meta, &mut read));
            self.take(parsed);
        }
    }

    fn one_key(
        &mut self,
        meta: &ParseNestedMeta<'_>,
        read: &mut impl FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<()>,
    ) -> syn::Result<()> {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        if let Err(error) = read(&key, meta) {
            self.push(error);
            pass_over(meta)?;
        }
        Ok(())
    }
}

/// Leaves what stands behind a key unread.
pub(crate) fn pass_over(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
        meta.input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// As [`Ctxt::each_key`], for the keys inside `key(…)`; all mistakes come back as one.
pub(crate) fn inner_keys(
    outer: &ParseNestedMeta<'_>,
    mut read: impl FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let mut ctxt = Ctxt::default();
    let parsed = outer.parse_nested_meta(|meta| ctxt.one_key(&meta, &mut read));
    ctxt.take(parsed);
    ctxt.0.map_or(Ok(()), Err)
}

/// Stores what an attribute says, once.
pub(crate) fn set<T>(
    slot: &mut Option<T>,
    value: T,
    meta: &ParseNestedMeta<'_>,
) -> syn::Result<()> {
    if slot.replace(value).is_some() {
        let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        return Err(meta.error(format_args!("`{key}` is written twice; keep one")));
    }
    Ok(())
}
