//! A server of MongoDB's protocol of the test's own, gone with its owner: SecantusDB from PyPI, which
//! `tools/install-deps` puts into a folder of its own. `SESHAT_TEST_MONGODB_URL` names a real server
//! to be used in its place, by the tests that do not need one to be killed.

use crate::support::{self, Process};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// It takes two seconds on a machine with nothing else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder that `tools/install-deps` makes, within the user's folder for caches.
const INSTALLED: &str = "seshat/secantusdb-0.7.0b3/bin/secantusd-py";

/// A running server, or one that runs elsewhere.
pub struct MongoServer {
    /// Of this test process alone: collections of different runs do not meet.
    database: String,
    own: Option<Own>,
    elsewhere: String,
}

struct Own {
    folder: tempfile::TempDir,
    port: u16,
    options: Vec<String>,
    process: Process,
}

impl MongoServer {
    /// Starts one with more options, as on its command line. What it stores stays where it is when it is
    /// started again.
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
            let mut own = Own { folder, port, options: options.clone(), process };
            if own.comes_up() {
                return Ok(Self { database: "seshat_test".to_owned(), own: Some(own), elsewhere: String::new() });
            }
            own.process.kill();
            folder = own.folder;
        }
        panic!("secantusd-py did not come up");
    }

    /// One that all tests of a process use which run at the same time: each takes a collection of its own.
    ///
    /// # Errors
    /// As [`MongoServer::start`].
    ///
    /// # Panics
    /// As [`MongoServer::start`].
    pub fn shared() -> Result<Arc<Self>, String> {
        static SHARED: Mutex<Weak<MongoServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let server = match shared.upgrade() {
            Some(server) => server,
            None => Arc::new(match std::env::var("SESHAT_TEST_MONGODB_URL") {
                Ok(elsewhere) if !elsewhere.is_empty() => {
                    Self { database: format!("seshat_test_{}", std::process::id()), own: None, elsewhere }
                }
                _ => Self::start(&["--standalone"])?,
            }),
        };
        *shared = Arc::downgrade(&server);
        Ok(server)
    }

    /// A collection that no other test has.
    pub fn collection() -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("sessions_{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The database of the tests.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The port on 127.0.0.1.
    ///
    /// # Panics
    /// For a server elsewhere.
    pub fn port(&self) -> u16 {
        self.own().port
    }

    /// The DSN of a collection, with more options behind it, such as `&create_index=1`.
    pub fn dsn(&self, collection: &str, more: &str) -> String {
        match &self.own {
            Some(own) => self.port_dsn(own.port, collection, more),
            None => {
                let mark = if self.elsewhere.contains('?') { '&' } else { '?' };
                format!("{}{mark}database={}&collection={collection}{more}", self.elsewhere, self.database)
            }
        }
    }

    /// As [`MongoServer::dsn`], through a proxy on another port.
    pub fn port_dsn(&self, port: u16, collection: &str, more: &str) -> String {
        format!(
            "mongodb://127.0.0.1:{port}/?directConnection=true&database={}&collection={collection}{more}",
            self.database
        )
    }

    /// The DSN without our own options, as the driver takes it.
    pub fn driver_uri(&self) -> String {
        match &self.own {
            Some(own) => format!("mongodb://127.0.0.1:{}/?directConnection=true", own.port),
            None => self.elsewhere.clone(),
        }
    }

    /// Kills it as a crash would.
    pub fn kill(&mut self) {
        self.own.as_mut().expect("a server of our own").process.kill();
    }

    /// Starts a killed one again, in the same place.
    ///
    /// # Panics
    /// When it does not come up again.
    pub fn restart(&mut self) {
        let own = self.own.as_mut().expect("a server of our own");
        own.process.kill();
        own.process = launch(&own.folder, own.port, &own.options).unwrap();
        assert!(own.comes_up(), "secantusd-py did not come up again");
    }

    /// Starts it again in the same place, with other options.
    ///
    /// # Panics
    /// When it does not come up again.
    pub fn restart_with(&mut self, options: &[&str]) {
        if let Some(own) = &mut self.own {
            own.options = options.iter().map(|option| (*option).to_owned()).collect();
        }
        self.restart();
    }

    /// Stops it as a debugger or a swapping machine would, or lets it go on.
    ///
    /// # Panics
    /// When the system refuses the signal.
    pub fn pause(&self, paused: bool) {
        let signal = if paused { "-STOP" } else { "-CONT" };
        let status = Command::new("kill").args([signal, &self.own().process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    fn own(&self) -> &Own {
        self.own.as_ref().expect("a server of our own")
    }
}

impl Own {
    fn comes_up(&mut self) -> bool {
        let mut up = false;
        let _ = support::wait_until(PATIENCE, || {
            up = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
            up || !self.process.is_running()
        });
        up && self.process.is_running()
    }
}

fn launch(folder: &tempfile::TempDir, port: u16, options: &[String]) -> Result<Process, String> {
    let program = program()?;
    let mut command = Command::new(&program);
    command.args([
        "--host",
        "127.0.0.1",
        "--log-level",
        "ERROR",
        "--sync-on-commit",
        "--port",
        &port.to_string(),
        "--storage-path",
    ]);
    command.arg(folder.path().join("data")).args(options).current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Process::start(&mut command).map_err(|error| format!("{} cannot be started: {error}", program.display()))
}

/// The server's program: `SESHAT_SECANTUSD`, or what `tools/install-deps` installed.
fn program() -> Result<PathBuf, String> {
    if let Some(said) = std::env::var_os("SESHAT_SECANTUSD") {
        return Ok(said.into());
    }
    let caches = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .unwrap_or_default();
    let program = caches.join(INSTALLED);
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there; tools/install-deps test installs it", program.display()))
    }
}
