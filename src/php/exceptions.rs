//! Phalcon's exceptions, as far as sessions throw them.

use super::engine::{self, Call, Class, Initial, Parent, Property, Thrown, method};
use ext_php_rs::flags::ClassFlags;

const fn exception(name: &'static str, parent: Parent) -> Class {
    Class {
        name,
        flags: ClassFlags::empty(),
        parent: Some(parent),
        interfaces: &[],
        constants: &[],
        properties: &[],
        methods: &[],
        native: false,
    }
}

/// The message of an exception that always has the same: also when PHP code makes one without arguments.
const fn message(text: &'static str) -> Property {
    Property { name: "message", private: false, initial: Initial::Text(text) }
}

/// Throws an exception of a class that has its own message.
pub(super) fn throw(class: &Class) -> Thrown {
    let own = class.properties.iter().find_map(|property| match property.initial {
        Initial::Text(message) => Some(message),
        _ => None,
    });
    engine::throw(class.name, own.unwrap_or_default())
}

/// The parent of them all.
pub(super) static PHALCON: Class = Class {
    methods: &[method!("public static function containerServiceNotFound(string $service): string", not_found)],
    ..exception("Phalcon\\Exception", Parent::Exception)
};

fn not_found(call: &mut Call<'_>) -> Result<(), Thrown> {
    let [service] = call.strings()?;
    let mut message = b"A dependency injection container is required to access ".to_vec();
    message.extend_from_slice(service);
    call.return_bytes(&message);
    Ok(())
}

/// Everything that the session component throws is one of these.
pub(super) static SESSION: Class = exception("Phalcon\\Session\\Exception", Parent::Ours("Phalcon\\Exception"));
pub(super) static INVALID_ADAPTER: Class = Class {
    properties: &[message("The session adapter is not valid")],
    ..exception("Phalcon\\Session\\Exceptions\\InvalidSessionAdapter", Parent::Ours("Phalcon\\Session\\Exception"))
};
pub(super) static INVALID_ID: Class = Class {
    properties: &[message("The session id contains invalid characters")],
    ..exception("Phalcon\\Session\\Exceptions\\InvalidSessionId", Parent::Ours("Phalcon\\Session\\Exception"))
};
pub(super) static INVALID_NAME: Class = Class {
    properties: &[message("The name contains non alphanum characters")],
    ..exception("Phalcon\\Session\\Exceptions\\InvalidSessionName", Parent::Ours("Phalcon\\Session\\Exception"))
};
pub(super) static ALREADY_STARTED: Class = Class {
    properties: &[message("The session has already been started. To change the id, use regenerateId()")],
    ..exception("Phalcon\\Session\\Exceptions\\SessionAlreadyStarted", Parent::Ours("Phalcon\\Session\\Exception"))
};
pub(super) static MODIFICATION_DENIED: Class = Class {
    properties: &[message("Cannot set session name after a session has started")],
    ..exception("Phalcon\\Session\\Exceptions\\SessionModificationDenied", Parent::Ours("Phalcon\\Session\\Exception"))
};
pub(super) static RUNTIME: Class = exception(
    "Phalcon\\Session\\Adapter\\Exceptions\\AdapterRuntimeError",
    Parent::Ours("Phalcon\\Session\\Exception"),
);
pub(super) static INVALID_SAVE_PATH: Class = Class {
    properties: &[message("The session save path cannot be empty")],
    ..exception("Phalcon\\Session\\Adapter\\Exceptions\\InvalidSavePath", Parent::Ours("Phalcon\\Session\\Exception"))
};
pub(super) static SAVE_PATH_UNAVAILABLE: Class = exception(
    "Phalcon\\Session\\Adapter\\Exceptions\\SavePathUnavailable",
    Parent::Ours("Phalcon\\Session\\Exception"),
);
/// What the factories throw.
pub(super) static FACTORY: Class = exception("Phalcon\\Factory\\Exception", Parent::Ours("Phalcon\\Exception"));
/// What the storage classes throw. Phalcon 5's storage factories throw it where Phalcon 4's threw the
/// other: being its child it is caught as either.
pub(super) static STORAGE: Class =
    exception("Phalcon\\Storage\\Exception", Parent::Ours("Phalcon\\Factory\\Exception"));
pub(super) static AUTHENTICATION_FAILED: Class =
    exception("Phalcon\\Storage\\Exceptions\\AuthenticationFailed", Parent::Ours("Phalcon\\Storage\\Exception"));
pub(super) static CONNECTION_FAILED: Class =
    exception("Phalcon\\Storage\\Exceptions\\ConnectionFailed", Parent::Ours("Phalcon\\Storage\\Exception"));
pub(super) static DATABASE_SELECTION_FAILED: Class =
    exception("Phalcon\\Storage\\Exceptions\\DatabaseSelectionFailed", Parent::Ours("Phalcon\\Storage\\Exception"));
pub(super) static INVALID_CONFIGURATION: Class =
    exception("Phalcon\\Storage\\Exceptions\\InvalidConfiguration", Parent::Ours("Phalcon\\Storage\\Exception"));
pub(super) static STORAGE_ERROR: Class =
    exception("Phalcon\\Storage\\Exceptions\\StorageError", Parent::Ours("Phalcon\\Storage\\Exception"));
/// A value that a serializer does not take.
pub(super) static INVALID_SERIALIZATION_INPUT: Class = exception(
    "Phalcon\\Storage\\Serializer\\Exceptions\\InvalidSerializationInput",
    Parent::Php("InvalidArgumentException"),
);
/// Stored bytes that no serializer wrote.
pub(super) static INVALID_UNSERIALIZATION_INPUT: Class = exception(
    "Phalcon\\Storage\\Serializer\\Exceptions\\InvalidUnserializationInput",
    Parent::Php("InvalidArgumentException"),
);
