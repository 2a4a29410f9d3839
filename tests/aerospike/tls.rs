//! TLS, which the stand-in does not speak: a proxy in front of it does.

use crate::aerospike_stand_in::StandIn;
use crate::certificates::Authority;
use crate::{HOUR, read, sid, store};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use seshat::error::Kind;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

/// Takes frames (eight bytes with the length of what follows) in TLS and hands them on in the clear.
fn proxy(authority: &Authority, name: &str, server: u16) -> u16 {
    let certificate = CertificateDer::from_pem_file(authority.path(&format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(authority.path(&format!("{name}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let (Ok(tls), Ok(mut server)) =
                    (ServerConnection::new(config), TcpStream::connect((Ipv4Addr::LOCALHOST, server)))
                else {
                    return;
                };
                let mut client = StreamOwned::new(tls, client);
                while hand_on(&mut client, &mut server).is_ok() && hand_on(&mut server, &mut client).is_ok() {}
            });
        }
    });
    port
}

fn hand_on(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let mut frame = vec![0; 8];
    from.read_exact(&mut frame)?;
    let length = frame[2..].iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    frame.resize(8 + length, 0);
    from.read_exact(&mut frame[8..])?;
    to.write_all(&frame)?;
    to.flush()
}

#[test]
fn a_cluster_is_known_by_its_certificate() {
    let server = StandIn::usual();
    let authority = Authority::new();
    authority.sign("server", &["cluster.example"], false);
    let port = proxy(&authority, "server", server.port(0));
    let dsn = |more: &str| format!("aerospike://127.0.0.1:{port}/test?timeout=3s{more}");
    let ca = format!("&tls=1&ca_file={}", authority.path("ca.pem").display());
    let mut one = store(&dsn(&format!("{ca}&server_name=cluster.example")));
    one.write(sid(), b"in secret", HOUR).unwrap();
    assert_eq!(read(&mut *one).unwrap(), b"in secret");
    assert_eq!(read(&mut *store(&dsn(&format!("{ca}&verify=ca")))).unwrap(), b"in secret");
    assert_eq!(read(&mut *store(&dsn("&tls=1&verify=0"))).unwrap(), b"in secret");
    // Another name, another authority, and no TLS at all.
    let other = Authority::new();
    let stranger = format!("&tls=1&ca_file={}&server_name=cluster.example", other.path("ca.pem").display());
    for more in [ca.as_str(), &stranger] {
        let error = store(&dsn(more)).read(sid(), &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    let error = store(&dsn("")).read(sid(), &mut Vec::new()).unwrap_err();
    assert!(error.is_outage(), "{error}");
}
