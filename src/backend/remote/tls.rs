//! TLS between the socket and the protocol.
//!
//! The handshake is part of connecting and has its limit. Afterwards a [`Stream`] stands in for the
//! plain calls: it encrypts what is sent, and hands out what was decrypted. Nothing is sent when it
//! is dropped: in a child of a fork a farewell would end the parent's connection.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore,
    SignatureScheme,
};
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How much of the server's certificate is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::backend) enum Verify {
    /// Its signatures up to a known CA, its dates, its names.
    #[default]
    Full,
    /// All but the names.
    Ca,
    /// Nothing: whoever answers is believed, and gets the password.
    Nothing,
}

/// What was said about TLS.
#[derive(Debug, Default)]
pub(in crate::backend) struct Wanted {
    pub(in crate::backend) ca_file: Option<PathBuf>,
    pub(in crate::backend) client_cert: Option<PathBuf>,
    pub(in crate::backend) client_key: Option<PathBuf>,
    pub(in crate::backend) server_name: Option<String>,
    pub(in crate::backend) verify: Verify,
}

/// How to speak TLS: made once for a store, used for each of its connections.
#[derive(Clone)]
pub(in crate::backend) struct Tls {
    /// `None`: the system's, read when they are first needed.
    roots: Option<Arc<RootCertStore>>,
    verify: Verify,
    identity: Arc<Identity>,
    name: Option<ServerName<'static>>,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Tls {
    /// Reads the files. The error is a sentence about one of them.
    pub(in crate::backend) fn new(wanted: Wanted) -> Result<Self, String> {
        let roots = wanted.ca_file.as_deref().map(roots_of).transpose()?.map(Arc::new);
        let key = match (&wanted.client_cert, &wanted.client_key) {
            (Some(cert), key) => Some(Arc::new(certified_key(cert, key.as_deref().unwrap_or(cert))?)),
            (None, None) => None,
            (None, Some(_)) => return Err("option \"client_key\" needs its certificate, option \"client_cert\"".into()),
        };
        let name = wanted.server_name.map(|name| {
            ServerName::try_from(name)
                .map_err(|_| "option \"server_name\" must be a host name or an address".to_owned())
        });
        Ok(Self {
            roots,
            verify: wanted.verify,
            identity: Arc::new(Identity { key, asked: AtomicBool::new(false) }),
            name: name.transpose()?,
            config: Arc::default(),
        })
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Trouble> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = builder.map_err(Trouble::Tls)?;
        let roots = match (&self.roots, self.verify) {
            (_, Verify::Nothing) => None,
            (Some(roots), _) => Some(Arc::clone(roots)),
            (None, _) => Some(system_roots().ok_or(Trouble::NoRoots)?),
        };
        let builder = match (roots, self.verify) {
            (Some(roots), Verify::Full) => builder.with_root_certificates(roots),
            (roots, _) => {
                let chain = roots
                    .map(|roots| WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build());
                let chain = chain.transpose().map_err(|_| Trouble::NoRoots)?;
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { chain, provider }))
            }
        };
        let identity = Arc::clone(&self.identity) as Arc<dyn ResolvesClientCert>;
        let config = Arc::new(builder.with_client_cert_resolver(identity));
        Ok(Arc::clone(self.config.get_or_init(|| config)))
    }

    /// For a driver that shakes hands itself.
    #[cfg(feature = "aerospike")]
    pub(in crate::backend) fn client_config(&self) -> io::Result<Arc<ClientConfig>> {
        self.config().map_err(Trouble::into_io)
    }

    /// Shakes hands over a connected socket. `wire` sends and receives and gives up at the limit.
    pub(in crate::backend) fn connect(&self, host: &str, wire: &mut (impl Read + Write)) -> io::Result<Stream> {
        let config = self.config().map_err(Trouble::into_io)?;
        let name = match &self.name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.to_owned()).map_err(|_| Trouble::NoName.into_io())?,
        };
        let tls = ClientConnection::new(config, name).map_err(|error| Trouble::Tls(error).into_io())?;
        let mut stream =
            Stream { tls, identity: Arc::clone(&self.identity), patience: Duration::ZERO, has_heard: false };
        stream.shake_hands(wire).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Trouble::Silence.into_io(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                Trouble::HungUp.into_io()
            }
            _ => error,
        })?;
        Ok(stream)
    }
}

