//! The routes of a router, from what axum 0.8 prints for `{router:?}`.

use std::collections::BTreeMap;

use super::debug_text::{Value, read};
use super::method::MethodIx;

/// What stands at the end of the template of a nested service.
const NEST_TAIL: &str = "/{*__private__axum_nest_tail_param}";

/// A route of the router.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Route {
        path: String,
        methods: Methods,
    },
    /// `nest_service`: requests under it have no matched template.
    Nested {
        prefix: String,
    },
}

/// The methods a route serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Methods {
    bits: u8,
    /// It serves whatever comes: `any(..)` or a service.
    pub(crate) any: bool,
    /// It answers methods that have no handler by something else than 405.
    other: bool,
}

impl Methods {
    pub(crate) fn named(self) -> impl Iterator<Item = MethodIx> {
        let has = move |ix: &usize| self.bits & (1 << ix) != 0;
        (0..MethodIx::NAMES.len()).filter(has).map(MethodIx)
    }

    pub(crate) fn serves(self, method: MethodIx) -> bool {
        self.any || self.other || self.bits & (1 << method.0) != 0
    }
}

/// The routes of a printed router; `None` if a single part of the text is not as axum 0.8.9 has it.
pub(crate) fn list(printed: &str) -> Option<Vec<Listed>> {
    let router = read(printed)?;
    let [paths, _, _, _] = fields(
        &router,
        "Router",
        ["path_router", "fallback_router", "default_fallback", "catch_all_fallback"],
    )?;
    let [routes, node] = fields(paths, "PathRouter", ["routes", "node"])?;
    let [templates] = fields(node, "Node", ["paths"])?;

    let mut templates = numbered(templates)?;
    let mut listed = Vec::new();
    for (id, endpoint) in numbered(routes)? {
        let Value::Text(path) = templates.remove(&id)? else { return None };
        let methods = methods(endpoint)?;
        listed.push((path.clone(), methods));
    }
    templates.is_empty().then_some(())?;
    Some(nested_apart(listed))
}

/// `nest_service` makes three routes of one prefix: `/svc`, `/svc/` and all below it.
fn nested_apart(routes: Vec<(String, Methods)>) -> Vec<Listed> {
    let tails = routes.iter().filter_map(|(path, _)| path.strip_suffix(NEST_TAIL));
    let prefixes: Vec<String> = tails.map(str::to_owned).collect();
    let of_nested = |path: &str| {
        let prefix = path.strip_suffix(NEST_TAIL).unwrap_or(path.trim_end_matches('/'));
        prefixes.iter().any(|nested| nested == prefix)
    };
    let mut listed: Vec<_> = routes
        .into_iter()
        .filter(|(path, methods)| !(methods.any && of_nested(path)))
        .map(|(path, methods)| Listed::Route { path, methods })
        .collect();
    listed.extend(prefixes.into_iter().map(|prefix| Listed::Nested { prefix }));
    listed
}

fn methods(endpoint: &Value<'_>) -> Option<Methods> {
    let (kind, inner) = one(endpoint)?;
    match (kind, inner) {
        ("Route", Value::Word("Route")) => Some(Methods { any: true, ..Methods::default() }),
        ("MethodRouter", router) => {
            const NAMES: [&str; 11] = [
                "get",
                "head",
                "delete",
                "options",
                "patch",
                "post",
                "put",
                "trace",
                "connect",
                "fallback",
                "allow_header",
            ];
            let values = fields(router, "MethodRouter", NAMES)?;
            let [.., fallback, allow] = values;
            let mut methods = Methods::default();
            for (name, value) in NAMES.iter().zip(values).take(9) {
                match value {
                    Value::Word("None") => {}
                    Value::Word("Route" | "BoxedHandler") => {
                        methods.bits |= 1 << MethodIx::named(&name.to_ascii_uppercase())?.0;
                    }
                    _ => return None,
                }
            }
            let has_fallback = match fallback {
                Value::Tuple("Default", _) => false,
                Value::Word("BoxedHandler") | Value::Tuple("Service", _) => true,
                _ => return None,
            };
            // Only `any(..)` tells no allowed methods.
            let tells_none = matches!(allow, Value::Word("Skip"));
            methods.any = has_fallback && tells_none;
            methods.other = has_fallback && !tells_none;
            Some(methods)
        }
        _ => None,
    }
}

