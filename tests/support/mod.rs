//! What integration tests share: conditions with a deadline, free ports, child processes that end
//! with their owner, and one way to say that a server is missing.
//!
//! Included by each test crate with `#[path = "../support/mod.rs"] mod support;`, which uses what it needs.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Asks until the answer is yes. False when `limit` passed first.
#[must_use]
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A folder that disappears with its owner. Short path: sockets have room for 107 bytes.
///
/// # Panics
/// When the system's folder for temporary files is not writable.
#[must_use]
pub fn temporary_folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("seshat-").tempdir().expect("a temporary folder")
}

/// A port of 127.0.0.1 on which nobody listens. Somebody else may take it before the server does:
/// a server that does not come up on it is started again on another.
///
/// # Panics
/// When the loopback interface has no port left.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}

/// A process that is killed, by its own id, and waited for when its owner goes.
pub struct Process(Child);

impl Process {
    /// Whether it is this process that listens on a port of 127.0.0.1. Two tests that asked for a free one in the same
    /// moment may have been given the same.
    #[allow(dead_code, reason = "not every test crate starts servers on ports")]
    pub fn listens_on(&self, port: u16) -> bool {
        let process = std::path::PathBuf::from(format!("/proc/{}", self.0.id()));
        // Where there is no such table nobody can tell.
        let Ok(table) = std::fs::read_to_string(process.join("net/tcp")) else { return true };
        let address = format!("0100007F:{port:04X}");
        let sockets: Vec<String> = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|words| words.get(1) == Some(&address.as_str()) && words.get(3) == Some(&"0A"))
            .filter_map(|words| words.get(9).map(|inode| format!("socket:[{inode}]")))
            .collect();
        let files = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        let mut targets = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        targets.any(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str()))
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the system cannot: most often because the program is not installed.
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        command.spawn().map(Self)
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it is still running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// Kills it without warning and waits for its end, as a crash would look to the others.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Says aloud that a test did not run, and why. Where `SESHAT_SERVERS=required` is set (as `make test` and CI
/// do) a missing server is a failure.
///
/// # Panics
/// When servers are required.
pub fn skip(test: &str, reason: &str) {
    assert!(std::env::var("SESHAT_SERVERS").as_deref() != Ok("required"), "{test}: {reason}");
    eprintln!("SKIPPED {test}: {reason}");
}
