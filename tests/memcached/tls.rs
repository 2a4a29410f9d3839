//! `memcacheds://`, against memcached's own TLS. What can be wrong with certificates is the same for all
//! stores and is tested with Redis.

use crate::certificates::Authority;
use crate::memcached_server::MemcachedServer;
use crate::{HOUR, read, server, sid, store, support};
use seshat::error::Kind;
use std::time::{Duration, Instant};

fn start(authority: &Authority, more: &[&str]) -> Result<MemcachedServer, String> {
    let file = |name: &str| authority.path(name).display().to_string();
    let options = format!("ssl_chain_cert={},ssl_key={}", file("server.pem"), file("server.key"));
    let mut all = vec!["-Z", "-o", &options];
    all.extend_from_slice(more);
    MemcachedServer::start(&all)
}

fn authority() -> Authority {
    let authority = Authority::new();
    authority.sign("server", &["localhost", "127.0.0.1"], false);
    authority
}

#[test]
fn sessions_over_tls_in_both_dialects_and_both_ways_to_ask_for_it() {
    let authority = authority();
    let server = match start(&authority, &[]) {
        Ok(server) => server,
        Err(reason) => return support::skip(module_path!(), &reason),
    };
    let ca = authority.path("ca.pem").display().to_string();
    for scheme in ["memcacheds", "memcached"] {
        for dialect in ["meta", "text", "binary", "auto"] {
            let port = server.port();
            let mut one = store(&format!("{scheme}://127.0.0.1:{port}?tls=1&ca_file={ca}&protocol={dialect}"));
            for length in [0, 10, 17_000, 500_000] {
                let data = vec![b'x'; length];
                one.write(sid(), &data, HOUR).unwrap();
                assert_eq!(read(&mut *one).unwrap(), data);
            }
        }
    }
}

#[test]
fn what_is_wrong_is_said() {
    let authority = authority();
    let server = match start(&authority, &[]) {
        Ok(server) => server,
        Err(reason) => return support::skip(module_path!(), &reason),
    };
    let plain = server!();
    let ca = authority.path("ca.pem").display().to_string();
    let (port, bare) = (server.port(), plain.port());
    let limits = "&read_timeout=2s&connect_timeout=2s";
    for (dsn, kind, word) in [
        (format!("memcacheds://127.0.0.1:{port}?{limits}"), Kind::Denied, "not known here (ca_file)"),
        (
            format!("memcacheds://127.0.0.1:{port}?ca_file={ca}&server_name=other.example{limits}"),
            Kind::Denied,
            "another name",
        ),
        (format!("memcached://127.0.0.1:{port}?protocol=auto{limits}"), Kind::Timeout, "perhaps it wants TLS"),
        (format!("memcached://127.0.0.1:{port}?protocol=meta{limits}"), Kind::Unavailable, "perhaps it wants TLS"),
        (format!("memcacheds://127.0.0.1:{bare}?ca_file={ca}{limits}"), Kind::Denied, "speak TLS"),
    ] {
        let began = Instant::now();
        let error = store(&dsn).read(sid(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), kind, "{dsn}: {error}");
        assert!(error.to_string().contains(word), "{dsn}: {error}");
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}
