//! Portico's one binary; see `portico --help`.

fn main() -> std::process::ExitCode {
    portico::cli::main()
}
