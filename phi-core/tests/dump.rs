//! P3, from outside and with the system's allocator: after values are dropped, no memory that the
//! process may write to holds them, but the stack. What a core dump would show is read from
//! `/proc/self/mem`, freed blocks included; an optimised build may not have left out a wipe.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod support;

use std::fs;
use std::os::unix::fs::FileExt as _;

use phi_core::known::KnownValues;
use phi_core::{Phi, PhiRecord};
use support::{HERE, vault};
use uuid::Uuid;

#[derive(Debug, PhiRecord)]
#[phi(record = "dumped")]
struct Dumped {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "a", index(exact = "text"))]
    text: Phi<String>,
    #[phi(class = "a")]
    bytes: Phi<Vec<u8>>,
}

/// The canary, masked: it stands nowhere in clear but where the test puts it.
const MASK: u8 = 0x5a;
const MASKED: [u8; 24] = *b"\x39\x3b\x34\x3b\x28\x23\x77\x3c\x62\x3e\x6b\x3f\x77\x33\x34\x77\x3e\x2f\x37\x2a\x77\x6d\x6f\x63";

/// Text with the canary at its end: an allocator writes over the first bytes of what it frees.
fn canary() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend([b'.'; 40]);
    bytes.extend(MASKED.iter().map(|byte| byte ^ MASK));
    bytes
}

/// How often memory that this process may write to holds the canary, without this thread's stack:
/// ciphers and hashers are moved there, and SECURITY.md promises nothing of it.
fn found() -> usize {
    let on_the_stack = 0_u8;
    let stack = std::ptr::from_ref(&on_the_stack).addr() as u64;
    let memory = fs::File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut chunk = vec![0; 1 << 20];
    let mut found = 0;
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [mut from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        if (from..to).contains(&stack) {
            continue;
        }
        while from < to {
            // Pages that cannot be read hold nothing that a dump would.
            let Ok(read @ 1..) = memory.read_at(&mut chunk, from) else { break };
            let windows = chunk.get(..read).unwrap().windows(MASKED.len());
            found += windows.filter(|w| w.iter().zip(MASKED).all(|(a, b)| *a == b ^ MASK)).count();
            // Once more what a window may have been cut off from.
            let step = u64::try_from(read).unwrap();
            from += if step > 64 { step - 64 } else { step };
        }
    }
    // What was read is not to be found the next time.
    chunk.fill(0);
    std::hint::black_box(&chunk);
    found
}

/// In a function of its own, so that its stack is left behind.
#[inline(never)]
fn seal_open_and_search() {
    let vault = vault();
    let record = Dumped {
        id: Uuid::from_u128(1),
        clinic_id: HERE,
        text: String::from_utf8(canary()).unwrap().into(),
        bytes: canary().into(),
    };
    let request = KnownValues::new();
    request.enter(|| {
        let row = vault.seal(&record).unwrap();
        let opened = vault.open(row).unwrap();
        let search = vault.search(Dumped::TEXT_INDEX, Some(HERE.into()), opened.text.expose());
        assert!(search.unwrap().confirms(&opened));
        assert!(opened.text.same_as(&record.text) && opened.bytes.same_as(&record.bytes));
        let copy = opened.bytes.duplicate();
        assert!(found() > 0, "the control: open values are found");
        drop(copy);
    });
}

#[test]
fn a_dump_after_the_work_shows_no_value() {
    phi_core::known::collect();
    seal_open_and_search();
    let left = found();
    assert_eq!(left, 0, "{left} copies are left");

    // The negative control: what is dropped without being wiped.
    drop(std::hint::black_box(canary()));
    assert!(found() > 0, "an unwiped value is not found");
}
