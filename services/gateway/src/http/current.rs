//! The request under way, for whoever says something about it without having it in hand.

tokio::task_local! {
    static REQUEST: (String, String);
}

/// Runs something as part of a request, with its path and its trace id.
pub(crate) async fn within<T>(path: String, trace: String, run: impl Future<Output = T>) -> T {
    REQUEST.scope((path, trace), run).await
}

/// The path of the request under way.
pub(crate) fn path() -> String {
    REQUEST.try_with(|(path, _)| path.clone()).unwrap_or_default()
}

/// The trace id of the request under way; one of our own when traces are off.
pub(crate) fn trace() -> String {
    REQUEST.try_with(|(_, trace)| trace.clone()).unwrap_or_default()
}
