//! One holder at a time, waiting with a limit, and what becomes of a lock whose holder is late.

use crate::fixture::{Fixture, LONG, PATIENCE, becomes_free, held, hold, is_free, lock, open_locked, read, sid};
use seshat::session::lock::{Lease, LockRequest, LockState, Token};
use seshat::session::store::{Committed, OpenRequest, Store};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// More than a busy machine needs to start a thread, or to run one that was woken; far less than [`PATIENCE`].
const MOMENT: Duration = Duration::from_millis(150);

/// What an immediate answer may take on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

fn locks(fixture: &dyn Fixture) -> bool {
    fixture.store().capabilities().locks
}

fn leases_run_out(fixture: &dyn Fixture) -> bool {
    let abilities = fixture.store().capabilities();
    abilities.locks && !abilities.lock_dies_with_holder
}

/// Starts a waiter for the lock of `id`, and comes back when it is waiting. No storage tells who
/// waits, so a moment after its start stands for that.
fn waiter<T: Send + 'static>(
    mut store: Box<dyn Store>,
    id: &'static str,
    wait: Duration,
    then: impl FnOnce(&mut dyn Store, LockState) -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    let (started, starting) = mpsc::channel();
    // The first contact connects; that must not count as waiting.
    let _ = store.exists(sid(id)).unwrap();
    let thread = std::thread::spawn(move || {
        started.send(()).unwrap();
        let state = lock(&mut *store, id, wait, LONG);
        then(&mut *store, state)
    });
    starting.recv().unwrap();
    std::thread::sleep(MOMENT);
    thread
}

pub fn a_held_lock_excludes_at_once(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "mine");
    assert!(is_free(&mut *two, "first-contact"));
    let asked = Instant::now();
    match lock(&mut *two, "mine", Duration::ZERO, LONG) {
        LockState::Busy(refusal) => {
            let holder = refusal.holder.unwrap_or_else(|| "pid 1 GET /law".into());
            assert_eq!(holder, "pid 1 GET /law", "a store that knows the holder names it");
            assert!(!refusal.crowded && refusal.held.is_none_or(|held| held <= AT_ONCE));
        }
        other => panic!("held by another, but: {other:?}"),
    }
    assert!(asked.elapsed() < AT_ONCE, "a wait of zero took {:?}", asked.elapsed());
    one.unlock(sid("mine"), lease).unwrap();
}

pub fn locks_of_different_sessions_are_apart(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "abc");
    for id in ["ABC", "abcd", "ab", "abc-lock"] {
        assert!(is_free(&mut *two, id), "{id} is another session");
    }
    one.unlock(sid("abc"), lease).unwrap();
    let same = "x".repeat(fixture.id_lengths().end() - 1);
    let (long, other) = (format!("{same}x"), format!("{same}y"));
    let lease = hold(&mut *one, &long);
    assert!(is_free(&mut *two, &other), "ids differ in their last letter too");
    one.unlock(sid(&long), lease).unwrap();
}

pub fn unlock_frees(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    for _ in 0..3 {
        let lease = hold(&mut *one, "again");
        one.unlock(sid("again"), lease).unwrap();
        assert!(becomes_free(&mut *two, "again"));
        // Its release may still be under way, and would meet the next lock on another connection.
        assert!(becomes_free(&mut *one, "again"));
    }
    assert_eq!(read(&mut *one, "again"), None, "locking makes no record");
}

pub fn a_release_wakes_the_waiter(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let mut one = fixture.store();
    let lease = hold(&mut *one, "handed-on");
    let thread = waiter(fixture.store(), "handed-on", PATIENCE, |store, state| {
        let woken = Instant::now();
        store.unlock(sid("handed-on"), held(state)).unwrap();
        woken
    });
    assert!(!thread.is_finished(), "nobody gets a lock that is held");
    let released = Instant::now();
    one.unlock(sid("handed-on"), lease).unwrap();
    let woken = thread.join().unwrap();
    assert!(woken - released < AT_ONCE, "woken {:?} after the release", woken - released);
}

