//! `rediss://`: what it costs, and one sentence for each thing that can be wrong.

use crate::certificates::Authority;
use crate::redis_server::RedisServer;
use crate::{HOUR, ID, PATIENCE, handler, hold, locking, read, sid, store, support};
use redis::Commands;
use seshat::backend::{self, Environment};
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use seshat::session::store::Committed;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Secure {
    authority: Authority,
    server: RedisServer,
    port: u16,
}

impl Secure {
    fn start(authority: Authority, certificate: &str, clients: &str) -> Result<Self, String> {
        let port = support::free_port();
        let options = authority.server_options(certificate, port, clients);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let server = RedisServer::start(&options)?;
        Ok(Self { authority, server, port })
    }

    fn dsn(&self, host: &str, rest: &str) -> String {
        let ca = self.authority.path("ca.pem");
        format!("rediss://{host}:{}/0?ca_file={}{rest}", self.port, ca.display())
    }
}

fn failure(dsn: &str) -> (Kind, String) {
    let error = store(dsn).read(sid(), &mut Vec::new()).unwrap_err();
    (error.kind(), error.to_string())
}

macro_rules! secure {
    ($authority:expr, $certificate:expr, $clients:expr) => {
        match Secure::start($authority, $certificate, $clients) {
            Ok(secure) => secure,
            Err(reason) => return support::skip(module_path!(), &reason),
        }
    };
}

fn authority() -> Authority {
    let authority = Authority::new();
    authority.sign("server", &["localhost", "127.0.0.1", "sessions.example"], false);
    authority
}

#[test]
fn sessions_over_tls_on_a_kept_connection() {
    let secure = secure!(authority(), "server", "no");
    let mut subject = handler(&secure.dsn("127.0.0.1", ""), Policy::default());
    let id = ID.as_bytes();
    // Larger than a TLS record, and than what rustls buffers at once.
    let large = "x".repeat(300_000);
    for data in ["a|i:1;", large.as_str(), "a|i:2;"] {
        let before = subject.read(id, Caller::Engine, HOUR).unwrap().to_vec();
        subject.write(id, data.as_bytes(), Caller::Engine, HOUR).unwrap();
        subject.close().unwrap();
        assert_eq!(subject.read(id, Caller::ReadAndClose, HOUR).unwrap(), data.as_bytes(), "{}", before.len());
        subject.close().unwrap();
    }
    let stats: String = redis::cmd("INFO").arg("stats").query(&mut secure.server.client("", 0)).unwrap();
    let received = stats.lines().find_map(|line| line.strip_prefix("total_connections_received:")).unwrap();
    // The test's own look at the beginning, its look now, and the one connection with its handshake.
    assert!(received.parse::<u32>().unwrap() <= 4, "{received}");
}

#[test]
fn a_connection_that_the_server_closed_is_replaced() {
    let secure = secure!(authority(), "server", "no");
    let mut admin = secure.server.client("", 0);
    let mut subject = store(&secure.dsn("localhost", ""));
    subject.write(sid(), b"x", HOUR).unwrap();
    for _ in 0..3 {
        redis::cmd("CLIENT").arg("KILL").arg("SKIPME").arg("yes").exec(&mut admin).unwrap();
        assert_eq!(read(&mut *subject).unwrap(), b"x");
        let lease = hold(&mut *subject, HOUR);
        redis::cmd("CLIENT").arg("KILL").arg("SKIPME").arg("yes").exec(&mut admin).unwrap();
        assert_eq!(subject.write_unlock(sid(), b"x", HOUR, lease).unwrap(), Committed::Done);
    }
}

