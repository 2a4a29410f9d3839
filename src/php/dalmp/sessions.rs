//! `DALMP\Sessions`: makes PHP keep its sessions in a handler of DALMP's, and starts one.

use super::constants;
use crate::php::engine::{self, Call, Class, Initial, Property, SessionArray, Thrown, method};
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;

/// The position of the property.
const HANDLER: usize = 0;

/// As in the original.
const DEFAULT_HANDLER: &str = "DALMP\\Sessions\\SQLite";

const ACTIVE: i64 = 2;

/// The entry of `$_SESSION` that says whose browser the session belongs to.
const FINGERPRINT: &[u8] = b"fingerprint";

/// What a browser sends with each request, and rarely changes.
const TRAITS: [&str; 4] = ["HTTP_ACCEPT", "HTTP_USER_AGENT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE"];

/// An id of fewer characters could be guessed.
const SHORTEST_ID: usize = 32;

/// The class.
pub(super) static SESSIONS: Class = Class {
    name: "DALMP\\Sessions",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: "session_handler", private: true, initial: Initial::Null }],
    methods: &[
        method!("public function __construct($session_handler = false, $hash_algo = 'sha256')", construct),
        method!("public function regenerate_id($use_IP = true)", regenerate_id),
        method!("public function __call($method, $args)", forward),
    ],
    native: false,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let handler = match call.value(0).filter(|given| given.coerce_to_bool()).map(Zval::shallow_clone) {
        None => engine::new_object(DEFAULT_HANDLER, &mut [])?,
        Some(given) if engine::is_session_handler(&given) => given,
        Some(given) => {
            let what = if given.is_array() { engine::string(b"Array") } else { engine::to_string(&given)? };
            let what = what.zend_str().map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned());
            let message = format!("{} is not an instance of SessionHandlerInterface", what.unwrap_or_default());
            return Err(engine::throw("InvalidArgumentException", &message));
        }
    };
    let algorithm = call.value(1).map_or_else(|| engine::string(b"sha256"), Zval::shallow_clone);
    call.set_property(HANDLER, handler.shallow_clone())?;
    if engine::session_status() == ACTIVE {
        engine::warn("a session is active already: it goes on as it is, with the handler that it has");
        return Ok(());
    }
    configure_php(&algorithm)?;
    engine::call_function("session_set_save_handler", &mut [handler, boolean(true)])?;
    engine::call_function("session_start", &mut [])?;
    Ok(())
}

fn boolean(on: bool) -> Zval {
    let mut value = Zval::new();
    value.set_bool(on);
    value
}

/// The settings that DALMP gives PHP's session module.
fn configure_php(algorithm: &Zval) -> Result<(), Thrown> {
    let lifetime = match constants::value(constants::LIFETIME)? {
        Some(lifetime) => lifetime,
        // php.ini's, whatever the script has set since. Without one there, the one in force.
        None => engine::call_function("get_cfg_var", &mut [engine::string(b"session.gc_maxlifetime")])?,
    };
    if !matches!(lifetime.bool(), Some(false)) {
        set("session.gc_maxlifetime", engine::to_string(&lifetime)?)?;
    }
    for (setting, value) in [
        ("session.use_cookies", "1"),
        ("session.use_only_cookies", "1"),
        ("session.cookie_httponly", "1"),
        ("session.use_trans_sid", "0"),
        ("session.name", "DALMP"),
    ] {
        set(setting, engine::string(value.as_bytes()))?;
    }
    // PHP 7.1 took `session.hash_function` away. What is left of it is the length of the ids, and
    // PHP 8.4 does not want that to be set either.
    if engine::call_function("version_compare", &mut [php_version()?, engine::string(b"8.4"), engine::string(b"<")])?
        .coerce_to_bool()
    {
        let length = id_length(algorithm)?;
        set("session.sid_bits_per_character", engine::string(b"5"))?;
        set("session.sid_length", engine::string(length.to_string().as_bytes()))?;
    }
    Ok(())
}

fn php_version() -> Result<Zval, Thrown> {
    engine::call_function("phpversion", &mut [])
}

fn set(setting: &str, value: Zval) -> Result<(), Thrown> {
    engine::call_function("ini_set", &mut [engine::string(setting.as_bytes()), value]).map(drop)
}

/// How many characters of 5 bits the algorithm's digest fills; sha1's for an algorithm that PHP does not have.
fn id_length(algorithm: &Zval) -> Result<usize, Thrown> {
    let known = engine::call_function("hash_algos", &mut [])?;
    let known = engine::call_function("in_array", &mut [algorithm.shallow_clone(), known, boolean(true)])?;
    let algorithm = if known.coerce_to_bool() { algorithm.shallow_clone() } else { engine::string(b"sha1") };
    let digest = engine::call_function("hash", &mut [algorithm, engine::string(b"")])?;
    let bits = digest.zend_str().map_or(0, |digits| digits.len() * 4);
    Ok(bits.div_ceil(5).clamp(SHORTEST_ID, 256))
}

fn regenerate_id(call: &mut Call<'_>) -> Result<(), Thrown> {
    let with_address = call.value(0).is_none_or(Zval::coerce_to_bool);
    let fingerprint = fingerprint(with_address)?;
    if let Some(known) = SessionArray::get(FINGERPRINT).filter(|known| !known.is_null()) {
        let known = if known.is_array() { engine::string(b"") } else { engine::to_string(&known)? };
        if known.zend_str().map(|text| text.as_bytes()) != fingerprint.zend_str().map(|text| text.as_bytes()) {
            // Somebody else's browser.
            SessionArray::clear();
            if engine::session_status() == ACTIVE {
                engine::call_function("session_destroy", &mut [])?;
            }
            call.result().set_bool(false);
            return Ok(());
        }
    }
    let done = engine::call_function("session_regenerate_id", &mut [boolean(true)])?.coerce_to_bool();
    if done {
        SessionArray::set(FINGERPRINT, fingerprint);
    }
    call.result().set_bool(done);
    Ok(())
}

fn fingerprint(with_address: bool) -> Result<Zval, Thrown> {
    let mut text = b"DALMP".to_vec();
    for name in TRAITS.into_iter().chain(with_address.then_some("REMOTE_ADDR")) {
        let Some(value) = engine::server_entry(name).filter(|value| !value.is_array()) else { continue };
        let value = engine::to_string(&value)?;
        text.extend_from_slice(value.zend_str().map(|value| value.as_bytes()).unwrap_or_default());
    }
    engine::call_function("sha1", &mut [engine::string(&text)])
}

/// Everything else is the handler's.
fn forward(call: &mut Call<'_>) -> Result<(), Thrown> {
    let method = String::from_utf8_lossy(call.string(0)?).into_owned();
    let handler = call.property(HANDLER)?.shallow_clone();
    if !handler.is_object() || !engine::has_method(&handler, &method) {
        return Err(engine::throw("Exception", &format!("Undefined method {method}")));
    }
    let arguments = call.value(1).and_then(|value| value.array());
    let mut arguments: Vec<Zval> =
        arguments.map(|list| list.values().map(Zval::shallow_clone).collect()).unwrap_or_default();
    let result = engine::call_method(&handler, &method, &mut arguments)?;
    *call.result() = result;
    Ok(())
}
