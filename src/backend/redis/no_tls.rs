//! In the place of TLS in a build without it: nothing of it can exist.

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Verify {
    #[default]
    Full,
    Ca,
    Nothing,
}

#[derive(Debug, Default)]
#[allow(dead_code, reason = "said, and of no use here")]
pub(super) struct Wanted {
    pub(super) ca_file: Option<PathBuf>,
    pub(super) client_cert: Option<PathBuf>,
    pub(super) client_key: Option<PathBuf>,
    pub(super) server_name: Option<String>,
    pub(super) verify: Verify,
}

#[derive(Clone)]
pub(super) struct Tls(Infallible);

impl Tls {
    pub(super) fn new(_wanted: Wanted) -> Result<Self, String> {
        Err("this build of Seshat has no TLS (feature redis-tls)".into())
    }

    pub(super) fn connect<W>(&self, _host: &str, _wire: &mut W) -> io::Result<Stream> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) patience: Duration,
    none: Infallible,
}

impl Stream {
    pub(super) fn send<W>(&mut self, _bytes: &[u8], _more: bool, _wire: &mut W) -> io::Result<()> {
        match self.none {}
    }

    pub(super) fn receive<W>(&mut self, _into: &mut Vec<u8>, _wire: &mut W) -> io::Result<usize> {
        match self.none {}
    }
}

pub(super) fn explain(_cause: &io::Error) -> Option<(bool, String)> {
    None
}
