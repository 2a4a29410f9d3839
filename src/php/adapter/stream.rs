//! `Phalcon\Session\Adapter\Stream`: one file per session, `<savePath>/<prefix><id>`, over the
//! files store: locked from read to close, replaced atomically, mode 0600.

use super::noop::remember_options;
use super::{EXCEPTIONS, options, warn_of_unknown};
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
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
        method!("public function close(): bool", methods::close),
        method!("public function destroy(string $id): bool", methods::destroy),
        method!("public function gc(int $max_lifetime): int|bool", methods::gc),
        method!("public function open(string $path, string $name): bool", methods::open),
        method!("public function read(string $id): string", methods::read),
        method!("public function updateTimestamp(string $id, string $data): bool", methods::touch),
        method!("public function validateId(string $id): bool", methods::validate),
        method!("public function write(string $id, string $data): bool", methods::write),
    ],
    native: true,
};

/// Options: `savePath` (default `session.save_path`), `prefix` (default empty), and those that
/// every store has. An unknown one is warned of.
fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let mut reader = Reader::new(options(call, 0)?);
    remember_options(call)?;
    let path = match reader.take(&["savePath"]) {
        Some(Value::Text(path)) => String::from_utf8_lossy(&path).into_owned(),
        None => engine::ini_text(c"session.save_path"),
        Some(other) => {
            let message = format!("option \"savePath\" must be a string, {} given", other.type_name());
            return Err(engine::throw(exceptions::INVALID_SAVE_PATH.name, &message));
        }
    };
    if path.is_empty() {
        return Err(engine::throw(exceptions::INVALID_SAVE_PATH.name, "The session save path cannot be empty"));
    }
    if !engine::is_writable(Path::new(&path)) {
        let message = format!("The session save path [{path}] is not writable");
        return Err(engine::throw(exceptions::SAVE_PATH_UNAVAILABLE.name, &message));
    }
    let mut settings = Options::new();
    settings.set("store", Value::Text(b"files".to_vec()));
    settings.set("path", Value::Text(path.trim_end_matches('/').as_bytes().to_vec()));
    settings.set("prefix", reader.take(&["prefix"]).unwrap_or(Value::Text(Vec::new())));
    // The manager's option, which is often put into one array with the adapter's.
    reader.take(&["uniqueId"]);
    copy_shared(&mut reader, &mut settings);
    let unknown = reader.finish_leniently().map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let pooled = Pooled::from_options(settings).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// The options that every store has, under their own names.
fn copy_shared(reader: &mut Reader, settings: &mut Options) {
    for name in ["locking", "lock_wait", "lock_expire", "on_lock_timeout", "lifetime", "store_empty", "early_refresh"] {
        if let Some(value) = reader.take(&[name]) {
            settings.set(name, value);
        }
    }
}
