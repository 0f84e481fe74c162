//! The `#[phi(…)]` attributes of a record and of its fields, as they are written.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitInt, LitStr, Meta, Path, Token, parse_quote};

use crate::ctxt::{Ctxt, inner_keys, set};

/// The kinds of index, with the normaliser that each names.
const INDEX_KINDS: [(&str, &str); 6] = [
    ("text", "Text"),
    ("digits", "Digits"),
    ("ssn", "Ssn"),
    ("last4", "Last4"),
    ("phone", "Phone"),
    ("date", "Date"),
];

/// Bits of a token unless the field says otherwise.
const DEFAULT_BITS: u16 = 64;

/// What stands on the struct.
#[derive(Default)]
pub(crate) struct RecordAttrs {
    pub(crate) label: Option<LitStr>,
    pub(crate) sqlx: Option<()>,
    pub(crate) root: Option<Root>,
    /// What the twin takes over: derives and attributes.
    pub(crate) sealed: Vec<Meta>,
}

impl RecordAttrs {
    pub(crate) fn read(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut read = Self::default();
        ctxt.each_key(attrs, |key, meta| match key {
            "record" => set(&mut read.label, meta.value()?.parse()?, meta),
            // Without it phi-core has nothing that the code could name.
            "sqlx" if !cfg!(feature = "_sqlx") => Err(meta.error(
                "`sqlx` needs the feature `sqlx` of phi-core; write \
                 `phi-core = { …, features = [\"sqlx\"] }` in Cargo.toml",
            )),
            "sqlx" => set(&mut read.sqlx, (), meta),
            "crate" => set(&mut read.root, Root::read(meta)?, meta),
            "sealed" => {
                let content;
                syn::parenthesized!(content in meta.input);
                read.sealed.extend(Punctuated::<Meta, Token![,]>::parse_terminated(&content)?);
                Ok(())
            }
            _ => Err(meta.error(
                "unknown attribute; a record knows `record = \"…\"`, `sqlx`, `sealed(…)` and \
                 `crate = \"…\"`",
            )),
        });
        read
    }
}

/// The path that leads to phi-core: `::phi_core`, unless `crate = "…"` names another.
pub(crate) struct Root(Path);

impl Default for Root {
    fn default() -> Self {
        Self(parse_quote!(::phi_core))
    }
}

impl Root {
    pub(crate) fn read(meta: &ParseNestedMeta<'_>) -> syn::Result<Self> {
        let lit: LitStr = meta.value()?.parse()?;
        let path = lit.parse_with(Path::parse_mod_style);
        path.map(Self).map_err(|_| {
            syn::Error::new_spanned(
                lit,
                "`crate` is the path that leads to phi-core, such as `crate = \"safe::core\"`",
            )
        })
    }

    /// The path at a place that is not its own: there the message is, if what follows is wrong.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let tokens = self.0.to_token_stream().into_iter();
        tokens
            .map(|mut token| {
                token.set_span(span);
                token
            })
            .collect()
    }

    /// The path of something inside, as attributes of serde want it.
    pub(crate) fn text(&self, inside: &str) -> String {
        format!("{}::{inside}", quote!(#self))
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// What a field is for, if it is not PHI.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Id,
    Tenant,
    Owner,
    Subject,
    Clear,
}

impl Role {
    const ALL: [(&'static str, Self); 5] = [
        ("id", Self::Id),
        ("tenant", Self::Tenant),
        ("owner", Self::Owner),
        ("subject", Self::Subject),
        ("clear", Self::Clear),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, role)| *role == self).map_or("", |(name, _)| name)
    }
}

/// What stands on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    /// Each role that is written, with its place: there should be one at most.
    pub(crate) roles: Vec<(Role, Ident)>,
    pub(crate) opaque: Option<Span>,
    pub(crate) class: Option<LitStr>,
    pub(crate) label: Option<LitStr>,
    pub(crate) pad: Option<u16>,
    pub(crate) index: Option<IndexAttr>,
    /// The place of the first key that only a PHI field has.
    pub(crate) phi_key: Option<Span>,
    /// Whether a key was refused: what follows from it is not worth a second message.
    pub(crate) refused: bool,
}

