//! The start-up net: the table against the router's own list of routes.

use std::collections::BTreeMap;
use std::fmt;

use super::Declared;
use super::debug_list::{Listed, Methods, list};
use super::method::MethodIx;

/// Whether the router's routes could be compared with the table.
///
/// axum has no list of routes; what it prints for debugging is read instead, strictly.
///
/// # Security
///
/// The guarantee does not rest on it: at run time a route without a line answers 403, in either
/// case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteCheck {
    /// Every route has a line, every line a route.
    Checked,
    /// This axum prints its routes in another form: they were not compared.
    Unreadable,
}

/// A route or a line of the table that does not fit. Names methods and templates only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteFault {
    /// The router serves it and the table does not know it.
    Undeclared {
        /// Method and template; `any` if it serves every method.
        route: Box<str>,
    },
    /// The table declares it and the router does not serve it.
    Absent {
        /// Method and template.
        route: Box<str>,
    },
    /// The table declares it more than once.
    Twice {
        /// Method and template.
        route: Box<str>,
    },
    /// No route can have the method that is declared for this template.
    Method {
        /// The template.
        path: Box<str>,
    },
    /// A service is nested there; its routes cannot be told apart, so they cannot be guarded.
    Nested {
        /// The prefix.
        path: Box<str>,
    },
    /// The route needs a record that no struct given to `Safeguards` has.
    UnknownRecord {
        /// Method and template.
        route: Box<str>,
        /// The record's label.
        record: Box<str>,
    },
}

impl fmt::Display for RouteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared { route } => write!(f, "{route} has no declared access"),
            Self::Absent { route } => write!(f, "{route} is declared and not served"),
            Self::Twice { route } => write!(f, "{route} is declared twice"),
            Self::Method { path } => {
                write!(f, "{path} is declared for a method that is not routed")
            }
            Self::Nested { path } => {
                write!(f, "{path} is a nested service; nest a Router, or mount it beside the guard")
            }
            Self::UnknownRecord { route, record } => {
                write!(f, "{route} needs {record}, which is no record of the safeguards")
            }
        }
    }
}

/// Compares the table with what a router prints.
pub(crate) fn compare(
    entries: &[Declared],
    printed: &str,
    faults: &mut Vec<RouteFault>,
) -> RouteCheck {
    let Some(listed) = list(printed) else { return RouteCheck::Unreadable };
    let mut routes: BTreeMap<&str, Methods> = BTreeMap::new();
    for route in &listed {
        match route {
            Listed::Route { path, methods } => {
                routes.insert(path, *methods);
            }
            Listed::Nested { prefix } => {
                faults.push(RouteFault::Nested { path: prefix.as_str().into() });
            }
        }
    }
    for (path, methods) in &routes {
        let declared = |ix| {
            entries.iter().any(|entry| *entry.path == **path && MethodIx::of(&entry.method) == ix)
        };
        for ix in methods.named().filter(|ix| !declared(Some(*ix))) {
            faults.push(RouteFault::Undeclared { route: format!("{} {path}", ix.name()).into() });
        }
        if methods.any && !entries.iter().any(|entry| *entry.path == **path) {
            faults.push(RouteFault::Undeclared { route: format!("any {path}").into() });
        }
    }
    for Declared { method, path, .. } in entries {
        let Some(ix) = MethodIx::of(method) else { continue };
        if !routes.get(&**path).is_some_and(|methods| methods.serves(ix)) {
            faults.push(RouteFault::Absent { route: format!("{} {path}", ix.name()).into() });
        }
    }
    RouteCheck::Checked
}

#[cfg(test)]
mod tests {
    use phi_core::Needs;

    use super::*;
    use crate::Routes;

    #[test]
    fn a_router_that_cannot_be_read_is_said_to_be_and_refuses_nothing() {
        let routes = Routes::new().get("/patients", Needs::read("patient"));
        let mut faults = Vec::new();
        let check = compare(routes.entries(), "Router { routes: 7 }", &mut faults);
        assert_eq!((check, faults.len()), (RouteCheck::Unreadable, 0));

        // The control: a router that can be read and lacks the route.
        let printed = format!("{:?}", axum::Router::<()>::new());
        let check = compare(routes.entries(), &printed, &mut faults);
        assert_eq!(check, RouteCheck::Checked);
        assert_eq!(faults, [RouteFault::Absent { route: "GET /patients".into() }]);
    }
}
