//! Sealing, opening and searching, against the bare primitive and against the usual home-made way.
//!
//! `cargo bench -p benches --bench seal`
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops where it goes wrong")]

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, AeadInOut, Payload};
use aes_gcm::aes::{Aes256, Aes256Enc};
use aes_gcm::{AesGcm, KeyInit, Nonce};
use benches::{Compare, EncodingLog, print_machine};
use hmac::{Hmac, Mac};
use phi_core::policy::{Action, Policy, Purpose};
use phi_core::{Membership, Phi, PhiRecord, Principal, Safeguards};
use pollster::block_on;
use rand::TryRng;
use sha2::Sha256;
use uuid::Uuid;

/// 32 bytes: with the marker it is padded to 48.
const VALUE: &str = "a diagnosis of thirty-two bytes.";
const HERE: Uuid = Uuid::from_u128(1);

#[derive(Debug, PhiRecord)]
#[phi(record = "patient")]
struct Patient {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "clinical")]
    a: Phi<String>,
    #[phi(class = "clinical")]
    b: Phi<String>,
    #[phi(class = "clinical")]
    c: Phi<String>,
    #[phi(class = "clinical")]
    d: Phi<String>,
    #[phi(class = "clinical")]
    e: Phi<String>,
    #[phi(class = "clinical")]
    f: Phi<String>,
}

#[derive(Debug, PhiRecord)]
#[phi(record = "indexed")]
struct Indexed {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "identifier", index(exact = "ssn"))]
    ssn: Phi<String>,
}

/// The same without the index.
#[derive(Debug, PhiRecord)]
#[phi(record = "plain")]
struct Plain {
    #[phi(id)]
    id: Uuid,
    #[phi(tenant)]
    clinic_id: Uuid,
    #[phi(class = "identifier")]
    ssn: Phi<String>,
}

fn patient(number: u128) -> Patient {
    let value = || VALUE.into();
    Patient {
        id: Uuid::from_u128(number),
        clinic_id: HERE,
        a: value(),
        b: value(),
        c: value(),
        d: value(),
        e: value(),
        f: value(),
    }
}

const POLICY: &str = r#"
version = 1
[[roles.clinician.allow]]
actions = ["create", "read"]
resources = ["patient"]
classes = ["clinical"]
scope = "tenant"
purposes = ["TREAT"]
"#;

fn main() {
    print_machine();
    let vault = phi_core::Vault::new(file_keys()).unwrap();
    vault.add_tenant(HERE).unwrap();
    seal(&vault);
    open(&vault);
    search(&vault);
    page();
}

/// Keys in a file and nonces from the system, as an application has them.
fn file_keys() -> phi_core::keys::KeyFile {
    let dir = tempfile::tempdir().unwrap().keep();
    phi_core::keys::KeyFile::open_or_create(dir.join("root.key"), dir.join("keyring")).unwrap()
}

fn padded() -> Vec<u8> {
    let mut text = VALUE.as_bytes().to_vec();
    text.push(0x80);
    text.resize(48, 0);
    text
}

const AAD: [u8; 33] = [7; 33];

/// The same work as teams write it first: an OS nonce, a cipher made for the value, and two copies.
fn home_made_seal(key: &[u8; 32]) -> Vec<u8> {
    let mut nonce = [0; 12];
    rand::rngs::SysRng.try_fill_bytes(&mut nonce).unwrap();
    let cipher = AesGcm::<Aes256, U12>::new(&(*key).into());
    let mut out = nonce.to_vec();
    let bound = Payload { msg: VALUE.as_bytes(), aad: &AAD };
    out.extend(cipher.encrypt(&Nonce::from(nonce), bound).unwrap());
    out
}

fn home_made_open(key: &[u8; 32], sealed: &[u8]) -> Vec<u8> {
    let cipher = AesGcm::<Aes256, U12>::new(&(*key).into());
    let nonce: [u8; 12] = sealed.first_chunk().copied().unwrap();
    let bound = Payload { msg: sealed.get(12..).unwrap(), aad: &AAD };
    cipher.decrypt(&Nonce::from(nonce), bound).unwrap()
}

