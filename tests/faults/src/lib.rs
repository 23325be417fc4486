//! Fault tests; see tests/it.