/// A connection after its handshake.
pub(in crate::backend) struct Stream {
    tls: ClientConnection,
    identity: Arc<Identity>,
    /// The most that one [`Stream::receive`] takes.
    pub(in crate::backend) patience: Duration,
    has_heard: bool,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

impl Stream {
    fn shake_hands(&mut self, wire: &mut (impl Read + Write)) -> io::Result<()> {
        while self.tls.is_handshaking() {
            self.flush(wire)?;
            if self.tls.is_handshaking() {
                self.take_in(wire)?;
            }
        }
        self.flush(wire)
    }

    /// Reads and decrypts what is there. False at the end of the stream.
    fn take_in(&mut self, wire: &mut (impl Read + Write)) -> io::Result<bool> {
        if self.tls.read_tls(wire)? == 0 {
            return if self.tls.is_handshaking() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(false) };
        }
        if let Err(error) = self.tls.process_new_packets() {
            // The server is told why, if it still listens.
            let _ = self.flush(wire);
            return Err(Trouble::Tls(error).into_io());
        }
        if self.tls.wants_write() {
            self.flush(wire)?;
        }
        Ok(true)
    }

    fn flush(&mut self, wire: &mut impl Write) -> io::Result<()> {
        while self.tls.wants_write() {
            if self.tls.write_tls(wire)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Encrypts and sends all of it. `more`: it may wait for what follows.
    pub(in crate::backend) fn send(&mut self, mut bytes: &[u8], more: bool, wire: &mut impl Write) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = self.tls.writer().write(bytes)?;
            bytes = bytes.get(taken..).unwrap_or_default();
            if !bytes.is_empty() {
                self.flush(wire).map_err(|error| self.explained(error))?;
            }
        }
        if more { Ok(()) } else { self.flush(wire).map_err(|error| self.explained(error)) }
    }

    /// Appends what was decrypted; 0 when the server has closed.
    pub(in crate::backend) fn receive(
        &mut self,
        into: &mut Vec<u8>,
        wire: &mut (impl Read + Write),
    ) -> io::Result<usize> {
        let began = Instant::now();
        loop {
            let mut reader = self.tls.reader();
            match reader.fill_buf() {
                Ok([]) => return self.at_the_end(),
                Ok(bytes) => {
                    let length = bytes.len();
                    into.extend_from_slice(bytes);
                    reader.consume(length);
                    self.has_heard = true;
                    return Ok(length);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Some servers hang up without a farewell.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return self.at_the_end(),
                Err(error) => return Err(error),
            }
            if began.elapsed() > self.patience {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.take_in(wire) {
                Ok(true) => {}
                Ok(false) => return self.at_the_end(),
                Err(error) => return Err(self.explained(error)),
            }
        }
    }

    fn at_the_end(&self) -> io::Result<usize> {
        match self.refusal() {
            Some(trouble) => Err(trouble.into_io()),
            None => Ok(0),
        }
    }

    /// A server judges the client's certificate when the client thinks that all is well, and its
    /// reason may be lost when it hangs up.
    fn refusal(&self) -> Option<Trouble> {
        let asked = self.identity.asked.load(Ordering::Relaxed);
        (asked && !self.has_heard).then(|| Trouble::Client { had_one: self.identity.key.is_some() })
    }

    fn explained(&self, error: io::Error) -> io::Error {
        let hung_up = matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe);
        match self.refusal() {
            Some(trouble) if hung_up => trouble.into_io(),
            _ => error,
        }
    }
}

/// What can be wrong with TLS.
#[derive(Debug)]
enum Trouble {
    Tls(rustls::Error),
    NoRoots,
    NoName,
    /// Nothing came within the limit.
    Silence,
    /// The server hung up in the middle of the handshake.
    HungUp,
    /// The server asked for a certificate, and hung up after it had, or had not, got one.
    Client {
        had_one: bool,
    },
}

impl Trouble {
    fn into_io(self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, self)
    }
}

