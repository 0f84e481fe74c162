//! A proxy between application and database that cuts connections where a test says.

#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses its part")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// When the proxy cuts: `times` connections whose client sends these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the server sees them.
    Before,
    /// When the server has answered them: the answer is thrown away.
    Behind,
}

pub struct Proxy {
    pub address: SocketAddr,
    left: Arc<AtomicU32>,
}

impl Proxy {
    pub async fn new(server: String, at: &'static [u8], cut: Cut) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let left = Arc::new(AtomicU32::new(0));
        let times = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass(client, server, at, cut, Arc::clone(&times)));
            }
        });
        Self { address, left }
    }

    /// From now on so many cuts.
    pub fn cut(&self, times: u32) {
        self.left.store(times, Ordering::SeqCst);
    }

    pub fn left(&self) -> u32 {
        self.left.load(Ordering::SeqCst)
    }
}

async fn pass(
    mut client: TcpStream,
    mut server: TcpStream,
    at: &'static [u8],
    cut: Cut,
    left: Arc<AtomicU32>,
) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            n = client.read(&mut asked) => {
                let Ok(n @ 1..) = n else { return };
                let bytes = asked.get(..n).unwrap();
                let found = bytes.windows(at.len()).any(|window| window == at);
                let take = |left: u32| left.checked_sub(1);
                if found && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                    if cut == Cut::Behind {
                        server.write_all(bytes).await.unwrap();
                        let _ = server.read(&mut answered).await;
                    }
                    return; // both ends are closed
                }
                if server.write_all(bytes).await.is_err() { return }
            }
            n = server.read(&mut answered) => {
                let Ok(n @ 1..) = n else { return };
                if client.write_all(answered.get(..n).unwrap()).await.is_err() { return }
            }
        }
    }
}
