//! A blocking socket to the server, TCP, TLS or unix, with time limits and without signals.
//!
//! Sending goes through `send` rather than `write`: in a process that leaves SIGPIPE alone, a
//! closed connection would otherwise end the process.

use super::address::Address;
use super::tls::{Stream, Tls};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketType, connect, recv, send, socket, sockopt,
};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
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

/// Closed when dropped. In a forked child that says nothing to the server, because the parent's
/// descriptor keeps the connection open.
#[derive(Debug)]
pub(in crate::backend) struct Socket {
    fd: OwnedFd,
    tls: Option<Box<Stream>>,
}

impl Socket {
    /// Connects within `limit`, the handshake of TLS included, and gives later sends and receives
    /// `patience` each.
    pub(in crate::backend) fn connect(
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
        let mut socket = Self { fd, tls: None };
        match (tls, address) {
            (Some(tls), Address::Tcp { host, .. }) => socket.secure(tls, host, began + limit, patience)?,
            _ => socket.give_patience(patience)?,
        }
        Ok(socket)
    }

    /// Goes over to TLS, with the handshake done at `until`, and gives later sends and receives
    /// `patience` each. For protocols that agree upon TLS in clear text; nothing may be under way.
    pub(in crate::backend) fn secure(
        &mut self,
        tls: &Tls,
        host: &str,
        until: Instant,
        patience: Duration,
    ) -> io::Result<()> {
        let mut wire = Wire { fd: &self.fd, receiving: RecvFlags::empty(), until: Some(until) };
        self.tls = Some(Box::new(tls.connect(host, &mut wire)?));
        self.give_patience(patience)
    }

    fn give_patience(&mut self, patience: Duration) -> io::Result<()> {
        sockopt::set_socket_timeout(&self.fd, sockopt::Timeout::Send, Some(patience))?;
        self.be_patient(patience)
    }

    /// The most that one [`Socket::receive`] waits from now on.
    pub(in crate::backend) fn be_patient(&mut self, patience: Duration) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.patience = patience;
        }
        Ok(sockopt::set_socket_timeout(&self.fd, sockopt::Timeout::Recv, Some(patience))?)
    }

    /// Sends all of it. `more` says that the rest of the command follows in another call.
    pub(in crate::backend) fn send(&mut self, bytes: &[u8], more: bool) -> io::Result<()> {
        match &mut self.tls {
            None => send_all(&self.fd, bytes, if more { MORE } else { SILENT }),
            Some(tls) => tls.send(bytes, more, &mut Wire::of(&self.fd, RecvFlags::empty())),
        }
    }

    /// Appends what has arrived, waiting for at least one byte; 0 when the server has closed.
    ///
    /// A signal that interrupts the wait does not break the exchange: it goes on where it was.
    pub(in crate::backend) fn receive(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.take_in(into, RecvFlags::empty())
    }

    /// As [`Socket::receive`], without waiting: `WouldBlock` if nothing has arrived.
    pub(in crate::backend) fn receive_now(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
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
