//! A strict reader of the text that `#[derive(Debug)]` and its helpers print.

/// How deep values may stand in each other; a router has five levels.
const DEPTH: u8 = 16;

/// One printed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A name, a number or `true`: whatever has no structure.
    Word(&'a str),
    /// `"text"`.
    Text(String),
    /// `Name { field: value }`.
    Struct(&'a str, Vec<(&'a str, Value<'a>)>),
    /// `Name(value, value)`.
    Tuple(&'a str, Vec<Value<'a>>),
    /// `{key: value}`.
    Map(Vec<(Value<'a>, Value<'a>)>),
}

/// Reads a whole text as one value; `None` if anything is not as expected.
pub(crate) fn read(text: &str) -> Option<Value<'_>> {
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.value()?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: u8,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Value<'a>> {
        self.depth = self.depth.checked_add(1).filter(|depth| *depth <= DEPTH)?;
        let value = self.inner();
        self.depth -= 1;
        value
    }

    fn inner(&mut self) -> Option<Value<'a>> {
        if self.skip("{") {
            let entry = |reader: &mut Self| {
                let key = reader.value()?;
                reader.skip(": ").then_some(())?;
                Some((key, reader.value()?))
            };
            return self.list("}", entry).map(Value::Map);
        }
        if self.rest.starts_with('"') {
            return self.text().map(Value::Text);
        }
        if self.rest.starts_with("b\"") {
            self.skip("b");
            // Which bytes they are does not matter, only where they end.
            return self.text().map(|_| Value::Word("bytes"));
        }
        let name = self.word()?;
        if self.skip("(") {
            return self.list(")", Self::value).map(|items| Value::Tuple(name, items));
        }
        if self.skip(" { ") {
            let field = |reader: &mut Self| {
                let name = reader.word()?;
                reader.skip(": ").then_some(())?;
                Some((name, reader.value()?))
            };
            return self.list(" }", field).map(|fields| Value::Struct(name, fields));
        }
        Some(Value::Word(name))
    }

    fn list<T>(
        &mut self,
        end: &str,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        if self.skip(end) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.skip(end) {
                return Some(items);
            }
            self.skip(", ").then_some(())?;
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let (word, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// A quoted text. Of the escapes only those that a path may have are read.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.strip_prefix('"')?.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => text.push(match chars.next()? {
                    c @ ('"' | '\'' | '\\') => c,
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    _ => return None,
                }),
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }

    fn skip(&mut self, what: &str) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_debug_prints_reads_back() {
        let read = read(r#"A { b: {C(1): "x\"y"}, d: D(E, F), g: b"GET,HEAD", h: {} }"#);
        let map = Value::Map(vec![(
            Value::Tuple("C", vec![Value::Word("1")]),
            Value::Text("x\"y".to_owned()),
        )]);
        let fields = vec![
            ("b", map),
            ("d", Value::Tuple("D", vec![Value::Word("E"), Value::Word("F")])),
            ("g", Value::Word("bytes")),
            ("h", Value::Map(vec![])),
        ];
        assert_eq!(read, Some(Value::Struct("A", fields)));
    }

    #[test]
    fn anything_left_over_or_too_deep_is_unreadable() {
        assert_eq!(read("A B"), None);
        assert_eq!(read("A { b: C"), None);
        assert_eq!(read(&"A(".repeat(1_000_000)), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[A-Z{}(), :\"\\\\bé]{0,64}") {
            let _ = read(&text);
        }
    }
}
