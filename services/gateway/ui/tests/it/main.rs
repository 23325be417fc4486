//! Tests of the pages: structure, forms, texts, colours, formats.

mod colors;
mod dom;
mod formats;
mod pages;
mod refill;
mod samples;
mod sources;
mod texts;
