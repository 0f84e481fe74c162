//! What the clones of a grant share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::access::notes::Notes;
use crate::access::reach::reach;
use crate::access::registry::Registered;
use crate::access::safeguards::Core;
use crate::access::{Circumstances, Needs, Principal};
use crate::audit::{Outcome, Reason, Receipt, Slot};
use crate::known::KnownValues;
use crate::policy::{Action, ClassMask, Decision, RoleIx};
use crate::record::{Place, RecordSchema};
use crate::vault::OpenError;

pub(super) struct Inner {
    pub(super) core: Arc<Core>,
    pub(super) principal: Principal,
    pub(super) needs: Needs,
    pub(super) circumstances: Circumstances,
    pub(super) role: RoleIx,
    pub(super) known: KnownValues,
    pub(super) state: Mutex<State>,
}

pub(super) struct State {
    /// Room in the log for the outcome; taken when the grant is closed.
    pub(super) outcome: Option<Slot>,
    pub(super) intent: Option<Slot>,
    pub(super) notes: Notes,
    /// Whether a note is of something that was not refused.
    pub(super) reached: bool,
    /// The receipt of another slot that it was closed through, for whoever finishes it next.
    pub(super) through: Option<Receipt>,
}

impl Inner {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, unless the grant is closed or its intent has not been handed over. Held while a note is taken, so that closing waits
    /// for the note and whatever comes after it is refused.
    pub(super) fn open_state(&self) -> Option<MutexGuard<'_, State>> {
        let state = self.lock();
        (state.outcome.is_some() && state.intent.is_none()).then_some(state)
    }

    pub(super) fn decide(
        &self,
        schema: &'static RecordSchema,
        action: Action,
    ) -> Option<(&Registered, Decision)> {
        if !self.needs.resources().any(|resource| resource == schema.record) {
            return None;
        }
        let registered = self.core.registry.get(schema)?;
        let purpose = self.needs.purpose_of_use();
        let policy = &self.core.registry.policy;
        Some((registered, policy.decide(self.role, registered.resource, action, purpose)))
    }

    /// Whether all fields of a struct may be used so, of the row at this place.
    pub(super) fn judge(
        &self,
        schema: &'static RecordSchema,
        place: &Place,
        action: Action,
    ) -> Result<(), (Reason, OpenError)> {
        let not_granted = OpenError::NotGranted { record: schema.record };
        let Some((registered, decision)) = self.decide(schema, action) else {
            return Err((Reason::NoRole, not_granted));
        };
        let mask = self.reach(decision, schema, place).map_err(|reason| match reason {
            Reason::NoRole => (Reason::NoRole, not_granted),
            reason => (reason, OpenError::NotFound),
        })?;
        match first_outside(schema, registered, mask) {
            None => Ok(()),
            Some(field) => {
                Err((Reason::FieldClass, OpenError::Denied { record: schema.record, field }))
            }
        }
    }

    pub(super) fn reach(
        &self,
        decision: Decision,
        schema: &RecordSchema,
        place: &Place,
    ) -> Result<ClassMask, Reason> {
        reach(decision, &self.principal, schema, place)
    }

    pub(super) fn close_through(
        &self,
        other: Option<Slot>,
        outcome: Outcome,
        reason: Option<Reason>,
    ) -> Option<Receipt> {
        let mut state = self.lock();
        let own = state.outcome.take()?;
        let slot = other.unwrap_or(own);
        // An intent after its outcome would look like an operation that never ended.
        drop(state.intent.take());
        let notes = std::mem::take(&mut state.notes);
        drop(state);
        let mut event = self.core.event(&self.principal, &self.needs, &self.circumstances);
        event.outcome = outcome;
        event.reason = reason.or_else(|| notes.denied.clone());
        (event.items, event.searches) = notes.into_lists(event.tenant.as_ref());
        Some(slot.append(vec![event]))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The log keeps the event; nobody is left to wait for it.
        drop(self.close_through(None, Outcome::Aborted, Some(Reason::GrantDropped)));
    }
}

/// The first field of a struct that is outside the mask.
pub(super) fn first_outside(
    schema: &'static RecordSchema,
    registered: &Registered,
    mask: ClassMask,
) -> Option<&'static str> {
    if mask.contains(registered.all) {
        return None;
    }
    let outside = registered.classes.iter().position(|class| !mask.contains(*class))?;
    schema.fields.get(outside).map(|field| field.field)
}
