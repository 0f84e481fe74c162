//! The grant's row scope as a predicate of a statement.

use std::marker::PhantomData;

use phi_core::policy::Action;
use phi_core::record::{ColumnKind, Columns};
use phi_core::{Grant, Id, RowScope};
use sqlx::error::BoxDynError;
use sqlx::{Arguments as _, QueryBuilder};
use uuid::Uuid;

use crate::Dialect;

/// The type of a column of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdType {
    /// A UUID: `UUID`, or the 16 bytes that sqlx binds where there is no such type.
    Uuid,
    /// An integer of up to 64 bits.
    Int,
    /// Text, of ids that are said to be opaque.
    Text,
}

/// An id as it is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdValue {
    /// See [`IdType::Uuid`].
    Uuid(Uuid),
    /// See [`IdType::Int`].
    Int(i64),
    /// See [`IdType::Text`].
    Text(String),
}

impl IdValue {
    fn ty(&self) -> IdType {
        match self {
            Self::Uuid(_) => IdType::Uuid,
            Self::Int(_) => IdType::Int,
            Self::Text(_) => IdType::Text,
        }
    }
}

/// The rows that a grant reaches, as a predicate for a `WHERE`: hand-written SQL and
/// [`QueryBuilder`] take it, so that a list holds what will open and no more.
///
/// ```
/// use phi_core::audit::RecordingLog;
/// use phi_core::policy::{Action, Policy, Purpose};
/// use phi_core::{Membership, Phi, PhiRecord, Principal, Safeguards, testing};
/// use phi_sqlx::ScopePredicate;
/// use sqlx::{Arguments as _, Sqlite};
/// use uuid::Uuid;
///
/// #[derive(Debug, PhiRecord)]
/// #[phi(record = "delivery", sqlx)]
/// struct Delivery {
///     #[phi(id)]
///     id: Uuid,
///     #[phi(tenant)]
///     agency_id: Uuid,
///     #[phi(owner)]
///     driver_id: Uuid,
///     #[phi(class = "contact")]
///     address: Phi<String>,
/// }
///
/// const POLICY: &str = r#"
/// version = 1
/// [[roles.driver.allow]]
/// actions = ["read"]
/// resources = ["delivery"]
/// classes = ["contact"]
/// scope = "own"
/// purposes = ["TREAT"]
/// "#;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let safeguards =
///     Safeguards::builder(testing::keys(1), Policy::from_toml(POLICY)?, RecordingLog::new())
///         .record::<Delivery>()
///         .build()?;
/// let driver = Principal::person(Uuid::from_u128(7), Membership::new(1, Uuid::from_u128(1), "driver"));
/// let grant = safeguards.begin(&driver, Action::Read, "delivery", Purpose::Treatment).await?;
///
/// let scope = ScopePredicate::<Sqlite>::of::<SealedDelivery>(&grant, Action::Read);
/// let mut arguments = sqlx::sqlite::SqliteArguments::default();
/// arguments.add(10i64).map_err(sqlx::Error::Encode)?;
/// let rows = scope.add_to(&mut arguments).map_err(sqlx::Error::Encode)?;
/// let sql = format!("SELECT * FROM delivery WHERE weight > ? AND {rows}");
/// assert!(sql.ends_with("AND (`agency_id` = ? AND `driver_id` = ?)"));
///
/// // For another action there is no right, and no row.
/// let scope = ScopePredicate::<Sqlite>::of::<SealedDelivery>(&grant, Action::Delete);
/// assert_eq!(scope.add_to(&mut arguments).map_err(sqlx::Error::Encode)?, "(1 = 0)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
///
/// A predicate that is left out shows rows and opens none: the grant judges each again. Names of
/// tables in the text are the caller's; ids are always bound, never written into it.
#[derive(Debug)]
pub struct ScopePredicate<DB> {
    scope: RowScope,
    tenant: Option<&'static str>,
    owner: Option<&'static str>,
    tenant_type: Option<IdType>,
    owner_type: Option<IdType>,
    alias: Option<&'static str>,
    database: PhantomData<fn() -> DB>,
}

impl<DB: Dialect> ScopePredicate<DB> {
    /// The rows of a sealed record's table that the grant reaches with an action.
    ///
    /// The tenant's column is taken to be of the type that the grant's tenant has, the owner's of
    /// the type that the principal's id has in text form: a UUID, an integer, else text. Where ids
    /// of several types may come, say what the columns are: [`tenant_as`](Self::tenant_as) and
    /// [`owner_as`](Self::owner_as). A database would refuse to compare them, or do it its own way.
    #[must_use]
    pub fn of<S: Columns<DB>>(grant: &Grant, action: Action) -> Self {
        let mut columns = S::NAMES.iter().zip(S::KINDS);
        let owner = columns.find(|(_, kind)| **kind == ColumnKind::Owner).map(|(name, _)| *name);
        let scope = grant.row_scope::<S::Open>(action);
        Self {
            scope,
            tenant: S::TENANT,
            owner,
            tenant_type: None,
            owner_type: None,
            alias: None,
            database: PhantomData,
        }
    }