pub fn the_wait_limit_is_kept(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "busy");
    assert!(is_free(&mut *two, "first-contact"));
    // More than a second too: a storage that waits in whole seconds must round neither down nor far up.
    for limit in [Duration::from_millis(200), Duration::from_millis(1200)] {
        let asked = Instant::now();
        let state = lock(&mut *two, "busy", limit, LONG);
        let waited = asked.elapsed();
        assert!(matches!(state, LockState::Busy(_)), "{state:?}");
        assert!(waited >= limit.mul_f64(0.9), "gave up after {waited:?} of {limit:?}");
        assert!(waited < limit + AT_ONCE, "gave up after {waited:?} of {limit:?}");
    }
    one.unlock(sid("busy"), lease).unwrap();
}

pub fn order_of_arrival_is_kept(fixture: &dyn Fixture) {
    if !locks(fixture) || !fixture.keeps_order() {
        return;
    }
    let mut one = fixture.store();
    let lease = hold(&mut *one, "queue");
    let (arrived, arrivals) = mpsc::channel();
    let threads: Vec<_> = (0..5)
        .map(|number| {
            let arrived = arrived.clone();
            waiter(fixture.store(), "queue", PATIENCE, move |store, state| {
                let lease = held(state);
                arrived.send(number).unwrap();
                store.unlock(sid("queue"), lease).unwrap();
            })
        })
        .collect();
    one.unlock(sid("queue"), lease).unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    drop(arrived);
    assert_eq!(arrivals.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(becomes_free(&mut *one, "queue"));
}

pub fn a_newcomer_does_not_overtake_the_queue(fixture: &dyn Fixture) {
    // Where the system keeps the queue it wakes who is first, and does not hold the lock for it.
    if !leases_run_out(fixture) || !fixture.keeps_order() {
        return;
    }
    let mut one = fixture.store();
    for _ in 0..5 {
        let lease = hold(&mut *one, "next");
        let (served, order) = mpsc::channel();
        let ours = served.clone();
        let thread = waiter(fixture.store(), "next", PATIENCE, move |store, state| {
            served.send("who waited").unwrap();
            store.unlock(sid("next"), held(state)).unwrap();
        });
        // The one that lets go is running and could be first again; the waiter has to be woken.
        one.unlock(sid("next"), lease).unwrap();
        let lease = held(lock(&mut *one, "next", PATIENCE, LONG));
        ours.send("the newcomer").unwrap();
        one.unlock(sid("next"), lease).unwrap();
        thread.join().unwrap();
        assert_eq!(order.recv().unwrap(), "who waited");
        assert!(becomes_free(&mut *one, "next"));
    }
}

pub fn a_waiter_that_gave_up_is_not_in_the_way(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "impatient");
    assert!(matches!(lock(&mut *two, "impatient", MOMENT, LONG), LockState::Busy(_)));
    let patient = waiter(fixture.store(), "impatient", PATIENCE, |store, state| {
        store.unlock(sid("impatient"), held(state)).unwrap();
    });
    let released = Instant::now();
    one.unlock(sid("impatient"), lease).unwrap();
    patient.join().unwrap();
    assert!(released.elapsed() < AT_ONCE, "the next waiter had to wait {:?}", released.elapsed());
    assert!(becomes_free(&mut *two, "impatient"));
}

pub fn a_lease_of_somebody_else_unlocks_nothing(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "guarded");
    two.unlock(sid("guarded"), Lease { token: Token::new().unwrap(), guard: None }).unwrap();
    one.unlock(sid("guarded"), Lease { token: Token::new().unwrap(), guard: None }).unwrap();
    // The exchange that follows on each handle is answered after the release was processed.
    let _ = (one.exists(sid("guarded")).unwrap(), two.exists(sid("guarded")).unwrap());
    assert!(!is_free(&mut *two, "guarded"), "a foreign token must not open the lock");
    one.unlock(sid("guarded"), lease).unwrap();
    assert!(becomes_free(&mut *two, "guarded"));
    two.unlock(sid("never-locked"), Lease { token: Token::new().unwrap(), guard: None }).unwrap();
}

