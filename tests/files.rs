//! The files store: what is on the disk, who may put it there, and what PHP makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod local;

use local::{Helper, TTL, id, lock, open_strict, read, store, try_store, until};
use seshat::error::Kind;
use seshat::session::clock::Clock;
use seshat::session::lock::LockState;
use seshat::session::store::{Committed, OpenRequest};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn dsn(&self, query: &str) -> String {
        format!("files://{}?{query}", self.path().display())
    }

    fn lock_file(&self) -> std::path::PathBuf {
        self.path().join(format!(".seshat-lock-{}~", nix::unistd::geteuid()))
    }

    /// All names but the lock file's, sorted.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with(".seshat-lock-"))
            .collect();
        names.sort();
        names
    }
}

fn date(path: &Path, seconds_ago: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds_ago)).unwrap();
}

/// Temporary names look like this.
const LEFT_BEHIND: &str = ".seshat-0123456789abcdef-1~";

#[test]
fn a_session_is_one_private_file_whatever_the_umask() {
    let folder = Folder::new();
    let mut files = store(&folder.dsn("mode=0664"));
    files.write(id("abc"), b"x\0\xff", TTL).unwrap();
    let file = folder.path().join("sess_abc");
    assert_eq!(fs::read(&file).unwrap(), b"x\0\xff");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o7777,
        0o664,
        "the umask takes the group's write bit"
    );
    store(&folder.dsn("")).write(id("abc"), b"y", TTL).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(folder.names(), ["sess_abc"]);
}

#[test]
fn a_write_replaces_the_file_and_never_changes_it() {
    let folder = Folder::new();
    let mut files = store(&folder.dsn("sync=1"));
    files.write(id("abc"), b"old", TTL).unwrap();
    let mut old = fs::File::open(folder.path().join("sess_abc")).unwrap();
    files.write(id("abc"), b"new and longer", TTL).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut old, &mut text).unwrap();
    assert_eq!(text, "old");
    assert_eq!(read(&mut *files, "abc").unwrap(), b"new and longer");
    let large: Vec<u8> = (0..3_000_000u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[2]).collect();
    files.write(id("abc"), &large, TTL).unwrap();
    assert!(read(&mut *files, "abc").unwrap() == large);
    files.write(id("abc"), b"", TTL).unwrap();
    assert_eq!(read(&mut *files, "abc").unwrap(), b"");
}

#[test]
fn a_process_killed_while_writing_leaves_the_old_record_or_the_new_one() {
    let folder = Folder::new();
    let mut files = store(&folder.dsn(""));
    let whole = |data: &[u8]| data.len() == 4_000_000 && data.iter().all(|byte| *byte == data[0]);
    for _ in 0..5 {
        let writer = Helper::start("helper_that_writes", &folder.dsn(""));
        until("a record", || read(&mut *files, "big").is_some());
        let deadline = Instant::now() + Duration::from_millis(30);
        while Instant::now() < deadline {
            assert!(whole(&read(&mut *files, "big").unwrap()), "a reader saw a torn record");
        }
        writer.kill();
        assert!(whole(&read(&mut *files, "big").unwrap()), "a crash left a torn record");
    }
    // What crashes left behind goes, but not while it may still be in use.
    fs::write(folder.path().join(LEFT_BEHIND), "half").unwrap();
    files.gc(TTL).unwrap();
    assert!(folder.path().join(LEFT_BEHIND).exists());
    for name in folder.names().iter().filter(|name| name.starts_with('.')) {
        date(&folder.path().join(name), 3700);
    }
    assert_eq!(files.gc(TTL).unwrap(), 0, "temporary files are not counted as sessions");
    assert_eq!(folder.names(), ["sess_big"]);
}

#[test]
fn helper_that_writes() {
    if let Some(dsn) = local::helper_dsn() {
        let mut files = store(&dsn);
        println!("ready");
        for round in 0..100_000u32 {
            files.write(id("big"), &vec![round.to_le_bytes()[0]; 4_000_000], TTL).unwrap();
        }
    }
}

