//! Writes every page of the samples into a directory, to be looked at in a browser:
//! `cargo run -p gateway-ui --example gallery -- <directory> [en|it] [light|dark]`.
//! Serve it with the built assets under `/assets/app.css`, `/assets/app.js`, `/assets/icons.svg`.

#[path = "../tests/it/samples.rs"]
mod samples;

use std::fs;
use std::path::PathBuf;

use gateway_ui::Lang;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap_or_else(|| "gallery".to_owned()));
    let lang = arguments.next().and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default();
    let theme = arguments.next().unwrap_or_else(|| "system".to_owned());
    fs::create_dir_all(&directory)?;
    for sample in samples::all(lang) {
        let html = sample.html.replace("data-theme=\"system\"", &format!("data-theme=\"{theme}\""));
        fs::write(directory.join(format!("{}.html", sample.name)), html)?;
    }
    Ok(())
}
