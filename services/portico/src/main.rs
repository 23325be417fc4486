//! Portico's one binary; see `portico --help`.

/// A page of a list makes thousands of small allocations. How much this allocator gains has not been measured yet.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    portico::cli::main()
}