impl std::error::Error for Trouble {}

/// Whole sentences: nothing is added to them but the place.
impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use CertificateError as Wrong;
        use rustls::Error as Tls;
        const WANTED: &str = "the server wants a client certificate (client_cert, client_key)";
        const REFUSED: &str = "the server refused the client certificate (client_cert)";
        const NO_TLS: &str = "does the server speak TLS on this port?";
        f.write_str(match self {
            Self::NoRoots => "this system has no CA certificates (package ca-certificates); name yours with ca_file",
            Self::NoName => "the host is no name that a certificate can have; say which it has with server_name",
            Self::Silence => return write!(f, "no TLS handshake within the limit (connect_timeout): {NO_TLS}"),
            Self::HungUp => return write!(f, "the server hung up during the TLS handshake: {NO_TLS}"),
            Self::Client { had_one: true } => REFUSED,
            Self::Client { had_one: false } => WANTED,
            Self::Tls(Tls::InvalidMessage(_)) => "what answers there does not speak TLS; connect without it",
            Self::Tls(Tls::InvalidCertificate(wrong)) => match wrong {
                // A CA of the same name with another key.
                Wrong::UnknownIssuer | Wrong::BadSignature => {
                    "the server's certificate is of a CA that is not known here (ca_file)"
                }
                Wrong::Expired | Wrong::ExpiredContext { .. } => "the server's certificate has expired",
                Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "the server's certificate is not valid yet",
                Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
                    "the server's certificate is for another name (server_name says which name it has)"
                }
                Wrong::Revoked => "the server's certificate was revoked",
                Wrong::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                    "the server's certificate is a CA's own; a server needs one that a CA signed"
                }
                Wrong::Other(other) if format!("{other:?}").contains("UnsupportedCertVersion") => {
                    "the server's certificate is of X.509's first version; a server needs one of the third, with names"
                }
                other => return write!(f, "the server's certificate is not accepted: {other:?}"),
            },
            Self::Tls(Tls::AlertReceived(alert)) => match alert {
                AlertDescription::CertificateRequired => WANTED,
                AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateRevoked
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::DecryptError
                | AlertDescription::AccessDenied => REFUSED,
                AlertDescription::ProtocolVersion => "the server speaks no version of TLS that is safe (1.2 or 1.3)",
                alert => return write!(f, "the server ended the TLS handshake: {alert:?}"),
            },
            Self::Tls(error) => return write!(f, "TLS failed: {error}"),
        })
    }
}

/// Says what went wrong, if it was TLS, and whether it took too long.
pub(in crate::backend) fn explain(cause: &io::Error) -> Option<(bool, String)> {
    let trouble = cause.get_ref()?.downcast_ref::<Trouble>()?;
    Some((matches!(trouble, Trouble::Silence), trouble.to_string()))
}

/// The client's certificate, if it has one.
#[derive(Debug)]
struct Identity {
    key: Option<Arc<CertifiedKey>>,
    /// Whether a server asked for it.
    asked: AtomicBool,
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

/// A verifier that overlooks something. The proof that the server has its certificate's key stays.
#[derive(Debug)]
struct Lenient {
    /// `None`: any certificate will do.
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The system's, read once for the process.
fn system_roots() -> Option<Arc<RootCertStore>> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    (!roots.is_empty()).then(|| Arc::clone(roots))
}

fn roots_of(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates("ca_file", file)?);
    if roots.is_empty() { Err("option \"ca_file\" names a file without a certificate".into()) } else { Ok(roots) }
}

