mod inner;

use std::fmt;
use std::sync::{Arc, Mutex};

use inner::{Inner, State, first_outside};
use uuid::Uuid;

use crate::Id;
use crate::access::notes::Notes;
use crate::access::reach::{RowScope, row_scope};
use crate::access::safeguards::Core;
use crate::access::{Circumstances, Needs, NoTenant, Principal};
use crate::audit::{AuditError, EventTime, Outcome, Reason, Receipt, Slot};
use crate::index::{Index, Search};
use crate::known::KnownValues;
use crate::policy::{Action, RoleIx, Scope};
use crate::record::{PhiRecord, Revealed, SealedRecord};
use crate::vault::{OpenError, SealError, SearchError};

/// The right to act on kinds of records, for a purpose, as policy gave it to one principal.
///
/// The only way to open, seal and search where `Safeguards` are in use. Clones share one grant,
/// freely inside its request; when it is finished all of them are closed, and open nothing. What
/// it does is noted before it is done; the notes become its audit event.
///
/// # Security
///
/// A grant that is dropped unfinished writes an `aborted` event. What a handler copied out of an
/// open value before the grant was closed is out of its reach.
#[derive(Clone)]
pub struct Grant(Arc<Inner>);

impl Grant {
    pub(crate) fn new(
        core: Arc<Core>,
        principal: Principal,
        needs: Needs,
        mut circumstances: Circumstances,
        role: RoleIx,
        outcome: Slot,
        intent: Option<Slot>,
    ) -> Self {
        if circumstances.request.is_none() {
            // Intent and outcome find each other by it.
            let time = EventTime::new(core.clock.now());
            let id = crate::audit::EventId::generate(time);
            circumstances.request = Some(id.as_uuid().to_string());
        }
        let notes = Notes::default();
        let state = State { outcome: Some(outcome), intent, notes, reached: false, through: None };
        let (state, known) = (Mutex::new(state), KnownValues::current());
        Self(Arc::new(Inner { core, principal, needs, circumstances, role, known, state }))
    }

    /// Who acts.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// The organisation the principal acts in.
    #[must_use]
    pub fn tenant(&self) -> Option<&Id> {
        self.0.principal.tenant()
    }

    /// The organisation's UUID, for the tenant field of a new record.
    ///
    /// # Errors
    ///
    /// [`NoTenant`] if the principal acts over all organisations, or this one's id is no UUID.
    pub fn tenant_uuid(&self) -> Result<Uuid, NoTenant> {
        match self.tenant() {
            Some(Id::Uuid(tenant)) => Ok(*tenant),
            _ => Err(NoTenant),
        }
    }

    /// What was opened and sealed under it, for the request's log lines. A grant that is begun
    /// inside a request shares the request's.
    #[must_use]
    pub fn known(&self) -> &KnownValues {
        &self.0.known
    }

