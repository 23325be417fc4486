//! Fails with one line when the list of common passwords was not made yet.

fn main() {
    println!("cargo:rerun-if-changed=blocklist/dist/common-passwords.bin");
    let made = std::path::Path::new("blocklist/dist/common-passwords.bin");
    assert!(made.exists(), "services/identity/blocklist/dist is missing: run scripts/build-web first");
}
