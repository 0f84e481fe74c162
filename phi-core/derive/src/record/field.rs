//! One field of a record: what it is, and what is wrong with it.

use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Type, Visibility};

use crate::attrs::{FieldAttrs, Role};
use crate::ctxt::Ctxt;
use crate::label::{LABEL_RULE, is_label, label};
use crate::serde::SerdeField;
use crate::shape::{Shape, is_text, option_of};

/// Bytes that a text is padded to a multiple of, unless the field says otherwise.
const DEFAULT_PAD: u16 = 16;

/// One field.
pub(super) struct Field<'a> {
    pub(super) vis: &'a Visibility,
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) docs: Vec<&'a Attribute>,
    /// The name without `r#`: the column.
    pub(super) name: String,
    /// How it is revealed.
    pub(super) serde: SerdeField,
    pub(super) kind: Kind<'a>,
}

/// What a field is.
pub(super) enum Kind<'a> {
    /// Not PHI.
    Plain(Plain),
    /// PHI.
    Phi(PhiField<'a>),
}

/// A field that is stored in clear.
pub(super) struct Plain {
    pub(super) role: Role,
    /// Whether it is text that its owner says is opaque.
    pub(super) opaque: bool,
    pub(super) optional: bool,
}

/// A PHI field.
pub(super) struct PhiField<'a> {
    /// Its place among the PHI fields.
    pub(super) number: usize,
    /// The `T` of `Phi<T>`.
    pub(super) value: &'a Type,
    pub(super) optional: bool,
    pub(super) class: String,
    pub(super) label: String,
    pub(super) pad: u16,
    pub(super) index: Option<Index>,
}

/// The index of a PHI field.
pub(super) struct Index {
    pub(super) normaliser: Ident,
    pub(super) bits: u16,
    /// The token's field in the twin, and its column.
    pub(super) column: Ident,
    pub(super) column_name: String,
    /// `SSN_INDEX`.
    pub(super) constant: Ident,
}

impl<'a> Field<'a> {
    /// Reads a field; `None` with the mistake noted.
    pub(super) fn read(
        field: &'a syn::Field,
        attrs: FieldAttrs,
        number: usize,
        ctxt: &mut Ctxt,
    ) -> Option<Self> {
        let ident = field.ident.as_ref()?;
        let name = ident.unraw().to_string();
        let serde = SerdeField::read(&field.attrs, &name, ctxt);
        let kind = match Shape::of(&field.ty) {
            Shape::Nested => {
                ctxt.error(
                    &field.ty,
                    format_args!(
                        "field `{name}` holds `Phi<_>` in a form that is not understood; \
                        write `Phi<T>` or `Option<Phi<T>>`, and a list as `Phi<Json<Vec<T>>>`"
                    ),
                );
                None
            }
            Shape::Phi(value) => Self::phi(ident, &name, (value, false, number), attrs, ctxt),
            Shape::OptionalPhi(value) => {
                Self::phi(ident, &name, (value, true, number), attrs, ctxt)
            }
            Shape::Plain => Self::plain(field, &name, &attrs, ctxt),
        }?;
        let docs = field.attrs.iter().filter(|attr| attr.path().is_ident("doc")).collect();
        Some(Self { vis: &field.vis, ident, ty: &field.ty, docs, name, serde, kind })
    }

    /// The role of a field that is not PHI.
    pub(super) fn role(&self) -> Option<Role> {
        match &self.kind {
            Kind::Plain(plain) => Some(plain.role),
            Kind::Phi(_) => None,
        }
    }

