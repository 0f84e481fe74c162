#![doc = include_str!("../README.md")]

mod init;
mod panic;
mod scrub;
mod subscriber;

pub use init::{Builder, InitError, builder, init, install};
pub use panic::{PanicHook, install_panic_hook};
pub use scrub::{Action, ConfigError, Hits, Kind, Rule, Scrubbed, Scrubber, ScrubberBuilder, Span};
pub use subscriber::{PhiSubscriber, wrap, wrap_with};
