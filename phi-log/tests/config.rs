//! Choices: what they change, what they cannot change, and what is refused.

#![cfg(feature = "config")]

use phi_log::{Action, ConfigError, Kind, Rule, Scrubber};

fn scrubbed(scrubber: &Scrubber, text: &str) -> String {
    let once = scrubber.scrub(text).into_string();
    assert_eq!(scrubber.scrub(&once).as_str(), once, "scrubbed twice differs");
    once
}

#[test]
fn an_action_leaves_what_it_says_and_no_more() {
    let scrubber = Scrubber::builder()
        .action(Kind::Birth, Action::Year)
        .action(Kind::Date, Action::Year)
        .action(Kind::Zip, Action::Zip3)
        .action(Kind::Card, Action::LastFour)
        .action(Kind::Ip, Action::Prefix)
        .as_of_year(2026)
        .build()
        .unwrap();
    for (text, want) in [
        ("dob: 1980-01-05", "dob: [PHI:dob 1980]"),
        ("born 5 January 1936", "born [PHI:dob 90+]"),
        ("born 5 January 1937", "born [PHI:dob 1937]"),
        ("born 1/5/80", "born [PHI:dob]"),
        ("discharged 03/14/2024", "discharged [PHI:date 2024]"),
        ("zip 02139", "zip [PHI:zip 021]"),
        ("zip 82101", "zip [PHI:zip 000]"),
        ("4111 1111 1111 1111", "[PHI:card 1111]"),
        ("from 192.0.2.77", "from [PHI:ip 192.0.2.0/24]"),
        ("from 2001:db8:7:1::9", "from [PHI:ip 2001:db8:7::/48]"),
        ("SSN 123-45-6789", "SSN [PHI:ssn]"),
    ] {
        assert_eq!(scrubbed(&scrubber, text), want);
    }
}

#[test]
fn a_marker_with_other_text_in_it_is_text() {
    let scrubber = Scrubber::new();
    for (text, want) in [
        ("[PHI:ssn 123-45-6789]", "[PHI:ssn [PHI:ssn]]"),
        ("[PHI:zip 021] stays", "[PHI:zip 021] stays"),
        ("[PHI:mrn k1.0123456789abcdef] stays", "[PHI:mrn k1.0123456789abcdef] stays"),
    ] {
        assert_eq!(scrubbed(&scrubber, text), want);
    }
    assert!(!scrubbed(&scrubber, "[PHI:card 4111111111111111]").contains("4111"));
}

#[test]
fn a_kind_that_is_off_hides_no_other() {
    let scrubber = Scrubber::builder().without(Kind::Url).build().unwrap();
    assert_eq!(
        scrubbed(&scrubber, "https://a.example/p?ssn=123-45-6789&x=1"),
        "https://a.example/p?ssn=[PHI:ssn]&x=1",
    );
    assert_eq!(Scrubber::new().scrub("https://a.example/p?x=1").as_str(), "[PHI:url]");
}

#[test]
fn an_allowed_value_stays_and_its_neighbour_goes() {
    let scrubber = Scrubber::builder()
        .allow(Kind::Phone, "555-010-0000")
        .allow(Kind::Ip, "10.0.0.0/8")
        .allow(Kind::Url, "api.example")
        .allow(Kind::Email, "@clinic.example")
        .build()
        .unwrap();
    for (text, want) in [
        ("555-010-0000 and 555-010-0001", "555-010-0000 and [PHI:phone]"),
        ("10.1.2.3 and 11.1.2.3", "10.1.2.3 and [PHI:ip]"),
        ("https://api.example/v1 https://b.example/v1", "https://api.example/v1 [PHI:url]"),
        ("a@clinic.example b@other.example", "a@clinic.example [PHI:email]"),
        ("https://ada:x@api.example/v1", "[PHI:url]"),
    ] {
        assert_eq!(scrubbed(&scrubber, text), want);
    }
}

