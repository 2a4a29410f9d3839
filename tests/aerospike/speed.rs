//! What the store costs beside the driver's own exchanges. A measurement, not a limit: a busy machine
//! would fail it.
//!
//!     cargo test --release --no-default-features --features aerospike --test aerospike speed -- --ignored --nocapture

use crate::aerospike_stand_in::StandIn;
use crate::{HOUR, ID, handler, locking};
use aerospike::operations::{get_bin, put};
use aerospike::{Bin, Client, ClientPolicy, Expiration, Key, Value, WritePolicy};
use seshat::session::handler::Caller;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 2000;

fn timed(mut work: impl FnMut()) -> Duration {
    (0..200).for_each(|_| work());
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            // Between two requests of a worker the answer to a release that nobody waits for arrives.
            std::thread::sleep(Duration::from_micros(300));
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

#[test]
#[ignore = "a measurement"]
fn beside_the_driver_alone() {
    let server = StandIn::usual();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let hosts = format!("127.0.0.1:{}", server.port(0));
    let client = runtime.block_on(Client::new(&ClientPolicy::default(), &hosts)).unwrap();
    let key = Key::new("test", "session", Value::from("bare")).unwrap();
    let policy = WritePolicy { expiration: Expiration::Seconds(3600), send_key: true, ..WritePolicy::default() };
    let data = vec![b'x'; 1000];
    let both = [put(&Bin::new("value", Value::Blob(data.clone()))), get_bin("value")];
    let one = timed(|| drop(runtime.block_on(client.operate(&policy, &key, &both)).unwrap()));
    let mut handlers = [false, true].map(|lock| handler(&server.dsn(""), locking(lock)));
    let mut request = |lock: bool, changed: bool| {
        let handler = &mut handlers[usize::from(lock)];
        handler.write(ID.as_bytes(), &data, Caller::Direct, HOUR).unwrap();
        timed(|| {
            handler.read(ID.as_bytes(), Caller::Engine, HOUR).unwrap();
            if changed {
                handler.write(ID.as_bytes(), &data, Caller::Engine, HOUR).unwrap();
            } else {
                handler.touch(ID.as_bytes(), &data, Caller::Engine, HOUR).unwrap();
            }
            handler.close().unwrap();
        })
    };
    for (name, lock, changed, waits) in [
        ("unchanged, unlocked", false, false, 1),
        ("changed, unlocked", false, true, 2),
        ("unchanged, locked", true, false, 1),
        ("changed, locked", true, true, 2),
    ] {
        let took = request(lock, changed);
        let ratio = took.as_secs_f64() / (one * waits).as_secs_f64();
        eprintln!("{name}: {took:?}, {waits} of the driver's: {:?}, ratio {ratio:.2}", one * waits);
    }
}