#[test]
fn a_server_that_is_stopped_is_left_after_the_limit() {
    let secure = secure!(authority(), "server", "no");
    let mut subject = store(&secure.dsn("localhost", "&read_timeout=200ms&connect_timeout=300ms"));
    subject.write(sid(), b"x", HOUR).unwrap();
    secure.server.pause(true);
    for word in ["(read_timeout)", "(connect_timeout)"] {
        let began = Instant::now();
        let error = subject.read(sid(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout, "{error}");
        assert!(error.to_string().contains(word), "{error}");
        assert!(began.elapsed() >= Duration::from_millis(150) && began.elapsed() < PATIENCE);
    }
    secure.server.pause(false);
    assert_eq!(read(&mut *subject).unwrap(), b"x");
}

#[test]
fn whom_to_trust() {
    let secure = secure!(authority(), "server", "no");
    let ours = |rest: &str| secure.dsn("127.0.0.1", rest);
    assert!(read(&mut *store(&ours(""))).is_none());
    assert!(read(&mut *store(&ours("&server_name=sessions.example"))).is_none());
    let (kind, message) = failure(&ours("&server_name=other.example"));
    assert_eq!(kind, Kind::Denied);
    assert!(message.contains("is for another name (server_name"), "{message}");
    assert!(read(&mut *store(&ours("&server_name=other.example&verify=ca"))).is_none());
    // A CA that did not sign it, and the system's, which did not either.
    let other = Authority::new();
    for trusted in [format!("?ca_file={}", other.path("ca.pem").display()), String::new()] {
        let dsn = format!("rediss://127.0.0.1:{}/0{trusted}", secure.port);
        let (kind, message) = failure(&dsn);
        assert_eq!(kind, Kind::Denied);
        assert!(message.contains("not known here (ca_file)") || message.contains("no CA certificates"), "{message}");
        let separator = if trusted.is_empty() { "?" } else { "&" };
        let (kind, message) = failure(&format!("{dsn}{separator}verify=ca"));
        assert_eq!(kind, Kind::Denied, "only the name is left out: {message}");
        assert!(read(&mut *store(&format!("{dsn}{separator}verify=0"))).is_none());
    }
}

#[test]
fn a_certificate_that_ran_out() {
    let authority = Authority::new();
    authority.sign("server", &["127.0.0.1"], true);
    let secure = secure!(authority, "server", "no");
    let (kind, message) = failure(&secure.dsn("127.0.0.1", ""));
    assert_eq!(kind, Kind::Denied);
    assert!(message.contains("the server's certificate has expired"), "{message}");
    let (_, message) = failure(&secure.dsn("127.0.0.1", "&verify=ca"));
    assert!(message.contains("the server's certificate has expired"), "{message}");
}

#[test]
fn certificates_of_clients() {
    let authority = authority();
    authority.sign("client", &["app"], false);
    authority.sign("old", &["app"], true);
    let stranger = Authority::new();
    stranger.sign("client", &["app"], false);
    let secure = secure!(authority, "server", "yes");
    let with = |authority: &Authority, name: &str| {
        let (cert, key) = (authority.path(&format!("{name}.pem")), authority.path(&format!("{name}.key")));
        secure.dsn("127.0.0.1", &format!("&client_cert={}&client_key={}", cert.display(), key.display()))
    };
    assert!(read(&mut *store(&with(&secure.authority, "client"))).is_none());
    let (kind, message) = failure(&secure.dsn("127.0.0.1", ""));
    assert_eq!(kind, Kind::Denied, "{message}");
    assert!(message.contains("the server wants a client certificate"), "{message}");
    for dsn in [with(&secure.authority, "old"), with(&stranger, "client")] {
        let (kind, message) = failure(&dsn);
        assert_eq!(kind, Kind::Denied, "{message}");
        assert!(message.contains("the server refused the client certificate"), "{message}");
    }
}

/// Asks for a client certificate, accepts that there is none, and hangs up without a word, as a
/// server whose last words were lost.
#[test]
fn a_server_whose_reason_was_lost() {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let authority = authority();
    let certificate = |file: &str| CertificateDer::from_pem_file(authority.path(file)).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate("ca.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![certificate("server.pem")],
            PrivateKeyDer::from_pem_file(authority.path("server.key")).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut tls = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut client).unwrap();
        }
    });
    let (kind, message) =
        failure(&format!("rediss://127.0.0.1:{port}/0?ca_file={}", authority.path("ca.pem").display()));
    server.join().unwrap();
    assert_eq!(kind, Kind::Denied, "{message}");
    assert!(message.contains("the server wants a client certificate"), "{message}");
}

#[test]
fn ports_that_speak_something_else() {
    let secure = secure!(authority(), "server", "no");
    let (_, message) = failure(&format!("rediss://127.0.0.1:{}?connect_timeout=300ms", secure.server.port()));
    assert!(message.contains("TLS"), "{message}");
    let (_, message) = failure(&format!("redis://127.0.0.1:{}", secure.port));
    assert!(message.contains("rediss://"), "{message}");
    let (kind, message) = failure(&format!("rediss://127.0.0.1:{}", support::free_port()));
    assert_eq!(kind, Kind::Unavailable);
    assert!(message.contains("connection refused"), "{message}");
}

