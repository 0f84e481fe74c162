//! The wrapper changes values and nothing else: what the inner stack is told stays the same.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber, info, info_span};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// Writes down which method was called, with which type of value.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    fn add(&self, call: String) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
    }

    fn all(&self) -> Vec<String> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }
}

struct Typed<'c>(&'c Calls, &'static str);

impl Typed<'_> {
    fn add(&self, field: &Field, kind: &str, value: &dyn fmt::Display) {
        self.0.add(format!("{} {field} {kind} {value}", self.1));
    }
}

impl Visit for Typed<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, "f64", &value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, "i64", &value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, "u64", &value);
    }
    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, "i128", &value);
    }
    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, "u128", &value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, "bool", &value);
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, "str", &value);
    }
    fn record_bytes(&mut self, field: &Field, _: &[u8]) {
        self.add(field, "bytes", &"");
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let depth = std::iter::successors(Some(value), |error| error.source()).count();
        self.add(field, "error", &format_args!("{value} of {depth}"));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, "debug", &format_args!("{value:?}"));
    }
}

impl<S> Layer<S> for Calls
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent());
        let parent = parent.map_or("nobody", |parent| parent.name());
        self.add(format!("new {} under {parent}", span.metadata().name()));
        span.record(&mut Typed(self, "new"));
    }
    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut Typed(self, "record"));
    }
    fn on_follows_from(&self, span: &Id, follows: &Id, context: Context<'_, S>) {
        let name = |id| context.span(id).map_or("gone", |span| span.name());
        self.add(format!("{} follows {}", name(span), name(follows)));
    }
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let parent = context.event_span(event).map_or("nobody", |span| span.name());
        self.add(format!("event under {parent}"));
        event.record(&mut Typed(self, "event"));
    }
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.add(format!("enter {}", context.span(id).map_or("gone", |span| span.name())));
    }
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.add(format!("exit {}", context.span(id).map_or("gone", |span| span.name())));
    }
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.add(format!("close {}", context.span(&id).map_or("gone", |span| span.name())));
    }
}

/// What a layer is told without the wrapper, and with it.
fn both(emit: impl Fn()) -> (Vec<String>, Vec<String>) {
    let (plain, wrapped) = (Calls::default(), Calls::default());
    tracing::subscriber::with_default(Registry::default().with(plain.clone()), &emit);
    let stack = phi_log::wrap(Registry::default().with(wrapped.clone()));
    tracing::subscriber::with_default(stack, &emit);
    (plain.all(), wrapped.all())
}

#[derive(Debug)]
struct Failure(Option<Box<Failure>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("disk full")
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.as_deref().map(|source| source as _)
    }
}

#[test]
fn clean_values_keep_type_and_text() {
    let (plain, wrapped) = both(|| {
        let error = Failure(Some(Box::new(Failure(None))));
        let error: &(dyn std::error::Error + 'static) = &error;
        info!(
            small = 7_u64,
            large = 1_234_567_u64,
            negative = -1_234_567_i64,
            wide = 7_i128,
            unsigned = u128::MAX,
            ratio = 1_234_567.5_f64,
            flag = true,
            text = "plain",
            shown = %"shown",
            debugged = ?"quoted",
            error,
            nothing = Option::<u64>::None,
            "message {}",
            1
        );
    });
    assert_eq!(plain, wrapped);
    assert!(plain.contains(&"event large u64 1234567".to_owned()));
    assert!(plain.contains(&"event error error disk full of 2".to_owned()));
    assert!(plain.contains(&"event debugged debug \"quoted\"".to_owned()));
}

#[test]
fn the_life_of_spans_is_the_same() {
    let (plain, wrapped) = both(|| {
        let outer = info_span!("outer", later = tracing::field::Empty, room = 1);
        let entered = outer.enter();
        let inner = info_span!("inner");
        let root = info_span!(parent: None, "root");
        let child = info_span!(parent: &root, "child");
        child.follows_from(&inner);
        child.clone().in_scope(|| info!("in child"));
        info!("in outer");
        info!(parent: &root, "of root");
        info!(parent: None, "of nobody");
        outer.record("later", 5);
        drop(entered);
        drop((inner, child, root));
    });
    assert_eq!(plain, wrapped);
    assert!(plain.contains(&"child follows inner".to_owned()));
    assert!(plain.contains(&"event under nobody".to_owned()));
    assert!(plain.contains(&"close outer".to_owned()));
}

#[test]
fn the_same_calls_differ_where_there_is_phi() {
    // The control of the two tests above: equality is not the answer to everything.
    let (plain, wrapped) = both(|| info!(mrn = 77_193_u64, is_ssn = true, note = "123-45-6789"));
    assert_eq!(
        plain[1..],
        ["event mrn u64 77193", "event is_ssn bool true", "event note str 123-45-6789"]
    );
    assert_eq!(
        wrapped[1..],
        ["event mrn debug [PHI:mrn]", "event is_ssn debug [PHI:ssn]", "event note str [PHI:ssn]"]
    );
}

#[test]
fn more_fields_than_an_array_holds_are_all_scrubbed() {
    macro_rules! wide {
        ($($name:ident)+) => { info!($($name = "123-45-6789",)+ ssn = 1, room = 4) };
    }
    let (plain, wrapped) = both(|| {
        wide!(a b c d e f g h i j k l m n o p q r s t u v w x y z aa ab ac ad ae af ag ah ai aj ak al);
    });
    assert_eq!((plain.len(), wrapped.len()), (41, 41));
    assert!(plain.iter().any(|call| call.contains("6789")));
    assert!(!wrapped.iter().any(|call| call.contains("6789")));
    assert!(wrapped.contains(&"event al str [PHI:ssn]".to_owned()));
    assert!(wrapped.contains(&"event ssn debug [PHI:ssn]".to_owned()));
    assert!(wrapped.contains(&"event room i64 4".to_owned()));
}

#[test]
fn a_long_value_is_cut_with_a_mark() {
    struct Endless;
    impl fmt::Debug for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("ünending ")?;
            }
        }
    }
    let calls = Calls::default();
    let stack = phi_log::wrap(Registry::default().with(calls.clone()));
    let long = format!("{}123-45-6789 {}", "é ".repeat(2_728), "x".repeat(100_000));
    tracing::subscriber::with_default(stack, || info!(long, endless = ?Endless));
    let calls = calls.all();
    assert_eq!(calls.len(), 3);
    for call in &calls[1..] {
        assert!(call.ends_with(" [cut]"), "{}", call.len());
        assert!((8_000..8_300).contains(&call.len()), "{}", call.len());
        assert!(!call.contains("123"));
    }
}

#[test]
fn bytes_that_are_no_text_are_only_counted() {
    let (plain, wrapped) = both(|| info!(body = &[0xFF_u8, 0x31, 0x32][..], text = &b"ok"[..]));
    assert_eq!(plain[1..], ["event body bytes ", "event text bytes "]);
    assert_eq!(wrapped[1..], ["event body str [3 bytes]", "event text str ok"]);
}

#[test]
fn an_error_whose_sources_never_end_is_cut() {
    #[derive(Debug)]
    struct Ring;
    impl fmt::Display for Ring {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("again")
        }
    }
    impl std::error::Error for Ring {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&Self)
        }
    }
    let calls = Calls::default();
    let stack = phi_log::wrap(Registry::default().with(calls.clone()));
    let ring: &(dyn std::error::Error + 'static) = &Ring;
    tracing::subscriber::with_default(stack, || info!(ring));
    assert_eq!(calls.all()[1], "event ring error again of 16");
}
