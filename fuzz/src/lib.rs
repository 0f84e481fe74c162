//! The bodies of the fuzz targets; `cargo test` replays the corpora through the same code.

pub mod targets;
