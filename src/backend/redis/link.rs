//! One server: the kept connection to it, and what is known of the server behind it.

use super::client::Settings;
use super::connection::{Connection, Resp};
use crate::backend::remote::address::Address;
use crate::backend::remote::socket::Socket;
use std::io;
use std::time::{Duration, Instant};

/// A connection is made when it is needed and kept until it is of no use.
pub(super) struct Link {
    pub(super) address: Address,
    pub(super) connection: Option<Connection>,
    /// The connection is new and was not set up yet.
    pub(super) unsent: bool,
    /// The last thing heard was a refusal, perhaps a late one: the next end of a session waits for its
    /// answer, so that there is somebody to tell.
    pub(super) doubtful: bool,
    /// A late answer was that the server does not know the script.
    pub(super) forgotten: bool,
    /// The server has carried out the script over this connection. Before that it may not know it,
    /// since a lock can be taken without, and a call that nobody waits for would come to nothing.
    pub(super) knows_script: bool,
}

impl Link {
    pub(super) fn to(address: Address) -> Self {
        Self { address, connection: None, unsent: false, doubtful: false, forgotten: false, knows_script: false }
    }

    /// Whether a command, sent `now`, may go over the connection that is there.
    pub(super) fn is_usable(&mut self, now: Instant) -> bool {
        self.connection.as_mut().is_some_and(|connection| connection.is_ours() && connection.is_usable(now))
    }

    /// Connects. What was there is closed before with [`Link::close`].
    pub(super) fn open(&mut self, settings: &Settings) -> io::Result<()> {
        let socket = self.socket(settings, settings.connect_timeout, settings.read_timeout)?;
        self.connection = Some(Connection::new(socket, Resp::default()));
        self.unsent = true;
        // Behind the address may be a server that was started again since.
        self.knows_script = false;
        Ok(())
    }

    pub(super) fn socket(&self, settings: &Settings, limit: Duration, patience: Duration) -> io::Result<Socket> {
        Socket::connect(&self.address, settings.tls.as_ref(), limit, patience)
    }

    /// Closes the connection. True if a command that was not waited for failed, or may have.
    pub(super) fn close(&mut self) -> bool {
        self.connection.take().is_some_and(|connection| connection.is_unsettled())
    }

    /// Takes note of what late answers said. True if a command that was not waited for failed.
    pub(super) fn take_late(&mut self) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        let late = connection.take_late();
        self.forgotten |= late.no_script;
        self.knows_script &= !late.no_script;
        self.doubtful |= late.failed;
        late.failed
    }

    /// Before commands go elsewhere: takes in the answers that nobody waited for, without waiting.
    /// True if one was a failure, or has not come.
    pub(super) fn leave(&mut self) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        if !connection.is_ours() || (connection.is_unsettled() && !connection.is_quiet()) {
            return self.close();
        }
        let owes = connection.is_unsettled();
        self.take_late() || owes
    }
}
