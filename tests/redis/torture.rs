//! Many processes on one session, while holders, waiters and the server are killed: no update is lost,
//! nobody waits for ever, and who comes first is served first.
//!
//! A short form runs always; `SESHAT_TORTURE=1` runs the long one, of some minutes.

use crate::support::{self, Process};
use crate::unruly_proxy::Random;
use crate::{HOUR, handler, server};
use seshat::session::handler::{Caller, Policy};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ID: &str = "everybody-s-session";
const LEASE: Duration = Duration::from_secs(1);
const WAIT: Duration = Duration::from_secs(30);
const LIMIT: Duration = Duration::from_secs(300);

/// How much is done.
struct Form {
    workers: usize,
    readers: usize,
    increments: u64,
    /// Processes that are killed, and how many of them between two kills of the server.
    kills: u32,
    between: u32,
    /// From one kill to the next. A killed holder stops everybody for its lease.
    pause: Duration,
}

fn form() -> Form {
    if std::env::var_os("SESHAT_TORTURE").is_some() {
        Form { workers: 16, readers: 2, increments: 2000, kills: 40, between: 5, pause: LEASE + LEASE / 4 }
    } else {
        Form { workers: 8, readers: 1, increments: 250, kills: 4, between: 2, pause: LEASE / 4 }
    }
}

/// What a process knows of itself, in a file that outlives it.
struct Journal(File);

/// Its places.
#[derive(Clone, Copy)]
enum Place {
    /// Increments that were begun.
    Tried,
    /// Increments of which the store said that they are stored.
    Stored,
    /// The longest wait for the lock, in milliseconds.
    Longest,
    /// Requests that got no lock in time.
    Refused,
}

impl Journal {
    fn open(folder: &Path, name: &str) -> Self {
        let path = folder.join(name);
        Self(OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).unwrap())
    }

    fn get(&self, place: Place) -> u64 {
        let mut raw = [0; 8];
        self.0.read_exact_at(&mut raw, 8 * place as u64).map_or(0, |()| u64::from_ne_bytes(raw))
    }

    fn set(&self, place: Place, value: u64) {
        self.0.write_all_at(&value.to_ne_bytes(), 8 * place as u64).unwrap();
    }
}

/// The session: one count for each worker.
fn counts(data: &[u8], workers: usize) -> Vec<u64> {
    let text = std::str::from_utf8(data).unwrap();
    let mut counts: Vec<u64> = text.split_terminator(';').map(|count| count.parse().unwrap()).collect();
    assert!(counts.is_empty() || counts.len() == workers, "half a session: {text:?}");
    counts.resize(workers, 0);
    counts
}

fn encoded(counts: &[u64]) -> String {
    counts.iter().map(|count| format!("{count};")).collect()
}

fn policy() -> Policy {
    Policy { lock_wait: WAIT, lock_expire: LEASE, ..Policy::default() }
}