/// The fields of a struct with exactly this name and these fields, in this order.
fn fields<'v, 'a, const N: usize>(
    value: &'v Value<'a>,
    name: &str,
    names: [&str; N],
) -> Option<[&'v Value<'a>; N]> {
    let Value::Struct(found, fields) = value else { return None };
    let same = *found == name && fields.iter().map(|(name, _)| *name).eq(names);
    let values: Vec<_> = fields.iter().map(|(_, value)| value).collect();
    same.then_some(())?;
    values.try_into().ok()
}

/// A map from `RouteId(n)`, each number once.
fn numbered<'v, 'a>(value: &'v Value<'a>) -> Option<BTreeMap<&'a str, &'v Value<'a>>> {
    let Value::Map(entries) = value else { return None };
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        let ("RouteId", Value::Word(id)) = one(key)? else { return None };
        map.insert(*id, value).is_none().then_some(())?;
    }
    Some(map)
}

/// The name and the only value of a tuple.
fn one<'v, 'a>(value: &'v Value<'a>) -> Option<(&'a str, &'v Value<'a>)> {
    match value {
        Value::Tuple(name, items) => match items.as_slice() {
            [item] => Some((name, item)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::extract::Request;
    use axum::response::Response;
    use axum::routing::{MethodFilter, MethodRouter, any, delete, get, on};

    use super::*;

    async fn ok() {}

    async fn service(_: Request) -> Result<Response, Infallible> {
        Ok(Response::default())
    }

    /// Every kind of route there is, as `axum` 0.8.9 prints it. A release that prints otherwise
    /// fails here, and is `Unreadable` at run time.
    fn router() -> Router {
        let inner = Router::new().route("/deep/{x}", get(ok)).fallback(ok);
        Router::new()
            .route("/all", methods_of_all())
            .route("/any", any(ok))
            .route("/both", any(ok).get(ok))
            .route("/other", get(ok).fallback(ok))
            .route("/quote\"d", get(ok))
            .route_service("/service", tower::service_fn(service))
            .nest("/nest/{y}", inner.clone())
            .nest_service("/files", tower::service_fn(service))
            .merge(Router::new().route("/merged", delete(ok)))
            .fallback(ok)
    }

    fn methods_of_all() -> MethodRouter {
        let filters = [
            MethodFilter::HEAD,
            MethodFilter::POST,
            MethodFilter::PUT,
            MethodFilter::PATCH,
            MethodFilter::DELETE,
            MethodFilter::OPTIONS,
            MethodFilter::TRACE,
            MethodFilter::CONNECT,
        ];
        filters.into_iter().fold(MethodRouter::new(), |router, filter| router.merge(on(filter, ok)))
    }

    fn text(listed: &[Listed]) -> Vec<String> {
        let mut text: Vec<_> = listed
            .iter()
            .map(|route| match route {
                Listed::Nested { prefix } => format!("nested {prefix}"),
                Listed::Route { path, methods } => {
                    let named: Vec<_> = methods.named().map(MethodIx::name).collect();
                    let any = if methods.any { " any" } else { "" };
                    let other = if methods.other { " other" } else { "" };
                    format!("{path} {}{any}{other}", named.join(","))
                }
            })
            .collect();
        text.sort();
        text
    }

    #[test]
    fn every_kind_of_route_is_listed() {
        let expected = [
            "/all GET,POST,PUT,PATCH,DELETE,OPTIONS,TRACE,CONNECT",
            "/any  any",
            "/both GET any",
            "/merged DELETE",
            "/nest/{y}/deep/{x} GET",
            "/other GET other",
            "/quote\"d GET",
            "/service  any",
            "nested /files",
        ];
        for printed in [
            format!("{:?}", router()),
            format!("{:?}", router().with_state::<()>(())),
            format!("{:?}", router().layer(tower::util::MapRequestLayer::new(|r: Request| r))),
        ] {
            assert_eq!(text(&list(&printed).expect("readable")), expected);
        }
        assert_eq!(list(&format!("{:?}", Router::<()>::new())), Some(vec![]));
    }

    #[test]
    fn a_text_that_is_not_exactly_as_expected_is_unreadable() {
        let printed = format!("{:?}", router());
        assert!(list(&printed).is_some());
        for (from, to) in [
            ("path_router", "paths_router"),
            ("get: ", "fetch: "),
            ("BoxedHandler", "Handler"),
            ("RouteId(1)", "RouteId(2)"),
            ("Default(Route), allow", "Default, allow"),
            ("default_fallback: false", "default_fallback: false, more: 1"),
        ] {
            let changed = printed.replacen(from, to, 1);
            assert_ne!(changed, printed, "{from}");
            assert_eq!(list(&changed), None, "{from}");
        }
    }
}
