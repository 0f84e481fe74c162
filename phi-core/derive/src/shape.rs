//! What a field's type looks like. A derive sees words, not types, so only plain forms count; the
//! bounds of the generated code catch aliases.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// How `Phi` stands in a type.
pub(crate) enum Shape<'a> {
    /// `Phi<T>`.
    Phi(&'a Type),
    /// `Option<Phi<T>>`.
    OptionalPhi(&'a Type),
    /// `Phi` in any other place: refused.
    Nested,
    /// No `Phi` at all.
    Plain,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(ty: &'a Type) -> Self {
        let (inner, optional) = match argument_of(ty, "Option") {
            Some(inner) => (inner, true),
            None => (ty, false),
        };
        match argument_of(inner, "Phi") {
            Some(value) if !mentions_phi(value.to_token_stream()) => {
                if optional {
                    Self::OptionalPhi(value)
                } else {
                    Self::Phi(value)
                }
            }
            _ if mentions_phi(ty.to_token_stream()) => Self::Nested,
            _ => Self::Plain,
        }
    }
}

/// The `T` of `Option<T>`.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Option")
}

/// Whether a type is text, as far as its words tell.
pub(crate) fn is_text(ty: &Type) -> bool {
    match plain(ty) {
        Type::Reference(reference) => is_text(&reference.elem),
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.last().is_some_and(|last| match last.ident.to_string().as_str() {
                "String" | "str" => true,
                "Box" | "Arc" | "Rc" | "Cow" => types(last).any(is_text),
                _ => false,
            })
        }
        _ => false,
    }
}

/// The one type argument of a path that ends in `name`.
fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = plain(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let mut types = types(last);
    let first = types.next()?;
    (path.qself.is_none() && types.next().is_none()).then_some(first)
}

fn types(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(list) => Some(&list.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The type without parentheses and the invisible groups that `macro_rules` leaves.
fn plain(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}

fn mentions_phi(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "Phi",
        TokenTree::Group(group) => mentions_phi(group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(ty: &str) -> &'static str {
        match Shape::of(&syn::parse_str(ty).unwrap()) {
            Shape::Phi(_) => "phi",
            Shape::OptionalPhi(_) => "optional",
            Shape::Nested => "nested",
            Shape::Plain => "plain",
        }
    }

    #[test]
    fn only_the_two_plain_forms_are_taken_as_phi() {
        for (ty, want) in [
            ("Phi<String>", "phi"),
            ("::phi_core::Phi<Json<Vec<Visit>>>", "phi"),
            ("(Phi<String>)", "phi"),
            ("Option<Phi<String>>", "optional"),
            ("std::option::Option<phi_core::Phi<u8>>", "optional"),
            ("Phi", "nested"),
            ("Phi<A, B>", "nested"),
            ("Phi<Phi<String>>", "nested"),
            ("Phi<Option<Phi<String>>>", "nested"),
            ("Option<Option<Phi<String>>>", "nested"),
            ("Vec<Phi<String>>", "nested"),
            ("HashMap<String, Phi<String>>", "nested"),
            ("(u8, Phi<String>)", "nested"),
            ("[Phi<String>; 2]", "nested"),
            ("Box<Phi<String>>", "nested"),
            ("&'static Phi<String>", "nested"),
            ("fn() -> Phi<String>", "nested"),
            ("<Phi<String> as Trait>::Type", "nested"),
            ("list!(Phi<String>)", "nested"),
            ("String", "plain"),
            ("Option<Uuid>", "plain"),
            ("Phinally<String>", "plain"),
        ] {
            assert_eq!(shape(ty), want, "{ty}");
        }
    }

    #[test]
    fn text_is_known_in_each_of_its_forms() {
        for (ty, want) in [
            ("String", true),
            ("std::string::String", true),
            ("&'static str", true),
            ("Box<str>", true),
            ("std::sync::Arc<str>", true),
            ("Cow<'static, str>", true),
            ("Uuid", false),
            ("Vec<String>", false),
            ("i64", false),
        ] {
            assert_eq!(is_text(&syn::parse_str(ty).unwrap()), want, "{ty}");
        }
    }
}
