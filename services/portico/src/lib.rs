//! The binary's library: command line, targets, assembly of a process, private servers for development, demo data.

pub mod assemble;
pub mod bus_access;
pub mod cli;
pub mod demo;
pub mod dev;
pub mod doctor;
pub mod host;
mod operate;
mod out;
pub mod programs;
pub mod provision;
mod refusal;
mod sampling;
pub mod target;