#[test]
fn a_full_disk_keeps_the_old_record() {
    // The limit on the size of files stands for a full disk: the same place in the code, and no
    // mount is needed.
    let folder = Folder::new();
    store(&folder.dsn("")).write(id("abc"), b"old", TTL).unwrap();
    // Captured: the limit would hold for the suite's own output too, if that goes into a file.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" helper_that_fills --exact --nocapture --test-threads=1"])
        .arg(std::env::current_exe().unwrap())
        .env("SESHAT_TEST_DSN", folder.dsn(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(folder.names(), ["sess_abc"], "nothing is left behind");
    assert_eq!(fs::read(folder.path().join("sess_abc")).unwrap(), b"old");
}

#[test]
fn helper_that_fills() {
    if let Some(dsn) = local::helper_dsn() {
        let error = store(&dsn).write(id("abc"), &vec![b'x'; 1_000_000], TTL).unwrap_err();
        assert_eq!(error.kind(), Kind::TooLarge);
        assert!(error.to_string().contains("its old record stays"), "{error}");
    }
}

#[test]
fn sessions_expire_by_the_date_of_their_file() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut files = try_store(&folder.dsn(""), &clock).unwrap();
    files.set_lifetime(Duration::from_secs(100));
    files.write(id("short"), b"1", Duration::from_secs(10)).unwrap();
    files.write(id("usual"), b"2", Duration::from_secs(100)).unwrap();
    files.write(id("long"), b"3", Duration::from_secs(1000)).unwrap();
    let age = |name: &str| 1_800_000_000 - fs::metadata(folder.path().join(name)).unwrap().mtime();
    assert_eq!((age("sess_usual"), age("sess_short"), age("sess_long")), (0, 90, -900));
    clock.advance(Duration::from_secs(9));
    assert!(files.touch(id("short"), Duration::from_secs(20)).unwrap());
    clock.advance(Duration::from_secs(19));
    assert!(files.exists(id("short")).unwrap());
    clock.advance(Duration::from_secs(1));
    assert!(!files.exists(id("short")).unwrap());
    assert!(!files.touch(id("short"), TTL).unwrap(), "touching does not bring it back");
    assert_eq!(read(&mut *files, "short"), None);
    clock.advance(Duration::from_secs(71));
    assert_eq!(read(&mut *files, "usual"), None);
    assert_eq!(read(&mut *files, "long").unwrap(), b"3");
    assert_eq!(files.gc(Duration::from_secs(100)).unwrap(), 2);
    assert_eq!(folder.names(), ["sess_long"]);
}

#[test]
fn a_session_that_expires_in_its_requests_hands_is_kept_and_one_that_vanishes_is_stored_again() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut files = try_store(&folder.dsn(""), &clock).unwrap();
    files.write(id("abc"), b"x", TTL).unwrap();
    let (found, state) = open_strict(&mut *files, "abc");
    let LockState::Held(lease) = state else { panic!("not locked") };
    assert!(found);
    clock.advance(TTL * 2);
    assert_eq!(files.touch_unlock(id("abc"), b"x", TTL, Some(lease), false).unwrap(), Committed::Done);
    assert_eq!(read(&mut *files, "abc").unwrap(), b"x");

    let (_, state) = open_strict(&mut *files, "abc");
    let LockState::Held(lease) = state else { panic!("not locked") };
    fs::remove_file(folder.path().join("sess_abc")).unwrap();
    files.touch_unlock(id("abc"), b"x", TTL, Some(lease), false).unwrap();
    assert_eq!(read(&mut *files, "abc").unwrap(), b"x");
}

#[test]
fn a_stranger_with_an_unknown_id_leaves_no_trace() {
    let folder = Folder::new();
    let mut files = store(&folder.dsn(""));
    let (found, state) = open_strict(&mut *files, "unknown");
    assert!(!found && matches!(state, LockState::NotTaken));
    assert!(lock(&mut *store(&folder.dsn("")), "unknown", Duration::ZERO).is_some());
    assert!(folder.names().is_empty());
    let request = OpenRequest { lock: Some(local::wait(Duration::ZERO)), lock_missing: true, extend: None };
    let opened = files.open(id("new"), &request, &mut Vec::new()).unwrap();
    assert!(!opened.found && matches!(opened.lock, LockState::Held(_)));
    assert!(lock(&mut *store(&folder.dsn("")), "new", Duration::ZERO).is_none());
    assert!(folder.names().is_empty());
}

