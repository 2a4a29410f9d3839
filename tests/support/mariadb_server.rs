//! A mariadbd of the test's own, from Debian's packages: on a free port of 127.0.0.1 and a unix socket in a
//! temporary folder, with the handlersocket plugin on two ports more, gone with its owner.

use crate::support::{self, Process};
use std::fs::File;
use std::io::Read;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A database that is there from the beginning, and whose owner is [`USER`].
pub const DATABASE: &str = "shop";
/// A user with every right on [`DATABASE`], and with those that tests need to look on and to interfere.
pub const USER: &str = "seshat";
/// The user's password.
pub const PASSWORD: &str = "open sesame";

/// A running server.
pub struct MariadbServer {
    folder: tempfile::TempDir,
    ports: Ports,
    options: Vec<String>,
    process: Process,
}

#[derive(Clone, Copy)]
struct Ports {
    sql: u16,
    reader: u16,
    writer: u16,
}

impl Ports {
    fn free() -> Self {
        Self { sql: support::free_port(), reader: support::free_port(), writer: support::free_port() }
    }
}

impl MariadbServer {
    /// Starts one with more options, as on its command line. Commits do not wait for the disk unless
    /// `--innodb-flush-log-at-trx-commit=1` says so.
    ///
    /// # Errors
    /// The reason why this machine has none.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(options: &[&str]) -> Result<Self, String> {
        let mut folder = support::temporary_folder();
        install(folder.path())?;
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        for _ in 0..5 {
            let ports = Ports::free();
            let process = launch(folder.path(), ports, &options)?;
            let mut server = Self { folder, ports, options: options.clone(), process };
            if server.comes_up() {
                return Ok(server);
            }
            eprintln!("{}", server.log());
            server.process.kill();
            folder = server.folder;
        }
        panic!("mariadbd did not come up");
    }

    /// One that is shared by tests of this process that run at the same time, each of which has tables of its
    /// own, gone with the last of them. All of them ask for the same options.
    ///
    /// # Errors
    /// As [`MariadbServer::start`].
    ///
    /// # Panics
    /// As [`MariadbServer::start`].
    pub fn shared(options: &[&str]) -> Result<Arc<Self>, String> {
        static SHARED: Mutex<Weak<MariadbServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Ok(server);
        }
        let server = Arc::new(Self::start(options)?);
        *shared = Arc::downgrade(&server);
        Ok(server)
    }

    /// The port of SQL on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.ports.sql
    }

    /// HandlerSocket's port for reading.
    pub fn handlersocket_port(&self) -> u16 {
        self.ports.reader
    }

    /// HandlerSocket's port for writing.
    pub fn handlersocket_write_port(&self) -> u16 {
        self.ports.writer
    }

    /// The unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("mariadb.sock")
    }

    /// The folder with the server's data in `data`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `mysql+unix://USER:PASSWORD@SOCKET` with more behind it, such as `?database=shop&table=sessions`.
    pub fn unix_dsn(&self, rest: &str) -> String {
        format!("mysql+unix://{USER}:{}@{}{rest}", encoded(PASSWORD), self.socket().display())
    }

    /// `mysql://USER:PASSWORD@127.0.0.1:PORT` with more behind it, such as `/shop?table=sessions`.
    pub fn tcp_dsn(&self, rest: &str) -> String {
        self.port_dsn(self.ports.sql, rest)
    }

    /// As [`MariadbServer::tcp_dsn`], through a proxy on another port.
    pub fn port_dsn(&self, port: u16, rest: &str) -> String {
        format!("mysql://{USER}:{}@127.0.0.1:{port}{rest}", encoded(PASSWORD))
    }

    /// Has the administrator say it through another project's client, in [`DATABASE`]: one line for each row, a
    /// tab between columns, no names.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn sql(&self, statements: &str) -> String {
        match self.try_sql(statements) {
            Ok(rows) => rows,
            Err(reason) => panic!("{statements}: {reason}"),
        }
    }

    /// As [`MariadbServer::sql`].
    ///
    /// # Errors
    /// What the client complained about.
    ///
    /// # Panics
    /// When there is no client.
    pub fn try_sql(&self, statements: &str) -> Result<String, String> {
        let mut command = self.client();
        command.args(["--raw", "--skip-column-names", "--execute", statements]);
        let output = command.output().expect("mariadb");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned())
        }
    }

    /// Another project's client, as the administrator has it, in [`DATABASE`].
    pub fn client(&self) -> Command {
        let mut command = Command::new("mariadb");
        command.args(["--no-defaults", "--batch", "--user=root", "--default-character-set=utf8mb4"]);
        // From 11.4 on it asks for TLS, also on a unix socket.
        command.args(["--skip-ssl", "--database", DATABASE, "--socket"]).arg(self.socket());
        command
    }

    /// Kills it as a crash would, and starts it again in the same place.
    ///
    /// # Panics
    /// When it does not come up again.
    pub fn restart(&mut self) {
        self.stop();
        self.process = launch(self.folder.path(), self.ports, &self.options).unwrap();
        assert!(self.comes_up(), "mariadbd did not come up again: {}", self.log());
    }

    /// Has it end in good order, as a service is stopped.
    ///
    /// # Panics
    /// When it does not end.
    pub fn shut_down(&mut self) {
        self.sql("SHUTDOWN");
        let process = &mut self.process;
        assert!(support::wait_until(PATIENCE, || !process.is_running()), "mariadbd does not end");
    }

    /// As [`MariadbServer::restart`], with more options from now on.
    ///
    /// # Panics
    /// As [`MariadbServer::restart`].
    pub fn restart_with(&mut self, options: &[&str]) {
        self.options.extend(options.iter().map(|option| (*option).to_owned()));
        self.restart();
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
        assert!(support::wait_until(PATIENCE, || !Path::new(&state).exists() || stopped() == paused));
    }

    /// What it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn comes_up(&mut self) -> bool {
        let mut up = false;
        let _ = support::wait_until(PATIENCE, || {
            up = self.greets() && self.try_sql("DO 1").is_ok();
            up || !self.process.is_running()
        });
        up && self.process.is_running()
    }

    // A connection that waits for its greeting is one that the init file has made way for.
    fn greets(&self) -> bool {
        let greeting = UnixStream::connect(self.socket()).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.read_exact(&mut [0; 4])
        });
        let listens = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
        greeting.is_ok() && listens(self.ports.reader) && listens(self.ports.writer)
    }
}

fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20").replace(':', "%3A").replace('@', "%40").replace('/', "%2F")
}

fn install(folder: &Path) -> Result<(), String> {
    let data = folder.join("data");
    let mut command = Command::new("mariadb-install-db");
    command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    command.args(["--skip-name-resolve", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"]);
    // A server that starts removes what looks like temporary tables, other servers' too.
    command.arg(format!("--datadir={}", data.display())).arg(format!("--tmpdir={}", folder.display()));
    if is_root() {
        command.arg("--user=root");
    }
    let output = command.output().map_err(|error| format!("mariadb-install-db cannot be started: {error}"))?;
    assert!(output.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn launch(folder: &Path, ports: Ports, options: &[String]) -> Result<Process, String> {
    let socket = folder.join("mariadb.sock");
    let _ = std::fs::remove_file(&socket);
    let first_words = folder.join("first.sql");
    let words = format!(
        "CREATE DATABASE IF NOT EXISTS {DATABASE};\n\
         CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n\
         GRANT ALL ON *.* TO '{USER}'@'%';\n"
    );
    std::fs::write(&first_words, words).unwrap();
    let log = File::options().create(true).append(true).open(folder.join("log")).unwrap();

    let mut command = Command::new("mariadbd");
    command.arg("--no-defaults").arg(format!("--datadir={}", folder.join("data").display()));
    command.arg(format!("--socket={}", socket.display())).arg(format!("--init-file={}", first_words.display()));
    command.arg(format!("--pid-file={}", folder.join("pid").display()));
    command.arg(format!("--tmpdir={}", folder.display()));
    command.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin", "--skip-ssl"]);
    command.arg(format!("--port={}", ports.sql));
    command.args(["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"]);
    command.args(["--innodb-flush-log-at-trx-commit=0", "--max-allowed-packet=32M"]);
    // A server of this maturity refuses a plugin that calls itself beta.
    command.args(["--plugin-maturity=beta", "--plugin-load-add=handlersocket.so"]);
    command.args(["--handlersocket_address=127.0.0.1", "--handlersocket_threads=2", "--handlersocket_threads_wr=1"]);
    command.arg(format!("--handlersocket_port={}", ports.reader));
    command.arg(format!("--handlersocket_port_wr={}", ports.writer));
    if is_root() {
        command.arg("--user=root");
    }
    command.args(options).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Process::start(&mut command).map_err(|error| format!("mariadbd cannot be started: {error}"))
}
