//! Passwords by SASL, which memcached has in its binary protocol only.

use crate::memcached_server::MemcachedServer;
use crate::{HOUR, ID, handler, locking, read, server, sid, store, support};
use seshat::error::Kind;
use seshat::session::handler::Caller;
use std::io::Write;
use std::process::{Command, Stdio};

/// A server with a user `app`, and the folder with its passwords.
fn start() -> Result<(MemcachedServer, tempfile::TempDir), String> {
    let folder = support::temporary_folder();
    let database = folder.path().join("passwords");
    let settings = format!(
        "mech_list: plain\npwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\n",
        database.display()
    );
    std::fs::write(folder.path().join("memcached.conf"), settings).unwrap();
    let mut maker = Command::new("saslpasswd2");
    maker.args(["-p", "-c", "-a", "memcached", "-u", "sessions", "-f"]).arg(&database).arg("app");
    let mut maker = maker.stdin(Stdio::piped()).spawn().map_err(|error| format!("no saslpasswd2: {error}"))?;
    maker.stdin.take().unwrap().write_all(b"secretword").unwrap();
    assert!(maker.wait().unwrap().success());
    let server = MemcachedServer::start_with(&["-S"], "SASL_CONF_PATH", folder.path().to_owned())?;
    Ok((server, folder))
}

#[test]
fn a_password_opens_and_a_wrong_one_does_not() {
    let (mut server, _folder) = match start() {
        Ok(started) => started,
        Err(reason) => return support::skip(module_path!(), &reason),
    };
    let dsn = |login: &str, rest: &str, port: u16| format!("memcached://{login}127.0.0.1:{port}{rest}");
    for protocol in ["", "?protocol=binary"] {
        let port = server.port();
        let mut one = store(&dsn("app%40sessions:secretword@", protocol, port));
        for length in [0, 10, 17_000, 500_000] {
            let data = vec![b'x'; length];
            one.write(sid(), &data, HOUR).unwrap();
            assert_eq!(read(&mut *one).unwrap(), data);
        }
        server.restart();
        assert_eq!(read(&mut *one), None, "another connection is made, and the password given again");
        let mut subject = handler(&dsn("app%40sessions:secretword@", protocol, port), locking(true));
        subject.write(ID.as_bytes(), b"a", Caller::Direct, HOUR).unwrap();
        assert_eq!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), b"a");
        subject.write(ID.as_bytes(), b"b", Caller::Engine, HOUR).unwrap();
        subject.close().unwrap();
        assert_eq!(read(&mut *one).unwrap(), b"b");
        let error = store(&dsn("app%40sessions:wrong@", protocol, port)).read(sid(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error}");
        assert!(error.to_string().contains("password is wrong") && !error.to_string().contains("secret"), "{error}");
        let error = store(&dsn("", protocol, port)).read(sid(), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("password"), "{error}");
    }
}

#[test]
fn a_server_without_sasl_says_so() {
    let server = server!();
    let dsn = format!("memcached://app:secretword@127.0.0.1:{}?protocol=binary", server.port());
    let error = store(&dsn).read(sid(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error}");
    assert!(error.to_string().contains("without SASL (-S)"), "{error}");
}
