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
            match (fallback, allow) {
                (Value::Tuple("Default", _), _) => {}
                // Only `any(..)` tells no allowed methods.
                (_, Value::Word("Skip")) => methods.any = true,
                (Value::Word("BoxedHandler") | Value::Tuple("Service", _), _) => {
                    methods.other = true;
                }
                _ => return None,
            }
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
