//! Days and times of day as texts.

/// Days since 1970-01-01 of a date written `YYYY-MM-DD`, of the years 1 to 9999.
pub fn day_number(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().try_fold(0_i32, |n, b| b.is_ascii_digit().then(|| n * 10 + i32::from(b - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if year < 1 || day < 1 || day > length {
        return None;
    }
    // Years that begin in March put the leap day last, so the days before a month follow one formula.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * m + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The date `YYYY-MM-DD` of a day number; years outside 1 to 9999 are cut to that range.
pub fn day_text(day: i32) -> String {
    let z = i64::from(day) + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let (d, month) = (of_year - (153 * m + 2) / 5 + 1, if m < 10 { m + 3 } else { m - 9 });
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    match year {
        ..1 => "0001-01-01".to_owned(),
        1..=9999 => format!("{year:04}-{month:02}-{d:02}"),
        _ => "9999-12-31".to_owned(),
    }
}

/// `HH:MM` or `HH:MM:SS`.
pub fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pair = |at: usize, limit: u8| {
        matches!(bytes.get(at..at + 2), Some([a, b]) if a.is_ascii_digit() && b.is_ascii_digit()
            && (a - b'0') * 10 + (b - b'0') < limit)
    };
    match bytes.len() {
        5 => pair(0, 24) && bytes[2] == b':' && pair(3, 60),
        8 => pair(0, 24) && bytes[2] == b':' && pair(3, 60) && bytes[5] == b':' && pair(6, 60),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