pub fn unlocking_twice_does_no_harm(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = hold(&mut *one, "twice");
    let token = lease.token;
    one.unlock(sid("twice"), lease).unwrap();
    assert!(becomes_free(&mut *two, "twice"));
    let theirs = hold(&mut *two, "twice");
    one.unlock(sid("twice"), Lease { token, guard: None }).unwrap();
    let _ = one.exists(sid("twice")).unwrap();
    assert!(!is_free(&mut *one, "twice"), "an old lease must not open the lock of its successor");
    two.unlock(sid("twice"), theirs).unwrap();
}

pub fn a_lock_that_ran_out_goes_to_the_next(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = fixture.shortest_lease();
    let stale = held(lock(&mut *one, "stalled", Duration::ZERO, lease));
    fixture.outlive_lease(lease);
    let asked = Instant::now();
    let ours = held(lock(&mut *two, "stalled", PATIENCE, LONG));
    assert!(asked.elapsed() < lease + AT_ONCE, "noticed after {:?} of {lease:?}", asked.elapsed());
    one.unlock(sid("stalled"), stale).unwrap();
    let _ = one.exists(sid("stalled")).unwrap();
    assert!(!is_free(&mut *one, "stalled"), "the late holder must not release its successor's lock");
    two.unlock(sid("stalled"), ours).unwrap();
}

pub fn a_lock_that_ran_out_goes_on_down_the_queue(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    // The holder and the first waiter both die; the second waiter must not wait to its own limit.
    let mut one = fixture.store();
    let lease = fixture.shortest_lease();
    let (mut two, three) = (fixture.store(), fixture.store());
    let _ = two.exists(sid("dying")).unwrap();
    let dead = held(lock(&mut *one, "dying", Duration::ZERO, lease * 2));
    let first = std::thread::spawn(move || {
        // Its handle lives on: a connection that ends might give the lock back.
        let dead = held(lock(&mut *two, "dying", PATIENCE, lease));
        (two, dead)
    });
    std::thread::sleep(MOMENT);
    let second = waiter(three, "dying", PATIENCE, |store, state| store.unlock(sid("dying"), held(state)).unwrap());
    let asked = Instant::now();
    while !second.is_finished() && asked.elapsed() < PATIENCE {
        fixture.outlive_lease(lease);
        std::thread::sleep(Duration::from_millis(20));
    }
    second.join().unwrap();
    assert!(asked.elapsed() < lease * 3 + AT_ONCE, "passed on after {:?}, leases of {lease:?}", asked.elapsed());
    drop((dead, first.join().unwrap()));
}

