//! Sentinels: the master is found, and found again.

use crate::hosts::replica_of;
use crate::sentinels::Sentinel;
use crate::{HOUR, PATIENCE, handler, read, server, sid, store, support};
use seshat::error::Kind;
use seshat::session::handler::{Caller, Policy};
use std::collections::HashMap;
use std::time::{Duration, Instant};

fn dsn(sentinels: &[Sentinel], rest: &str) -> String {
    let hosts: Vec<String> = sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port())).collect();
    format!("redis+sentinel://{}/shop/1{rest}", hosts.join(","))
}

/// Sentinels that agree on the master, its replicas and each other.
fn watch(master: u16, replicas: usize, count: usize) -> Vec<Sentinel> {
    let sentinels: Vec<Sentinel> = (0..count).map(|_| Sentinel::start("shop", master, 2, "")).collect();
    for sentinel in &sentinels {
        let mut client = sentinel.client();
        assert!(support::wait_until(PATIENCE, || {
            let state: HashMap<String, String> =
                redis::cmd("SENTINEL").arg("MASTER").arg("shop").query(&mut client).unwrap();
            state["num-slaves"] == replicas.to_string() && state["num-other-sentinels"] == (count - 1).to_string()
        }));
    }
    sentinels
}

#[test]
fn sessions_go_on_after_the_master_was_killed_under_load() {
    let mut master = server!("--repl-diskless-sync-delay", "0");
    let replicas = [replica_of(&master).unwrap(), replica_of(&master).unwrap()];
    let sentinels = watch(master.port(), 2, 3);
    let dsn = dsn(&sentinels, "?retries=60");
    let began = Instant::now();
    let killed = std::sync::atomic::AtomicBool::new(false);
    let after = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for worker in 0..3u8 {
            let (dsn, killed, after) = (&dsn, &killed, &after);
            scope.spawn(move || {
                let mut subject = handler(dsn, Policy { lock_expire: Duration::from_secs(2), ..Policy::default() });
                let id = [b'a' + worker; 32];
                let mut last = 0u32;
                // Each has a session of its own, so that what it reads is what it wrote last, or a little
                // older: replication does not wait. It may never be newer, another one's, or an error for ever.
                while after.load(std::sync::atomic::Ordering::Relaxed) < 3 * 20 {
                    assert!(began.elapsed() < 2 * PATIENCE, "no session after the fail-over");
                    let Ok(data) = subject.read(&id, Caller::Engine, HOUR) else {
                        let _ = subject.close();
                        continue;
                    };
                    let known: u32 = std::str::from_utf8(data).unwrap().parse().unwrap_or(0);
                    assert!(known <= last, "{known} after {last}");
                    if subject.write(&id, (known + 1).to_string().as_bytes(), Caller::Engine, HOUR).is_ok() {
                        last = known + 1;
                        if killed.load(std::sync::atomic::Ordering::Relaxed) {
                            after.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                    }
                    let _ = subject.close();
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        master.stop();
        killed.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let mut client = sentinels[0].client();
    let (_, port): (String, u16) =
        redis::cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg("shop").query(&mut client).unwrap();
    assert!(replicas.iter().any(|replica| replica.port() == port), "one of the replicas is the master now");
}

#[test]
fn sentinels_with_a_password_and_one_that_is_down() {
    let master = server!("--requirepass", "data");
    let more = "sentinel auth-pass shop data\nrequirepass guard";
    let sentinel = Sentinel::start("shop", master.port(), 1, more);
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", support::free_port(), sentinel.port());
    let with = |rest: &str| format!("redis+sentinel://:data@{hosts}/shop?retries=0{rest}");
    let mut subject = store(&with("&sentinel_password=guard"));
    subject.write(sid(), b"x", HOUR).unwrap();
    assert_eq!(read(&mut *subject).unwrap(), b"x");
    for (rest, word) in [("", "NOAUTH"), ("&sentinel_password=wrong", "WRONGPASS")] {
        let error = store(&with(rest)).read(sid(), &mut Vec::new()).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("no sentinel says where the master is"), "{message}");
        assert!(message.contains(word) && message.contains("connection refused"), "{message}");
    }
    let unknown = format!("redis+sentinel://:data@127.0.0.1:{}/shpo?sentinel_password=guard", sentinel.port());
    let error = store(&unknown).read(sid(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("knows no master \"shpo\""), "{error}");
}

#[test]
fn a_port_that_is_no_sentinel() {
    let server = server!();
    let error = store(&format!("redis+sentinel://127.0.0.1:{}/shop?retries=0", server.port()))
        .read(sid(), &mut Vec::new())
        .unwrap_err();
    assert!(error.to_string().contains("no sentinel says"), "{error}");
}
