//! Several nodes: each has its share, and another one takes over from one that dies.

use crate::aerospike_stand_in::{Options, StandIn};
use crate::{HOUR, named, store};
use seshat::session::store::Store;
use std::time::{Duration, Instant};

fn cluster() -> StandIn {
    StandIn::start(Options { nodes: 3, ..Options::default() })
}

/// Only the first node is named; the others are learned from it.
fn one_host(server: &StandIn) -> String {
    format!("aerospike://127.0.0.1:{}/test", server.port(0))
}

fn ids() -> Vec<String> {
    (0..30).map(|number| format!("session-{number}")).collect()
}

fn all_there(store: &mut dyn Store) {
    for id in ids() {
        let mut data = Vec::new();
        assert!(store.read(named(&id), &mut data).unwrap(), "{id}");
        assert_eq!(data, id.as_bytes());
    }
}

#[test]
fn sessions_outlive_their_node() {
    let server = cluster();
    let mut one = store(&one_host(&server));
    for id in ids() {
        one.write(named(&id), id.as_bytes(), HOUR).unwrap();
    }
    all_there(&mut *one);
    for node in [1, 0] {
        server.stop_node(node);
        let began = Instant::now();
        all_there(&mut *one);
        for id in ids() {
            one.write(named(&id), id.as_bytes(), HOUR).unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(15), "{:?} without node {node}", began.elapsed());
    }
    server.start_node(0);
    server.start_node(1);
    std::thread::sleep(Duration::from_millis(1100));
    all_there(&mut *one);
    all_there(&mut *store(&one_host(&server)));
}

#[test]
fn a_dead_host_in_the_list_is_passed_over() {
    let server = cluster();
    server.stop_node(0);
    let mut one = store(&server.dsn(""));
    one.write(named("a"), b"a", HOUR).unwrap();
    assert!(one.exists(named("a")).unwrap());
}
