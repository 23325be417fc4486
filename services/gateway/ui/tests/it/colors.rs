//! Contrast of every pair of colours that the style sheet puts together, in both schemes, as WCAG 2.2 computes it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::sources::read;

#[derive(Debug, Clone, Copy)]
struct Oklch {
    lightness: f64,
    chroma: f64,
    hue: f64,
}

/// Token → light and dark.
fn tokens() -> BTreeMap<String, [Oklch; 2]> {
    let css = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/css/tokens.css"));
    let mut tokens = BTreeMap::new();
    for line in css.lines() {
        let Some((name, value)) = line.trim().strip_prefix("--").and_then(|rest| rest.split_once(": light-dark("))
        else {
            continue;
        };
        let colors: Vec<Oklch> = value.split("oklch(").skip(1).map(parse).collect();
        let pair: [Oklch; 2] = colors.try_into().unwrap_or_else(|_| panic!("{name} has a light and a dark colour"));
        tokens.insert(name.to_owned(), pair);
    }
    tokens
}

fn parse(text: &str) -> Oklch {
    let inside = text.split(')').next().expect("a colour is closed");
    let numbers: Vec<f64> = inside.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let &[lightness, chroma, hue] = numbers.as_slice() else { panic!("three numbers in {inside}") };
    Oklch { lightness, chroma, hue }
}

/// Linear sRGB, each channel cut to what a screen can show.
fn linear(color: Oklch) -> [f64; 3] {
    let radians = color.hue.to_radians();
    let (a, b) = (color.chroma * radians.cos(), color.chroma * radians.sin());
    let l = (color.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (color.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (color.lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
    .map(|channel| channel.clamp(0.0, 1.0))
}

fn luminance(color: Oklch) -> f64 {
    let [red, green, blue] = linear(color);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: Oklch, other: Oklch) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Text on its ground: at least 4.5.
const TEXT: [(&str, &str); 39] = [
    ("text", "bg"),
    ("text", "surface"),
    ("text", "surface-2"),
    ("text", "warn-bg"),
    ("text", "accent-soft"),
    ("muted", "bg"),
    ("muted", "surface"),
    ("muted", "surface-2"),
    ("accent", "bg"),
    ("accent", "surface"),
    ("accent", "surface-2"),
    ("accent-hover", "bg"),
    ("accent-hover", "surface"),
    ("accent-hover", "surface-2"),
    ("accent", "warn-bg"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-accent-soft", "accent-soft"),
    ("on-accent-soft", "surface"),
    ("on-ink", "ink"),
    ("on-ink", "ink-soft"),
    ("danger", "surface"),
    ("danger", "bg"),
    ("danger", "surface-2"),
    ("danger", "danger-bg"),
    ("danger", "warn-bg"),
    ("on-danger", "danger"),
    ("danger-fg", "danger-bg"),
    ("warn-fg", "warn-bg"),
    ("amber-fg", "warn-bg"),
    ("ok-fg", "ok-bg"),
    ("info-fg", "info-bg"),
    ("grey-fg", "grey-bg"),
    ("blue-fg", "blue-bg"),
    ("green-fg", "green-bg"),
    ("amber-fg", "amber-bg"),
    ("red-fg", "red-bg"),
    ("violet-fg", "violet-bg"),
    ("text", "amber-bg"),
];

/// Edges of controls, rings of focus, marks that carry meaning: at least 3.
const EDGES: [(&str, &str); 14] = [
    ("line-strong", "surface"),
    ("line-strong", "bg"),
    ("line-strong", "surface-2"),
    ("accent", "bg"),
    ("accent", "surface"),
    ("accent", "surface-2"),
    ("accent", "accent-soft"),
    ("on-ink", "ink"),
    ("danger", "surface"),
    ("danger", "danger-bg"),
    ("warn", "bg"),
    ("warn", "surface"),
    ("warn", "warn-bg"),
    ("accent", "warn-bg"),
];

fn check(pairs: &[(&str, &str)], least: f64) {
    let tokens = tokens();
    let mut poor = Vec::new();
    for (front, ground) in pairs {
        for (scheme, name) in ["light", "dark"].iter().enumerate() {
            let color = |token: &str| tokens.get(token).unwrap_or_else(|| panic!("no token {token}"))[scheme];
            let ratio = contrast(color(front), color(ground));
            if ratio < least {
                poor.push(format!("{name}: {front} on {ground} is {ratio:.2}"));
            }
        }
    }
    assert!(poor.is_empty(), "below {least}: {poor:#?}");
}

#[test]
fn text_has_enough_contrast_in_both_schemes() {
    check(&TEXT, 4.5);
}

#[test]
fn edges_and_focus_rings_have_enough_contrast_in_both_schemes() {
    check(&EDGES, 3.0);
}

#[test]
fn every_token_of_a_colour_is_checked() {
    let tokens = tokens();
    assert!(tokens.len() > 30, "only {} tokens were read", tokens.len());
    let checked = |token: &str| TEXT.iter().chain(&EDGES).any(|(front, ground)| *front == token || *ground == token);
    // Pure decoration: hairlines between things that are apart anyway, and the edges of banners that say it in words.
    let decoration = ["line", "ok", "info"];
    let idle: Vec<_> = tokens.keys().filter(|token| !checked(token) && !decoration.contains(&token.as_str())).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn the_contrast_of_black_on_white_is_twenty_one() {
    let black = Oklch { lightness: 0.0, chroma: 0.0, hue: 0.0 };
    let white = Oklch { lightness: 1.0, chroma: 0.0, hue: 0.0 };
    assert!((contrast(black, white) - 21.0).abs() < 0.01);
    // #767676 is the well-known lightest grey that passes on white, 4.54.
    let grey = Oklch { lightness: 0.5654, chroma: 0.0, hue: 0.0 };
    assert!((contrast(grey, white) - 4.54).abs() < 0.05, "{}", contrast(grey, white));
}
