//! Black-box tests over HTTP and NATS; see tests/it.
