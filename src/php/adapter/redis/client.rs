//! `getRedis()`: a client of the phpredis extension on the adapter's server, for code that used the
//! one that Phalcon 3 had inside.

use crate::error::Error;
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::adapter::EXCEPTIONS;
use crate::php::engine::{self, Thrown};
use crate::php::errors;
use crate::php::phpredis::{self, Place, Refusal};
use ext_php_rs::types::Zval;
use std::time::Duration;

/// The most that connecting takes, and an answer.
const LIMIT: Duration = Duration::from_secs(5);

/// A connected client.
pub(super) fn connect(settings: Options) -> Result<Zval, Thrown> {
    let server = Server::of(settings).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let place = Place {
        host: &server.address,
        port: server.port,
        user: server.user.as_deref(),
        password: server.password.as_deref(),
        database: server.database,
        connect_timeout: LIMIT,
        read_timeout: LIMIT,
        persistent: None,
    };
    phpredis::connect(&place)?.map_err(|refusal| {
        let message = match refusal {
            Refusal::NotLoaded => {
                "getRedis() needs the PHP extension redis, which is not loaded; sessions do not".to_owned()
            }
            Refusal::ByServer(reason) => reason.sentence(&place),
        };
        engine::throw(EXCEPTIONS, &message)
    })
}

/// Where the sessions are, in a client's words.
struct Server {
    /// A host, or the path of a socket.
    address: String,
    /// 0 for a socket.
    port: u16,
    user: Option<String>,
    password: Option<String>,
    database: u32,
}

impl Server {
    fn of(mut settings: Options) -> crate::error::Result<Self> {
        let dsn = match settings.take("dsn") {
            Some(Value::Text(text)) => Dsn::parse(&String::from_utf8_lossy(&text))?,
            _ => Dsn::default(),
        };
        if !dsn.members.is_empty() {
            return Err(Error::config("getRedis() cannot be a client of several servers; make one for each"));
        }
        let encrypted = dsn.scheme.starts_with("rediss");
        let mut reader = Reader::over(settings, dsn.options);
        let path = reader.text(&["path"]).unwrap_or(dsn.path);
        let host = reader.text(&["host"]).unwrap_or(dsn.host);
        let port = reader.number(&["port"], 1..=65535).and_then(|port| u16::try_from(port).ok());
        Ok(Self {
            port: if path.is_empty() { port.or(dsn.port).unwrap_or(6379) } else { 0 },
            address: match (path.is_empty(), host.is_empty()) {
                (false, _) => path,
                (true, true) => "127.0.0.1".into(),
                (true, false) if encrypted => format!("tls://{host}"),
                (true, false) => host,
            },
            user: reader.text(&["user"]).or(dsn.user),
            password: reader.text(&["password"]).or(dsn.password),
            database: reader
                .number(&["database"], 0..=i64::from(i32::MAX))
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(0),
        })
    }
}