/// Not a test by itself: one of the processes.
#[test]
#[ignore = "started by another test"]
fn as_a_worker() {
    let Ok(dsn) = std::env::var("SESHAT_TEST_DSN") else { return };
    let number: usize = std::env::var("SESHAT_TEST_NUMBER").unwrap().parse().unwrap();
    let folder = PathBuf::from(std::env::var("SESHAT_TEST_FOLDER").unwrap());
    let Form { workers, increments, .. } = form();
    let mut handler = handler(&dsn, policy());
    let mut seen = vec![0; workers];
    let mut look = |data: &[u8]| {
        let found = counts(data, workers);
        for (worker, (before, now)) in seen.iter().zip(&found).enumerate() {
            assert!(now >= before, "worker {worker}'s count went back from {before} to {now}");
        }
        seen.clone_from(&found);
        found
    };
    if number >= workers {
        // Until it is killed.
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Ok(data) = handler.read(ID.as_bytes(), Caller::ReadAndClose, HOUR) {
                look(data);
            }
            let _ = handler.close();
            std::thread::sleep(Duration::from_millis(2));
        }
        return;
    }
    let journal = Journal::open(&folder, &number.to_string());
    while journal.get(Place::Stored) < increments {
        let asked = Instant::now();
        let data = match handler.read(ID.as_bytes(), Caller::Engine, HOUR) {
            Ok(data) => data.to_vec(),
            Err(error) => {
                if error.kind() == seshat::error::Kind::Locked {
                    journal.set(Place::Refused, journal.get(Place::Refused) + 1);
                }
                let _ = handler.close();
                std::thread::sleep(Duration::from_millis(5));
                continue;
            }
        };
        let waited = u64::try_from(asked.elapsed().as_millis()).unwrap();
        journal.set(Place::Longest, journal.get(Place::Longest).max(waited));
        let mut found = look(&data);
        let (stored, tried) = (journal.get(Place::Stored), journal.get(Place::Tried));
        assert!((stored..=tried).contains(&found[number]), "{stored} <= {} <= {tried}", found[number]);
        found[number] += 1;
        journal.set(Place::Tried, tried + 1);
        if handler.write(ID.as_bytes(), encoded(&found).as_bytes(), Caller::Engine, HOUR).is_ok() {
            journal.set(Place::Stored, stored + 1);
            look(encoded(&found).as_bytes());
        }
        let _ = handler.close();
    }
}

