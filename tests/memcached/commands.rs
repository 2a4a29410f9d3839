//! Single commands for keys that are no sessions, in every dialect.

use crate::server;
use seshat::backend::Environment;
use seshat::backend::memcached::commands::{Commands, Item, Key, Type};
use seshat::options::value::{Options, Value};

fn key(name: &str) -> Key<'_> {
    Key { prefix: b"p-", name: name.as_bytes() }
}

#[test]
fn each_command_does_what_it_says_in_every_dialect() {
    for dialect in ["meta", "text", "binary"] {
        let mut server = server!();
        let mut options = Options::new();
        options.set("servers", Value::Text(format!("127.0.0.1:{}", server.port()).into_bytes()));
        options.set("protocol", Value::Text(dialect.into()));
        let mut commands = Commands::new(options, &Environment::default()).unwrap();
        let got =
            |commands: &mut Commands, name| commands.get(key(name)).unwrap().map(|Item { bytes, kind }| (kind, bytes));

        assert_eq!(got(&mut commands, "k"), None);
        assert!(!commands.exists(key("k")).unwrap() && !commands.remove(key("k")).unwrap());
        commands.set(key("k"), Type::Json, b"[1]", Some(60)).unwrap();
        assert_eq!(got(&mut commands, "k"), Some((Type::Json, b"[1]".to_vec())));
        assert_eq!(server.item("p-k"), Some((6, b"[1]".to_vec())));
        assert!(commands.exists(key("k")).unwrap() && commands.remove(key("k")).unwrap());
        assert!(!commands.exists(key("k")).unwrap());

        assert_eq!(commands.add(key("n"), 1).unwrap(), None, "there is none");
        commands.set(key("n"), Type::Int, b"10", None).unwrap();
        for (by, sum) in [(5, Some(15)), (-6, Some(9)), (0, Some(9)), (i64::MIN, Some(0)), (i64::MAX, Some(i64::MAX))] {
            assert_eq!(commands.add(key("n"), by).unwrap(), sum, "{dialect} {by}");
        }
        assert_eq!(commands.add(key("n"), 1).unwrap(), None, "more than can be said");
        commands.set(key("n"), Type::Text, b"no number", None).unwrap();
        assert_eq!(commands.add(key("n"), 1).unwrap(), None);
        assert_eq!(got(&mut commands, "n"), Some((Type::Text, b"no number".to_vec())));

        for wrong in ["a b", "a\r\nflush_all", "\x7f", &"k".repeat(249)] {
            assert!(commands.get(key(wrong)).is_err(), "{wrong:?}");
        }
        commands.flush().unwrap();
        assert_eq!(got(&mut commands, "n"), None);
        commands.set(key("k"), Type::Text, b"v", None).unwrap();
        server.restart();
        assert_eq!(got(&mut commands, "k"), None, "another connection is made");
    }
}
