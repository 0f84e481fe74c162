//! Who may do what: roles, field classes, row scopes and purposes of use.
//!
//! A [`Policy`] is a TOML file that a privacy officer can read, or the same written in Rust. It
//! is checked whole when the application starts, first in itself and then against the records,
//! and refused with the line and column of every fault. What is left is a [`CompiledPolicy`]: a
//! table that [`decides`](CompiledPolicy::decide) by one look-up, [`explains`](CompiledPolicy::explain)
//! which rule decided, and prints [who may do what](CompiledPolicy::matrix).
//!
//! ```
//! use phi_core::policy::Policy;
//!
//! // Synthetic sample.
//! let policy = Policy::from_toml(
//!     r#"
//!     version = 1
//!
//!     [roles.staff]
//!     allow = [
//!       { actions = ["read", "search"], resources = ["patient", "visit"], classes = ["contact", "clinical"], scope = "tenant", purposes = ["TREAT"] },
//!     ]
//!
//!     [roles.scheduler]
//!     title = "Scheduler"
//!     inherits = ["staff"]
//!     deny = [ # deny wins, wherever it stands
//!       { actions = "all", resources = "all", classes = ["clinical"], purposes = "all" },
//!     ]
//!     "#,
//! );
//! assert!(policy.is_ok());
//!
//! // A purpose that is no HL7 code is refused, and not repeated.
//! let refused = Policy::from_toml(
//!     r#"
//!     version = 1
//!     [[roles.staff.allow]]
//!     actions = ["read"]
//!     resources = ["patient"]
//!     classes = "all"
//!     scope = "tenant"
//!     purposes = ["CURIOSITY"]
//!     "#,
//! );
//! let error = refused.expect_err("no such purpose");
//! assert!(error.to_string().starts_with("policy refused: line 8, column 17: unknown purpose of use"));
//! ```

mod builder;
mod catalog;
mod compile;
mod draft;
mod error;
mod explain;
mod lines;
mod mask;
mod matrix;
mod model;
mod parse;
mod resolve;
mod rules;
mod table;
mod unused;

#[cfg(test)]
mod tests;

pub use builder::{AllowBuilder, DenyBuilder, PolicyBuilder, RoleBuilder};
pub(crate) use catalog::ResourceView;
pub(crate) use compile::compile;
pub use compile::{CompiledPolicy, ResourceIx, RoleIx};
pub use error::{PolicyError, PolicyFault, PolicyFaultKind, Position};
pub use explain::{Explanation, Reason, RuleRef, Verdict};
pub use mask::{ClassMask, Decision};
pub use matrix::Matrix;
pub use model::{Action, Purpose, Scope, UnknownWord};
pub use rules::Policy;
