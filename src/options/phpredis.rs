//! The save paths of phpredis, turned into DSNs: `tcp://host:port?weight=1&auth=pw, unix:///path`
//! for its handler `redis`, `seed[]=host:port&timeout=2` for `rediscluster`.
//!
//! A list is split as phpredis splits it, at commas and white space, and queries are read as PHP
//! reads them: `+` is a space, `name[]` is a list. What phpredis ignores, such as a path behind the
//! host, is ignored here, so that both find the same sessions.

use super::dsn::{Dsn, Host};
use super::reader::is_plain;
use super::value::{Options, Value};
use crate::error::{Error, Result};

/// Schemes of phpredis, and what they are here.
const SCHEMES: &[(&str, &str)] = &[
    ("tcp://", "redis"),
    ("tls://", "rediss"),
    ("ssl://", "rediss"),
    ("unix://", "redis+unix"),
    ("unix:", "redis+unix"),
];

/// PHP's names for settings of TLS, and ours.
const STREAM: &[(&str, &str)] =
    &[("cafile", "ca_file"), ("local_cert", "client_cert"), ("local_pk", "client_key"), ("peer_name", "server_name")];

/// What to say of a setting of TLS that is none of those.
pub(crate) const TLS_SETTINGS: &str =
    "of PHP's settings of TLS these are: verify_peer, verify_peer_name, cafile, local_cert, local_pk, peer_name";

/// One of PHP's settings of TLS in our words. False if it is none that is understood.
pub(crate) fn tls_setting(key: &str, value: Vec<u8>, own: &mut Options) -> bool {
    match (key, STREAM.iter().find(|(theirs, _)| *theirs == key)) {
        (_, Some((_, ours))) => own.set(*ours, Value::Text(value)),
        ("verify_peer", _) if is_off(&value) => own.set("verify", Value::Text(b"0".to_vec())),
        ("verify_peer_name", _) if is_off(&value) => own.set_default("verify", Value::Text(b"ca".to_vec())),
        ("verify_peer" | "verify_peer_name", _) => {}
        _ => return false,
    }
    true
}

/// The DSN that means the same, if this is a save path of phpredis's.
///
/// # Errors
/// A sentence that says which part is wrong. It never repeats the text, which may hold a password.
pub(super) fn parse(text: &str) -> Option<Result<Dsn>> {
    let text = text.trim();
    if scheme_of(text).is_some() {
        return Some(servers(text));
    }
    let a_query = !text.starts_with(['/', '.']) && text.find("://").is_none_or(|at| text[..at].contains('='));
    let seeds = a_query && text.split('&').any(|pair| pair.starts_with("seed[") || pair.starts_with("seed%5B"));
    seeds.then(|| cluster(text))
}

fn scheme_of(text: &str) -> Option<(&'static str, &str)> {
    SCHEMES.iter().find_map(|(theirs, ours)| {
        let head = text.get(..theirs.len())?;
        head.eq_ignore_ascii_case(theirs).then(|| (*ours, &text[theirs.len()..]))
    })
}

fn servers(text: &str) -> Result<Dsn> {
    let mut members = Vec::new();
    let mut shared = Options::new();
    for url in split(text) {
        let Some((scheme, rest)) = scheme_of(url) else {
            return Err(Error::config(
                "a list of servers has one that does not begin with tcp://, tls:// or unix://; a comma or a space in \
                 a password is written %2C or %20",
            ));
        };
        members.push(server(scheme, rest, &mut shared)?);
    }
    let mut dsn = match <[Dsn; 1]>::try_from(members) {
        Ok([only]) => only,
        Err(members) => Dsn { scheme: "redis".into(), members, ..Dsn::default() },
    };
    for (name, value) in shared.iter() {
        dsn.options.set(name, value.clone());
    }
    Ok(dsn)
}

/// At commas and white space, as phpredis does, and at a semicolon before a scheme.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c == ',' || c == ';' || c.is_ascii_whitespace());
        if rest.is_empty() {
            return None;
        }
        let ends = |(at, c): (usize, char)| {
            let semicolon =
                || c == ';' && rest.get(at + 1..).is_some_and(|next| scheme_of(next.trim_start()).is_some());
            (c == ',' || c.is_ascii_whitespace() || semicolon()).then_some(at)
        };
        let end = rest.char_indices().find_map(ends).unwrap_or(rest.len());
        let (url, tail) = rest.split_at(end);
        rest = tail;
        Some(url)
    })
}

fn server(scheme: &str, rest: &str, shared: &mut Options) -> Result<Dsn> {
    let mut dsn = Dsn { scheme: scheme.to_owned(), ..Dsn::default() };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if scheme == "redis+unix" {
        dsn.path = place.to_owned();
    } else {
        let host = place.split('/').next().unwrap_or_default();
        if host.contains('@') {
            return Err(Error::config(
                "user and password stand in the query of such a save path, as in tcp://HOST?auth[]=USER&auth[]=PASSWORD",
            ));
        }
        let Host { name, port } = Host::parse(host)?;
        (dsn.host, dsn.port) = (name, port);
    }
    let mut auth = Auth::default();
    for (name, key, value) in pairs(query) {
        match name.as_str() {
            "weight" | "persistent" | "prefix" | "retry_interval" => dsn.options.set(name, Value::Text(value)),
            _ => setting(name, key, value, &mut dsn.options, &mut auth, shared)?,
        }
    }
    auth.apply(&mut dsn);
    Ok(dsn)
}