#[test]
fn entries_that_open_a_whole_kind_are_refused() {
    for (kind, entry) in [
        (Kind::Email, ""),
        (Kind::Email, "*@*"),
        (Kind::Email, "@com"),
        (Kind::Ip, "0.0.0.0/0"),
        (Kind::Ip, "10.0.0.0/7"),
        (Kind::Url, "com"),
        (Kind::Ssn, "1"),
    ] {
        let built = Scrubber::builder().allow(kind, entry).build();
        assert_eq!(built.unwrap_err(), ConfigError::AllowTooWide(kind), "{entry}");
    }
    // The negative control: an entry of the right form is taken.
    assert!(Scrubber::builder().allow(Kind::Ip, "10.0.0.0/8").build().is_ok());
}

#[test]
fn an_action_that_does_not_fit_is_refused() {
    for (kind, action) in [
        (Kind::Ssn, Action::LastFour),
        (Kind::Mrn, Action::Year),
        (Kind::Address, Action::Zip3),
        (Kind::Mac, Action::Prefix),
    ] {
        let built = Scrubber::builder().action(kind, action).build();
        assert_eq!(built.unwrap_err(), ConfigError::ActionKind(kind));
    }
    let built = Scrubber::builder().action(Kind::Mrn, Action::Token).build();
    assert_eq!(built.unwrap_err(), ConfigError::NoTokenKey);
}

#[test]
fn a_rule_matches_whole_words_and_the_longest() {
    let rule = Rule::new(Kind::Account, "V-[0-9]{3,6}[A-Z]?", &["V-123", "V-123456X"], &["XV-123"]);
    let scrubber = Scrubber::builder().rule(rule.unwrap()).build().unwrap();
    assert_eq!(
        scrubbed(&scrubber, "(V-123456X), V-12, V-1234567"),
        "([PHI:account]), V-12, V-1234567"
    );
}

#[test]
fn a_rule_without_bound_or_with_a_failing_test_is_refused() {
    for pattern in
        ["[0-9]*", "[0-9]+", "a|bcd", "[0-9]{2,", "[0-9]{1,200}", "ab", "[z-a]xx", "abc{0}"]
    {
        let rule = Rule::new(Kind::Account, pattern, &["abc"], &[]);
        assert_eq!(rule.unwrap_err(), ConfigError::RulePattern, "{pattern}");
    }
    assert_eq!(Rule::new(Kind::Account, "abc", &[], &[]).unwrap_err(), ConfigError::RuleTest);
    assert_eq!(Rule::new(Kind::Account, "abc", &["abd"], &[]).unwrap_err(), ConfigError::RuleTest);
    assert_eq!(
        Rule::new(Kind::Account, "abc", &["abc"], &["abc"]).unwrap_err(),
        ConfigError::RuleTest
    );
}

#[test]
fn a_file_is_read_whole_or_not_at_all() {
    for (text, line) in [
        ("off = [\"ssn\"]\nmore = 1", 2),
        ("\noff = [\"everything\"]", 2),
        ("[actions]\ndob = \"century\"", 2),
        ("off = 1", 1),
    ] {
        let built = Scrubber::from_toml(text);
        assert_eq!(built.unwrap_err(), ConfigError::File { line }, "{text}");
    }
    let scrubber = Scrubber::from_toml("[actions]\nzip = \"zip3\"").unwrap();
    assert_eq!(scrubbed(&scrubber, "zip 02139"), "zip [PHI:zip 021]");
}

#[cfg(feature = "token")]
#[test]
fn tokens_are_the_same_for_the_same_value_and_key_only() {
    let scrubber = |id, key: u8| {
        let builder = Scrubber::builder().action(Kind::Mrn, Action::Token);
        builder.action(Kind::Account, Action::Token).token_key(id, &[key; 32]).build().unwrap()
    };
    let ours = scrubber(7, 1);
    let token = scrubbed(&ours, "mrn=771935");
    // HMAC-SHA-256 by an independent tool, over `phi-log token 1\0mrn\0771935`.
    assert_eq!(token, "mrn=[PHI:mrn k7.ce08co8mekbah55c]");
    assert_eq!(scrubbed(&ours, "mrn=771935"), token);
    assert_ne!(scrubbed(&ours, "mrn=771936"), token);
    assert_ne!(scrubbed(&scrubber(7, 2), "mrn=771935"), token);
    // The kind is a part of it.
    let account = scrubbed(&ours, "account_number=771935");
    assert!(!account.contains(token.trim_start_matches("mrn=[PHI:mrn k7.")));
}