fn seal(vault: &phi_core::Vault) {
    let cipher = AesGcm::<Aes256Enc, U12>::new(&[9; 32].into());
    let record = patient(2);
    let mut text = padded();
    Compare::new("seal one 32-byte field (of a record of six; 48 bytes padded, 33 bound)")
        .way("floor: aes-gcm, cipher kept, in place, no nonce", || {
            (0..6)
                .map(|_| {
                    let nonce = Nonce::from([3; 12]);
                    cipher.encrypt_inout_detached(&nonce, &AAD, text.as_mut_slice().into()).unwrap()
                })
                .fold(0, |sum, tag| sum ^ tag.first().copied().unwrap_or(0))
        })
        .way("vault.seal: hedged nonce, allocation, header, padding", || {
            vault.seal(&record).unwrap()
        })
        .way("home-made: OS nonce, cipher per value, the same bound", || {
            (0..6).map(|_| home_made_seal(&[9; 32]).len()).sum::<usize>()
        })
        .per(6)
        .run();
}

fn open(vault: &phi_core::Vault) {
    let cipher = AesGcm::<Aes256Enc, U12>::new(&[9; 32].into());
    let nonce = Nonce::from([3; 12]);
    let mut sealed = padded();
    let tag = cipher.encrypt_inout_detached(&nonce, &AAD, sealed.as_mut_slice().into()).unwrap();
    let row = vault.seal(&patient(2)).unwrap();
    assert_eq!(vault.open(row.clone()).unwrap().f.expose(), VALUE);
    let home_made = home_made_seal(&[9; 32]);
    assert_eq!(home_made_open(&[9; 32], &home_made), VALUE.as_bytes());
    Compare::new(
        "open one 32-byte field (of a record of six; each way copies the ciphertext first)",
    )
    .way("floor: copy, aes-gcm with the cipher kept", || {
        for _ in 0..6 {
            let mut text = sealed.clone();
            let opened =
                cipher.decrypt_inout_detached(&nonce, &AAD, text.as_mut_slice().into(), &tag);
            opened.unwrap();
        }
    })
    .way("vault.open: cache hit, wiped buffers, Phi<String>", || vault.open(row.clone()).unwrap())
    .way("home-made: cipher per value, the same bound, nothing wiped", || {
        (0..6).map(|_| home_made_open(&[9; 32], &home_made.clone()).len()).sum::<usize>()
    })
    .per(6)
    .run();
}

fn search(vault: &phi_core::Vault) {
    let state = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&[9; 32]).unwrap();
    let ssn = || Phi::from(String::from("123-45-6789"));
    let (id, clinic_id) = (Uuid::from_u128(2), HERE);
    let (plain, indexed) =
        (Plain { id, clinic_id, ssn: ssn() }, Indexed { id, clinic_id, ssn: ssn() });
    Compare::new(
        "search token of one social security number; the third way less the second is the token",
    )
    .way("floor: HMAC-SHA256 with its state kept", || {
        let mut mac = state.clone();
        mac.update(b"123456789");
        mac.finalize()
    })
    .way("vault.seal of a record with the field alone", || vault.seal(&plain).unwrap())
    .way("vault.seal of a record with the field and its token", || vault.seal(&indexed).unwrap())
    .way("vault.search: key looked up, normalised, a pair to bind", || {
        vault.search(Indexed::SSN_INDEX, Some(HERE.into()), "123-45-6789").unwrap()
    })
    .run();
}

fn page() {
    let policy = Policy::from_toml(POLICY).unwrap();
    let safeguards =
        Safeguards::builder(file_keys(), policy, EncodingLog).record::<Patient>().build().unwrap();
    safeguards.add_tenant(HERE).unwrap();
    let who = Principal::person(Uuid::from_u128(7), Membership::new(1, HERE, "clinician"));
    let begin = |action| block_on(safeguards.begin(&who, action, "patient", Purpose::Treatment));
    let write = begin(Action::Create).unwrap();
    let rows: Vec<_> = (0..50).map(|n| write.seal(&patient(n)).unwrap()).collect();
    block_on(write.finish()).unwrap();
    let cipher = AesGcm::<Aes256Enc, U12>::new(&[9; 32].into());
    let nonce = Nonce::from([3; 12]);
    let mut text = padded();
    Compare::new("open a page: 50 patients of 6 fields, with policy and audit notes")
        .way("floor: aes-gcm alone, 300 times", || {
            for _ in 0..300 {
                let _ = cipher.encrypt_inout_detached(&nonce, &AAD, text.as_mut_slice().into());
            }
        })
        .way_with(
            "grant.open, 50 times, and the grant and its event",
            || rows.clone(),
            |rows| {
                let grant = begin(Action::Read).unwrap();
                let opened: Vec<_> = rows.into_iter().map(|r| grant.open(r).unwrap()).collect();
                block_on(grant.finish()).unwrap();
                opened
            },
        )
        .run();
}