fn cluster(text: &str) -> Result<Dsn> {
    let mut dsn = Dsn { scheme: "redis+cluster".into(), ..Dsn::default() };
    let mut seeds = Vec::new();
    let mut auth = Auth::default();
    let mut shared = Options::new();
    for (name, key, value) in pairs(text) {
        match name.as_str() {
            "seed" => seeds.push(utf8(value)?),
            // Where a replica may answer. Sessions are read at the master.
            "failover" => {}
            "persistent" | "prefix" => dsn.options.set(name, Value::Text(value)),
            "stream" => {
                dsn.scheme = "rediss+cluster".into();
                setting(name, key, value, &mut dsn.options, &mut auth, &mut shared)?;
            }
            _ => setting(name, key, value, &mut dsn.options, &mut auth, &mut shared)?,
        }
    }
    for seed in &mut seeds {
        if let Some((scheme, rest)) = scheme_of(seed) {
            if scheme == "rediss" {
                dsn.scheme = "rediss+cluster".into();
            }
            *seed = rest.to_owned();
        }
        Host::parse(seed)?;
    }
    dsn.host = seeds.join(",");
    for (name, value) in shared.iter() {
        dsn.options.set(name, value.clone());
    }
    auth.apply(&mut dsn);
    Ok(dsn)
}

/// What both handlers understand. What neither does goes to all servers: it may be an option of ours.
fn setting(
    name: String,
    key: Option<String>,
    value: Vec<u8>,
    own: &mut Options,
    auth: &mut Auth,
    shared: &mut Options,
) -> Result<()> {
    let nothing =
        || std::str::from_utf8(&value).ok().and_then(|text| text.trim().parse().ok()).is_some_and(|n: f64| n <= 0.0);
    match (name.as_str(), key) {
        ("timeout", _) => own.set("connect_timeout", Value::Text(value)),
        // Without a limit there; nothing here waits for ever.
        ("read_timeout", _) if nothing() => {}
        // phpredis's default: leave the choice to the server.
        ("database", _) if value.starts_with(b"-") => {}
        ("read_timeout" | "database", _) => own.set(name, Value::Text(value)),
        // Connections are kept for each configuration anyway.
        ("persistent_id", _) => {}
        ("auth", key) => auth.take(key.as_deref(), utf8(value)?),
        ("stream", Some(key)) => {
            if !tls_setting(&key, value, own) {
                let shown = if is_plain(&key) { key.as_str() } else { "..." };
                return Err(Error::config(format!("stream[{shown}] is not understood; {TLS_SETTINGS}")));
            }
        }
        _ => {
            // A name like this is a piece of a password. Unknown names are repeated in messages.
            if !is_plain(&name) {
                return Err(Error::config(
                    "the query of the save path has a name that is none; write ? and & in a password as %3F and %26",
                ));
            }
            shared.set(name, Value::Text(value));
        }
    }
    Ok(())
}

/// `auth=PASSWORD`, `auth[]=USER&auth[]=PASSWORD`, `auth[user]=USER&auth[pass]=PASSWORD`.
#[derive(Default)]
struct Auth {
    user: Option<String>,
    password: Option<String>,
}

impl Auth {
    fn take(&mut self, key: Option<&str>, value: String) {
        match key {
            Some("user" | "0") => self.user = Some(value),
            Some("pass" | "1") | None => self.password = Some(value),
            // One alone is the password: the user comes first.
            Some(_) => self.user = self.password.replace(value),
        }
    }

    fn apply(self, dsn: &mut Dsn) {
        dsn.user = self.user.filter(|user| !user.is_empty());
        dsn.password = self.password;
    }
}

fn is_off(value: &[u8]) -> bool {
    matches!(value, b"" | b"0" | b"false")
}

fn utf8(value: Vec<u8>) -> Result<String> {
    String::from_utf8(value).map_err(|_| Error::config("the save path is not UTF-8 after percent-decoding"))
}

/// Name, key in brackets (empty for a list), and value of each pair of a query.
fn pairs(query: &str) -> impl Iterator<Item = (String, Option<String>, Vec<u8>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = String::from_utf8_lossy(&decode(name)).into_owned();
        let (name, key) = match name.split_once('[') {
            Some((name, key)) => (name.to_owned(), Some(key.trim_end_matches(']').to_owned())),
            None => (name, None),
        };
        (name, key, decode(value))
    })
}

