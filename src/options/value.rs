//! An option's value as it was written: no meaning yet.

/// A value from a DSN's query, a PHP array or php.ini.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// PHP's null: the same as leaving the option out.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Bytes; the only kind that a DSN has.
    Text(Vec<u8>),
    /// A nested array, in order.
    List(Vec<Value>),
    /// A nested array with names, in order.
    Map(Options),
    /// Something that is no option: an object or a resource, by the name of its type.
    Other(String),
}

impl Value {
    /// The value's type, in PHP's words.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "string",
            Self::List(_) | Self::Map(_) => "array",
            Self::Other(name) => name,
        }
    }
}

impl Value {
    fn distinguish(&self, into: &mut Vec<u8>) {
        match self {
            Self::Null => into.push(b'0'),
            Self::Bool(on) => into.extend_from_slice(&[b'b', u8::from(*on)]),
            Self::Int(number) => append(b'i', &number.to_ne_bytes(), into),
            Self::Float(number) => append(b'f', &number.to_bits().to_ne_bytes(), into),
            Self::Text(text) => append(b't', text, into),
            Self::List(values) => {
                append(b'l', &values.len().to_ne_bytes(), into);
                for value in values {
                    value.distinguish(into);
                }
            }
            Self::Map(options) => {
                into.push(b'm');
                options.distinguish(into);
            }
            Self::Other(name) => append(b'o', name.as_bytes(), into),
        }
    }
}

/// Kind, length and bytes: no two sequences of these look alike.
fn append(kind: u8, bytes: &[u8], into: &mut Vec<u8>) {
    into.push(kind);
    into.extend_from_slice(&bytes.len().to_ne_bytes());
    into.extend_from_slice(bytes);
}

/// Named values in the order in which they were written. A later one of the same name wins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options(Vec<(String, Value)>);

impl Options {
    /// No options.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds or replaces one.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds one unless it is there.
    pub fn set_default(&mut self, name: &str, value: Value) {
        if self.get(name).is_none() {
            self.0.push((name.to_owned(), value));
        }
    }

    /// The value of that exact name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes one out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let position = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(position).1)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Appends bytes that tell these options from all others, other orders included. For keys of
    /// caches, not for messages: secrets are in it.
    pub fn distinguish(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.0.len().to_ne_bytes());
        for (name, value) in &self.0 {
            append(b'n', name.as_bytes(), into);
            value.distinguish(into);
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_differ_are_told_apart() {
        let text = |text: &str| Value::Text(text.into());
        let options = |pairs: &[(&str, Value)]| {
            let mut options = Options::new();
            for (name, value) in pairs {
                options.set(*name, value.clone());
            }
            options
        };
        let all = [
            options(&[]),
            options(&[("a", text("b"))]),
            options(&[("ab", text(""))]),
            options(&[("a", text("1"))]),
            options(&[("a", Value::Int(1))]),
            options(&[("a", Value::Int(0))]),
            options(&[("a", Value::Float(1.0))]),
            options(&[("a", Value::Bool(true))]),
            options(&[("a", Value::Bool(false))]),
            options(&[("a", Value::Null)]),
            options(&[("a", Value::Null), ("b", Value::Null)]),
            options(&[("b", Value::Null), ("a", Value::Null)]),
            options(&[("a", Value::List(vec![text("b"), text("c")]))]),
            options(&[("a", Value::List(vec![text("bc")]))]),
            options(&[("a", Value::List(vec![Value::List(vec![text("b")]), text("c")]))]),
            options(&[("a", Value::List(vec![Value::List(vec![text("b"), text("c")])]))]),
            options(&[("a", Value::Map(options(&[("b", text("c"))])))]),
            options(&[("a", Value::Map(options(&[]))), ("b", text("c"))]),
            options(&[("a", Value::Other("b".into()))]),
        ];
        let keys = all.each_ref().map(|options| {
            let mut key = Vec::new();
            options.distinguish(&mut key);
            key
        });
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(key), "{:?}", all[index]);
        }
    }
}
