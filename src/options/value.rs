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

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