/// As PHP does: a percent sign without two digits stands for itself.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let encoded = match tail {
            [high, low, ..] if *first == b'%' => super::dsn::hex(*high).zip(super::dsn::hex(*low)),
            _ => None,
        };
        match (encoded, first) {
            (Some((high, low)), _) => {
                bytes.push(high << 4 | low);
                rest = tail.get(2..).unwrap_or_default();
                continue;
            }
            (None, b'+') => bytes.push(b' '),
            (None, other) => bytes.push(*other),
        }
        rest = tail;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dsn(text: &str) -> Dsn {
        Dsn::parse(text).unwrap()
    }

    fn option(dsn: &Dsn, name: &str) -> String {
        match dsn.options.get(name) {
            Some(Value::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn one_server() {
        let one = dsn(
            "tcp://10.0.0.1:6380/7?weight=2&database=3&prefix=a+b%3A&timeout=2.5&read_timeout=0&persistent=1&persistent_id=x&auth=p%2Bw",
        );
        assert_eq!(
            (one.scheme.as_str(), one.host.as_str(), one.port, one.path.as_str()),
            ("redis", "10.0.0.1", Some(6380), "")
        );
        assert_eq!((option(&one, "database"), option(&one, "prefix")), ("3".into(), "a b:".into()));
        assert_eq!((option(&one, "connect_timeout"), option(&one, "persistent")), ("2.5".into(), "1".into()));
        assert_eq!((one.user, one.password.as_deref()), (None, Some("p+w")));
        assert!(one.options.get("read_timeout").is_none());
        assert!(one.members.is_empty());
        assert_eq!(dsn("unix:///run/r.sock?database=-1").path, "/run/r.sock");
        assert_eq!(dsn("unix:/run/r.sock").scheme, "redis+unix");
        assert_eq!(dsn("TLS://h").scheme, "rediss");
        assert_eq!(dsn("tcp://[::1]:7").host, "::1");
    }

    #[test]
    fn the_forms_of_auth() {
        for (query, user, password) in [
            ("auth=p", None, "p"),
            ("auth[]=p", None, "p"),
            ("auth[]=u&auth[]=p", Some("u"), "p"),
            ("auth%5B%5D=u&auth%5B%5D=p", Some("u"), "p"),
            ("auth[0]=u&auth[1]=p", Some("u"), "p"),
            ("auth[user]=u&auth[pass]=p", Some("u"), "p"),
            ("auth[pass]=p&auth[user]=u", Some("u"), "p"),
        ] {
            let dsn = dsn(&format!("tcp://h?{query}"));
            assert_eq!((dsn.user.as_deref(), dsn.password.as_deref()), (user, Some(password)), "{query}");
        }
    }

    #[test]
    fn a_list_in_its_order_with_options_of_ours_for_all() {
        let list = dsn("tcp://a:1?weight=1, tls://b?weight=2&prefix=x:&lock_wait=5,unix:///s ;tcp://c");
        let hosts: Vec<&str> = list.members.iter().map(|member| member.host.as_str()).collect();
        assert_eq!(hosts, ["a", "b", "", "c"]);
        assert_eq!(option(&list.members[1], "weight"), "2");
        assert_eq!(option(&list, "lock_wait"), "5");
        assert!(list.options.get("prefix").is_none());
    }

    #[test]
    fn seeds() {
        let cluster = dsn("timeout=2&seed[]=a:1&seed[]=b:2&failover=error&auth[]=u&auth[]=p&prefix=x:");
        assert_eq!((cluster.scheme.as_str(), cluster.host.as_str()), ("redis+cluster", "a:1,b:2"));
        assert_eq!((cluster.user.as_deref(), cluster.password.as_deref()), (Some("u"), Some("p")));
        assert_eq!((option(&cluster, "connect_timeout"), option(&cluster, "prefix")), ("2".into(), "x:".into()));
        let tls = dsn("seed[]=tls://a:1&stream[verify_peer]=0&stream[cafile]=/ca.pem");
        assert_eq!(tls.scheme, "rediss+cluster");
        assert_eq!(tls.hosts().unwrap(), [Host { name: "a".into(), port: Some(1) }], "also a single one");
        assert_eq!((option(&tls, "verify"), option(&tls, "ca_file")), ("0".into(), "/ca.pem".into()));
    }

    #[test]
    fn other_texts_are_left_alone_and_mistakes_are_told_without_secrets() {
        for text in ["/var/seed[]=a", "redis://h?seed[]=a", "2;/tmp", "", "memory:"] {
            assert!(parse(text).is_none(), "{text}");
        }
        for text in [
            "tcp://h?auth=hunter2,with a comma",
            "tcp://u:hunter2@h",
            "tcp://h:port",
            "tcp://h?auth=x&hunter2/=1",
            "tls://h?stream[hunter2/]=1",
        ] {
            let message = Dsn::parse(text).unwrap_err().to_string();
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(head in "(tcp://|unix:|seed\\[\\]=|tls://)", text in ".{0,80}") {
            let _ = parse(&text);
            let _ = parse(&format!("{head}{text}"));
        }

        #[test]
        fn an_encoded_password_comes_back(password in "[ -~]{1,40}") {
            let encoded: String = password.bytes().map(|b| format!("%{b:02X}")).collect();
            let dsn = Dsn::parse(&format!("tcp://h?auth={encoded}, tcp://i?auth[]=u&auth[]={encoded}")).unwrap();
            for member in dsn.members {
                prop_assert_eq!(member.password.as_deref(), Some(password.as_str()));
            }
        }
    }
}