    /// What was declared.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.0.needs
    }

    /// Seals a record, and notes what is about to be stored.
    ///
    /// # Errors
    ///
    /// [`SealError::Denied`] if the grant's action is no write, or its classes do not cover the
    /// record, [`SealError::NotFound`] for a record of another tenant or owner; otherwise as [`Vault::seal`](crate::Vault::seal).
    pub fn seal<R: PhiRecord>(&self, record: &R) -> Result<R::Sealed, SealError> {
        let (schema, place) = (R::schema(), record.place());
        let denied = |field| SealError::Denied { record: schema.record, field };
        let action = self.0.needs.action();
        if !matches!(action, Action::Create | Action::Update) {
            return Err(denied(None));
        }
        let mut state = self.0.open_state().ok_or(SealError::Closed)?;
        let (registered, decision) = self.0.decide(schema, action).ok_or(denied(None))?;
        let mask = match self.0.reach(decision, schema, &place) {
            Ok(mask) => mask,
            Err(reason) => {
                let missing =
                    if reason == Reason::NoRole { denied(None) } else { SealError::NotFound };
                state.notes.refused(schema, &place, reason);
                return Err(missing);
            }
        };
        if let Some(field) = first_outside(schema, registered, mask) {
            state.notes.refused(schema, &place, Reason::FieldClass);
            return Err(denied(Some(field)));
        }
        drop(state);
        let row = self.0.core.engine.seal(record, Some(&self.0.known))?;
        // Sealed first, since the note is of its bytes; the row is handed out only when noted.
        let mut state = self.0.open_state().ok_or(SealError::Closed)?;
        state.reached = true;
        state.notes.written(schema, &place, &row);
        Ok(row)
    }

    /// Opens a row.
    ///
    /// # Errors
    ///
    /// [`OpenError::NotFound`] for a row of another tenant or owner, [`OpenError::Denied`] if the
    /// struct has a field outside the grant's classes, [`OpenError::Refused`] if a sealed value
    /// does not open in its place, [`OpenError::Closed`] after the grant has ended.
    pub fn open<S: SealedRecord>(&self, row: S) -> Result<S::Open, OpenError> {
        let (schema, place) = (<S::Open as PhiRecord>::schema(), row.place());
        let mut state = self.0.open_state().ok_or(OpenError::Closed)?;
        if let Err((reason, error)) = self.0.judge(schema, &place, Action::Read) {
            state.notes.refused(schema, &place, reason);
            return Err(error);
        }
        state.reached = true;
        state.notes.used(schema, &place);
        drop(state);
        self.0.core.engine.open_in(row, &place, Some(&self.0.known))
    }

    /// The rows of `R` that the grant reaches with an action, for a statement that finds no others:
    /// a row is in it exactly if all fields of `R` may be used so there.
    ///
    /// For [`Action::Read`] these are the rows that [`open`](Self::open) does not refuse for their
    /// place. A closed grant reaches nothing.
    ///
    /// # Security
    ///
    /// It narrows what a statement finds, and grants nothing: each row is judged again when it is
    /// opened, sealed or deleted.
    #[must_use]
    pub fn row_scope<R: PhiRecord>(&self, action: Action) -> RowScope {
        let schema = R::schema();
        if self.0.open_state().is_none() {
            return RowScope::Nothing;
        }
        let Some((registered, decision)) = self.0.decide(schema, action) else {
            return RowScope::Nothing;
        };
        row_scope(decision, &self.0.principal, schema, |mask| {
            !mask.is_empty() && first_outside(schema, registered, mask).is_none()
        })
    }

    /// Makes the tokens to search an index with, and notes the search (never the value).
    ///
    /// # Errors
    ///
    /// [`SearchError::Denied`] if the grant does not cover searching this field; otherwise as
    /// [`Vault::search`](crate::Vault::search).
    pub fn search<R: PhiRecord>(
        &self,
        index: Index<R>,
        value: &str,
    ) -> Result<Search<R>, SearchError> {
        let schema = R::schema();
        let field = schema.fields.get(index.field()).map_or("", |field| field.field);
        let mut state = self.0.open_state().ok_or(SearchError::Closed)?;
        let class = self.0.decide(schema, Action::Search).and_then(|(registered, decision)| {
            let class = *registered.classes.get(index.field())?;
            // Tokens are a tenant's: a right to one's own rows searches them too, and each hit is
            // judged again when it is opened.
            decision.classes(Scope::Own).contains(class).then_some(class)
        });
        if class.is_none() {
            state.notes.denied.get_or_insert(Reason::FieldClass);
            return Err(SearchError::Denied { record: schema.record, field });
        }
        let serial = state.notes.searched(schema, index.field());
        drop(state);
        let search = self.0.core.engine.search(index, self.tenant(), value)?;
        Ok(search.noted_as(serial))
    }

    /// Opens the rows that a search's tokens found and keeps the true hits: a token is short, so
    /// another value may share it. The event counts the hits on that search, if it is this grant's.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); rows out of the grant's row scope are left out instead.
    pub fn open_found<R: PhiRecord>(
        &self,
        search: &Search<R>,
        rows: impl IntoIterator<Item = R::Sealed>,
    ) -> Result<Vec<R>, OpenError> {
        let mut found = Vec::new();
        for row in rows {
            match self.open(row) {
                Ok(record) if search.confirms(&record) => found.push(record),
                Ok(_) | Err(OpenError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let hits = u64::try_from(found.len()).unwrap_or(u64::MAX);
        if let Some(serial) = search.noted() {
            self.0.lock().notes.found(serial, hits);
        }
        Ok(found)
    }

    /// Notes that a row is about to be removed.
    ///
    /// # Errors
    ///
    /// [`OpenError::NotGranted`] if the grant's action is not to delete, [`OpenError::NotFound`]
    /// if the row is out of its row scope, [`OpenError::Denied`] if the struct has a field outside
    /// its classes: give the struct that holds all fields of the row.
    pub fn delete<S: SealedRecord>(&self, row: &S) -> Result<(), OpenError> {
        let (schema, place) = (<S::Open as PhiRecord>::schema(), row.place());
        if self.0.needs.action() != Action::Delete {
            return Err(OpenError::NotGranted { record: schema.record });
        }
        let mut state = self.0.open_state().ok_or(OpenError::Closed)?;
        if let Err((reason, error)) = self.0.judge(schema, &place, Action::Delete) {
            state.notes.refused(schema, &place, reason);
            return Err(error);
        }
        state.reached = true;
        state.notes.deleted(schema, &place, row);
        Ok(())
    }

    /// A view of an open record that can be serialised for the answer, and a note of the use.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open): a record that was opened under another grant is judged again.
    pub fn reveal<'a, R: PhiRecord>(&self, record: &'a R) -> Result<Revealed<'a, R>, OpenError> {
        let (schema, place) = (R::schema(), record.place());
        let mut state = self.0.open_state().ok_or(OpenError::Closed)?;
        // Who may read it may show it, and who writes it may show what was just written.
        let judged = self.0.judge(schema, &place, Action::Read);
        let judged = judged.or_else(|error| {
            let action = self.0.needs.action();
            let writes = matches!(action, Action::Create | Action::Update);
            let own = writes.then(|| self.0.judge(schema, &place, action));
            own.and_then(Result::ok).ok_or(error)
        });
        if let Err((reason, error)) = judged {
            state.notes.refused(schema, &place, reason);
            return Err(error);
        }
        state.reached = true;
        state.notes.shown(schema, &place);
        Ok(Revealed::new(record))
    }

    /// Hands over the intent of a strict operation, once; await the receipt before acting.
    pub fn intent(&self) -> Option<Receipt> {
        let slot = self.0.lock().intent.take()?;
        let mut event = self.0.core.event(&self.0.principal, &self.0.needs, &self.0.circumstances);
        event.outcome = Outcome::Intent;
        Some(slot.append(vec![event]))
    }

    /// The first refusal of policy inside this grant, if there was one.
    #[must_use]
    pub fn denied(&self) -> Option<Reason> {
        self.0.lock().notes.denied.clone()
    }

    /// Whether any record was opened, shown, written or removed under it.
    #[must_use]
    pub fn has_reached(&self) -> bool {
        self.0.lock().reached
    }

    /// Closes the grant and hands its event over; await the receipt before anything leaves.
    ///
    /// Closing it again hands nothing over and reports [`AuditError::Closed`]; after
    /// [`finish_through`](Self::finish_through) once the receipt of the slot that it went through.
    pub fn finish_as(&self, outcome: Outcome, reason: Option<Reason>) -> Receipt {
        let closed = self.0.close_through(None, outcome, reason);
        let closed = closed.or_else(|| self.0.lock().through.take());
        closed.unwrap_or_else(|| Receipt::ready(Err(AuditError::Closed)))
    }

    /// Closes the grant through another slot than its own, which is free again: for a store that
    /// commits the event together with the data it is about. False if it was closed before.
    ///
    /// The slot's receipt is kept for [`finish_as`](Self::finish_as), so that a guard that ends the
    /// request waits for it: it must be good only once the event is durable.
    ///
    /// # Security
    ///
    /// The slot must lead to the log of the grant's `Safeguards`. A slot that keeps nothing leaves
    /// no trace of what the grant did.
    pub fn finish_through(&self, slot: Slot, outcome: Outcome, reason: Option<Reason>) -> bool {
        let Some(receipt) = self.0.close_through(Some(slot), outcome, reason) else { return false };
        self.0.lock().through = Some(receipt);
        true
    }

    /// Closes the grant after work that succeeded, and waits until that is durable.
    ///
    /// # Errors
    ///
    /// [`AuditError`] if the event did not become durable: disclose nothing.
    pub async fn finish(self) -> Result<(), AuditError> {
        self.finish_as(Outcome::Success, None).await
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut resources = f.debug_struct("Grant");
        resources.field("action", &self.0.needs.action());
        resources.field("resources", &self.0.needs.resources().collect::<Vec<_>>());
        resources.finish_non_exhaustive()
    }
}
