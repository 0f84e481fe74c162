//! The smallest application, as a newcomer would try it: its own process, a folder, a port.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests are tests too"
)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::Method;
use examples::clinic::client::{Caller, Client};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use uuid::Uuid;

const SECRET: &[u8; 32] = b"a shared secret of the sample's!";

/// Ends the process when the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A token of the issuer for an account.
fn caller(account: &str, secret: &[u8]) -> Caller {
    let soon = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 300;
    let claims =
        json!({ "iss": "https://issuer.example", "aud": "clinic", "sub": account, "exp": soon });
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(secret)).unwrap();
    Caller { name: account.to_owned(), token: Some(token) }
}

/// A free local port: asked for, and let go for the program to take.
fn address() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn the_smallest_application_seals_guards_and_audits() {
    let dir = tempfile::tempdir().unwrap();
    let address = address();
    let secret = dir.path().join("token.key");
    fs::write(&secret, SECRET).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = Command::new(env!("CARGO_BIN_EXE_minimal"))
            .arg(&address)
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(!refused.status.success(), "a secret that others may read was used");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_minimal"))
        .arg(&address)
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut running = Running(child);
    let mut line = String::new();
    while !line.contains("listening") {
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "ended too early: {line}");
    }

    let client = Client::new(address.parse().unwrap());
    let clinician = caller("7", SECRET);
    let stranger = caller("8", SECRET);
    let forger = caller("7", b"another secret of the same size!");
    let nobody = Caller { name: "nobody".to_owned(), token: None };
    let new = json!({ "name": "Zelda Sample", "diagnosis": "Acute bronchitis" });
    let saved = client.post(&clinician, "/patients", None, &new).await.unwrap();
    assert_eq!(saved.status, 200);
    let id: Uuid = serde_json::from_slice(&saved.body).unwrap();

    let read = client.get(&clinician, "/patients/{id}", Some(id)).await.unwrap();
    assert_eq!((read.status, &read.json()["name"]), (200, &json!("Zelda Sample")));
    assert_eq!(read.json()["diagnosis"], json!("Acute bronchitis"));
    assert_eq!(read.json()["id"], json!(id));
    assert!(read.json().get("clinic_id").is_none(), "what serde skips was answered");
    for (caller, method, route, status) in [
        (&nobody, Method::GET, "/patients/{id}", 401),
        (&forger, Method::GET, "/patients/{id}", 401),
        (&stranger, Method::GET, "/patients/{id}", 403), // known to the issuer, and to no clinic
        (&clinician, Method::DELETE, "/patients/{id}", 403), // nobody declared it
        (&clinician, Method::GET, "/nowhere", 404),
    ] {
        let asked = client.ask(caller, method, route, Some(id), None).await.unwrap();
        assert_eq!(asked.status, status, "{} {}", caller.name, asked.asked());
    }
    let unknown = client.get(&clinician, "/patients/{id}", Some(Uuid::now_v7())).await.unwrap();
    assert_eq!(unknown.status, 404);
    let unknown_field = json!({ "name": "Zelda Sample", "id": Uuid::now_v7() });
    let other = client.post(&clinician, "/patients", None, &unknown_field).await.unwrap();
    assert_ne!(json!(other.json()), unknown_field["id"]); // a client does not choose ids

    #[cfg(unix)]
    {
        common::signal(&running.0, "INT");
        assert!(running.0.wait().unwrap().success());
        let (counts, closed) = common::ending(dir.path()).await;
        assert!(counts.iter().sum::<u64>() == 2 && closed, "{counts:?}");
    }

    let texts = ["Zelda", "Sample", "bronchitis"];
    assert!(fs::metadata(dir.path().join("clinic.db")).unwrap().len() > 0);
    assert_eq!(common::traces(dir.path(), &texts), 0);
    assert!(common::traces_in_clear(&texts).await >= 3); // the control
}

#[test]
fn the_smallest_application_has_at_most_80_lines() {
    let source = include_str!("../src/bin/minimal.rs");
    assert!(source.lines().count() <= 80);
}
