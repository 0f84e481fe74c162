use http::Method;

/// A method's number in the table. `HEAD` is `GET`: it asks for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MethodIx(pub(crate) usize);

impl MethodIx {
    /// The methods that axum routes, `HEAD` left out.
    pub(crate) const NAMES: [&str; 8] =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

    /// `None` for a method that no route can have.
    pub(crate) fn of(method: &Method) -> Option<Self> {
        Self::named(method.as_str())
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = if name == "HEAD" { "GET" } else { name };
        Self::NAMES.iter().position(|known| *known == name).map(Self)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.get(self.0).copied().unwrap_or("OTHER")
    }
}

/// A method's name for events and spans. One that is no standard method is the client's own text,
/// and not repeated.
pub(crate) fn method_name(method: &Method) -> &'static str {
    if *method == Method::HEAD {
        return "HEAD";
    }
    MethodIx::of(method).map_or("OTHER", MethodIx::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_get_and_a_made_up_method_is_never_repeated() {
        assert_eq!(MethodIx::of(&Method::HEAD), MethodIx::of(&Method::GET));
        let made_up = Method::from_bytes(b"ZELDA").unwrap();
        assert_eq!(MethodIx::of(&made_up), None);
        assert_eq!(method_name(&made_up), "OTHER");
    }
}
