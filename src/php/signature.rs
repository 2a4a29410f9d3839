//! A method's signature as PHP writes it, taken apart: `public function read(string $id): string|false`.
//!
//! Declaring methods in PHP's own words keeps them comparable with the stubs at a glance, and gives
//! union types and defaults, which the builders of the binding crate do not have.

use ext_php_rs::flags::MethodFlags;

/// A signature's parts.
#[derive(Debug)]
pub(super) struct Signature {
    pub name: &'static str,
    /// Visibility and modifiers.
    pub flags: u32,
    pub arguments: Vec<Argument>,
    pub returns: Option<ArgumentType>,
}

/// One parameter.
#[derive(Debug)]
pub(super) struct Argument {
    pub name: &'static str,
    pub kind: Option<ArgumentType>,
    /// The default as PHP code.
    pub default: Option<&'static str>,
}

/// A type: the engine's mask of the built-in ones, and at most one class.
#[derive(Debug)]
pub(super) struct ArgumentType {
    pub mask: u32,
    pub class: Option<&'static str>,
}

impl Signature {
    /// How many parameters must be given.
    pub(super) fn required(&self) -> usize {
        self.arguments.iter().rposition(|argument| argument.default.is_none()).map_or(0, |last| last + 1)
    }

    /// Takes a signature apart.
    ///
    /// # Errors
    /// What is wrong with it: a mistake of ours, found when the module starts.
    pub(super) fn parse(text: &'static str) -> Result<Self, String> {
        let (head, rest) = text.split_once('(').ok_or("no parameter list")?;
        let (list, tail) = rest.rsplit_once(')').ok_or("no end of the parameter list")?;
        let mut flags = 0;
        let mut name = "";
        for word in head.split_whitespace() {
            match word {
                "public" => flags |= MethodFlags::Public.bits(),
                "protected" => flags |= MethodFlags::Protected.bits(),
                "private" => flags |= MethodFlags::Private.bits(),
                "static" => flags |= MethodFlags::Static.bits(),
                "abstract" => flags |= MethodFlags::Abstract.bits(),
                "final" => flags |= MethodFlags::Final.bits(),
                "function" => {}
                word => name = word,
            }
        }
        let arguments = list
            .split(',')
            .map(str::trim)
            .filter(|argument| !argument.is_empty())
            .map(Argument::parse)
            .collect::<Result<_, _>>()?;
        let returns = tail.trim().strip_prefix(':').map(|kind| ArgumentType::parse(kind.trim())).transpose()?;
        Ok(Self { name, flags, arguments, returns })
    }
}

impl Argument {
    fn parse(text: &'static str) -> Result<Self, String> {
        let (declared, default) = match text.split_once('=') {
            Some((declared, default)) => (declared.trim(), Some(default.trim())),
            None => (text, None),
        };
        let (kind, name) = declared.rsplit_once('$').ok_or_else(|| format!("no name in {text:?}"))?;
        let kind = kind.trim();
        let kind = if kind.is_empty() { None } else { Some(ArgumentType::parse(kind)?) };
        Ok(Self { name, kind, default })
    }
}

impl ArgumentType {
    fn parse(text: &'static str) -> Result<Self, String> {
        let mut built = Self { mask: 0, class: None };
        let text = match text.strip_prefix('?') {
            Some(rest) => {
                built.mask |= 1 << 1;
                rest
            }
            None => text,
        };
        for part in text.split('|') {
            // Bit numbers are the engine's type numbers; bool is false and true, mixed is all.
            built.mask |= match part.trim() {
                "null" => 1 << 1,
                "false" => 1 << 2,
                "bool" => 1 << 2 | 1 << 3,
                "int" => 1 << 4,
                "float" => 1 << 5,
                "string" => 1 << 6,
                "array" => 1 << 7,
                "object" => 1 << 8,
                "callable" => 1 << 12,
                "mixed" => ext_php_rs::ffi::MAY_BE_ANY,
                "void" => 1 << 14,
                "static" => 1 << 15,
                class if built.class.is_none() => {
                    built.class = Some(class);
                    0
                }
                _ => return Err(format!("more than one class in {text:?}")),
            };
        }
        Ok(built)
    }
}
