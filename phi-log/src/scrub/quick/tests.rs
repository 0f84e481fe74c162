//! Blocks against bytes. That no place is passed by where something begins is for the engine's tests to say, which
//! hold it against one that asks everywhere.

use proptest::prelude::*;

use super::classes::{BLOCK, Classes};
use super::{Sight, Triggers};

/// Bytes that begin or end something, and others.
fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let telling = prop::sample::select(b" (\")19:=@AZaz.-/_fg\t\n\x80\xff".to_vec());
    prop::collection::vec(prop_oneof![any::<u8>(), telling], 0..most)
}

proptest! {
    #[test]
    fn each_byte_is_of_its_class(bytes in bytes(80)) {
        let classes = Classes::of(&bytes);
        for at in 0..BLOCK {
            let byte = bytes.get(at).copied();
            let is = |class: u64, of: fn(u8) -> bool| (class >> at & 1 != 0) == byte.is_some_and(of);
            prop_assert!(is(classes.digit, |byte| byte.is_ascii_digit()));
            prop_assert!(is(classes.first_of_old, |byte| matches!(byte, b'1' | b'9')));
            prop_assert!(is(classes.letter, |byte| byte.is_ascii_alphabetic()));
            prop_assert!(is(classes.capital, |byte| byte.is_ascii_uppercase()));
            prop_assert!(is(classes.hex, |byte| byte.is_ascii_hexdigit()));
            prop_assert!(is(classes.space, |byte| byte == b' '));
            prop_assert!(is(classes.dash, |byte| byte == b'-'));
            prop_assert!(is(classes.dot, |byte| byte == b'.'));
            prop_assert!(is(classes.colon, |byte| byte == b':'));
            prop_assert!(is(classes.sign, |byte| matches!(byte, b'=' | b'@')));
            prop_assert!(is(classes.strange, |byte| !matches!(byte, b' '..=b'~')));
        }
    }

    /// Behind a value that says what a number is, each number is looked at.
    #[test]
    fn no_number_is_passed_by_where_it_is_not_calm(
        text in "[ a-zA-Z0-9:=@.é-]{0,200}",
        floor in 0_usize..50,
        from in 0_usize..60,
    ) {
        let (floor, from) = (floor.min(text.len()), from.max(floor));
        let sight = Sight { floor, limit: text.len(), calm: false };
        let mut triggers = Triggers::new(&text);
        let bytes = text.as_bytes();
        let slow = |from: usize| {
            (from..bytes.len()).find(|at| {
                let inside = *at > floor && bytes[at - 1].is_ascii_digit();
                bytes[*at].is_ascii_digit() && (*at == from || !inside)
            })
        };
        let mut next = from;
        while let Some(number) = slow(next) {
            let mut seen = triggers.next(next, sight);
            while let Some(at) = seen.filter(|at| *at < number) {
                seen = triggers.next(at + 1, sight);
            }
            prop_assert_eq!(seen, Some(number));
            next = number + bytes[number..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        }
    }
}
