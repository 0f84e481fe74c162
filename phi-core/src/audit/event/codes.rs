//! The closed lists of format 1. A reader keeps a code it does not know as text, so that a later version may add
//! to a list.

use std::fmt;

use super::{Code, EventError};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$each])* #[doc = concat!("Stored as `", $text, "`.")] $variant,)+
            /// A code this version does not list: from a later one, or an application's own.
            Other(Code),
        }

        impl $name {
            /// Every listed code, for reports and tests.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is stored.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(code) => code.as_str(),
                }
            }

            /// Reads a code; one that is not listed becomes `Other`.
            ///
            /// # Errors
            ///
            /// [`EventError::Code`] if the text is not a code at all (see [`Code::new`]).
            pub fn parse(text: &str) -> Result<Self, EventError> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Code::new(other.to_owned()).map(Self::Other),
                }
            }

            pub(super) fn stored(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(Code::stored(other)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// What was done: FHIR's `AuditEvent.action` codes, and `search`, which FHIR counts under `E`.
    Action {
        /// A record was made.
        Create = "C",
        /// Fields were opened.
        Read = "R",
        /// Fields were changed.
        Update = "U",
        /// A record was removed, or its key destroyed.
        Delete = "D",
        /// Anything else: a job, a key operation, a sign-in, the log's own housekeeping.
        Execute = "E",
        /// Sealed columns were searched.
        Search = "search",
    }
}

codes! {
    /// What kind of principal acted.
    PrincipalKind {
        /// A natural person.
        Person = "person",
        /// A named integration or the service itself.
        Service = "service",
        /// A named scheduled job.
        Job = "job",
    }
}

codes! {
    /// How it ended. `Intent` comes before a strict operation; every request has exactly one of the others.
    Outcome {
        /// About to begin; its outcome follows under the same request id.
        Intent = "intent",
        /// Done.
        Success = "success",
        /// Refused by policy.
        Denied = "denied",
        /// Tried and failed.
        Failed = "failed",
        /// Given up half-way: the client hung up, or the grant was dropped.
        Aborted = "aborted",
        /// The handler panicked.
        Panic = "panic",
        /// Time ran out.
        Timeout = "timeout",
    }
}

codes! {
    /// Why it ended so, and what kind of housekeeping an event of the log itself is.
    Reason {
        /// The route has no declared access.
        UndeclaredRoute = "undeclared-route",
        /// Nobody is signed in.
        NoPrincipal = "no-principal",
        /// The credentials were wrong or revoked.
        BadCredentials = "bad-credentials",
        /// The session idled out, or reached its absolute end.
        SessionExpired = "session-expired",
        /// The principal has no active membership here.
        NoMembership = "no-membership",
        /// No role of the principal allows the action.
        NoRole = "no-role",
        /// The role may act, but not for this purpose.
        WrongPurpose = "wrong-purpose",
        /// The record belongs to another tenant.
        ForeignTenant = "foreign-tenant",
        /// The record is another person's, and the role covers its own only.
        NotOwner = "not-owner",
        /// The record is not assigned to the principal.
        NotAssigned = "not-assigned",
        /// The record belongs to another unit.
        WrongUnit = "wrong-unit",
        /// A field's class is outside the grant.
        FieldClass = "field-class",
        /// The operation asks for a second factor that is missing or stale.
        StaleMfa = "stale-mfa",
        /// The patient asked for a restriction (45 CFR 164.522) that covers this.
        Restricted = "restricted",
        /// A legal hold covers the record.
        LegalHold = "legal-hold",
        /// The break-glass is over, used up, or was never open.
        BreakGlassClosed = "break-glass-closed",
        /// The grant was closed before this.
        GrantClosed = "grant-closed",
        /// Too many requests.
        RateLimited = "rate-limited",
        /// The account or address is slowed down after failures.
        Throttled = "throttled",
        /// A URL held something that looks like PHI.
        PhiInUrl = "phi-in-url",
        /// The request could not be read.
        BadRequest = "bad-request",
        /// There is no such record, or none the principal may see.
        NotFound = "not-found",
        /// Somebody else changed the record first.
        Conflict = "conflict",
        /// A sealed value did not open.
        NotOpened = "not-opened",
        /// A key was not to be had.
        KeyUnavailable = "key-unavailable",
        /// The data's store was not to be had.
        StoreUnavailable = "store-unavailable",
        /// The audit log was not to be had, so nothing was disclosed.
        LogUnavailable = "log-unavailable",
        /// The client hung up.
        HangUp = "hang-up",
        /// The grant was dropped without an end.
        GrantDropped = "grant-dropped",
        /// The handler panicked.
        Panic = "panic",
        /// Time ran out.
        Deadline = "deadline",
        /// The process is shutting down.
        Shutdown = "shutdown",
        /// The handler answered with an error of its own.
        HandlerError = "handler-error",
        /// A writer's first event.
        WriterOpened = "writer-opened",
        /// A writer's last event; a writer without one did not end in good order.
        WriterClosed = "writer-closed",
        /// The log is alive, nothing else happened.
        Heartbeat = "heartbeat",
        /// The log begins anew after a restored backup or lost data.
        EpochBegun = "epoch-begun",
        /// Old entry bodies were removed after their retention.
        Pruned = "pruned",
    }
}
