//! A client for one request at a time, as the tour needs it.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderValue, Method, Request};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use uuid::Uuid;

use super::Failure;

/// Somebody who asks: a name for the page, and a token or none.
#[derive(Debug, Clone)]
pub struct Caller {
    /// As the tour calls them.
    pub name: String,
    /// What they sign in with.
    pub token: Option<String>,
}

/// What was asked, and what came back.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Who asked.
    pub caller: Caller,
    /// The method.
    pub method: Method,
    /// The route, with `{id}` where an id stood.
    pub route: &'static str,
    /// The path as it was asked.
    pub path: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's body.
    pub body: Bytes,
    /// The id under which the request is in the audit log.
    pub request: String,
}

impl Exchange {
    /// The answer as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Method and route, as in `GET /patients/{id}`.
    #[must_use]
    pub fn asked(&self) -> String {
        format!("{} {}", self.method, self.route)
    }
}

/// Asks one server, and remembers every answer.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Client {
    /// A client of the server at this address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, exchanges: Mutex::default() }
    }

    /// All answers so far.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads.
    ///
    /// # Errors
    ///
    /// [`Failure::Network`] if there is no answer.
    pub async fn get(
        &self,
        caller: &Caller,
        route: &'static str,
        id: Option<Uuid>,
    ) -> Result<Exchange, Failure> {
        self.ask(caller, Method::GET, route, id, None).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Network`] if there is no answer.
    pub async fn post(
        &self,
        caller: &Caller,
        route: &'static str,
        id: Option<Uuid>,
        body: &Value,
    ) -> Result<Exchange, Failure> {
        self.ask(caller, Method::POST, route, id, Some(body)).await
    }

    /// Asks anything.
    ///
    /// # Errors
    ///
    /// [`Failure::Network`] if there is no answer.
    pub async fn ask(
        &self,
        caller: &Caller,
        method: Method,
        route: &'static str,
        id: Option<Uuid>,
        body: Option<&Value>,
    ) -> Result<Exchange, Failure> {
        let path = match id {
            Some(id) => route.replace("{id}", &id.to_string()),
            None => route.to_owned(),
        };
        let asked = self.send(caller, &method, &path, body).await;
        let (status, request, body) = asked.ok_or(Failure::Network(std::io::ErrorKind::Other))?;
        let caller = caller.clone();
        let exchange = Exchange { caller, method, route, path, status, body, request };
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.push(exchange.clone());
        Ok(exchange)
    }

    /// Status, request id and body of the answer. Why there is none does not matter here: the
    /// server is in the same process.
    async fn send(
        &self,
        caller: &Caller,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<(u16, String, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .header(CONNECTION, HeaderValue::from_static("close"))
            .header(USER_AGENT, HeaderValue::from_static("clinic-tour"));
        if let Some(token) = &caller.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map(Value::to_string);
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Body::from(body.unwrap_or_default())).ok()?;
        let stream = TcpStream::connect(self.address).await.ok()?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.ok()?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await.ok()?;
        let status = answer.status().as_u16();
        let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
        let id = id.unwrap_or_default().to_owned();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        drop(sender);
        connection.await.ok()?.ok()?;
        Some((status, id, body))
    }
}
