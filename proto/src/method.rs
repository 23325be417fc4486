//! What the schemas say of methods.

include!(concat!(env!("OUT_DIR"), "/methods.rs"));

/// True when a call of the method may be sent again after it may have arrived: it reads only, or twice is the same as
/// once. `path` is that of the request, `/portico.records.v1.RecordsService/GetRecord`.
pub fn is_repeatable(path: &str) -> bool {
    REPEATABLE.binary_search(&path).is_ok()
}
