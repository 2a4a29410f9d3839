//! A blocking socket to the server, TCP or unix, with time limits and without signals.
//!
//! Sending goes through `send` rather than `write`: in a process that leaves SIGPIPE alone, a
//! closed connection would otherwise end the process.

use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketType, connect, recv, send, socket, sockopt,
};
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[cfg(target_vendor = "apple")]
const SILENT: SendFlags = SendFlags::empty();
#[cfg(not(target_vendor = "apple"))]
const SILENT: SendFlags = SendFlags::NOSIGNAL;

/// "More follows": keeps a header out of a packet of its own.
#[cfg(target_os = "linux")]
const MORE: SendFlags = SILENT.union(SendFlags::MORE);
#[cfg(not(target_os = "linux"))]
const MORE: SendFlags = SILENT;

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
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

/// Closed when dropped. In a forked child that says nothing to the server, because the parent's
/// descriptor keeps the connection open.
#[derive(Debug)]
pub(super) struct Socket(OwnedFd);

impl Socket {
    /// Connects within `limit` and gives later sends and receives `patience` each.
    pub(super) fn connect(address: &Address, limit: Duration, patience: Duration) -> io::Result<Self> {
        let socket = match address {
            Address::Tcp { host, port } => Self(connect_tcp(host, *port, limit)?),
            Address::Unix(path) => {
                let fd = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
                rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
                #[cfg(target_vendor = "apple")]
                sockopt::set_socket_nosigpipe(&fd, true)?;
                // A unix socket is waited for only when the server's backlog is full, and then the
                // send limit counts.
                sockopt::set_socket_timeout(&fd, sockopt::Timeout::Send, Some(limit))?;
                connect(&fd, &SocketAddrUnix::new(path)?)?;
                Self(fd)
            }
        };
        sockopt::set_socket_timeout(&socket.0, sockopt::Timeout::Send, Some(patience))?;
        sockopt::set_socket_timeout(&socket.0, sockopt::Timeout::Recv, Some(patience))?;
        Ok(socket)
    }

    /// Sends all of it. `more` says that the rest of the command follows in another call.
    pub(super) fn send(&self, mut bytes: &[u8], more: bool) -> io::Result<()> {
        while !bytes.is_empty() {
            match send(&self.0, bytes, if more { MORE } else { SILENT }) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Appends what has arrived, waiting for at least one byte; 0 when the server has closed.
    ///
    /// A signal that interrupts the wait does not break the exchange: it goes on where it was.
    pub(super) fn receive(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            match recv(&self.0, spare_capacity(into), RecvFlags::empty()) {
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?.0),
            }
        }
    }

    /// As [`Socket::receive`], without waiting: `WouldBlock` if nothing has arrived.
    pub(super) fn receive_now(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        Ok(recv(&self.0, spare_capacity(into), RecvFlags::DONTWAIT)?.0)
    }
}

/// Tries the host's addresses in turn, all within the one limit.
fn connect_tcp(host: &str, port: u16, limit: Duration) -> io::Result<OwnedFd> {
    let started = Instant::now();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for address in (host, port).to_socket_addrs()? {
        let Some(left) = limit.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) else {
            return Err(io::ErrorKind::TimedOut.into());
        };
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream.into());
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
