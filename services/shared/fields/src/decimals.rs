//! Exact decimals as texts, at any length.

use std::cmp::Ordering;

/// The parts of a decimal: negative, digits before the point without leading zeros, digits after
/// without trailing ones. Exact at any length, and nothing is allocated.
pub(crate) fn parts(text: &str) -> Option<(bool, &str, &str)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    // Minus zero is zero.
    Some((negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction))
}

/// True for a decimal: an optional minus, digits, and optionally a point with digits behind it.
pub fn is_decimal(text: &str) -> bool {
    parts(text).is_some()
}

/// Compares two decimals; None when one of them is none.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let ((negative_a, whole_a, part_a), (negative_b, whole_b, part_b)) = (parts(a)?, parts(b)?);
    let size = whole_a.len().cmp(&whole_b.len()).then_with(|| whole_a.cmp(whole_b)).then_with(|| part_a.cmp(part_b));
    Some(match (negative_a, negative_b) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    })
}

/// The one spelling of a decimal, and how many digits it has: no plus, no leading zeros, no trailing zeros after the point,
/// no minus zero. None for what is no decimal.
pub fn spelled(text: &str) -> Option<(String, usize)> {
    let text = text.strip_prefix('+').filter(|rest| !rest.starts_with('-')).unwrap_or(text);
    let (negative, whole, fraction) = parts(text)?;
    let mut spelled = String::with_capacity(text.len() + 1);
    if negative {
        spelled.push('-');
    }
    spelled.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        spelled.push('.');
        spelled.push_str(fraction);
    }
    Some((spelled, whole.len() + fraction.len()))
}

#[cfg(test)]
mod tests;
