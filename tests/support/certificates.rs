//! Certificates of the test's own: a CA, and what it signs, as PEM files in a temporary folder.

use crate::support;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use std::path::PathBuf;

/// A CA and its folder.
pub struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new CA; its certificate is `ca.pem`.
    ///
    /// # Panics
    /// When it cannot be made or written.
    pub fn new() -> Self {
        let folder = support::temporary_folder();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "a test's CA");
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    /// Signs a certificate for these names: `NAME.pem` and `NAME.key`. One that has expired ran out
    /// years ago.
    ///
    /// # Panics
    /// As [`Authority::new`].
    pub fn sign(&self, name: &str, hosts: &[&str], expired: bool) {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path(&format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// A file of the folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// What a redis-server is started with to speak TLS on that port.
    pub fn server_options(&self, certificate: &str, port: u16, clients: &str) -> Vec<String> {
        let file = |name: String| self.path(&name).display().to_string();
        [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", file(format!("{certificate}.pem"))),
            ("--tls-key-file", file(format!("{certificate}.key"))),
            ("--tls-ca-cert-file", file("ca.pem".into())),
            ("--tls-auth-clients", clients.to_owned()),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value])
        .collect()
    }
}
