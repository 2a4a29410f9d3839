//! Sentinels of the test's own, each on a free port with a folder of its own.

use crate::support::{self, Process};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A sentinel, gone with its owner.
pub struct Sentinel {
    _folder: tempfile::TempDir,
    port: u16,
    _process: Process,
}

impl Sentinel {
    /// Starts one that watches over the master `name` on that port of 127.0.0.1 and takes it for
    /// dead after half a second. `more` is what else its configuration says.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(name: &str, master: u16, quorum: u32, more: &str) -> Self {
        for _ in 0..5 {
            let folder = support::temporary_folder();
            let port = support::free_port();
            let file = folder.path().join("sentinel.conf");
            let text = format!(
                "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {name} 127.0.0.1 {master} {quorum}\n\
                 sentinel down-after-milliseconds {name} 500\nsentinel failover-timeout {name} 3000\n{more}\n",
                folder.path().display()
            );
            std::fs::write(&file, text).unwrap();
            let mut command = Command::new("redis-server");
            command.arg(&file).arg("--sentinel");
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut process = Process::start(&mut command).unwrap();
            let listens = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            if support::wait_until(Duration::from_secs(20), || listens() || !process.is_running())
                && process.is_running()
            {
                return Self { _folder: folder, port, _process: process };
            }
        }
        panic!("the sentinel did not come up");
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Another project's client.
    ///
    /// # Panics
    /// When the sentinel does not answer.
    pub fn client(&self) -> redis::Connection {
        redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap().get_connection().unwrap()
    }
}
