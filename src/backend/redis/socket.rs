//! A blocking socket to the server, TCP, TLS or unix, with time limits and without signals.
//!
//! Sending goes through `send` rather than `write`: in a process that leaves SIGPIPE alone, a
//! closed connection would otherwise end the process.

use super::tls::{Stream, Tls};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketType, connect, recv, send, socket, sockopt,
};
use std::io::{self, Read, Write};
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

impl Default for Address {
    fn default() -> Self {
        Self::Tcp { host: "127.0.0.1".to_owned(), port: 6379 }
    }
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
pub(super) struct Socket {
    fd: OwnedFd,
    tls: Option<Box<Stream>>,
}

impl Socket {
    /// Connects within `limit`, the handshake of TLS included, and gives later sends and receives
    /// `patience` each.
    pub(super) fn connect(
        address: &Address,
        tls: Option<&Tls>,
        limit: Duration,
        patience: Duration,
    ) -> io::Result<Self> {
        let began = Instant::now();
        let fd = match address {
            Address::Tcp { host, port } => connect_tcp(host, *port, limit)?,
            Address::Unix(path) => {
                let fd = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
                rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
                #[cfg(target_vendor = "apple")]
                sockopt::set_socket_nosigpipe(&fd, true)?;
                // A unix socket is waited for only when the server's backlog is full, and then the
                // send limit counts.
                sockopt::set_socket_timeout(&fd, sockopt::Timeout::Send, Some(limit))?;
                connect(&fd, &SocketAddrUnix::new(path)?)?;
                fd
            }
        };
        let tls = match (tls, address) {
            (Some(tls), Address::Tcp { host, .. }) => {
                let mut wire = Wire { fd: &fd, receiving: RecvFlags::empty(), until: Some(began + limit) };
                Some(Box::new(tls.connect(host, &mut wire)?))
            }
            _ => None,
        };
        let mut socket = Self { fd, tls };
        sockopt::set_socket_timeout(&socket.fd, sockopt::Timeout::Send, Some(patience))?;
        socket.be_patient(patience)?;
        Ok(socket)
    }

    /// The most that one [`Socket::receive`] waits from now on.
    pub(super) fn be_patient(&mut self, patience: Duration) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.patience = patience;
        }
        Ok(sockopt::set_socket_timeout(&self.fd, sockopt::Timeout::Recv, Some(patience))?)
    }

    /// Sends all of it. `more` says that the rest of the command follows in another call.
    pub(super) fn send(&mut self, bytes: &[u8], more: bool) -> io::Result<()> {
        match &mut self.tls {
            None => send_all(&self.fd, bytes, if more { MORE } else { SILENT }),
            Some(tls) => tls.send(bytes, more, &mut Wire::of(&self.fd, RecvFlags::empty())),
        }
    }

    /// Appends what has arrived, waiting for at least one byte; 0 when the server has closed.
    ///
    /// A signal that interrupts the wait does not break the exchange: it goes on where it was.
    pub(super) fn receive(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.take_in(into, RecvFlags::empty())
    }

    /// As [`Socket::receive`], without waiting: `WouldBlock` if nothing has arrived.
    pub(super) fn receive_now(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.take_in(into, RecvFlags::DONTWAIT)
    }

    fn take_in(&mut self, into: &mut Vec<u8>, flags: RecvFlags) -> io::Result<usize> {
        if let Some(tls) = &mut self.tls {
            return tls.receive(into, &mut Wire::of(&self.fd, flags));
        }
        loop {
            match recv(&self.fd, spare_capacity(into), flags) {
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?.0),
            }
        }
    }
}

/// As `Write::write_all`, without what a limit of time costs.
fn send_all(fd: &OwnedFd, mut rest: &[u8], flags: SendFlags) -> io::Result<()> {
    while !rest.is_empty() {
        match send(fd, rest, flags) {
            Ok(sent) if sent == rest.len() => return Ok(()),
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// The bare socket, to read from and to write to.
struct Wire<'a> {
    fd: &'a OwnedFd,
    receiving: RecvFlags,
    /// When all of it must be over; without, each call has the socket's own limit.
    until: Option<Instant>,
}

impl<'a> Wire<'a> {
    fn of(fd: &'a OwnedFd, receiving: RecvFlags) -> Self {
        Self { fd, receiving, until: None }
    }

    fn limit(&self, which: sockopt::Timeout) -> io::Result<()> {
        let Some(until) = self.until else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left < Duration::from_millis(1) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(sockopt::set_socket_timeout(self.fd, which, Some(left))?)
    }
}

impl Read for Wire<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.limit(sockopt::Timeout::Recv)?;
        loop {
            match recv(self.fd, &mut *into, self.receiving) {
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?.0),
            }
        }
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.limit(sockopt::Timeout::Send)?;
        loop {
            match send(self.fd, bytes, SILENT) {
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
