//! A memcached of the test's own, on a free port of 127.0.0.1 or on a unix socket in a temporary
//! folder, gone with its owner.

use crate::support::{self, Process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub struct MemcachedServer {
    folder: tempfile::TempDir,
    port: Option<u16>,
    options: Vec<String>,
    /// Variables of its environment.
    environment: Vec<(&'static str, PathBuf)>,
    process: Process,
}

impl MemcachedServer {
    /// Starts one on a port, with more options, as on its command line.
    ///
    /// # Errors
    /// The reason why this machine has none.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(options: &[&str]) -> Result<Self, String> {
        for _ in 0..5 {
            let mut server = Self::launch(Some(support::free_port()), options)?;
            if server.comes_up() {
                return Ok(server);
            }
        }
        panic!("memcached did not come up");
    }

    /// Starts one on a port, with a variable in its environment.
    ///
    /// # Errors
    /// As [`MemcachedServer::start`].
    ///
    /// # Panics
    /// As [`MemcachedServer::start`].
    pub fn start_with(options: &[&str], variable: &'static str, value: PathBuf) -> Result<Self, String> {
        for _ in 0..5 {
            let port = Some(support::free_port());
            let mut server = Self::launch_with(port, options, vec![(variable, value.clone())])?;
            if server.comes_up() {
                return Ok(server);
            }
        }
        panic!("memcached did not come up");
    }

    /// Starts one on a unix socket.
    ///
    /// # Errors
    /// As [`MemcachedServer::start`].
    ///
    /// # Panics
    /// As [`MemcachedServer::start`].
    pub fn start_on_socket(options: &[&str]) -> Result<Self, String> {
        let mut server = Self::launch(None, options)?;
        assert!(server.comes_up(), "memcached did not come up on a socket");
        Ok(server)
    }

    fn launch(port: Option<u16>, options: &[&str]) -> Result<Self, String> {
        Self::launch_with(port, options, Vec::new())
    }

    fn launch_with(
        port: Option<u16>,
        options: &[&str],
        environment: Vec<(&'static str, PathBuf)>,
    ) -> Result<Self, String> {
        let folder = support::temporary_folder();
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let process = launch(&folder, port, &options, &environment)?;
        Ok(Self { folder, port, options, environment, process })
    }

    /// The port on 127.0.0.1.
    ///
    /// # Panics
    /// On one that listens on a socket.
    pub fn port(&self) -> u16 {
        self.port.expect("a port")
    }

    /// The unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("memcached.sock")
    }

    /// `memcached://127.0.0.1:PORT` with more behind it.
    pub fn dsn(&self, rest: &str) -> String {
        format!("memcached://127.0.0.1:{}{rest}", self.port())
    }

    /// Kills it as a crash would, and starts it again, empty, in the same place.
    ///
    /// # Panics
    /// When it does not come up again.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = launch(&self.folder, self.port, &self.options, &self.environment).unwrap();
        assert!(self.comes_up(), "memcached did not come up again");
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
        // Its threads stop a moment later.
        let state = format!("/proc/{}/stat", self.process.id());
        let stopped = || std::fs::read_to_string(&state).is_ok_and(|text| text.contains(") T "));
        assert!(support::wait_until(PATIENCE, || !std::path::Path::new(&state).exists() || stopped() == paused));
    }

    /// Says something to it in its oldest commands and returns the first line of the answer: a look at
    /// what is stored that does not go through the code that is tested.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn say(&self, command: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The value under a key, with its flags.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn item(&self, key: &str) -> Option<(u32, Vec<u8>)> {
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", self.port())).unwrap());
        stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        stream.get_mut().write_all(format!("get {key}\r\n").as_bytes()).unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let mut words = line.trim_end().split(' ').skip(2);
        let (flags, length) = (words.next()?.parse().unwrap(), words.next()?.parse().unwrap());
        let mut value = vec![0; length];
        stream.read_exact(&mut value).unwrap();
        Some((flags, value))
    }

    fn comes_up(&mut self) -> bool {
        let mut up = false;
        let _ = support::wait_until(PATIENCE, || {
            up = match self.port {
                Some(port) => TcpStream::connect(("127.0.0.1", port)).is_ok() && self.process.listens_on(port),
                None => std::os::unix::net::UnixStream::connect(self.socket()).is_ok(),
            };
            up || !self.process.is_running()
        });
        up && self.process.is_running()
    }
}

fn launch(
    folder: &tempfile::TempDir,
    port: Option<u16>,
    options: &[String],
    environment: &[(&'static str, PathBuf)],
) -> Result<Process, String> {
    let mut command = Command::new("memcached");
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    match port {
        Some(port) => command.args(["-l", "127.0.0.1", "-U", "0", "-p", &port.to_string()]),
        None => {
            let socket = folder.path().join("memcached.sock");
            let _ = std::fs::remove_file(&socket);
            command.arg("-s").arg(socket)
        }
    };
    // Root must name a user, and everybody may name root.
    let user = if nix::unistd::Uid::effective().is_root() { ["-u", "root"].as_slice() } else { &[] };
    command.args(user).args(["-t", "2"]).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Process::start(&mut command).map_err(|error| format!("memcached cannot be started: {error}"))
}
