//! The cursor that turns what was said into what it means.
//!
//! A consumer takes the options it knows, one by one, with their defaults; [`Reader::finish`]
//! complains about all that nobody took, and about every value that made no sense, at once.

use super::suggest;
use super::value::{Options, Value};
use crate::error::{Error, Kind, Result};
use std::time::Duration;

/// Takes options out of what was said, and collects the complaints.
#[derive(Debug)]
pub struct Reader {
    said: Options,
    /// What counts where `said` is silent.
    fallback: Options,
    known: Vec<&'static str>,
    mistakes: Vec<String>,
}

impl Reader {
    /// A reader over what was said.
    #[must_use]
    pub fn new(said: Options) -> Self {
        Self::over(said, Options::new())
    }

    /// A reader over what was said in two places, such as an array and the DSN in it. The first
    /// place wins, also where it uses another name for the same option.
    #[must_use]
    pub fn over(said: Options, mut fallback: Options) -> Self {
        for (name, value) in said.iter() {
            if *value != Value::Null {
                fallback.take(name);
            }
        }
        Self { said, fallback, known: Vec::new(), mistakes: Vec::new() }
    }

    /// Takes the first of `names` that was said. The first name is the one shown in messages.
    pub fn take(&mut self, names: &[&'static str]) -> Option<Value> {
        self.known.extend_from_slice(names);
        let mut taken = None;
        for place in [&mut self.said, &mut self.fallback] {
            for name in names {
                let value = place.take(name).filter(|value| *value != Value::Null);
                taken = taken.or(value);
            }
        }
        taken
    }

    /// Whether one of `names` was said and means "on". It is left to be taken.
    #[must_use]
    pub fn says_on(&self, names: &[&str]) -> bool {
        let mut said = self.said.iter().chain(self.fallback.iter());
        said.any(|(name, value)| names.contains(&name) && as_switch(value) == Some(true))
    }

    /// Whether this option was said with this word. It is left to be taken.
    #[must_use]
    pub fn says(&self, name: &str, word: &str) -> bool {
        let said = self.said.get(name).filter(|value| **value != Value::Null).or_else(|| self.fallback.get(name));
        matches!(said, Some(Value::Text(text)) if text.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// Notes a mistake, as a whole sentence without its full stop.
    pub fn mistake(&mut self, sentence: impl Into<String>) {
        self.mistakes.push(sentence.into());
    }

    /// A text. Numbers are written out; anything else is a mistake.
    pub fn text(&mut self, names: &[&'static str]) -> Option<String> {
        let value = self.take(names)?;
        match &value {
            Value::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => return Some(text.to_owned()),
                Err(_) => self.wrong(names, "text in UTF-8", &value),
            },
            Value::Int(number) => return Some(number.to_string()),
            _ => self.wrong(names, "a string", &value),
        }
        None
    }

    /// A switch: `1`, `0`, `true`, `false`, `on`, `off`, `yes`, `no`, or empty for off, as in php.ini.
    pub fn switch(&mut self, names: &[&'static str]) -> Option<bool> {
        self.switch_beside(names, None)
    }

    /// A switch of an option that elsewhere may be a word as well, which a slip of the pen is told with.
    pub fn switch_beside(&mut self, names: &[&'static str], word: Option<&str>) -> Option<bool> {
        let value = self.take(names)?;
        let said = as_switch(&value);
        if said.is_none() {
            self.wrong_word(names, "a switch (1 or 0)", &value, word);
        }
        said
    }

    /// A switch that knows a third word: None for that word.
    pub fn switch_or(&mut self, names: &[&'static str], word: &str) -> Option<Option<bool>> {
        let value = self.take(names)?;
        if matches!(&value, Value::Text(text) if text.eq_ignore_ascii_case(word.as_bytes())) {
            return Some(None);
        }
        let said = as_switch(&value);
        if said.is_none() {
            self.wrong_word(names, &format!("a switch (1 or 0) or \"{word}\""), &value, Some(word));
        }
        said.map(Some)
    }

    /// A whole number within `range`.
    pub fn number(&mut self, names: &[&'static str], range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let value = self.take(names)?;
        let said = match &value {
            Value::Int(number) => Some(*number),
            Value::Text(text) => std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()),
            _ => None,
        };
        let said = said.filter(|number| range.contains(number));
        if said.is_none() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong(names, &expected, &value);
        }
        said
    }

    /// A length of time: seconds, with a fraction if need be, or with one of the units `us`, `ms`,
    /// `s`, `m`, `h`, `d`. Not negative.
    pub fn duration(&mut self, names: &[&'static str]) -> Option<Duration> {
        let value = self.take(names)?;
        let said = match &value {
            Value::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            Value::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
            Value::Text(text) => std::str::from_utf8(text).ok().and_then(parse_duration),
            _ => None,
        };
        if said.is_none() {
            self.wrong(names, "a time such as 30, 1.5, \"500ms\" or \"2m\"", &value);
        }
        said
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, names: &[&'static str], words: &[(&'static str, T)]) -> Option<T> {
        let value = self.take(names)?;
        let said = match &value {
            Value::Text(text) => {
                words.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(text)).map(|(_, meaning)| *meaning)
            }
            _ => None,
        };
        if said.is_none() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let expected = format!("one of {}", list.join(", "));
            self.wrong_word(names, &expected, &value, list);
        }
        said
    }

    fn wrong(&mut self, names: &[&'static str], expected: &str, value: &Value) {
        self.wrong_word(names, expected, value, None);
    }

    /// The complaint about a value, with the nearest of `words`.
    fn wrong_word<'a>(
        &mut self,
        names: &[&'static str],
        expected: &str,
        value: &Value,
        words: impl IntoIterator<Item = &'a str>,
    ) {
        let name = names.first().copied().unwrap_or_default();
        let shown = match value {
            // Anything could be a password that got into the wrong place; what is shown cannot.
            _ if is_secret(name) => None,
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            Value::Text(text) => {
                std::str::from_utf8(text).ok().filter(|text| is_plain(text)).map(|t| format!("\"{t}\""))
            }
            _ => None,
        };
        let text = if let Value::Text(text) = value { std::str::from_utf8(text).ok() } else { None };
        let near = text.and_then(|text| suggest::nearest(text, words));
        let hint = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        let given = shown.unwrap_or_else(|| value.type_name().to_owned());
        self.mistakes.push(format!("option \"{name}\" must be {expected}, {given} given{hint}"));
    }

    /// Ends the reading: an error that lists every mistake and every option that nobody took, each
    /// with the nearest known name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Config`].
    pub fn finish(self) -> Result<()> {
        let unknown: Vec<String> = self.unknown().collect();
        let all: Vec<String> = self.mistakes.into_iter().chain(unknown).collect();
        if all.is_empty() { Ok(()) } else { Err(Error::config(all.join("; "))) }
    }

    /// Ends the reading early, because of `error`: it is told together with the mistakes so far.
    /// Options that nobody took are not, since nobody had the chance.
    #[must_use]
    pub fn finish_after(self, error: Error) -> Error {
        if self.mistakes.is_empty() || error.kind() != Kind::Config {
            return error;
        }
        Error::config(format!("{}; {error}", self.mistakes.join("; ")))
    }

    /// As [`Reader::finish`], but options that nobody took are returned as sentences, for
    /// compatibility classes, which warn and go on.
    ///
    /// # Errors
    /// [`crate::error::Kind::Config`] for values that make no sense.
    pub fn finish_leniently(self) -> Result<Vec<String>> {
        let unknown = self.unknown().collect();
        if self.mistakes.is_empty() { Ok(unknown) } else { Err(Error::config(self.mistakes.join("; "))) }
    }

    fn unknown(&self) -> impl Iterator<Item = String> {
        self.said.iter().chain(self.fallback.iter()).map(|(name, _)| {
            if !is_plain(name) {
                return "an option has a name that is none".to_owned();
            }
            match suggest::nearest(name, self.known.iter().copied()) {
                Some(near) => format!("unknown option \"{name}\"; did you mean \"{near}\"?"),
                None => format!("unknown option \"{name}\""),
            }
        })
    }
}

fn is_secret(name: &str) -> bool {
    ["pass", "auth", "user", "secret", "token", "key", "dsn"].iter().any(|part| name.contains(part))
}

/// Whether a message may repeat this: no piece of a DSN, nothing long, nothing that a terminal obeys.
pub(crate) fn is_plain(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.,+ ".contains(&b))
}

fn as_switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        Value::Text(text) => parse_switch(text),
        _ => None,
    }
}

/// As [`Reader::switch`] understands it.
#[must_use]
pub fn parse_switch(text: &[u8]) -> Option<bool> {
    match text.to_ascii_lowercase().as_slice() {
        b"1" | b"true" | b"on" | b"yes" => Some(true),
        b"0" | b"false" | b"off" | b"no" | b"" => Some(false),
        _ => None,
    }
}

/// As [`Reader::duration`] understands it.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds_per_unit = match unit.trim() {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(number * seconds_per_unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(pairs: &[(&str, &str)]) -> Reader {
        let mut options = Options::new();
        for (name, value) in pairs {
            options.set(*name, Value::Text(value.as_bytes().to_vec()));
        }
        Reader::new(options)
    }

    #[test]
    fn all_mistakes_are_told_at_once_with_the_nearest_name() {
        let mut reader = reader(&[("lock_wait", "soon"), ("lokcing", "1"), ("port", "70000")]);
        assert_eq!(reader.duration(&["lock_wait"]), None);
        assert_eq!(reader.switch(&["locking"]), None);
        assert_eq!(reader.number(&["port"], 1..=65535), None);
        let message = reader.finish().unwrap_err().to_string();
        assert!(message.contains("option \"lock_wait\" must be a time"), "{message}");
        assert!(message.contains("\"soon\" given"), "{message}");
        assert!(message.contains("unknown option \"lokcing\"; did you mean \"locking\"?"), "{message}");
        assert!(message.contains("from 1 to 65535, \"70000\" given"), "{message}");
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_repeated() {
        let mut options = Options::new();
        options.set("password", Value::Text(b"hunter\xff2".to_vec()));
        let mut reader = Reader::new(options);
        assert_eq!(reader.text(&["password"]), None);
        assert!(!reader.finish().unwrap_err().to_string().contains("hunter"));
    }

    #[test]
    fn times_have_units() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2m"), Some(Duration::from_secs(120)));
        for bad in ["", "-1", "ms", "5 weeks", "1e999", "NaN"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
