//! Who may come in, by which way.

use crate::{HOUR, read, server, shared, sid, store, told};
use seshat::error::Kind;

#[test]
fn wrong_names_are_told_without_the_password() {
    let server = shared!();
    let port = server.port();
    for (login, database, words) in [
        ("seshat:open%20sesame%20", "shop", "password is wrong"),
        ("nobody:open%20sesame", "shop", "password is wrong"),
        ("seshat", "shop", "password is wrong"),
        ("seshat:open%20sesame", "shopp", "no such database"),
    ] {
        let mut one = store(&format!("mysql://{login}@127.0.0.1:{port}/{database}"));
        let error = one.read(sid(), &mut Vec::new()).unwrap_err();
        assert!(matches!(error.kind(), Kind::Denied | Kind::Config), "{error}");
        told(&error, error.kind(), &[words, "127.0.0.1"]);
    }
}

#[test]
fn every_way_to_log_in_that_the_server_has() {
    let server = server!("--plugin-load-add=auth_ed25519.so");
    server.sql(
        "CREATE USER 'ed'@'%' IDENTIFIED VIA ed25519 USING PASSWORD('open sesame'); GRANT ALL ON shop.* TO 'ed'@'%'",
    );
    server.sql("CREATE USER 'empty'@'%'; GRANT ALL ON shop.* TO 'empty'@'%'");
    let port = server.port();
    let mut logins = vec!["seshat:open%20sesame", "ed:open%20sesame", "empty"];
    if server.try_sql("SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'unix_socket'").is_ok() {
        server.sql("CREATE USER IF NOT EXISTS 'root'@'localhost'; SET PASSWORD = ''");
        logins.push("root");
    }
    for login in logins {
        let mut one = store(&format!("mysql://{login}@127.0.0.1:{port}/shop?create_table=1"));
        one.write(sid(), login.as_bytes(), HOUR).unwrap();
        assert_eq!(read(&mut *one).unwrap(), login.as_bytes());
    }
    let error = store(&format!("mysql://ed:wrong@127.0.0.1:{port}/shop")).read(sid(), &mut Vec::new()).unwrap_err();
    told(&error, Kind::Denied, &["password is wrong"]);
}

/// The system says who asks.
#[test]
fn a_user_of_the_system_needs_no_password() {
    let server = server!();
    let user = String::from_utf8(std::process::Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let user = user.trim();
    server.sql(&format!(
        "CREATE OR REPLACE USER '{user}'@'localhost' IDENTIFIED VIA unix_socket; GRANT ALL ON *.* TO '{user}'@'localhost' WITH GRANT OPTION"
    ));
    let mut one = store(&format!("mysql+unix://{user}@{}?database=shop&create_table=1", server.socket().display()));
    one.write(sid(), b"a", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"a");
}

#[cfg(feature = "tls")]
#[test]
fn tls_with_a_certificate_that_is_known() {
    use crate::certificates::Authority;
    let authority = Authority::new();
    authority.sign("server", &["localhost", "127.0.0.1"], false);
    let path = |name: &str| authority.path(name).display().to_string();
    let server = server!(
        "--ssl",
        &format!("--ssl-ca={}", path("ca.pem")),
        &format!("--ssl-cert={}", path("server.pem")),
        &format!("--ssl-key={}", path("server.key"))
    );
    server.sql("ALTER USER 'seshat'@'%' REQUIRE SSL");
    let place =
        |rest: &str| format!("mysql://seshat:open%20sesame@localhost:{}/shop?create_table=1{rest}", server.port());
    let ca = path("ca.pem");
    let mut one = store(&place(&format!("&tls=1&ca_file={ca}")));
    let data = vec![b'x'; 3 << 20];
    one.write(sid(), &data, HOUR).unwrap();
    assert!(read(&mut *one).unwrap() == data);
    let lease = crate::hold(&mut *one);
    one.touch_unlock(sid(), &data, HOUR, Some(lease), false).unwrap();
    assert!(read(&mut *one).unwrap() == data);
    assert_ne!(server.sql("SHOW GLOBAL STATUS LIKE 'Ssl_accepts'"), "Ssl_accepts\t0");
    let error = store(&place("")).read(sid(), &mut Vec::new()).unwrap_err();
    told(&error, Kind::Denied, &["password is wrong"]);
    let error = store(&place("&tls=1")).read(sid(), &mut Vec::new()).unwrap_err();
    told(&error, Kind::Denied, &["ca_file"]);
    let plain = shared!();
    let error = store(&plain.tcp_dsn("/shop?tls=1&verify=0")).read(sid(), &mut Vec::new()).unwrap_err();
    told(&error, Kind::Denied, &["no TLS"]);
}
