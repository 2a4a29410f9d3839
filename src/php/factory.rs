//! `Phalcon\Factory` and `Phalcon\Session\Factory`, Phalcon 3's way from a configuration to a session.

use super::engine::{self, Call, Class, Interface, Parent, Thrown, arrays, method};
use super::{classic, exceptions};
use crate::options::reader::is_plain;
use crate::options::suggest;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ClassEntry;

/// What a factory is.
pub(super) static INTERFACE: Class = Class {
    name: "Phalcon\\FactoryInterface",
    flags: ClassFlags::Interface,
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[method!("abstract public static function load($config)")],
    native: false,
};

/// The parent of factories.
pub(super) static FACTORY: Class = Class {
    name: "Phalcon\\Factory",
    flags: ClassFlags::Abstract,
    parent: None,
    interfaces: &[Interface::Ours("Phalcon\\FactoryInterface")],
    constants: &[],
    properties: &[],
    methods: &[method!("protected static function loadClass(string $namespace, $config)", load_class, sensitive[1])],
    native: false,
};

/// Sessions by the names of their adapters.
pub(super) static SESSION_FACTORY: Class = Class {
    name: "Phalcon\\Session\\Factory",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Factory")),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[method!("public static function load($config)", load_session, sensitive[0])],
    native: false,
};

const ADAPTERS: &str = "Phalcon\\Session\\Adapter\\";

/// Phalcon's adapters that this build may have no class of, and what each is for.
const ABSENT: [(&str, &str); 6] = [
    ("libmemcached", "Memcached"),
    ("memcache", "Memcached"),
    ("database", "SQL databases"),
    ("mongo", "MongoDB"),
    ("handlersocket", "HandlerSocket"),
    ("aerospike", "Aerospike"),
];

fn mistake(message: &str) -> Thrown {
    engine::throw(exceptions::FACTORY.name, message)
}

/// The option `adapter`, and the others.
fn named(call: &Call<'_>, index: usize) -> Result<(String, Zval), Thrown> {
    let config = call.value(index).map(Zval::shallow_clone).unwrap_or_default();
    let mut config =
        if engine::has_method(&config, "toArray") { engine::call_method(&config, "toArray", &mut [])? } else { config };
    let Some(array) = config.array() else {
        return Err(mistake("Config must be array or Phalcon\\Config object"));
    };
    let name = match array.get("adapter").map(Zval::dereference) {
        None => return Err(mistake("You must provide 'adapter' option in factory config parameter.")),
        Some(name) if name.is_null() => {
            return Err(mistake("You must provide 'adapter' option in factory config parameter."));
        }
        Some(name) => match name.zend_str() {
            Some(name) => String::from_utf8_lossy(name.as_bytes()).into_owned(),
            None => return Err(mistake("option \"adapter\" must be the name of an adapter")),
        },
    };
    arrays::take(&mut config, b"adapter", &mut Zval::new());
    Ok((name, config))
}

fn load_class(call: &mut Call<'_>) -> Result<(), Thrown> {
    let (name, options) = named(call, 1)?;
    let [namespace] = call.strings()?;
    let class = format!("{}\\{name}", String::from_utf8_lossy(namespace));
    *call.result() = engine::new_object(&class, &mut [options])?;
    Ok(())
}

fn load_session(call: &mut Call<'_>) -> Result<(), Thrown> {
    let (name, options) = named(call, 0)?;
    let class = format!("{ADAPTERS}{name}");
    let Some(entry) = ClassEntry::try_find(&class) else {
        return Err(if engine::has_exception() { Thrown } else { mistake(&unknown(&name)) });
    };
    let interface = ClassEntry::try_find(classic::INTERFACE.name);
    if entry.flags().contains(ClassFlags::Abstract) || !interface.is_some_and(|interface| entry.instance_of(interface))
    {
        return Err(mistake(&format!("{class} is no session adapter that can be loaded; {}", choice())));
    }
    *call.result() = engine::new_object(&class, &mut [options])?;
    Ok(())
}

fn unknown(name: &str) -> String {
    if !is_plain(name) {
        return format!("option \"adapter\" must be the name of a session adapter; {}", choice());
    }
    let lower = name.to_ascii_lowercase();
    if let Some((_, what)) = ABSENT.iter().find(|(adapter, _)| *adapter == lower) {
        return format!("the session adapter \"{name}\" for {what} is not in this build of Seshat; {}", choice());
    }
    let known = adapters();
    let all = known.iter().map(String::as_str).chain(ABSENT.iter().map(|(adapter, _)| *adapter));
    match suggest::nearest(&lower, all) {
        Some(near) => format!("unknown session adapter \"{name}\"; did you mean \"{near}\"?"),
        None => format!("unknown session adapter \"{name}\"; {}", choice()),
    }
}

fn choice() -> String {
    format!("there are {}", adapters().join(", "))
}

/// The names of this build's adapters.
fn adapters() -> Vec<String> {
    let mut names: Vec<String> = engine::registered_classes()
        .iter()
        .filter_map(|class| class.strip_prefix(ADAPTERS))
        .filter(|name| !name.contains('\\') && *name != "AbstractAdapter")
        .map(str::to_ascii_lowercase)
        .collect();
    names.sort();
    names
}
