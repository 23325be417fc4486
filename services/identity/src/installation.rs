//! What holds for the whole installation: the security settings and the terms of use.

mod settings;
mod terms;
