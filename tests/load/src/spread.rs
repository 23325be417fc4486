//! Medians, and how far the rounds lay apart.

use serde::Serialize;

/// The median of some rounds, with the smallest and the largest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of the rounds' values; zero when there are none.
    pub(crate) fn of(values: &[f64]) -> Spread {
        Spread { median: percentile(values, 50.0), min: percentile(values, 0.0), max: percentile(values, 100.0) }
    }

    /// Of the quotients of values from the same rounds.
    pub(crate) fn of_ratios(values: &[f64], anchors: &[f64]) -> Spread {
        let ratios: Vec<f64> = values.iter().zip(anchors).filter(|(_, a)| **a > 0.0).map(|(v, a)| v / a).collect();
        Spread::of(&ratios)
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}–{})", shown(self.median), shown(self.min), shown(self.max))
    }
}

/// The value below which a share of the values lies, by linear interpolation; zero when there are none.
pub(crate) fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = percent / 100.0 * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above.min(last)] - sorted[below]) * (place - place.floor())
}

/// A number with about three digits that mean something.
pub(crate) fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 || v == 0.0 => 2,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    let digits = text.trim_start_matches('-').split('.').next().map_or(0, str::len);
    if digits < 5 {
        return text;
    }
    // Large numbers have no decimals here.
    let (sign, number) = text.split_at(text.len() - digits);
    let mut grouped = sign.to_owned();
    for (i, digit) in number.chars().enumerate() {
        if i > 0 && (digits - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_lies_between_its_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(percentile(&values, 50.0), 2.5);
        assert_eq!(percentile(&values, 0.0), 1.0);
        assert_eq!(percentile(&values, 100.0), 4.0);
        assert_eq!(percentile(&[], 99.0), 0.0);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let ratios = Spread::of_ratios(&[10.0, 40.0, 90.0], &[10.0, 20.0, 30.0]);
        assert_eq!(ratios, Spread { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Spread::of_ratios(&[1.0], &[0.0]).median, 0.0);
    }

    #[test]
    fn numbers_show_what_means_something() {
        assert_eq!(shown(0.034_56), "0.0346");
        assert_eq!(shown(0.5), "0.50");
        assert_eq!(shown(12.34), "12.3");
        assert_eq!(shown(1_234.5), "1234");
        assert_eq!(shown(1_234_567.0), "1,234,567");
    }
}
