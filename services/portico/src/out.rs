//! What a command says on standard output. `println!` is refused elsewhere (`clippy::print_stdout`).
#![expect(clippy::print_stderr, reason = "this is the command line")]

use std::io::{ErrorKind, Write};

/// A line on standard output, as `println!` writes it. When nobody reads any more (`portico events tail | head`), the program
/// ends without a word, as other commands do; `println!` would end it with a panic.
macro_rules! say {
    ($($arg:tt)*) => { $crate::out::line(format_args!($($arg)*)) };
}
pub(crate) use say;

pub(crate) fn line(text: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if let Err(e) = out.write_fmt(format_args!("{text}\n")) {
        let closed = e.kind() == ErrorKind::BrokenPipe;
        if !closed {
            eprintln!("portico: standard output: {e}");
        }
        std::process::exit(i32::from(!closed));
    }
}
