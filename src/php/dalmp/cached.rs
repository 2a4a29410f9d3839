//! What DALMP's handlers over a cache server have in common.
//!
//! | key | holds |
//! | --- | --- |
//! | `DALMP_` + sha1(name of the reference + id) | the session |
//! | `DALMP_REF_` + sha1(name of the reference + key) | the original's index of references |

use super::constants;
use super::handler::{self, given, text};
use super::places::{self, Kind};
use super::references;
use crate::options::value::Options;
use crate::php::engine::{self, Call, Initial, Property, Thrown};
use ext_php_rs::types::Zval;

/// What the names of records begin with.
pub(super) const PREFIX: &str = "DALMP_";

/// What stands for `DALMP_SESSIONS_KEY` when nobody says it. The original had the path of its own file.
const DEFAULT_KEY: &[u8] = b"DALMP";

/// The original's own, for children that look at them. The last two are private to the class.
pub(super) const PROPERTIES: &[Property] = &[
    Property { name: "cache", private: false, initial: Initial::Null },
    Property { name: "cache_ref_key", private: true, initial: Initial::Null },
    Property { name: "dalmp_sessions_ref", private: true, initial: Initial::Null },
    Property { name: "dalmp_sessions_key", private: true, initial: Initial::Null },
];

/// `__construct($cache, $sessions_ref, $sessions_key)`. `adapt` is told the key of the original's index.
pub(super) fn construct(
    call: &mut Call<'_>,
    kind: &Kind,
    adapt: impl FnOnce(&mut Options, &[u8]),
) -> Result<(), Thrown> {
    let cache = call.value(0).map_or_else(Zval::null, Zval::shallow_clone);
    let name = handler::reference_name(call, 1)?;
    let key = match constants::text(constants::KEY)? {
        Some(key) => key,
        None if given(call, 2).is_some() => call.string(2)?.to_vec(),
        None => DEFAULT_KEY.to_vec(),
    };
    let mut options = places::options(&cache, kind)?;
    options.set_default("prefix", text(PREFIX));
    options.set("hash_ids", text(&name));
    let digest = engine::call_function("sha1", &mut [engine::string(&[name.as_bytes(), &key].concat())])?;
    let digest = digest.zend_str().map(|digest| digest.as_bytes().to_vec()).unwrap_or_default();
    let index_key = [b"DALMP_REF_", digest.as_slice()].concat();
    adapt(&mut options, &index_key);
    // Credentials of a DSN or an array are not to be seen in a dump of the object.
    let shown = if cache.is_object() { cache } else { Zval::null() };
    for (position, value) in [shown, engine::string(&index_key), engine::string(name.as_bytes()), engine::string(&key)]
        .into_iter()
        .enumerate()
    {
        call.set_property(position, value)?;
    }
    handler::open_store(call, references::configured(options, &name))
}

/// The name of a session's record.
pub(super) fn record(digest: &str) -> String {
    format!("{PREFIX}{digest}")
}
