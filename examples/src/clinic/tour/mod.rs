//! The tour: five short scenes over HTTP, against the running server. What it prints is what it was
//! answered.

mod audit;
mod cast;
mod roles;
mod save;
mod search;
mod silence;
mod tamper;

use phi_core::audit::{Event, Outcome, Printable};
use phi_sqlx::audit::LoggedEvent;
use uuid::Uuid;

pub use cast::Cast;
pub(super) use cast::signed_in;

use super::args::Args;
use super::client::{Client, Exchange};
use super::database::on;
use super::paint::Page;
use super::population::{Person, people};
use super::server::Server;
use super::{App, Failure};

/// What the scenes share.
struct Stage<'t> {
    app: &'t App,
    server: &'t Server,
    client: Client,
    cast: &'t Cast,
    page: Page<'t>,
    /// As whom the database can be changed behind the application's back.
    #[cfg(feature = "postgres")]
    owner: Option<&'t str>,
    /// The first event of this tour.
    from: u64,
}

/// The patients that the tour itself saved.
struct Saved {
    ada: (Uuid, Person),
    bob: (Uuid, Person),
}

/// What was asked on the tour, for those who check its words.
#[derive(Debug)]
pub struct Transcript {
    /// Every request with its answer, in order.
    pub exchanges: Vec<Exchange>,
    /// The first patient that was saved, and as whom.
    pub patient: (Uuid, Person),
}

/// Plays the tour.
///
/// # Errors
///
/// [`Failure`] if the server, the database or the audit log does not play along.
pub async fn play<'t>(
    app: &'t App,
    server: &'t Server,
    cast: &'t Cast,
    args: &'t Args,
    page: Page<'t>,
) -> Result<Transcript, Failure> {
    let from = app.audit().head().await?.size;
    let client = Client::new(server.address());
    let mut stage = Stage {
        app,
        server,
        client,
        cast,
        page,
        #[cfg(feature = "postgres")]
        owner: args.database.as_deref(),
        from,
    };
    // Two more than the clinic has already.
    let mut guests = people(args.seed, Cast::NORTH + 2).into_iter().skip(Cast::NORTH);
    let guests = guests.next().zip(guests.next());
    let (ada, bob) = guests.ok_or(Failure::Program("there are too few people"))?;
    let saved = save::play(&mut stage, ada, bob).await?;
    roles::play(&mut stage, &saved).await?;
    search::play(&mut stage, &saved).await?;
    silence::play(&mut stage, &saved).await?;
    audit::play(&mut stage, &saved).await?;
    Ok(Transcript { exchanges: stage.client.exchanges(), patient: saved.ada })
}

impl Stage<'_> {
    /// Prints one answer with words of its own.
    fn show(&mut self, exchange: &Exchange, words: &str) -> Result<(), Failure> {
        let page = &mut self.page;
        page.answer(&exchange.caller.name, &exchange.asked(), exchange.status, words)
    }

    /// A stored diagnosis, past the application.
    async fn diagnosis(&self, id: Uuid) -> Result<Vec<u8>, Failure> {
        let sql = "SELECT diagnosis FROM patient WHERE id = $1";
        let mut session = self.app.database().session_in(self.cast.north).await?;
        Ok(on!(session, db => sqlx::query_scalar(sql).bind(id).fetch_one(db).await)?)
    }

    /// Writes bytes into it, past the application.
    async fn put(&self, id: Uuid, diagnosis: &[u8]) -> Result<(), Failure> {
        let sql = "UPDATE patient SET diagnosis = $1 WHERE id = $2";
        let mut session = self.app.database().session_in(self.cast.north).await?;
        on!(session, db => sqlx::query(sql).bind(diagnosis).bind(id).execute(db).await.map(drop))?;
        session.commit().await
    }

    /// The events of this tour.
    async fn events(&self) -> Result<Vec<LoggedEvent>, Failure> {
        self.app.audit().reader().await?.events(self.from).await
    }

    /// How the audit log says that a request ended.
    async fn outcome(&self, exchange: &Exchange) -> Result<String, Failure> {
        let events = self.events().await?;
        let mut outcomes = events.iter().map(|logged| &logged.event).filter(|event| {
            let request = event.request.as_ref().map(Printable::as_str);
            event.outcome != Outcome::Intent && request == Some(exchange.request.as_str())
        });
        Ok(outcomes.next().map_or_else(|| "no event".to_owned(), ending))
    }
}

/// Outcome and reason, as the event has them.
fn ending(event: &Event) -> String {
    match &event.reason {
        Some(reason) => format!("{}, {reason}", event.outcome),
        None => event.outcome.to_string(),
    }
}
