//! The document as a whole, and the rules of bodies, over every operation there is.

mod bodies;
mod document;
