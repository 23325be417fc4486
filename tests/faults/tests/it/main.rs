//! Kill, partition, tamper.