    /// The same, with the tenant's column of this type. To a tenant whose id is of another type no
    /// row belongs.
    #[must_use]
    pub fn tenant_as(mut self, ty: IdType) -> Self {
        self.tenant_type = Some(ty);
        self
    }

    /// The same, with the owner's column of this type. A principal whose id has no such form owns
    /// no row.
    #[must_use]
    pub fn owner_as(mut self, ty: IdType) -> Self {
        self.owner_type = Some(ty);
        self
    }

    /// The same, with this name of the table before each column: for joins.
    #[must_use]
    pub fn alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    /// Adds its ids to a statement's arguments, and gives the text with their bind marks.
    ///
    /// Marks are numbered after the arguments that are there, where the database numbers them;
    /// elsewhere the text belongs behind the marks of those.
    ///
    /// # Errors
    ///
    /// If an id cannot be bound.
    pub fn add_to(&self, arguments: &mut DB::Arguments) -> Result<String, BoxDynError> {
        let mut text = String::from("(");
        match self.terms() {
            Err(constant) => text.push_str(constant),
            Ok(terms) => {
                for (number, (column, id)) in terms.iter().enumerate() {
                    text.push_str(if number == 0 { "" } else { " AND " });
                    text.push_str(column);
                    text.push_str(" = ");
                    DB::add_id(arguments, id)?;
                    arguments.format_placeholder(&mut text)?;
                }
            }
        }
        text.push(')');
        Ok(text)
    }

    /// Pushes the predicate, with its ids.
    pub fn push_to(&self, builder: &mut QueryBuilder<DB>) {
        builder.push("(");
        match self.terms() {
            Err(constant) => {
                builder.push(constant);
            }
            Ok(terms) => {
                for (number, (column, id)) in terms.iter().enumerate() {
                    builder.push(if number == 0 { "" } else { " AND " });
                    builder.push(column).push(" = ");
                    DB::push_id(builder, id);
                }
            }
        }
        builder.push(")");
    }

    /// Columns and what they must equal, all of them; or a text that is always true or false.
    fn terms(&self) -> Result<Vec<(String, IdValue)>, &'static str> {
        const NO_ROW: &str = "1 = 0";
        let tenant = |id: &Id| {
            let id = exactly(id);
            let fits = self.tenant_type.is_none_or(|ty| ty == id.ty());
            self.term(self.tenant, fits.then_some(id))
        };
        let terms = match &self.scope {
            RowScope::All => return Err("1 = 1"),
            RowScope::Tenant(id) => vec![tenant(id)],
            RowScope::Own { tenant: id, owner } => {
                let owner = self.term(self.owner, in_text_form(owner, self.owner_type));
                id.iter().map(tenant).chain([owner]).collect()
            }
            _ => return Err(NO_ROW),
        };
        terms.into_iter().collect::<Option<_>>().ok_or(NO_ROW)
    }

    fn term(&self, column: Option<&str>, id: Option<IdValue>) -> Option<(String, IdValue)> {
        let (column, id) = (column?, id?);
        let alias = self.alias.map(|alias| format!("{alias}.")).unwrap_or_default();
        let column = format!("{alias}{}", DB::quoted(column));
        // A column may compare texts by other rules than the grant does.
        let (before, behind) = if matches!(id, IdValue::Text(_)) { DB::EXACT } else { ("", "") };
        Some((format!("{before}{column}{behind}"), id))
    }
}

impl<DB> Clone for ScopePredicate<DB> {
    fn clone(&self) -> Self {
        Self { scope: self.scope.clone(), ..*self }
    }
}

/// Tenants are the same if kind and value are.
fn exactly(id: &Id) -> IdValue {
    match id {
        Id::Uuid(id) => IdValue::Uuid(*id),
        Id::Int(id) => IdValue::Int(*id),
        id => IdValue::Text(id.to_string()),
    }
}

/// Owners are the same if their texts are: a token's `sub` is text even where the column is a UUID.
fn in_text_form(id: &Id, ty: Option<IdType>) -> Option<IdValue> {
    let text = id.to_string();
    let same = |other: Id| (other.to_string() == text).then(|| exactly(&other));
    match ty {
        Some(IdType::Uuid) => same(Id::Uuid(Uuid::try_parse(&text).ok()?)),
        Some(IdType::Int) => same(Id::Int(text.parse().ok()?)),
        Some(IdType::Text) => Some(IdValue::Text(text)),
        None => same(Id::parse(&text)).or(Some(IdValue::Text(text))),
    }
}