    fn phi(
        ident: &Ident,
        name: &str,
        (value, optional, number): (&'a Type, bool, usize),
        attrs: FieldAttrs,
        ctxt: &mut Ctxt,
    ) -> Option<Kind<'a>> {
        if let Some((role, at)) = attrs.roles.first() {
            let role = role.name();
            ctxt.error(
                at,
                format_args!(
                    "field `{name}` is PHI and cannot be `#[phi({role})]`; write \
                    `#[phi(class = \"…\")]`, or take it out of `Phi<_>` if it is not PHI"
                ),
            );
            return None;
        }
        if let Some(at) = attrs.opaque {
            ctxt.push(syn::Error::new(at, "`opaque` belongs on a text id that is not PHI"));
        }
        let Some(class) = attrs.class else {
            if !attrs.refused {
                ctxt.error(
                    ident,
                    format_args!(
                        "field `{name}` is PHI without a class; write \
                        `#[phi(class = \"…\")]` with the class that policy rules name"
                    ),
                );
            }
            return None;
        };
        let class = label(&class, "class", ctxt);
        let label = if let Some(lit) = &attrs.label {
            label(lit, "field", ctxt)
        } else {
            default_label(ident, name, ctxt)
        };
        let index = attrs.index.map(|index| Index {
            normaliser: index.normaliser,
            bits: index.bits,
            column: format_ident!("{}_index", ident.unraw(), span = ident.span()),
            column_name: format!("{name}_index"),
            constant: format_ident!("{}_INDEX", name.to_uppercase(), span = ident.span()),
        });
        let pad = attrs.pad.unwrap_or(DEFAULT_PAD);
        Some(Kind::Phi(PhiField { number, value, optional, class, label, pad, index }))
    }

    fn plain(
        field: &syn::Field,
        name: &str,
        attrs: &FieldAttrs,
        ctxt: &mut Ctxt,
    ) -> Option<Kind<'a>> {
        if let Some(at) = attrs.phi_key {
            ctxt.push(syn::Error::new(
                at,
                format_args!(
                    "field `{name}` is not spelled `Phi<T>` or `Option<Phi<T>>`; wrap it \
                    like that, or write `#[phi(clear)]` alone if it is not PHI"
                ),
            ));
            return None;
        }
        if let Some((_, at)) = attrs.roles.get(1) {
            ctxt.error(at, format_args!("field `{name}` is marked twice; keep one mark"));
            return None;
        }
        let Some((role, at)) = attrs.roles.first() else {
            if !attrs.refused {
                ctxt.error(
                    &field.ident,
                    format_args!(
                        "field `{name}` is neither `Phi<_>` nor marked; wrap it in \
                        `Phi<String>`, or write `#[phi(clear)]` if it is not PHI"
                    ),
                );
            }
            return None;
        };
        let inner = option_of(&field.ty);
        let plain = Plain {
            role: *role,
            opaque: attrs.opaque.is_some(),
            optional: inner.is_some() && *role != Role::Clear,
        };
        let role = role.name();
        match plain.role {
            Role::Clear => {
                if let Some(at) = attrs.opaque {
                    ctxt.push(syn::Error::new(at, "`opaque` belongs on an id; leave it out here"));
                }
            }
            Role::Id | Role::Tenant | Role::Subject if plain.optional => ctxt.error(
                &field.ty,
                format_args!("`#[phi({role})]` cannot be optional: every row is bound to it"),
            ),
            // Text tenants have no keys (FORMAT.md section 6).
            Role::Tenant if plain.opaque || is_text(&field.ty) => ctxt.error(
                at,
                "a tenant is a UUID or an integer; give the organisation one, and mark its text \
                 `#[phi(clear)]`",
            ),
            _ if !plain.opaque && is_text(inner.unwrap_or(&field.ty)) => ctxt.error(
                at,
                format_args!(
                    "text ids may be PHI; write `#[phi({role}, opaque)]` if this one \
                    tells nothing"
                ),
            ),
            _ => {}
        }
        Some(Kind::Plain(plain))
    }
}

/// The field's own name as its label, with a mistake noted if it cannot be one.
fn default_label(ident: &Ident, name: &str, ctxt: &mut Ctxt) -> String {
    if !is_label(name) {
        ctxt.error(
            ident,
            format_args!(
                "field name `{name}` cannot be a label; write `#[phi(field = \"…\")]` with \
                 {LABEL_RULE}"
            ),
        );
    }
    name.to_owned()
}
