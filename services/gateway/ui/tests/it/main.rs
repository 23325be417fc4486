//! Tests of the pages: structure, forms, texts, colours, formats.

mod colors;
mod dom;
mod formats;
mod pages;
mod refill;
mod samples;
mod sources;
mod texts;

/// A second language, where a test shows what one is like.
fn italian() -> gateway_ui::Lang {
    gateway_ui::Lang::from_tag("it").expect("Italian is offered")
}

/// A third, where it writes what the other two don't.
fn german() -> gateway_ui::Lang {
    gateway_ui::Lang::from_tag("de").expect("German is offered")
}
