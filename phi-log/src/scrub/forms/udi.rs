//! Numbers of devices as the label of a device shows them (UDI, 21 CFR 830; GS1 application identifiers):
//! `(01)00844588003288(17)141120(10)7654321D`.

use crate::scrub::engine::Hit;
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::value;

/// The number of the item, and its digits.
const ITEM: &[u8] = b"(01)";
const DIGITS: usize = 14;

/// The number that begins with the bracket at `at`.
pub(super) fn find(text: Text<'_>, at: usize) -> Option<Hit> {
    let number = at + ITEM.len();
    if text.slice(at, number) != ITEM || !text.exactly(number, DIGITS) {
        return None;
    }
    let end = value::token_end(text, at);
    Some(Hit { start: at, end, kind: Kind::Device, quote: None })
}

#[cfg(test)]
mod tests {
    use crate::scrub::tests::{becomes, stays};

    #[test]
    fn the_number_of_a_device_is_found_by_its_form() {
        becomes(&[
            (
                "UDI (01)00844588003288(17)141120(10)7654321D(21)10987, implanted",
                "UDI [PHI:device], implanted",
            ),
            ("udi=(01)00844588003288(21)10987", "udi=[PHI:device]"),
            (
                r#"{"carrierHRF":"(01)00844588003288(11)141231"}"#,
                r#"{"carrierHRF":"[PHI:device]"}"#,
            ),
        ]);
        stays(&["step (01) 00844588003288", "(01)0084458800328", "f(01)"]);
    }
}
