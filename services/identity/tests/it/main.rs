//! Identity with a real Postgres: what happens at its gRPC methods, without a network between.

mod access;
mod agents;
mod cluster;
mod contacts;
mod invitations;
mod locks;
mod login;
mod portal;
mod projection;
mod sessions;
