//! The table as requests look it up: one hash of the matched template, one index for the method.

use std::collections::HashMap;

use http::Method;
use phi_core::Needs;

use super::Declared;
use super::check::RouteFault;
use super::method::MethodIx;

/// What a route needs, ready for decisions and events.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Method and template, as it stands in events.
    pub(crate) label: String,
    /// `None` for a public route.
    pub(crate) needs: Option<Needs>,
}

/// What the table says of a request.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Undeclared,
    Public,
    Guarded(&'a Needs, &'a str),
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
        for Declared { method, path, needs } in entries {
            let Some(ix) = MethodIx::of(method) else {
                faults.push(RouteFault::Method { path: path.clone() });
                continue;
            };
            let label = format!("{} {path}", ix.name());
            let methods = table.paths.entry(path.clone()).or_default();
            match methods.get_mut(ix.0) {
                Some(free @ None) => *free = Some(Entry { label, needs: needs.clone() }),
                _ => faults.push(RouteFault::Twice { route: label.into() }),
            }
        }
        (table, faults)
    }

    /// Looks a request up by its method and the template it matched, never by its path.
    pub(crate) fn find(&self, method: &Method, template: &str) -> Found<'_> {
        let methods = self.paths.get(template);
        let entry = methods.zip(MethodIx::of(method)).and_then(|(of, ix)| of.get(ix.0)?.as_ref());
        match entry {
            None => Found::Undeclared,
            Some(Entry { needs: None, .. }) => Found::Public,
            Some(Entry { needs: Some(needs), label }) => Found::Guarded(needs, label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Routes;

    #[test]
    fn a_line_is_found_by_template_and_method_only() {
        let routes = Routes::new()
            .get("/patients/{id}", Needs::read("patient"))
            .public(Method::GET, "/health");
        let (table, faults) = Table::new(routes.entries());
        assert!(faults.is_empty());
        let head = table.find(&Method::HEAD, "/patients/{id}");
        assert!(matches!(head, Found::Guarded(_, "GET /patients/{id}")));
        assert!(matches!(table.find(&Method::GET, "/health"), Found::Public));
        for (method, template) in [
            (Method::DELETE, "/patients/{id}"),
            (Method::GET, "/patients/7"),
            (Method::GET, "/Health"),
            (Method::GET, "/health/"),
            (Method::from_bytes(b"ZELDA").unwrap(), "/health"),
        ] {
            assert!(matches!(table.find(&method, template), Found::Undeclared));
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