fn start(dsn: &str, folder: &Path, number: usize) -> Process {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let log = File::options().create(true).append(true).open(folder.join(format!("{number}.log"))).unwrap();
    command
        .args(["--exact", "torture::as_a_worker", "--ignored", "--nocapture"])
        .env("SESHAT_TEST_DSN", dsn)
        .env("SESHAT_TEST_NUMBER", number.to_string())
        .env("SESHAT_TEST_FOLDER", folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    Process::start(&mut command).unwrap()
}

#[test]
fn no_update_is_lost_and_nobody_is_stuck_whoever_is_killed() {
    let mut server = server!("--appendonly", "yes", "--appendfsync", "always");
    let folder = support::temporary_folder();
    let Form { workers, readers, increments, kills, between, pause } = form();
    let dsn = server.tcp_dsn("?read_timeout=2s");
    let mut processes: Vec<Option<Process>> =
        (0..workers + readers).map(|number| Some(start(&dsn, folder.path(), number))).collect();
    let log_of = |number: usize| std::fs::read_to_string(folder.path().join(format!("{number}.log"))).unwrap();
    let mut random = Random(0x005e_5aa7);
    let (began, mut killed, mut restarts) = (Instant::now(), 0, 0);
    loop {
        std::thread::sleep(pause);
        assert!(began.elapsed() < LIMIT, "it never ends");
        for (number, process) in processes.iter_mut().enumerate().take(workers) {
            if process.as_mut().is_some_and(|process| !process.is_running()) {
                *process = None;
                let journal = Journal::open(folder.path(), &number.to_string());
                assert!(journal.get(Place::Stored) >= increments, "worker {number}: {}", log_of(number));
            }
        }
        let alive: Vec<usize> = (0..workers).filter(|number| processes[*number].is_some()).collect();
        if alive.is_empty() {
            break;
        }
        if killed == kills {
            continue;
        }
        let victim = alive[usize::try_from(random.below(alive.len() as u64)).unwrap()];
        // Dropping it kills it, if it did not end by itself in this moment.
        processes[victim] = None;
        processes[victim] = Some(start(&dsn, folder.path(), victim));
        killed += 1;
        if killed % between == 0 {
            server.restart();
            restarts += 1;
        }
    }
    for (number, reader) in processes.iter_mut().enumerate().skip(workers) {
        assert!(reader.as_mut().unwrap().is_running(), "reader {number}: {}", log_of(number));
    }
    drop(processes);
    let mut last = handler(&dsn, policy());
    let asked = Instant::now();
    let found = counts(last.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap(), workers);
    assert!(asked.elapsed() < LEASE + Duration::from_secs(4), "stuck for {:?}", asked.elapsed());
    last.close().unwrap();
    let mut longest = 0;
    for (number, count) in found.iter().enumerate() {
        let journal = Journal::open(folder.path(), &number.to_string());
        let (stored, tried) = (journal.get(Place::Stored), journal.get(Place::Tried));
        assert!((stored..=tried).contains(count), "worker {number}: {stored} <= {count} <= {tried}");
        assert_eq!(journal.get(Place::Refused), 0, "nobody waits for {WAIT:?}");
        longest = longest.max(journal.get(Place::Longest));
    }
    assert!(restarts >= 1 && killed >= 2, "{killed} killed, {restarts} restarts");
    eprintln!(
        "torture: {} increments, {killed} processes killed, {restarts} restarts, longest wait {longest} ms, {:?}",
        found.iter().sum::<u64>(),
        began.elapsed(),
    );
}

fn microseconds() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// Not a test by itself: one that comes again and again and works a little under the lock.
#[test]
#[ignore = "started by another test"]
fn as_a_customer() {
    let Ok(dsn) = std::env::var("SESHAT_TEST_DSN") else { return };
    let path = std::env::var("SESHAT_TEST_JOURNAL").unwrap();
    let rounds: u32 = std::env::var("SESHAT_TEST_ROUNDS").unwrap().parse().unwrap();
    let mut handler = handler(&dsn, Policy { lock_wait: WAIT, ..Policy::default() });
    let mut journal = String::new();
    for _ in 0..rounds {
        let asked = microseconds();
        let data = handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
        let count: u64 = std::str::from_utf8(data).unwrap().parse().unwrap_or(0);
        std::thread::sleep(Duration::from_millis(3));
        handler.write(ID.as_bytes(), (count + 1).to_string().as_bytes(), Caller::Engine, HOUR).unwrap();
        handler.close().unwrap();
        journal.push_str(&format!("{count} {asked}\n"));
    }
    std::fs::write(path, journal).unwrap();
}

#[test]
fn who_comes_first_is_served_first() {
    let server = server!();
    let folder = support::temporary_folder();
    let rounds: u32 = if std::env::var_os("SESHAT_TORTURE").is_some() { 200 } else { 20 };
    let mut processes: Vec<Process> = (0..16)
        .map(|number| {
            let dsn = if number % 2 == 0 { server.tcp_dsn("") } else { server.unix_dsn("") };
            let mut command = Command::new(std::env::current_exe().unwrap());
            command
                .args(["--exact", "torture::as_a_customer", "--ignored", "--nocapture"])
                .env("SESHAT_TEST_DSN", dsn)
                .env("SESHAT_TEST_JOURNAL", folder.path().join(format!("{number}.journal")))
                .env("SESHAT_TEST_ROUNDS", rounds.to_string())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            Process::start(&mut command).unwrap()
        })
        .collect();
    assert!(support::wait_until(LIMIT, || processes.iter_mut().all(|process| !process.is_running())));
    // In the order in which they were served: when each had asked.
    let mut served: Vec<(u64, u64)> = Vec::new();
    for number in 0..16 {
        let journal = std::fs::read_to_string(folder.path().join(format!("{number}.journal"))).unwrap();
        served.extend(journal.lines().map(|line| {
            let (count, asked) = line.split_once(' ').unwrap();
            (count.parse::<u64>().unwrap(), asked.parse::<u64>().unwrap())
        }));
    }
    served.sort_unstable();
    let total = usize::try_from(16 * rounds).unwrap();
    assert_eq!(served.iter().map(|(count, _)| *count).collect::<Vec<_>>(), (0..total as u64).collect::<Vec<_>>());
    // Served before one that had asked earlier, by more than asking takes.
    let overtaken = served.windows(2).filter(|pair| pair[0].1 > pair[1].1 + 3000).count();
    eprintln!("order: {overtaken} of {total} out of turn");
    assert!(overtaken * 20 <= total, "{overtaken} of {total} out of turn");
}
