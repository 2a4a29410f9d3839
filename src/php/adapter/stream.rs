//! `Phalcon\Session\Adapter\Stream`: one file per session, `<savePath>/<prefix><id>`, over the
//! files store: locked from read to close, replaced atomically, mode 0600.

use super::noop::remember_options;
use super::{EXCEPTIONS, options, warn_of_unknown};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Parent, Thrown, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{errors, exceptions};
use ext_php_rs::flags::ClassFlags;
use std::path::Path;

/// The class.
pub(in crate::php) static STREAM: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Stream",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter\\Noop")),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct(array $options = [])", construct),
        method!("public function close()", methods::close),
        method!("public function destroy($id = null)", destroy, children_may_require 1),
        method!("public function gc(int $max_lifetime)", methods::gc),
        method!("public function open(string $path, string $name)", methods::open),
        method!("public function read(string $id)", methods::read),
        method!("public function updateTimestamp(string $id, string $data)", methods::touch),
        method!("public function validateId(string $id)", methods::validate),
        method!("public function write(string $id, string $data)", methods::write),
    ],
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mut reader = Reader::new(options(call, 0)?);
    remember_options(call)?;
    let path = save_path(&mut reader)?.unwrap_or_else(|| engine::ini_text(c"session.save_path"));
    construct_over(call, reader, b"", Some(&path))
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Stays, methods::destroy)
}

/// The option `savePath`.
pub(super) fn save_path(reader: &mut Reader) -> Result<Option<String>, Thrown> {
    match reader.take(&["savePath"]) {
        Some(Value::Text(path)) => Ok(Some(String::from_utf8_lossy(&path).into_owned())),
        None => Ok(None),
        Some(other) => {
            let message = format!("option \"savePath\" must be a string, {} given", other.type_name());
            Err(engine::throw(exceptions::INVALID_SAVE_PATH.name, &message))
        }
    }
}

/// Takes the other options: `prefix`, and those that every store has. An unknown one is warned of.
/// With a path the object gets its store.
pub(super) fn construct_over(
    call: &mut Call<'_>,
    reader: Reader,
    prefix: &[u8],
    path: Option<&str>,
) -> Result<(), Thrown> {
    if let Some(path) = path {
        check(path)?;
    }
    let (mut settings, unknown) = settings(reader, prefix).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    if let Some(path) = path {
        settings.set("path", Value::Text(path.trim_end_matches('/').as_bytes().to_vec()));
        open_store(call, settings)?;
    }
    warn_of_unknown(&unknown);
    Ok(())
}

/// In the words of Phalcon.
fn check(path: &str) -> Result<(), Thrown> {
    if path.is_empty() {
        return Err(exceptions::throw(&exceptions::INVALID_SAVE_PATH));
    }
    if !engine::is_writable(Path::new(path)) {
        let message = format!("The session save path [{path}] is not writable");
        return Err(engine::throw(exceptions::SAVE_PATH_UNAVAILABLE.name, &message));
    }
    Ok(())
}

/// Gives the object a store.
pub(super) fn open_store(call: &mut Call<'_>, settings: Options) -> Result<(), Thrown> {
    let pooled = Pooled::from_options(settings).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))
}

/// The store's settings without the folder, and a sentence for each option that nobody knows.
pub(super) fn settings(mut reader: Reader, prefix: &[u8]) -> crate::error::Result<(Options, Vec<String>)> {
    let mut settings = Options::new();
    settings.set("store", Value::Text(b"files".to_vec()));
    settings.set("prefix", reader.take(&["prefix"]).unwrap_or(Value::Text(prefix.to_vec())));
    // A session's own option, which is often put into one array with the handler's.
    reader.take(&["uniqueId"]);
    copy_shared(&mut reader, &mut settings);
    Ok((settings, reader.finish_leniently()?))
}

/// The options that every store has, under their own names.
fn copy_shared(reader: &mut Reader, settings: &mut Options) {
    for name in ["locking", "lock_wait", "lock_expire", "on_lock_timeout", "lifetime", "store_empty", "early_refresh"] {
        if let Some(value) = reader.take(&[name]) {
            settings.set(name, value);
        }
    }
}