pub fn locks_that_die_with_their_holder_do_not_run_out(fixture: &dyn Fixture) {
    if !fixture.store().capabilities().lock_dies_with_holder {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = Duration::from_millis(50);
    let ours = held(lock(&mut *one, "long-request", Duration::ZERO, lease));
    fixture.outlive_lease(lease);
    assert!(matches!(lock(&mut *two, "long-request", lease * 4, LONG), LockState::Busy(_)), "its holder lives");
    one.unlock(sid("long-request"), ours).unwrap();
    // And a handle that goes takes its locks with it.
    // The one that waited in vain may have it for a moment yet.
    let gone = held(lock(&mut *one, "long-request", PATIENCE, LONG));
    drop((one, gone));
    assert!(becomes_free(&mut *two, "long-request"), "the holder is gone and its lock with it");
}

pub fn destroying_a_record_leaves_its_lock(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    one.write(sid("ended"), b"data", LONG).unwrap();
    let lease = hold(&mut *one, "ended");
    two.destroy(sid("ended")).unwrap();
    assert!(!is_free(&mut *two, "ended"), "who destroys without the lock does not free it");
    assert_eq!(one.write_unlock(sid("ended"), b"new", LONG, lease).unwrap(), Committed::Done);
    assert_eq!(read(&mut *two, "ended").unwrap(), b"new");
    assert!(becomes_free(&mut *two, "ended"));
}

pub fn a_renewed_lock_outlives_its_first_lease(fixture: &dyn Fixture) {
    if !locks(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let first = fixture.shortest_lease() * 2;
    let lease = held(lock(&mut *one, "renewed", Duration::ZERO, first));
    assert!(one.renew(sid("renewed"), &lease, LONG).unwrap(), "it was ours");
    if leases_run_out(fixture) {
        fixture.outlive_lease(first);
    }
    assert!(!is_free(&mut *two, "renewed"), "the second lease runs");
    assert!(one.renew(sid("renewed"), &lease, LONG).unwrap(), "and is ours");
    one.unlock(sid("renewed"), lease).unwrap();
    assert!(becomes_free(&mut *two, "renewed"));
}

pub fn a_lost_lock_is_not_renewed(fixture: &dyn Fixture) {
    if !leases_run_out(fixture) {
        return;
    }
    let (mut one, mut two) = (fixture.store(), fixture.store());
    let lease = fixture.shortest_lease();
    let stale = held(lock(&mut *one, "lost", Duration::ZERO, lease));
    fixture.outlive_lease(lease);
    let ours = held(lock(&mut *two, "lost", PATIENCE, LONG));
    assert!(!one.renew(sid("lost"), &stale, LONG).unwrap(), "somebody else has it");
    assert!(two.renew(sid("lost"), &ours, LONG).unwrap(), "and keeps it");
    two.unlock(sid("lost"), ours).unwrap();
    let _ = two.exists(sid("lost")).unwrap();
    assert!(!one.renew(sid("lost"), &stale, LONG).unwrap(), "released by its successor, it is still not ours");
}

pub fn no_increment_is_lost(fixture: &dyn Fixture) {
    const THREADS: u32 = 4;
    const TURNS: u32 = 100;
    if !locks(fixture) {
        return;
    }
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let mut store = fixture.store();
            std::thread::spawn(move || {
                for _ in 0..TURNS {
                    let (opened, data) = open_locked(&mut *store, "counter", PATIENCE * 3, LONG);
                    let count: u32 = if opened.found { String::from_utf8(data).unwrap().parse().unwrap() } else { 0 };
                    let next = (count + 1).to_string();
                    let outcome = store.write_unlock(sid("counter"), next.as_bytes(), LONG, held(opened.lock)).unwrap();
                    assert_eq!(outcome, Committed::Done);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let mut store = fixture.store();
    assert_eq!(read(&mut *store, "counter").unwrap(), (THREADS * TURNS).to_string().as_bytes());
    assert!(becomes_free(&mut *store, "counter"));
}

pub fn one_waiter_too_many_is_refused_at_once(fixture: &dyn Fixture) {
    let mut one = fixture.store();
    if !locks(fixture) || !one.capabilities().counts_waiters {
        return;
    }
    let lease = hold(&mut *one, "popular");
    let release = |store: &mut dyn Store, state| store.unlock(sid("popular"), held(state)).unwrap();
    let waiters: Vec<_> = (0..2).map(|_| waiter(fixture.store(), "popular", PATIENCE, release)).collect();
    let mut late = fixture.store();
    assert!(is_free(&mut *late, "first-contact"));
    let ask = |late: &mut dyn Store, most| {
        let asked = Instant::now();
        let request = LockRequest { wait: PATIENCE, lease: LONG, holder: "", max_waiters: Some(most) };
        let state = late.lock(sid("popular"), &request).unwrap();
        let data = late.open(
            sid("popular"),
            &OpenRequest { lock: Some(request), lock_missing: true, extend: None },
            &mut Vec::new(),
        );
        for state in [state, data.unwrap().lock] {
            assert!(matches!(&state, LockState::Busy(refusal) if refusal.crowded), "{state:?}");
        }
        assert!(asked.elapsed() < AT_ONCE, "refused after {:?}", asked.elapsed());
    };
    ask(&mut *late, 2);
    ask(&mut *late, 1);
    // One place more, and it is in the queue.
    let request = LockRequest { wait: MOMENT, lease: LONG, holder: "", max_waiters: Some(3) };
    let state = late.lock(sid("popular"), &request).unwrap();
    assert!(matches!(&state, LockState::Busy(refusal) if !refusal.crowded), "{state:?}");
    ask(&mut *late, 2);
    one.unlock(sid("popular"), lease).unwrap();
    waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    // Nobody waits: however small the limit, a free lock is had.
    let request = LockRequest { wait: PATIENCE, lease: LONG, holder: "", max_waiters: Some(1) };
    held(late.lock(sid("popular"), &request).unwrap());
}