#[test]
fn atomic_off_overwrites_the_file_where_it_is() {
    let folder = Folder::new();
    let file = folder.path().join("sess_abc");
    let mut files = store(&folder.dsn("atomic=0"));
    files.write(id("abc"), b"a longer first text", TTL).unwrap();
    let first = fs::metadata(&file).unwrap().ino();
    for data in [b"short".as_slice(), b"", b"a text that is longer than all those before it"] {
        date(&file, 500);
        files.write(id("abc"), data, TTL).unwrap();
        assert_eq!(read(&mut *files, "abc").unwrap(), data);
        assert_eq!(fs::read(&file).unwrap(), data, "nothing of the old text is left behind it");
        let status = fs::metadata(&file).unwrap();
        assert_eq!(status.ino(), first);
        assert!(status.modified().unwrap().elapsed().unwrap() < Duration::from_secs(60));
    }
    let victim = folder.path().join("victim");
    fs::write(&victim, "secret").unwrap();
    std::os::unix::fs::symlink(&victim, folder.path().join("sess_link")).unwrap();
    assert!(files.write(id("link"), b"planted", TTL).is_err());
    assert_eq!(fs::read(&victim).unwrap(), b"secret");
    let mut whole = store(&folder.dsn(""));
    whole.write(id("abc"), b"replaced", TTL).unwrap();
    assert_ne!(fs::metadata(&file).unwrap().ino(), first, "the usual way is another file");
}

#[test]
fn planted_files_are_neither_followed_nor_waited_for() {
    let folder = Folder::new();
    let elsewhere = Folder::new();
    let victim = elsewhere.path().join("victim");
    fs::write(&victim, "secret").unwrap();
    let mut files = store(&folder.dsn(""));

    symlink(&victim, folder.path().join("sess_link")).unwrap();
    let error = files.read(id("link"), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.to_string().contains("symbolic link") && !error.to_string().contains("secret"), "{error}");
    assert_eq!(files.exists(id("link")).unwrap_err().kind(), Kind::Denied);
    files.write(id("link"), b"mine", TTL).unwrap();
    assert_eq!(read(&mut *files, "link").unwrap(), b"mine");
    assert_eq!(fs::read(&victim).unwrap(), b"secret", "the link was replaced, not followed");

    nix::unistd::mkfifo(&folder.path().join("sess_fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(files.read(id("fifo"), &mut Vec::new()).unwrap_err().kind(), Kind::Denied);
    fs::create_dir(folder.path().join("sess_dir")).unwrap();
    assert!(files.read(id("dir"), &mut Vec::new()).is_err());
    assert!(files.write(id("dir"), b"x", TTL).is_err());

    // A second name for a file of somebody's, perhaps one that only root may read.
    let hard = folder.path().join("sess_hard");
    fs::hard_link(&victim, &hard).unwrap();
    date(&victim, 100);
    let dated = victim.metadata().unwrap().mtime();
    let error = files.read(id("hard"), &mut Vec::new()).unwrap_err();
    assert!(error.kind() == Kind::Denied && error.to_string().contains("second name"), "{error}");
    assert_eq!(files.exists(id("hard")).unwrap_err().kind(), Kind::Denied);
    assert_eq!(files.touch(id("hard"), TTL).unwrap_err().kind(), Kind::Denied);
    assert_eq!(victim.metadata().unwrap().mtime(), dated);
    files.write(id("hard"), b"mine", TTL).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"secret", "the name was replaced, not the file");

    symlink(&victim, folder.path().join("sess_old")).unwrap();
    date(&victim, 100_000);
    files.destroy(id("old")).unwrap();
    symlink(&victim, folder.path().join("sess_old")).unwrap();
    assert_eq!(files.gc(TTL).unwrap(), 0, "what a link points at is nobody's session");
    assert!(victim.exists());

    fs::remove_file(folder.lock_file()).ok();
    symlink(&victim, folder.lock_file()).unwrap();
    let error = store(&folder.dsn("")).lock(id("abc"), &local::wait(Duration::ZERO)).unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert_eq!(fs::read(&victim).unwrap(), b"secret");
}

#[test]
fn the_files_of_another_user_are_not_ours() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("SKIPPED the_files_of_another_user_are_not_ours: only root can make such files");
        return;
    }
    // As root everybody's files are good, as in PHP; so another user looks at them.
    let folder = Folder::new();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::write(folder.path().join("sess_abc"), "x").unwrap();
    std::os::unix::fs::chown(folder.path().join("sess_abc"), Some(12345), None).unwrap();
    fs::set_permissions(folder.path().join("sess_abc"), fs::Permissions::from_mode(0o666)).unwrap();
    let mut files = store(&folder.dsn(""));
    assert_eq!(read(&mut *files, "abc").unwrap(), b"x");
    // Root's write must not lock the owner out.
    files.write(id("abc"), b"y", TTL).unwrap();
    let written = folder.path().join("sess_abc").metadata().unwrap();
    assert_eq!((written.uid(), written.mode() & 0o777), (12345, 0o600));
    fs::set_permissions(folder.path().join("sess_abc"), fs::Permissions::from_mode(0o666)).unwrap();
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(&program);
    command.args(["helper_that_is_nobody", "--exact", "--nocapture", "--test-threads=1"]);
    std::os::unix::process::CommandExt::uid(&mut command, 65534);
    command.env("SESHAT_TEST_DSN", folder.dsn("")).current_dir("/").stdout(Stdio::null());
    let status = command.status().unwrap();
    assert!(status.success());
}

