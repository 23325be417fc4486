//! The pages need the bundled assets; they are made by node, never by cargo.

use std::{fs, path::Path, time::SystemTime};

fn main() {
    println!("cargo:rerun-if-changed=web/dist/manifest.json");
    println!("cargo:rerun-if-changed=web/src");
    let manifest = Path::new("web/dist/manifest.json");
    let made = fs::metadata(manifest).and_then(|m| m.modified());
    let newest = newest(Path::new("web/src"));
    match made {
        Ok(made) if newest.is_none_or(|n| n <= made) => {}
        _ => panic!(
            "web/dist is missing or older than web/src: run scripts/build-web first (scripts/up and scripts/test do)"
        ),
    }
}

fn newest(folder: &Path) -> Option<SystemTime> {
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(
            |entry| {
                if entry.path().is_dir() { newest(&entry.path()) } else { entry.metadata().ok()?.modified().ok() }
            },
        )
        .max()
}
