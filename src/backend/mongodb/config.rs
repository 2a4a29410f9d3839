//! The options of the MongoDB store.
//!
//! | option | meaning | default |
//! | --- | --- | --- |
//! | host, port | `mongodb://HOST:PORT`, also several with commas, and a socket as `%2FPATH` | localhost:27017 |
//! | names of servers | `mongodb+srv://NAME`: the domain says which servers there are | |
//! | user, password | `mongodb://USER:PASSWORD@HOST`; of the database in the path, unless `authSource` says another | none |
//! | `database` (`db`) | also the DSN's path: `mongodb://HOST/app` | `sessions` |
//! | `collection` | where the sessions are | `sessions` |
//! | `create_index` | make an index, so that the server removes expired sessions itself; gc looks for them otherwise | off |
//! | `layout` | whose documents are written, `symfony` or `incubator`; both are read | `symfony` |
//! | `timeout` | the most that one call takes, whatever it needs: names, connections, a primary, the answer | 5 s |
//! | the driver's own | `replicaSet`, `tls`, `tlsCAFile`, `authSource`, `w` and others: all of `uri.rs` | the driver's |

use super::document::Layout;
use super::driver::{Driver, Index, Settings};
use super::store::MongoDb;
use super::{document, uri};
use crate::backend::Environment;
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;
use mongodb::error::ErrorKind;
use mongodb::options::ConnectionString;
use std::path::Path;
use std::time::Duration;

const HOST: &str = "localhost";
const NAME: &str = "sessions";
const TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(86_400);
/// What is made on request: one by which the server removes what expired, one by which sessions are
/// found by their reference.
const INDEXES: &[Index] =
    &[Index { field: document::EXPIRES_AT, expires: true }, Index { field: document::REFERENCE, expires: false }];
/// The longest name of a database.
const LONGEST_NAME: usize = 63;

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    let path = dsn.path.trim_start_matches('/');
    let database = reader.text(&["database", "db"]).unwrap_or_else(|| path.to_owned());
    let database = if database.is_empty() { NAME.to_owned() } else { database };
    if database.len() > LONGEST_NAME || database.contains(['/', '\\', ' ', '"', '$', '.', '\0']) {
        reader.mistake(
            "option \"database\" must be the name of a database: up to 63 characters, without / \\ . $ \" and spaces",
        );
    }
    let collection = reader.text(&["collection"]).unwrap_or_else(|| NAME.to_owned());
    if collection.is_empty() || collection.contains(['$', '\0']) || collection.starts_with("system.") {
        reader.mistake("option \"collection\" must be the name of a collection: not empty, without $, not system's");
    }
    let create_index = reader.switch(&["create_index"]).unwrap_or(false);
    let layout = Layout::take(reader).unwrap_or_default();
    let timeout = timeout(reader);
    for names in [["readPreference", "readpreference"], ["readPreferenceTags", "readpreferencetags"]] {
        if reader.text(&names).is_some_and(|said| !said.eq_ignore_ascii_case("primary")) {
            reader.mistake(format!(
                "option \"{}\": sessions are read from the primary alone, or they would be old",
                names[0]
            ));
        }
    }
    let options = uri::take(reader);
    if options.iter().any(|(name, value)| *name == "w" && value.trim() == "0") {
        reader.mistake("option \"w\" must not be 0: it would not be known whether a session was stored");
    }
    for (name, value) in &options {
        if uri::FILES.contains(name) && !(environment.allow_path)(Path::new(value)) {
            reader.mistake(format!("option \"{name}\": the file is outside of the paths that open_basedir allows"));
        }
    }
    if dsn.password.is_some() && dsn.user.is_none() {
        reader.mistake("there is a password but no user; write mongodb://USER:PASSWORD@HOST");
    }
    let hosts = hosts(&dsn);
    let place = ConnectionString::parse(uri::compose(&dsn, &hosts, &options)).map_err(|error| refused(&error))?;
    let indexes = if create_index { INDEXES } else { &[] };
    let settings = Settings { place, database, collection, timeout, indexes };
    let endpoint = format!("{hosts}/{}.{}", settings.database, settings.collection);
    Ok(Box::new(MongoDb::new(Driver::new(settings), endpoint, layout, environment.clock.clone())))
}

fn hosts(dsn: &Dsn) -> String {
    let hosts = if dsn.host.is_empty() { HOST } else { &dsn.host };
    match dsn.port {
        Some(port) if !hosts.contains(',') => format!("{hosts}:{port}"),
        _ => hosts.to_owned(),
    }
}

fn timeout(reader: &mut Reader) -> Duration {
    let Some(said) = reader.duration(&["timeout"]) else { return TIMEOUT };
    if said < Duration::from_millis(1) {
        reader.mistake("option \"timeout\" must be at least 1 millisecond");
    }
    said.min(LONGEST_TIMEOUT)
}

/// The driver's complaint about its options. It names them and the values that it does not like, which
/// are no secrets: those of user and password are never wrong.
fn refused(error: &mongodb::error::Error) -> Error {
    match &*error.kind {
        ErrorKind::InvalidArgument { message, .. } => Error::config(format!("mongodb: {message}")),
        other => Error::config(format!("mongodb: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use crate::backend::{Environment, from_dsn};
    use crate::session::handler::Policy;

    fn endpoint(dsn: &str) -> Result<String, String> {
        from_dsn(dsn, &Environment::default(), &Policy::default())
            .map(|handler| handler.store().endpoint())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_forms_of_the_dsn() {
        for (dsn, expected) in [
            ("mongodb://", "localhost/sessions.sessions"),
            ("mongodb://h", "h/sessions.sessions"),
            ("mongodb://u:p%40w@h1:27018,[::1]:7/app?replicaSet=rs0&collection=s.x", "h1:27018,[::1]:7/app.s.x"),
            ("mongodb+srv://cluster.example.net/app?retryWrites=true&w=majority", "cluster.example.net/app.sessions"),
            ("mongodb://h/admin?database=app&authsource=admin&tls=true", "h/app.sessions"),
            ("mongodb://%2Frun%2Fmongodb-27017.sock/app", "%2Frun%2Fmongodb-27017.sock/app.sessions"),
            ("mongodb://h/?readPreference=primary&maxPoolSize=5&minPoolSize=1", "h/sessions.sessions"),
        ] {
            assert_eq!(endpoint(dsn).unwrap(), expected, "{dsn}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (dsn, word) in [
            ("mongodb://h/?replicaset=a&replicSet=b", "did you mean \"replicaSet\""),
            ("mongodb://h/?colection=b", "did you mean \"collection\""),
            ("mongodb://h/?database=a%2Fb", "option \"database\""),
            ("mongodb://h/?collection=a%24b", "option \"collection\""),
            ("mongodb://h/?readPreference=secondary", "from the primary"),
            ("mongodb://h/?w=0", "option \"w\""),
            ("mongodb://h/?timeout=0", "at least 1 millisecond"),
            ("mongodb://h/?connectTimeoutMS=soon", "connectTimeoutMS"),
            ("mongodb://h/?layout=symfny", "one of symfony, incubator"),
            ("mongodb://h:0", "port"),
            ("mongodb://:secret@h", "no user"),
            ("mongodb+srv://a.example.net,b.example.net", "host"),
        ] {
            let message = endpoint(dsn).expect_err(dsn).to_lowercase();
            assert!(message.contains(&word.to_lowercase()), "{dsn}: {message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
