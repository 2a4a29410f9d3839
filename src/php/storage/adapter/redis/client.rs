//! `getAdapter()`: a client of phpredis, set up as Phalcon would.

use super::options::Said;
use crate::php::engine::{self, Thrown};
use crate::php::exceptions;
use crate::php::phpredis::{self, Place, Reason, Refusal};
use ext_php_rs::types::Zval;

/// phpredis's numbers for its options, the same in all of its versions.
const OPT_SERIALIZER: i64 = 1;
const OPT_PREFIX: i64 = 2;
/// Its serializers, by Phalcon's names for them.
const SERIALIZERS: [(&str, i64); 4] =
    [("redis_php", 1), ("redis_igbinary", 2), ("redis_msgpack", 3), ("redis_json", 4)];

/// A connected client. Names of serializers that are not the client's own leave it without one: then
/// it hands out what is stored.
pub(super) fn connect(said: &Said, prefix: &[u8], serializer: &str) -> Result<Zval, Thrown> {
    let server = &said.server;
    let socket = server.socket.as_ref().map(|path| path.display().to_string());
    let id = said.persistent_id.clone().unwrap_or_else(|| format!("persistentid{}", server.database));
    let place = Place {
        host: socket.as_deref().unwrap_or(&server.host),
        port: if socket.is_some() { 0 } else { server.port },
        user: server.user.as_deref(),
        password: server.password.as_deref(),
        database: server.database,
        connect_timeout: server.connect_timeout,
        read_timeout: server.read_timeout,
        persistent: said.persistent.then_some(id.as_str()),
    };
    let client = phpredis::connect(&place)?.map_err(|refusal| {
        let reason = match refusal {
            Refusal::ByServer(reason) => reason,
            Refusal::NotLoaded => {
                let message = "getAdapter() returns an object of phpredis, but the PHP extension redis is not loaded; \
                               the other methods work without it";
                return engine::throw(exceptions::STORAGE.name, message);
            }
        };
        let class = match reason {
            Reason::Unreachable => &exceptions::CONNECTION_FAILED,
            Reason::Password => &exceptions::AUTHENTICATION_FAILED,
            Reason::Database => &exceptions::DATABASE_SELECTION_FAILED,
        };
        engine::throw(class.name, &reason.sentence(&place))
    })?;
    phpredis::set_option(&client, OPT_PREFIX, engine::string(prefix))?;
    if let Some((name, serializer)) = SERIALIZERS.iter().find(|(name, _)| *name == serializer)
        && !phpredis::set_option(&client, OPT_SERIALIZER, engine::int(*serializer))?
    {
        let message = format!("The serializer {name} is no part of the phpredis that is loaded");
        return Err(engine::throw(exceptions::STORAGE.name, &message));
    }
    Ok(client)
}
