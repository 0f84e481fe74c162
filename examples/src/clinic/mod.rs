//! A clinic on axum and sqlx whose patients are sealed, guarded and audited.
//!
//! To read first: [`record`] says what is PHI, `policy.toml` who may do what, [`routes`] what each
//! route needs, [`handlers`] how little a handler has to know. [`app`] puts them together. The
//! rest is the demonstration: [`population`] makes people up, [`import`] loads FHIR files,
//! [`tour`] shows that it all holds.

pub mod app;
pub mod args;
pub mod audit;
pub mod client;
pub mod database;
pub mod draft;
mod failure;
pub mod folder;
pub mod handlers;
pub mod import;
pub mod paint;
pub mod population;
pub mod record;
pub mod routes;
mod run;
pub mod server;
pub mod staff;
pub mod tokens;
pub mod tour;

pub use app::App;
pub use failure::Failure;
pub use run::{aside, run};
