//! A server that was started here, whatever kind it is: what starts, stops and starts it again.

use std::sync::{Mutex, PoisonError};

use crate::server::{Home, Running, Stop, free_port};
use crate::skip;

/// A kind of server.
pub(crate) trait Kind {
    /// Its name, for messages.
    const NAME: &'static str;

    /// Starts one in its folder; `None` if it ended by itself, as when its port was taken.
    fn launch(&self, home: &Home, port: u16) -> Option<Running>;

    /// The signal that stops it.
    fn signal(how: Stop) -> &'static str;
}

#[derive(Debug)]
pub(crate) struct Own<K: Kind> {
    running: Mutex<Option<Running>>,
    home: Home,
    kind: K,
    port: u16,
}

impl<K: Kind> Own<K> {
    pub(crate) fn start(home: Home, kind: K) -> Self {
        // Between the search and the start somebody may take the port.
        for _ in 0..10 {
            let port = free_port();
            if let Some(running) = kind.launch(&home, port) {
                return Self { running: Mutex::new(Some(running)), home, kind, port };
            }
        }
        panic!("{} does not start\n{}", K::NAME, Running::why(&home));
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn stop(&self, how: Stop) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        running.expect("the server runs").stop(&self.home, K::signal(how));
    }

    pub(crate) fn restart(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(running.is_none(), "stop the server first");
        *running = self.kind.launch(&self.home, self.port);
        assert!(running.is_some(), "{} does not start\n{}", K::NAME, Running::why(&self.home));
    }
}

impl<K: Kind> Drop for Own<K> {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.end(K::signal(Stop::Immediate)); // the watchdog would wait for our child
        }
    }
}

/// The server that the variable names, else one that is started; a skip if there is neither.
pub(crate) fn given_or<S>(
    name: &str,
    variable: &str,
    given: impl FnOnce(String) -> S,
    start: impl FnOnce() -> Option<S>,
) -> Option<S> {
    let url = std::env::var(variable).ok().filter(|url| !url.is_empty());
    or_skip(name, Some(variable), url.map(given).or_else(start))
}

/// Counts and tells it if there is no server.
pub(crate) fn or_skip<S>(name: &str, variable: Option<&str>, server: Option<S>) -> Option<S> {
    if server.is_none() {
        skip::skip(name, variable);
    }
    server
}