#[test]
fn mistakes_are_named_before_anything_is_connected() {
    let authority = authority();
    authority.sign("other", &["app"], false);
    let file = |name: &str| authority.path(name).display().to_string();
    std::fs::write(authority.path("empty.pem"), "nothing").unwrap();
    for (rest, word) in [
        (format!("?ca_file={}", file("missing.pem")), "\"ca_file\" names a file that cannot be read"),
        (format!("?ca_file={}", file("empty.pem")), "\"ca_file\""),
        (format!("?client_key={}", file("server.key")), "\"client_key\" needs its certificate"),
        (format!("?client_cert={}&client_key={}", file("server.pem"), file("other.key")), "does not belong"),
        ("?verify=maybe".to_owned(), "\"verify\" must be a switch (1 or 0) or \"ca\""),
        ("?server_name=a b".to_owned(), "\"server_name\""),
        ("?cafile=x".to_owned(), "did you mean \"ca_file\""),
    ] {
        let made = backend::from_dsn(&format!("rediss://h{rest}"), &Environment::default(), &Policy::default());
        let message = made.map(drop).unwrap_err().to_string();
        assert!(message.contains(word), "{rest}: {message}");
    }
    let plain = backend::from_dsn("redis://h?verify=0", &Environment::default(), &Policy::default());
    assert!(plain.map(drop).unwrap_err().to_string().contains("rediss://"));
}

#[test]
fn sentinels_and_their_master_over_tls() {
    let secure = secure!(authority(), "server", "no");
    let port = support::free_port();
    let options = secure.authority.server_options("server", port, "no");
    let lines: Vec<String> = options.chunks(2).map(|pair| format!("{} {}", &pair[0][2..], pair[1])).collect();
    let more = format!("{}\ntls-replication yes", lines.join("\n"));
    let _sentinel = crate::sentinels::Sentinel::start("shop", secure.port, 1, &more);
    let ca = secure.authority.path("ca.pem");
    let mut subject = store(&format!("rediss+sentinel://127.0.0.1:{port}/shop/2?ca_file={}", ca.display()));
    subject.write(sid(), b"x", HOUR).unwrap();
    assert_eq!(read(&mut *subject).unwrap(), b"x");
    assert_eq!(secure.server.client("", 2).get::<_, String>(crate::KEY).unwrap(), "x");
}

#[test]
fn a_cluster_over_tls() {
    let authority = authority();
    let port = support::free_port();
    let mut options = authority.server_options("server", port, "no");
    options.extend(["--cluster-enabled", "yes", "--cluster-port", "0", "--tls-cluster", "yes"].map(String::from));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let server = match RedisServer::start(&options) {
        Ok(server) => server,
        Err(reason) => return support::skip(module_path!(), &reason),
    };
    let mut admin = server.client("", 0);
    redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383).exec(&mut admin).unwrap();
    let is_up = |info: String| info.contains("cluster_state:ok");
    assert!(support::wait_until(PATIENCE, || is_up(redis::cmd("CLUSTER").arg("INFO").query(&mut admin).unwrap())));
    let ca = authority.path("ca.pem");
    let mut subject = store(&format!("rediss+cluster://localhost:{port}?ca_file={}&prefix=p:", ca.display()));
    subject.write(sid(), b"x", HOUR).unwrap();
    assert_eq!(read(&mut *subject).unwrap(), b"x");
    assert_eq!(admin.get::<_, String>(format!("p:{ID}")).unwrap(), "x");
}

#[test]
fn a_password_goes_to_nobody_who_was_not_verified() {
    let secure = secure!(authority(), "server", "no");
    let proxy = crate::proxy::Proxy::to(secure.port);
    let dsn = format!("rediss://user:secret@127.0.0.1:{}", proxy.port());
    let mut subject = handler(&dsn, locking(false));
    assert!(subject.read(ID.as_bytes(), Caller::Engine, HOUR).is_err());
    proxy.finish();
    assert!(!String::from_utf8_lossy(&proxy.sent()).contains("secret"));
    let calls: String = redis::cmd("INFO").arg("commandstats").query(&mut secure.server.client("", 0)).unwrap();
    assert!(!calls.contains("cmdstat_auth"), "{calls}");
}
