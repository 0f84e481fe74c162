//! The vocabularies.

use crate::policy::{Action, ClassMask, Decision, Purpose, Scope, UnknownWord};

#[test]
fn every_word_reads_back_as_itself_and_no_other_does() {
    for action in Action::ALL {
        assert_eq!(action.to_string().parse(), Ok(action));
    }
    for purpose in Purpose::ALL {
        assert_eq!(purpose.to_string().parse(), Ok(purpose));
    }
    for scope in Scope::ALL {
        assert_eq!(scope.to_string().parse(), Ok(scope));
    }
    assert_eq!("Read".parse::<Action>(), Err(UnknownWord::Action));
    assert_eq!("treat".parse::<Purpose>(), Err(UnknownWord::Purpose));
    assert_eq!("BTG".parse::<Purpose>(), Err(UnknownWord::Purpose));
    assert_eq!("self".parse::<Scope>(), Err(UnknownWord::Scope));
}

#[test]
fn purposes_have_the_codes_of_hl7() {
    let codes = Purpose::ALL.map(Purpose::code).join(" ");
    assert_eq!(
        codes,
        "TREAT ETREAT CAREMGT HPAYMT HOPERAT PATADMIN HSYSADMIN HLEGAL PATRQT FAMRQT PWATRNY \
         HRESCH PUBHLTH"
    );
}

#[test]
fn the_numbers_of_words_are_their_places() {
    assert!(Action::ALL.iter().enumerate().all(|(n, a)| a.index() == n));
    assert!(Purpose::ALL.iter().enumerate().all(|(n, p)| p.index() == n));
}

#[test]
fn masks_are_sets() {
    let (a, b) = (ClassMask::of_bit(0), ClassMask::of_bit(63));
    assert_eq!(a.union(b).bits(), 0x8000_0000_0000_0001);
    assert!(a.union(b).contains(a) && !a.contains(a.union(b)));
    assert!(a.intersection(b).is_empty() && a.union(b).without(a) == b);
    assert!(a.contains(ClassMask::EMPTY) && ClassMask::of_bit(64).is_empty());
    let own = Decision { own: a, ..Decision::DENIED };
    assert!(Decision::DENIED.is_denied() && !own.is_denied());
    assert_eq!(own.classes(Scope::Own), a);
    assert_eq!(own.classes(Scope::Tenant), ClassMask::EMPTY);
}
