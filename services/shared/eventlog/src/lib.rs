//! The append-only event log of a service: append, load, read, relay to JetStream, consume, rebuild, verify.
//!
//! Each service has a log of its own in schema `<service>_log`. Positions are dense and in commit order, because every
//! append transaction takes the lock of the one `head` row; the group-commit [`Log::append`] fills each transaction with
//! all that waits, so the order costs no throughput. The relay publishes position *n* as JetStream sequence *n*; our
//! consumers keep one position per source in the same transaction as their effects. The reasons, and the measurements
//! behind them, are in ARCHITECTURE.md, "The event log".
//!
//! This crate alone knows the log's tables and JetStream. The connections that it is given must have a search path of
//! `<service>, <service>_log` (see [`connect`]).

mod announce;
mod append;
mod appender;
mod batch;
mod bus;
mod checkpoint;
mod codec;
mod connect;
mod consumer;
mod dead;
mod decide;
mod draft;
mod error;
mod event;
mod keys;
mod listen;
mod log;
mod migration;
mod parked;
mod programs;
mod projection;
mod read;
mod rebuild;
mod recent;
mod relay;
mod serve;
mod shared;
mod source;
mod standing;
pub mod trace;
mod verify;

pub use announce::{Announce, Announcement, Owner};
pub use append::{
    Append, Appended, Build, Built, ClaimChange, Expected, InboxMove, Meta, NewEvent, Reserved, SideWrite, StreamWrite,
    Unwritten, Writing,
};
pub use batch::event_id;
pub use checkpoint::{Checkpoint, CheckpointError, CheckpointKey};
pub use connect::{connect_options, pool, pool_of, with_search_path};
pub use consumer::{Consumer, ConsumerOptions, Handler, HandlerError, Reaction, Waiter};
pub use dead::{DeadLetter, drop_dead, end_and_dead, list_dead, request_replay, show_dead};
pub use decide::{Accompany, DecideError, Decided, Decision, Loaded, Prompt, Prompted, Stored};
pub use draft::Draft;
pub use error::LogError;
pub use event::{Recorded, StreamId};
pub use keys::{DataKey, KeyStore};
pub use listen::{Tail, listen};
pub use log::Log;
pub use migration::{Migrations, migrate};
pub use programs::{
    Granted, Program, Progress, check_program_name, grant_program, list_programs, programs, revoke_program,
    service_of_subject,
};
pub use projection::Projection;
pub use rebuild::{RebuildStatus, WithoutRebuild, rebuild, rebuilds};
pub use relay::{Relay, RelayOptions, RelayState, forget_stream, published};
pub use serve::EventLogGrpc;
pub use shared::{Counts, LogOptions, Stall};
pub use source::{Authorize, GrpcSource, Source, Transport};
pub use standing::{Standing, standing};
pub use verify::{Verified, Violation, verify};
