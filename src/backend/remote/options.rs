//! The options that every store on a server has in common: limits of time, a socket's path, TLS.

use super::address::Address;
use super::tls::{Tls, Verify, Wanted};
use crate::backend::Environment;
use crate::error::{Error, Result};
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use std::path::PathBuf;
use std::time::Duration;

/// Longer ones are cut to it.
pub(in crate::backend) const LONGEST_TIMEOUT: Duration = Duration::from_secs(86_400);

/// A limit of time of at least a millisecond.
pub(in crate::backend) fn timeout(reader: &mut Reader, names: &[&'static str], default: Duration) -> Duration {
    let Some(said) = reader.duration(names) else { return default };
    if said < Duration::from_millis(1) {
        let name = names.first().copied().unwrap_or_default();
        reader.mistake(format!("option \"{name}\" must be at least 1 millisecond"));
        return default;
    }
    said.min(LONGEST_TIMEOUT)
}

/// The unix socket that a DSN names. `example` is a whole one.
pub(in crate::backend) fn socket(dsn: &Dsn, example: &str) -> Result<Address> {
    if !dsn.host.is_empty() || dsn.port.is_some() {
        let scheme = &dsn.scheme;
        let reason = format!("the DSN of a unix socket has no host; write {scheme}:///PATH with three slashes");
        return Err(Error::config(reason));
    }
    if dsn.path.is_empty() || dsn.path.ends_with('/') || dsn.path.contains('\0') {
        return Err(Error::config(format!("the DSN of a unix socket needs its path: {example}")));
    }
    Ok(Address::Unix(dsn.path.clone().into()))
}

/// The options of TLS, as they were said.
#[derive(Clone, Default)]
pub(in crate::backend) struct Security {
    ca_file: Option<String>,
    client_cert: Option<String>,
    client_key: Option<String>,
    server_name: Option<String>,
    verify: Option<Verify>,
}

impl Security {
    /// What is not said here is as it was said `otherwise`.
    pub(in crate::backend) fn take(reader: &mut Reader, otherwise: Self) -> Self {
        let verify = reader.switch_or(&["verify"], "ca").map(|said| match said {
            Some(true) => Verify::Full,
            Some(false) => Verify::Nothing,
            None => Verify::Ca,
        });
        Self {
            ca_file: reader.text(&["ca_file"]).or(otherwise.ca_file),
            client_cert: reader.text(&["client_cert"]).or(otherwise.client_cert),
            client_key: reader.text(&["client_key"]).or(otherwise.client_key),
            server_name: reader.text(&["server_name"]).or(otherwise.server_name),
            verify: verify.or(otherwise.verify),
        }
    }

    /// The name in the server's certificate, if it was said.
    #[cfg(feature = "aerospike")]
    pub(in crate::backend) fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// For a connection without TLS: says so if any of it was said. `how` asks for TLS.
    pub(in crate::backend) fn refuse(&self, reader: &mut Reader, how: &str) {
        let texts = [&self.ca_file, &self.client_cert, &self.client_key, &self.server_name];
        if texts.iter().any(|text| text.is_some()) || self.verify.is_some() {
            reader.mistake(format!(
                "ca_file, client_cert, client_key, server_name and verify are for TLS, which {how} asks for"
            ));
        }
    }

    /// Reads the files.
    pub(in crate::backend) fn read(self, reader: &mut Reader, environment: &Environment) -> Result<Tls> {
        let mut path = |option: &str, said: Option<String>| {
            let path = PathBuf::from(said?);
            if !(environment.allow_path)(&path) {
                reader.mistake(format!("option \"{option}\" names a file that open_basedir does not allow"));
                return None;
            }
            Some(path)
        };
        let wanted = Wanted {
            ca_file: path("ca_file", self.ca_file),
            client_cert: path("client_cert", self.client_cert),
            client_key: path("client_key", self.client_key),
            server_name: self.server_name,
            verify: self.verify.unwrap_or_default(),
        };
        Tls::new(wanted).map_err(Error::config)
    }
}
