//! `getRedis()`: a client of the phpredis extension on the adapter's server, for code that used the
//! one that Phalcon 3 had inside.

use crate::error::Error;
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::options::value::{Options, Value};
use crate::php::adapter::EXCEPTIONS;
use crate::php::engine::{self, Thrown, arrays};
use crate::php::errors;
use ext_php_rs::types::Zval;

const CLASS: &str = "Redis";

/// A connected client.
pub(super) fn connect(settings: Options) -> Result<Zval, Thrown> {
    let there = engine::call_function("class_exists", &mut [engine::string(CLASS.as_bytes())])?;
    if !there.is_true() {
        let message = "getRedis() needs the PHP extension redis, which is not loaded; sessions do not";
        return Err(engine::throw(EXCEPTIONS, message));
    }
    let server = Server::of(settings).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    let client = engine::new_object(CLASS, &mut [])?;
    let mut timeout = Zval::new();
    timeout.set_double(5.0);
    let place = &mut [engine::string(server.address.as_bytes()), engine::int(server.port), timeout];
    engine::call_method(&client, "connect", place)?;
    if let Some(password) = server.password {
        let password = engine::string(password.as_bytes());
        let credentials = match server.user {
            Some(user) => arrays::array_of([("user", engine::string(user.as_bytes())), ("pass", password)]),
            None => password,
        };
        engine::call_method(&client, "auth", &mut [credentials])?;
    }
    if server.database > 0 {
        engine::call_method(&client, "select", &mut [engine::int(server.database)])?;
    }
    Ok(client)
}

/// Where the sessions are, in a client's words.
struct Server {
    /// A host, or the path of a socket.
    address: String,
    /// 0 for a socket.
    port: i64,
    user: Option<String>,
    password: Option<String>,
    database: i64,
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
        let port = reader.number(&["port"], 1..=65535).or(dsn.port.map(i64::from)).unwrap_or(6379);
        Ok(Self {
            port: if path.is_empty() { port } else { 0 },
            address: match (path.is_empty(), host.is_empty()) {
                (false, _) => path,
                (true, true) => "127.0.0.1".into(),
                (true, false) if encrypted => format!("tls://{host}"),
                (true, false) => host,
            },
            user: reader.text(&["user"]).or(dsn.user),
            password: reader.text(&["password"]).or(dsn.password),
            database: reader.number(&["database"], 0..=i64::from(i32::MAX)).unwrap_or(0),
        })
    }
}
