//! Times as they stand in a table.

use super::flavour::Times;

/// A time as it is stored, or as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Seconds since 1970.
    Unix(i64),
    /// `2026-01-31 23:59:59`.
    Text(String),
}

const DAY: i64 = 86_400;

/// The last second that four digits of the year can say.
const LAST: i64 = 253_402_300_799;

impl Moment {
    /// The time `seconds` after 1970, as a table writes it; `offset` is how far its zone is ahead of UTC.
    pub(super) fn new(seconds: i64, times: Times, offset: i64) -> Self {
        match times {
            Times::Unix => Self::Unix(seconds),
            Times::Text => Self::Text(write(seconds.saturating_add(offset))),
        }
    }

    /// The seconds since 1970. `None`: this is no time.
    pub(super) fn seconds(&self, offset: i64) -> Option<i64> {
        match self {
            Self::Unix(seconds) => Some(*seconds),
            Self::Text(text) => match text.parse() {
                // A column of whole numbers that came as text.
                Ok(seconds) => Some(seconds),
                Err(_) => read(text).map(|seconds| seconds - offset),
            },
        }
    }
}

/// In the proleptic Gregorian calendar, years 1970 to 9999.
fn write(seconds: i64) -> String {
    let seconds = seconds.clamp(0, LAST);
    let (days, rest) = (seconds / DAY, seconds % DAY);
    // Years are counted from March on, so that the leap day is the last one; eras are 400 years.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let counted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * counted + 2) / 5 + 1;
    let month = if counted < 10 { counted + 3 } else { counted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// A date alone is its midnight; fractions of a second are cut. MySQL's zero date is long past.
fn read(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once([' ', 'T']).unwrap_or((text.trim(), "00:00:00"));
    let time = time.split('.').next().unwrap_or_default();
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    if [year, month, day] == [0, 0, 0] {
        return Some(0);
    }
    let in_range = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !in_range {
        return None;
    }
    let counted = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (counted / 400, counted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * DAY + hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// A zone as the user writes it: `UTC`, `Z`, or how far it is ahead of UTC, as `+02:00`.
pub(super) fn parse_zone(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        // In a DSN a plus sign that nobody encoded may have become a space.
        ("+" | " ", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_800_000_000, "2027-01-15 08:00:00"),
            (4_107_542_400, "2100-03-01 00:00:00"),
        ] {
            assert_eq!(write(seconds), text);
            assert_eq!(read(text), Some(seconds));
        }
        assert_eq!(read("0000-00-00 00:00:00"), Some(0));
        assert_eq!(read("2027-01-15T08:00:00.999"), Some(1_800_000_000));
        for bad in ["", "soon", "2027-13-01 00:00:00", "2027-01-15 24:00:00", "2027-01", "2027-01-15 1:2", "-1-1-1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn zones() {
        assert_eq!(parse_zone("UTC"), Some(0));
        assert_eq!(parse_zone("+05:30"), Some(19_800));
        assert_eq!(parse_zone("-03:00"), Some(-10_800));
        for bad in ["", "Europe/Berlin", "5", "+5", "+15:00", "+01:60", "ä"] {
            assert_eq!(parse_zone(bad), None, "{bad}");
        }
        let berlin = Moment::new(1_800_000_000, Times::Text, 3600);
        assert_eq!(berlin, Moment::Text("2027-01-15 09:00:00".into()));
        assert_eq!(berlin.seconds(3600), Some(1_800_000_000));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0..=LAST) {
            prop_assert_eq!(read(&write(seconds)), Some(seconds));
        }

        #[test]
        fn nothing_makes_the_reader_panic(text in ".{0,30}") {
            let _ = read(&text);
            let _ = parse_zone(&text);
        }
    }
}
