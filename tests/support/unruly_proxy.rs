//! A proxy that breaks what it carries without breaking the protocol: it delays answers, cuts them,
//! repeats them at once or before the next one, and hands them to another connection. It knows no
//! protocol; what it does is drawn from a seed, so that a failure can be played again as far as the
//! system's scheduling allows.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One answer of so many is treated badly.
const ONE_OF: u64 = 25;

/// What was done, by name, and an answer that waits for another connection's.
#[derive(Default)]
struct Shared {
    done: BTreeMap<&'static str, u32>,
    swapped: Option<Vec<u8>>,
}

/// A listening proxy. It serves until the process ends.
pub struct UnrulyProxy {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl UnrulyProxy {
    /// In front of a server on 127.0.0.1. `delay` is longer than its clients wait for an answer.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn to(server: u16, seed: u64, delay: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let state = Arc::clone(&shared);
        std::thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { continue };
                let _ = client.set_nodelay(true);
                let _ = server.set_nodelay(true);
                let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
                let state = Arc::clone(&state);
                let random = Random(seed.wrapping_add(number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
                std::thread::spawn(move || pass_on(client, server));
                std::thread::spawn(move || mistreat(server_too, client_too, random, delay, &state));
            }
        });
        Self { address, shared }
    }

    /// The port on 127.0.0.1 to connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was done so far, and how often.
    ///
    /// # Panics
    /// Never, unless another thread did.
    pub fn done(&self) -> BTreeMap<&'static str, u32> {
        self.shared.lock().unwrap().done.clone()
    }
}

/// xorshift64*.
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }
}

fn pass_on(mut client: TcpStream, mut server: TcpStream) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        if server.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}

fn mistreat(
    mut server: TcpStream,
    mut client: TcpStream,
    mut random: Random,
    delay: Duration,
    shared: &Mutex<Shared>,
) -> Option<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut last: Vec<u8> = Vec::new();
    let carry = |client: &mut TcpStream, bytes: &[u8]| client.write_all(bytes).ok();
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        let bytes = &buffer[..length];
        let act = if random.below(ONE_OF) == 0 { random.below(6) } else { u64::MAX };
        let note = |what| *shared.lock().unwrap().done.entry(what).or_default() += 1;
        let outcome = match act {
            0 => {
                note("delayed");
                std::thread::sleep(delay);
                carry(&mut client, bytes)
            }
            1 => {
                note("cut");
                let _ = client.write_all(&bytes[..length / 2]);
                None
            }
            2 => {
                note("repeated at once");
                carry(&mut client, &[bytes, bytes].concat())
            }
            3 => {
                // In a packet of its own, while the client is busy with what came first.
                note("repeated a moment later");
                carry(&mut client, bytes);
                std::thread::sleep(Duration::from_micros(100));
                carry(&mut client, bytes)
            }
            4 => {
                note("the last one repeated before it");
                carry(&mut client, &last);
                carry(&mut client, bytes)
            }
            5 => {
                let another = shared.lock().unwrap().swapped.replace(bytes.to_vec());
                note("exchanged");
                another.map_or(Some(()), |another| carry(&mut client, &another))
            }
            _ => carry(&mut client, bytes),
        };
        last = bytes.to_vec();
        if outcome.is_none() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
    None
}
