//! How this module's words become those of the audit log.

use super::PrincipalKind;
use crate::{audit, policy};

impl From<&crate::Id> for audit::Id {
    fn from(id: &crate::Id) -> Self {
        match id {
            crate::Id::Uuid(id) => (*id).into(),
            crate::Id::Int(id) => (*id).into(),
            crate::Id::Opaque(id) => id.to_string().into(),
        }
    }
}

impl From<policy::Action> for audit::Action {
    fn from(action: policy::Action) -> Self {
        match action {
            policy::Action::Create => Self::Create,
            policy::Action::Read => Self::Read,
            policy::Action::Update => Self::Update,
            policy::Action::Delete => Self::Delete,
            policy::Action::Execute => Self::Execute,
            policy::Action::Search => Self::Search,
        }
    }
}

impl From<PrincipalKind> for audit::PrincipalKind {
    fn from(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::Person => Self::Person,
            PrincipalKind::Service => Self::Service,
            PrincipalKind::Job => Self::Job,
        }
    }
}
