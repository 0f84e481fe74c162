//! The server on a free local port.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use phi_tower::Guarded;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{App, Failure};

/// A running server.
pub struct Server {
    address: SocketAddr,
    guarded: Guarded,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Starts the application on a free port of this machine's own address.
    ///
    /// # Errors
    ///
    /// [`Failure::Routes`] if a route is not declared, [`Failure::Network`] if no port is free.
    pub async fn start(app: &App) -> Result<Self, Failure> {
        let guarded = app.guarded()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|error| Failure::Network(error.kind()))?;
        let address = listener.local_addr().map_err(|error| Failure::Network(error.kind()))?;
        let (stop, stopped) = oneshot::channel();
        let serve = axum::serve(listener, guarded.clone().into_make_service());
        let serve = serve.with_graceful_shutdown(async {
            let _ = stopped.await; // an end without a word is an end too
        });
        let running = tokio::spawn(async { serve.await });
        Ok(Self { address, guarded, stop, running })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Writes the audit events that are summed up in memory.
    ///
    /// # Errors
    ///
    /// [`Failure::Audit`] if the log does not take them.
    pub async fn flush(&self) -> Result<(), Failure> {
        Ok(self.guarded.flush().await?)
    }

    /// Answers what is under way, and ends.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it did not end in good order.
    pub async fn stop(self) -> Result<(), Failure> {
        let _ = self.stop.send(());
        let ended = match self.running.await {
            Ok(ended) => ended.map_err(|error| Failure::Network(error.kind())),
            Err(_) => Err(Failure::Program("the server ended in a panic; see clinic.log")),
        };
        // Last, since requests are counted until the end.
        self.guarded.flush().await?;
        ended
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
