//! The table as requests look it up: one hash of the matched template, one index for the method.

use std::collections::HashMap;

use http::Method;

use super::check::RouteFault;
use super::method::MethodIx;
use super::{Asks, Declared};

/// What a route asks for, ready for decisions and events.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Method and template, as it stands in events.
    pub(crate) label: String,
    pub(crate) asks: Asks,
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    paths: HashMap<Box<str>, [Option<Entry>; MethodIx::NAMES.len()]>,
}

impl Table {
    /// The table, and the lines that cannot be used.
    pub(crate) fn new(entries: &[Declared]) -> (Self, Vec<RouteFault>) {
        let mut table = Self::default();
        let mut faults = Vec::new();
        for Declared { method, path, asks } in entries {
            let Some(ix) = MethodIx::of(method) else {
                faults.push(RouteFault::Method { path: path.clone() });
                continue;
            };
            let label = format!("{} {path}", ix.name());
            let methods = table.paths.entry(path.clone()).or_default();
            match methods.get_mut(ix.0) {
                Some(free @ None) => *free = Some(Entry { label, asks: asks.clone() }),
                _ => faults.push(RouteFault::Twice { route: label.into() }),
            }
        }
        (table, faults)
    }

    /// Looks a request up by its method and the template it matched, never by its path. What is not
    /// found is not declared.
    pub(crate) fn find(&self, method: &Method, template: &str) -> Option<&Entry> {
        self.paths.get(template)?.get(MethodIx::of(method)?.0)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use phi_core::Needs;

    use super::*;
    use crate::Routes;

    #[test]
    fn a_line_is_found_by_template_and_method_only() {
        let routes = Routes::new()
            .get("/patients/{id}", Needs::read("patient"))
            .signed_in(Method::GET, "/me")
            .public(Method::GET, "/health");
        let (table, faults) = Table::new(routes.entries());
        assert!(faults.is_empty());
        let found = |method, template| {
            let entry = table.find(&method, template);
            entry.map(|Entry { label, asks }| (label.as_str(), asks))
        };
        let head = found(Method::HEAD, "/patients/{id}");
        assert!(matches!(head, Some(("GET /patients/{id}", Asks::Grant(_)))));
        assert!(matches!(found(Method::HEAD, "/me"), Some(("GET /me", Asks::SignIn))));
        assert!(matches!(found(Method::GET, "/health"), Some((_, Asks::Nothing))));
        for (method, template) in [
            (Method::DELETE, "/patients/{id}"),
            (Method::GET, "/patients/7"),
            (Method::POST, "/me"),
            (Method::GET, "/Health"),
            (Method::GET, "/health/"),
            (Method::from_bytes(b"ZELDA").unwrap(), "/health"),
        ] {
            assert!(found(method, template).is_none());
        }
    }

    #[test]
    fn a_route_declared_twice_is_a_fault() {
        let routes = Routes::new()
            .get("/patients", Needs::read("patient"))
            .public(Method::HEAD, "/patients");
        let (_, faults) = Table::new(routes.entries());
        assert_eq!(faults, [RouteFault::Twice { route: "GET /patients".into() }]);
    }
}