fn certificates(option: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let certificates: Vec<_> = read.map_err(|error| unreadable(option, &error))?;
    if certificates.is_empty() {
        return Err(format!("option \"{option}\" must name a file with a certificate in PEM form"));
    }
    Ok(certificates)
}

fn certified_key(cert: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let chain = certificates("client_cert", cert)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("client_key", &error))?;
    let key = ring::default_provider()
        .key_provider
        .load_private_key(key)
        .map_err(|_| "option \"client_key\" must name a file with an RSA, ECDSA or Ed25519 key".to_owned())?;
    let certified = CertifiedKey::new(chain, key);
    // Whether they belong together cannot be told of a certificate of X.509's first version, which is what
    // `openssl x509 -req` makes without extensions. The server decides.
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            Err("option \"client_key\" does not belong to the certificate in \"client_cert\"".to_owned())
        }
        _ => Ok(certified),
    }
}

fn unreadable(option: &str, error: &pem::Error) -> String {
    match error {
        pem::Error::Io(cause) => {
            let why = match cause.kind() {
                io::ErrorKind::NotFound => "there is none".to_owned(),
                kind => kind.to_string(),
            };
            format!("option \"{option}\" names a file that cannot be read ({why})")
        }
        _ => format!("option \"{option}\" must name a file in PEM form"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl x509 -req -signkey`, without extensions.
    const FIRST_VERSION: &str = "\
-----BEGIN CERTIFICATE-----
MIIBFjCBvQIUeSL16FSIKEl//Gx9GIzR4YUuRLwwCgYIKoZIzj0EAwIwDTELMAkG
A1UEAwwCdjEwIBcNMjYxMTIyMjMyNzQxWhgPMjEyNjEwMjkyMzI3NDFaMA0xCzAJ
BgNVBAMMAnYxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwpVwM6yeu9+NP3/I
lqcsB4rSeavAvX3z7ACnom9wTIy13x07OnXUsf6qXLwF52UYquqGleYDP3L4+o0O
L6+pBTAKBggqhkjOPQQDAgNIADBFAiEAvwwdzQGQZ9asQ3BVwvrH/JOtT0jcWfms
Xz16c8CrPzgCIG3eVr7CK50eHuZHd8lTn02gzNszYAFlOaOZp0x9GrPQ
-----END CERTIFICATE-----
";
    const ITS_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQL/Z38XC6thfHhev
FkoId77psW83tJq/yHtdNRbe4/yhRANCAATClXAzrJ67340/f8iWpywHitJ5q8C9
ffPsAKeib3BMjLXfHTs6ddSx/qpcvAXnZRiq6oaV5gM/cvj6jQ4vr6kF
-----END PRIVATE KEY-----
";

    #[test]
    fn a_client_s_certificate_of_the_first_version_is_used_and_a_foreign_key_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (cert, key) = (file("cert.pem", FIRST_VERSION), file("key.pem", ITS_KEY));
        assert!(certified_key(&cert, &key).is_ok());
        let text = ITS_KEY.replace("PRIVATE KEY", "EC PRIVATE KEY");
        let told = certified_key(&cert, &file("other.pem", &text)).unwrap_err();
        assert_eq!(told, "option \"client_key\" must name a file with an RSA, ECDSA or Ed25519 key");
    }

    #[test]
    fn a_server_s_certificate_of_the_first_version_is_told_as_such() {
        let certificate = CertificateDer::from_pem_slice(FIRST_VERSION.as_bytes()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build().unwrap();
        let name = ServerName::try_from("v1").unwrap();
        let error = verifier.verify_server_cert(&certificate, &[], &name, &[], UnixTime::now()).unwrap_err();
        let told = Trouble::Tls(error).to_string();
        assert!(told.contains("first version"), "{told}");
    }
}
