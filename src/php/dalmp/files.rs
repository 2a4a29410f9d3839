//! `DALMP\Sessions\Files`: sessions as `ab/cd/ef/ID.sess` below a folder.

use super::constants;
use super::handler::{self, INTERFACES, METHODS, given, refuse, text};
use crate::options::value::{Options, Value};
use crate::php::engine::{self, Call, Class, Initial, Method, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// The position of the property.
const FOLDER: usize = 0;

/// Where the original keeps them when nobody says another folder.
const DEFAULT_FOLDER: &[u8] = b"/tmp/dalmp_sessions";

const OWN: [Method; 5] = [
    method!("public function __construct($sessions_dir = false)", construct),
    method!("public function getSessionsRefs($expired_sessions = false)", no_references),
    method!("public function getSessionRef($ref)", no_references),
    method!("public function delSessionRef($ref)", no_references),
    method!("public function rsearch($folder, $pattern)", search),
];
const ALL: [Method; OWN.len() + METHODS.len()] = engine::join(&OWN, &METHODS);

/// The class.
pub(super) static FILES: Class = Class {
    name: "DALMP\\Sessions\\Files",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: INTERFACES,
    constants: &[],
    properties: &[Property { name: "sessions_dir", private: true, initial: Initial::Null }],
    methods: &ALL,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let folder = match given(call, 0) {
        Some(_) => call.string(0)?.to_vec(),
        None => constants::text(constants::FOLDER)?.unwrap_or_else(|| DEFAULT_FOLDER.to_vec()),
    };
    let folder = String::from_utf8_lossy(&folder).into_owned();
    if !is_there(Path::new(&folder)) {
        return Err(refuse(&format!("{folder} not accessible")));
    }
    let mut options = Options::new();
    options.set("store", text("files"));
    options.set("path", text(&folder));
    options.set("prefix", text(""));
    options.set("suffix", text(".sess"));
    options.set("depth", Value::Int(3));
    options.set("depth_width", Value::Int(2));
    call.set_property(FOLDER, engine::string(folder.as_bytes()))?;
    handler::open_store(call, options)
}

/// Makes the folder if it is missing, for its user alone.
fn is_there(folder: &Path) -> bool {
    if !engine::allows_path(folder) {
        return false;
    }
    folder.is_dir() || std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).is_ok()
}

/// As in the original: its files have no room for them.
fn no_references(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.result().set_bool(false);
    Ok(())
}

/// The paths below a folder that match a pattern, as the original's helper lists them.
fn search(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [folder, pattern] = call.strings()?;
    // 4096: without "." and "..".
    let entries = engine::new_object("RecursiveDirectoryIterator", &mut [engine::string(folder), engine::int(4096)])?;
    let below = engine::new_object("RecursiveIteratorIterator", &mut [entries])?;
    // 0: what the pattern finds anywhere in the path.
    let matching = engine::new_object("RegexIterator", &mut [below, engine::string(pattern), engine::int(0)])?;
    let found = engine::call_function("iterator_to_array", &mut [matching])?;
    let paths = engine::call_function("array_keys", &mut [found])?;
    *call.result() = paths;
    Ok(())
}
