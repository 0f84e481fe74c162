//! The derives of phi-core.

mod attrs;
mod code;
mod ctxt;
mod label;
mod record;
mod shape;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// TODO
#[proc_macro_derive(PhiRecord, attributes(phi))]
pub fn derive_phi_record(input: TokenStream) -> TokenStream {
    record::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// TODO
#[proc_macro_derive(PhiCode, attributes(phi))]
pub fn derive_phi_code(input: TokenStream) -> TokenStream {
    code::derive(&parse_macro_input!(input as DeriveInput)).into()
}
