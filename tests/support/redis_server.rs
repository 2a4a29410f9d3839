//! A redis-server of the test's own, on a free port of 127.0.0.1 and a unix socket in a temporary
//! folder, gone with its owner.

use crate::support::{self, Process};
use ::redis::{Client, Connection};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub struct RedisServer {
    folder: tempfile::TempDir,
    port: u16,
    options: Vec<String>,
    process: Process,
}

impl RedisServer {
    /// Starts one with more options, as on its command line.
    ///
    /// # Errors
    /// The reason why this machine has none.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(options: &[&str]) -> Result<Self, String> {
        let mut folder = support::temporary_folder();
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        for _ in 0..5 {
            let port = support::free_port();
            let process = launch(&folder, port, &options)?;
            let mut server = Self { folder, port, options: options.clone(), process };
            if server.comes_up() {
                return Ok(server);
            }
            folder = server.folder;
        }
        panic!("redis-server did not come up");
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// `redis+unix://...` with more behind it, such as `?database=2`.
    pub fn unix_dsn(&self, rest: &str) -> String {
        format!("redis+unix://{}{rest}", self.socket().display())
    }

    /// `redis://127.0.0.1:PORT` with more behind it.
    pub fn tcp_dsn(&self, rest: &str) -> String {
        format!("redis://127.0.0.1:{}{rest}", self.port)
    }

    /// Another project's client, to look at what is stored. `login` is `""` or `user:password@`.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn client(&self, login: &str, database: u32) -> Connection {
        let url = format!("redis://{login}127.0.0.1:{}/{database}", self.port);
        Client::open(url).unwrap().get_connection().unwrap()
    }

    /// Kills it as a crash would, and starts it again in the same place.
    ///
    /// # Panics
    /// When it does not come up again.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = launch(&self.folder, self.port, &self.options).unwrap();
        assert!(self.comes_up(), "redis-server did not come up again");
    }

    /// As [`RedisServer::restart`], without waiting until it answers: it may be loading its data.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn begin_restart(&mut self) {
        self.process.kill();
        self.process = launch(&self.folder, self.port, &self.options).unwrap();
    }

    /// Kills it.
    pub fn stop(&mut self) {
        self.process.kill();
    }

    /// Stops it as a debugger or a swapping machine would, or lets it go on.
    ///
    /// # Panics
    /// When the system refuses the signal.
    pub fn pause(&self, paused: bool) {
        let signal = if paused { "-STOP" } else { "-CONT" };
        let status = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    fn comes_up(&mut self) -> bool {
        let url = format!("redis://127.0.0.1:{}", self.port);
        let mut up = false;
        let _ = support::wait_until(PATIENCE, || {
            // NOAUTH is an answer, LOADING is not yet one.
            up = Client::open(url.as_str()).and_then(|client| client.get_connection()).is_ok_and(|mut connection| {
                match ::redis::cmd("PING").exec(&mut connection) {
                    Ok(()) => true,
                    Err(error) => error.code() == Some("NOAUTH"),
                }
            });
            up = up && self.process.listens_on(self.port);
            up || !self.process.is_running()
        });
        up
    }
}

fn launch(folder: &tempfile::TempDir, port: u16, options: &[String]) -> Result<Process, String> {
    let socket = folder.path().join("redis.sock");
    let _ = std::fs::remove_file(&socket);
    let mut command = Command::new("redis-server");
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--unixsocketperm", "700", "--unixsocket"])
        .arg(&socket)
        .arg("--dir")
        .arg(folder.path())
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Process::start(&mut command).map_err(|error| format!("redis-server cannot be started: {error}"))
}
