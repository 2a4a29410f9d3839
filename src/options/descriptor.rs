//! Phalcon's description of a database connection, in the words of our own stores. The only place that
//! knows both.

use super::reader::Reader;
use super::value::{Options, Value};
use crate::error::{Error, Result};

/// What Phalcon calls an option, and what our stores call it.
const OF_SQLITE: &[(&str, &str)] = &[("dbname", "path")];
const OF_MYSQL: &[(&str, &str)] = &[
    ("host", "host"),
    ("port", "port"),
    ("unix_socket", "path"),
    ("username", "user"),
    ("password", "password"),
    ("dbname", "database"),
];

/// Whether an array of options describes a connection as Phalcon does.
pub(crate) fn is_one(options: &Options) -> bool {
    options.get("dbname").is_some()
}

/// The options of the native store of `database`, which is Phalcon's name of it. Empty: the description
/// says it itself (`adapter`), and says nothing for MySQL.
pub(crate) fn options(database: &str, description: Options) -> Result<Options> {
    let mut reader = Reader::new(description);
    let said = reader.text(&["adapter"]).unwrap_or_default();
    let database = if database.is_empty() { said.as_str() } else { database };
    let mut options = Options::new();
    let (store, names) = match database.to_ascii_lowercase().as_str() {
        "sqlite" => ("sqlite", OF_SQLITE),
        "" | "mysql" => ("mysql", OF_MYSQL),
        _ => {
            let problem =
                "the connection is described for a database that sessions cannot be kept in; mysql and sqlite can";
            return Err(Error::config(problem));
        }
    };
    options.set("store", Value::Text(store.into()));
    for (theirs, ours) in names {
        if let Some(value) = reader.take(&[theirs]) {
            options.set(*ours, value);
        }
    }
    if store == "mysql" && options.get("path").is_some() {
        options.set("store", Value::Text(b"mysql+unix".to_vec()));
        // With a socket PDO does not look at these.
        options.take("host");
        options.take("port");
    }
    // Sessions are bytes, in whatever characters the connection speaks; connections are always kept.
    reader.take(&["charset"]);
    reader.take(&["persistent"]);
    // PDO's attributes, and Phalcon's class for SQL: what they change is not known here.
    for name in ["options", "dialectClass"] {
        let is_said = match reader.take(&[name]) {
            None => false,
            Some(Value::List(list)) => !list.is_empty(),
            Some(Value::Map(map)) => !map.is_empty(),
            Some(_) => true,
        };
        if is_said {
            reader.mistake(format!(
                "option \"{name}\" of the described connection is for PDO, and is not understood here; give a PDO object"
            ));
        }
    }
    reader.finish().map(|()| options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(pairs: &[(&str, &str)]) -> Options {
        let mut options = Options::new();
        for (name, value) in pairs {
            options.set(*name, Value::Text((*value).into()));
        }
        options
    }

    #[test]
    fn a_description_becomes_options_or_names_what_it_cannot() {
        let mysql = options("mysql", described(&[("host", "localhost"), ("username", "root"), ("dbname", "test")]));
        let expected = [("store", "mysql"), ("database", "test"), ("host", "localhost"), ("user", "root")];
        for (name, value) in expected {
            assert_eq!(mysql.as_ref().unwrap().get(name), Some(&Value::Text(value.into())));
        }
        let error =
            options("mysql", described(&[("hots", "localhost"), ("dialectClass", "X")])).unwrap_err().to_string();
        assert!(
            error.contains("did you mean \"host\"?") && error.contains("\"dialectClass\" of the described"),
            "{error}"
        );
        assert!(options("postgresql", described(&[])).is_err());
        let socket =
            options("", described(&[("unix_socket", "/run/m.sock"), ("host", "db"), ("dbname", "test")])).unwrap();
        assert_eq!(socket.get("store"), Some(&Value::Text("mysql+unix".into())));
        assert!(socket.get("path").is_some() && socket.get("host").is_none());
        let sqlite = options("", described(&[("adapter", "Sqlite"), ("dbname", "/srv/a.db")])).unwrap();
        assert_eq!(sqlite.get("path"), Some(&Value::Text("/srv/a.db".into())));
    }
}