/// `index(exact = "…", bits = …)`.
pub(crate) struct IndexAttr {
    pub(crate) normaliser: Ident,
    pub(crate) bits: u16,
}

impl FieldAttrs {
    pub(crate) fn read(attrs: &[Attribute], ctxt: &mut Ctxt) -> Self {
        let mut read = Self::default();
        ctxt.each_key(attrs, |key, meta| {
            let done = read.key(key, meta);
            read.refused |= done.is_err();
            done
        });
        read
    }

    fn key(&mut self, key: &str, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if let Some((_, role)) = Role::ALL.iter().find(|(name, _)| *name == key) {
            self.roles.push((*role, meta.path.require_ident()?.clone()));
            return Ok(());
        }
        if matches!(key, "class" | "field" | "pad" | "index") {
            self.phi_key.get_or_insert(meta.path.span());
        }
        match key {
            "opaque" => set(&mut self.opaque, meta.path.span(), meta),
            "class" => set(&mut self.class, meta.value()?.parse()?, meta),
            "field" => set(&mut self.label, meta.value()?.parse()?, meta),
            "pad" => set(&mut self.pad, pad(meta)?, meta),
            "index" => set(&mut self.index, IndexAttr::read(meta)?, meta),
            _ => Err(meta.error(
                "unknown attribute; a PHI field knows `class = \"…\"`, `index(…)`, `pad = …` and \
                 `field = \"…\"`, any other field `id`, `tenant`, `owner`, `subject`, `opaque` \
                 and `clear`",
            )),
        }
    }
}

impl IndexAttr {
    fn read(outer: &ParseNestedMeta<'_>) -> syn::Result<Self> {
        let mut exact: Option<LitStr> = None;
        let mut bits: Option<u16> = None;
        inner_keys(outer, |key, meta| match key {
            "exact" => set(&mut exact, meta.value()?.parse()?, meta),
            "bits" => {
                let lit: LitInt = meta.value()?.parse()?;
                let within = number(&lit).filter(|bits| (8..=256).contains(bits));
                let wrong = || syn::Error::new_spanned(&lit, "an index keeps 8 to 256 bits");
                set(&mut bits, within.ok_or_else(wrong)?, meta)
            }
            _ => {
                Err(meta.error("unknown attribute; an index knows `exact = \"…\"` and `bits = …`"))
            }
        })?;
        let Some(exact) = exact else {
            return Err(outer.error("index has no kind; write `index(exact = \"text\")`"));
        };
        let Some((_, name)) = INDEX_KINDS.iter().find(|(kind, _)| *kind == exact.value()) else {
            let known: Vec<_> = INDEX_KINDS.iter().map(|(kind, _)| format!("`{kind}`")).collect();
            let known = known.join(", ");
            let message = format!("unknown kind of index; the kinds are {known}");
            return Err(syn::Error::new_spanned(&exact, message));
        };
        Ok(Self { normaliser: Ident::new(name, exact.span()), bits: bits.unwrap_or(DEFAULT_BITS) })
    }
}

/// `pad = 64` or `pad = "none"`; no padding is a multiple of one byte.
fn pad(meta: &ParseNestedMeta<'_>) -> syn::Result<u16> {
    const RULE: &str = "`pad` is a number of bytes, 1 to 4096, or \"none\"";
    let value = meta.value()?;
    if value.peek(LitStr) {
        let lit: LitStr = value.parse()?;
        return if lit.value() == "none" { Ok(1) } else { Err(syn::Error::new_spanned(lit, RULE)) };
    }
    let lit: LitInt = value.parse()?;
    let within = number(&lit).filter(|pad| (1..=4096).contains(pad));
    within.ok_or_else(|| syn::Error::new_spanned(lit, RULE))
}

/// The number, if it is one of our size; a suffix would say a type that plays no part.
fn number(lit: &LitInt) -> Option<u16> {
    lit.suffix().is_empty().then(|| lit.base10_parse().ok()).flatten()
}
