//! Permissions with a real Postgres: the service's own gRPC face, its log, and facts as the records and identity services
//! would tell them.

mod golden;
mod plans;
mod portal;
mod profiles;
mod seeds;
