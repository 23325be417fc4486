//! QR codes, for setting up an authenticator app.

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};

/// Free modules around the code; readers need four.
const QUIET: usize = 4;

/// A QR code: dark squares on light ground, in modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Width and height with the free edge, in modules.
    pub size: usize,
    /// Path data of the dark modules.
    pub path: String,
}

impl Qr {
    /// The code of a text; `None` when it is too long for one.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                // One square for each module: readers want crisp edges, and the page is sent compressed.
                path.push_str(&format!("M{} {}h1v1h-1z", index % width + QUIET, index / width + QUIET));
            }
        }
        Some(Self { size: width + 2 * QUIET, path })
    }

    /// The code as an SVG element. It brings its own light ground, so that it can be read in a dark page too.
    pub fn svg(&self) -> String {
        let Self { size, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
        )
    }
}

/// The QR code of a text as an SVG element; `None` when the text is too long for one.
pub fn svg(text: &str) -> Option<String> {
    Qr::of(text).map(|code| code.svg())
}
