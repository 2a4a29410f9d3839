//! Where a server listens.

use std::path::PathBuf;

/// A server's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend) enum Address {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

/// For messages.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}