#[test]
fn helper_that_is_nobody() {
    if let Some(dsn) = local::helper_dsn() {
        let mut files = store(&dsn);
        let error = files.read(id("abc"), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("belongs to another user"), "{error}");
        files.write(id("own"), b"x", TTL).unwrap();
        assert!(lock(&mut *files, "own", Duration::ZERO).is_some(), "a lock file of one's own");
        let closed = tempfile::tempdir().unwrap();
        let inside = closed.path().join("sessions");
        fs::create_dir(&inside).unwrap();
        fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o000)).unwrap();
        let error = store(&format!("files://{}", inside.display())).read(id("a"), &mut Vec::new()).unwrap_err();
        fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(error.kind(), Kind::Denied);
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let error = store(&format!("files://{}", folder.path().display())).exists(id("a")).unwrap_err();
        assert!(error.to_string().contains("not writable") && error.to_string().contains("65534"), "{error}");
    }
}

#[test]
fn hashed_folders_are_made_used_and_swept() {
    let folder = Folder::new();
    let clock = Clock::manual(1_800_000_000);
    let mut files = try_store(&folder.dsn("depth=2"), &clock).unwrap();
    assert_eq!(read(&mut *files, "abcdef"), None);
    for name in ["abcdef", "abxyz", "b-c", ",,,"] {
        files.write(id(name), name.as_bytes(), TTL).unwrap();
        assert_eq!(read(&mut *files, name).unwrap(), name.as_bytes());
    }
    assert!(folder.path().join("a/b/sess_abcdef").is_file());
    assert_eq!(fs::metadata(folder.path().join("a/b")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(files.write(id("ab"), b"", TTL).unwrap_err().kind(), Kind::InvalidId);
    assert!(!files.exists(id("ab")).unwrap());
    assert!(files.touch(id("b-c"), TTL * 3).unwrap());

    let elsewhere = Folder::new();
    fs::create_dir(elsewhere.path().join("z")).unwrap();
    fs::write(elsewhere.path().join("z/sess_zzz"), "").unwrap();
    date(&elsewhere.path().join("z/sess_zzz"), 1);
    symlink(elsewhere.path(), folder.path().join("z")).unwrap();
    clock.advance(TTL * 2);
    assert_eq!(files.gc(TTL).unwrap(), 3);
    assert!(folder.path().join("b/-/sess_b-c").exists());
    assert!(elsewhere.path().join("z/sess_zzz").exists(), "gc followed a link out of the folder");

    let mut strict = store(&folder.dsn("depth=1&create_dirs=0"));
    let error = strict.write(id("qqq"), b"", TTL).unwrap_err();
    assert!(error.to_string().contains("create_dirs=1"), "{error}");

    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::create_dir(elsewhere.path().join("z/z")).unwrap();
    let error = store(&folder.dsn("depth=2")).write(id("zzz"), b"", TTL).unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
}

#[test]
fn gc_removes_only_what_is_a_session_and_free_and_a_bounded_number() {
    let folder = Folder::new();
    let mut files = store(&folder.dsn(""));
    for name in ["sess_old", "sess_held", "sess_no.session", "sess_", "other", "sess_new"] {
        fs::write(folder.path().join(name), "").unwrap();
        if name != "sess_new" {
            date(&folder.path().join(name), 10_000);
        }
    }
    let mut holder = store(&folder.dsn(""));
    let lease = lock(&mut *holder, "held", Duration::ZERO).unwrap();
    assert_eq!(files.gc(TTL).unwrap(), 1);
    assert_eq!(folder.names(), ["other", "sess_", "sess_held", "sess_new", "sess_no.session"]);
    drop(lease);
    assert_eq!(files.gc(TTL).unwrap(), 1);

    let old = fs::File::create(folder.path().join("sess_first")).unwrap();
    old.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
    // Links to one file are as good as files here, and made faster.
    for number in 0..10_050 {
        fs::hard_link(folder.path().join("sess_first"), folder.path().join(format!("sess_n{number}"))).unwrap();
    }
    let began = Instant::now();
    let first = files.gc(TTL).unwrap();
    assert!(first <= 10_000 && began.elapsed() < Duration::from_secs(2));
    let mut total = first;
    until("everything old is gone", || {
        total += files.gc(TTL).unwrap();
        total == 10_051
    });
}

#[test]
fn a_folder_that_is_exchanged_is_noticed() {
    let folder = Folder::new();
    let releases = ["one", "two"].map(|name| folder.path().join(name));
    releases.iter().for_each(|release| fs::create_dir(release).unwrap());
    let current = folder.path().join("current");
    symlink(&releases[0], &current).unwrap();
    let mut files = store(&format!("files://{}", current.display()));
    files.write(id("abc"), b"1", TTL).unwrap();
    fs::remove_file(&current).unwrap();
    symlink(&releases[1], &current).unwrap();
    fs::write(releases[1].join("sess_xyz"), "2").unwrap();
    assert_eq!(read(&mut *files, "xyz").unwrap(), b"2", "what is missing is looked for where the path leads now");
    fs::remove_dir_all(&releases[1]).unwrap();
    let error = files.write(id("abc"), b"3", TTL).unwrap_err();
    assert!(error.to_string().contains("does not exist; create it"), "{error}");
    fs::create_dir(&releases[1]).unwrap();
    files.write(id("abc"), b"3", TTL).unwrap();
    assert_eq!(fs::read(releases[1].join("sess_abc")).unwrap(), b"3");
}

#[test]
fn mistakes_are_told() {
    let system = Clock::System;
    for (dsn, part) in [
        ("files://tmp/x", "three slashes"),
        ("files:///tmp?mode=0999", "octal"),
        ("files:///tmp?mode=0400", "octal"),
        ("files:///tmp?prefix=a/b", "without a slash"),
        ("files:///tmp?depth=9", "from 0 to 8"),
        ("files:///tmp?deph=1", "did you mean \"depth\"?"),
        ("9999;/tmp", "from 0 to 8"),
    ] {
        let message = try_store(dsn, &system).err().unwrap_or_else(|| panic!("{dsn} was accepted")).to_string();
        assert!(message.contains(part), "{dsn}: {message}");
    }
    let error = store("files:///nowhere/at/all").read(id("abc"), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.to_string().contains("the folder does not exist; create it"), "{error}");
    let folder = Folder::new();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = store(&format!("files://{}/file", folder.path().display())).exists(id("a")).unwrap_err();
    assert!(error.to_string().contains("not a folder"), "{error}");
    assert!(try_store(&format!("1;0640;{}", folder.path().display()), &system).is_ok());
    let outside = seshat::backend::Environment { allow_path: |path| path.starts_with("/srv"), ..Default::default() };
    let refused = seshat::backend::from_dsn("files:///tmp", &outside, &Default::default());
    assert!(refused.err().unwrap().to_string().contains("open_basedir"));
}

#[test]
fn a_lock_file_that_is_deleted_voids_the_lease() {
    let folder = Folder::new();
    let mut files = store(&folder.dsn(""));
    files.write(id("abc"), b"old", TTL).unwrap();
    let lease = lock(&mut *files, "abc", Duration::ZERO).unwrap();
    fs::remove_file(folder.lock_file()).unwrap();
    assert_eq!(files.write_unlock(id("abc"), b"new", TTL, lease).unwrap(), Committed::LeaseLost);
    assert_eq!(read(&mut *files, "abc").unwrap(), b"old");
    let lease = lock(&mut *files, "abc", Duration::ZERO).unwrap();
    assert_eq!(files.write_unlock(id("abc"), b"new", TTL, lease).unwrap(), Committed::Done);
    assert_eq!(read(&mut *files, "abc").unwrap(), b"new");
}

#[test]
fn a_folder_that_is_exchanged_in_mid_request_voids_the_lease() {
    let parent = Folder::new();
    let (path, old) = (parent.path().join("now"), parent.path().join("old"));
    fs::create_dir(&path).unwrap();
    let mut files = store(&format!("files://{}", path.display()));
    files.write(id("abc"), b"1", TTL).unwrap();
    let lease = lock(&mut *files, "abc", Duration::ZERO).unwrap();
    fs::rename(&path, &old).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(files.write_unlock(id("abc"), b"2", TTL, lease).unwrap(), Committed::LeaseLost);
    assert_eq!(fs::read(old.join("sess_abc")).unwrap(), b"1");
    let lease = lock(&mut *files, "abc", Duration::ZERO).unwrap();
    assert_eq!(read(&mut *files, "abc"), None);
    assert_eq!(files.write_unlock(id("abc"), b"2", TTL, lease).unwrap(), Committed::Done);
    assert_eq!(fs::read(path.join("sess_abc")).unwrap(), b"2");
}

#[test]
fn helper_that_holds() {
    local::hold();
}

#[test]
fn a_killed_holder_frees_its_lock() {
    local::a_killed_holder_frees_its_lock("helper_that_holds", &Folder::new().dsn(""));
}

#[test]
fn waiters_are_woken_in_order() {
    let folder = Folder::new();
    local::waiters_are_woken_in_order(&folder.dsn(""), &folder.lock_file());
}

fn php(folder: &Folder, save_path: &str, code: &str) -> Option<String> {
    let output = Command::new("php")
        .args(["-n", "-d", "session.use_cookies=0", "-d", "session.cache_limiter=", "-d"])
        .arg(format!("session.save_path=\"{save_path}{}\"", folder.path().display()))
        .args(["-r", code])
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "php is missing");
            eprintln!("SKIPPED: php is not installed");
            None
        }
    }
}

#[test]
fn phps_own_handler_and_ours_read_what_the_other_wrote() {
    let folder = Folder::new();
    let go_on = "session_id('abc'); session_start(); echo $_SESSION['n'] ?? 'none'; $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;";
    let Some(text) = php(&folder, "", go_on) else { return };
    assert!(text.ends_with("none"), "{text}");
    let mut files = store(&folder.path().display().to_string());
    assert_eq!(read(&mut *files, "abc").unwrap(), b"n|i:1;");
    files.write(id("abc"), b"n|i:41;", TTL).unwrap();
    assert_eq!(php(&folder, "", go_on).unwrap(), "41");
    assert_eq!(read(&mut *files, "abc").unwrap(), b"n|i:42;");

    let hashed = format!("2;{}", folder.path().display());
    let mut files = store(&hashed);
    files.write(id("abc"), b"n|i:7;", TTL).unwrap();
    assert_eq!(php(&folder, "2;", go_on).unwrap(), "7");
    assert_eq!(read(&mut *files, "abc").unwrap(), b"n|i:8;");
}
