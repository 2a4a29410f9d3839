//! In the place of TLS in a build without it: nothing of it can exist.

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Copy, Debug, Default)]
pub(in crate::backend) enum Verify {
    #[default]
    Full,
    Ca,
    Nothing,
}

#[derive(Debug, Default)]
#[allow(dead_code, reason = "said, and of no use here")]
pub(in crate::backend) struct Wanted {
    pub(in crate::backend) ca_file: Option<PathBuf>,
    pub(in crate::backend) client_cert: Option<PathBuf>,
    pub(in crate::backend) client_key: Option<PathBuf>,
    pub(in crate::backend) server_name: Option<String>,
    pub(in crate::backend) verify: Verify,
}

#[derive(Clone)]
pub(in crate::backend) struct Tls(Infallible);

impl Tls {
    pub(in crate::backend) fn new(_wanted: Wanted) -> Result<Self, String> {
        Err("this build of Seshat has no TLS (feature tls)".into())
    }

    pub(in crate::backend) fn connect<W>(&self, _host: &str, _wire: &mut W) -> io::Result<Stream> {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(in crate::backend) struct Stream {
    pub(in crate::backend) patience: Duration,
    none: Infallible,
}

impl Stream {
    pub(in crate::backend) fn send<W>(&mut self, _bytes: &[u8], _more: bool, _wire: &mut W) -> io::Result<()> {
        match self.none {}
    }

    pub(in crate::backend) fn receive<W>(&mut self, _into: &mut Vec<u8>, _wire: &mut W) -> io::Result<usize> {
        match self.none {}
    }
}

pub(in crate::backend) fn explain(_cause: &io::Error) -> Option<(bool, String)> {
    None
}
