//! A proxy that counts how often a client waits for its server. It knows no protocol.
//!
//! It holds every answer back for a while. A client that waits for the answer does nothing
//! meanwhile: then the answer is let through and counted as one wait. A client that does not wait
//! says that its work is done ([`Proxy::finish`]), and what is held back then is an answer that
//! nobody waited for.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Longer than a client that does not wait takes to say that it is done.
const HELD_BACK: Duration = Duration::from_millis(60);

/// Nothing sent for so long: nothing is under way.
const QUIET: Duration = Duration::from_millis(30);

/// What was counted since the last [`Proxy::finish`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often the client stood still until an answer came.
    pub waits: u32,
    /// How often there was an answer that the client did not wait for.
    pub unawaited: u32,
    /// Connections that were made.
    pub connections: u32,
}

#[derive(Default)]
struct State {
    counts: Counts,
    /// The client's work is done: nobody waits.
    done: bool,
    /// Answers that are being held back.
    held: u32,
    /// Requests that were passed on and have had no answer yet.
    asked: u32,
    /// All that clients sent.
    sent: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// A listening proxy. It serves until the process ends; its threads hold nothing but sockets.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A proxy in front of a server on 127.0.0.1.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let state = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { continue };
                let _ = client.set_nodelay(true);
                let _ = server.set_nodelay(true);
                state.state.lock().unwrap().counts.connections += 1;
                let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
                let (up, down) = (Arc::clone(&state), Arc::clone(&state));
                std::thread::spawn(move || pass_requests(client, server, &up));
                std::thread::spawn(move || pass_answers(server_too, client_too, &down));
            }
        });
        Self { address, shared }
    }

    /// The port on 127.0.0.1 to connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The client's work is done: what was counted, and the count begins anew. An answer that is
    /// still under way is waited for here, and counted as one that the client did not wait for.
    ///
    /// # Panics
    /// When the server does not answer what it was asked.
    pub fn finish(&self) -> Counts {
        let mut state = self.shared.state.lock().unwrap();
        state.done = true;
        self.shared.changed.notify_all();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            // What the client sent last may not have arrived here yet.
            let (now, timeout) = self.shared.changed.wait_timeout(state, QUIET).unwrap();
            state = now;
            if timeout.timed_out() && state.asked == 0 && state.held == 0 {
                break;
            }
            assert!(Instant::now() < deadline, "a request was never answered");
        }
        state.done = false;
        std::mem::take(&mut state.counts)
    }

    /// All that clients have sent so far.
    ///
    /// # Panics
    /// Never, unless another thread did.
    pub fn sent(&self) -> Vec<u8> {
        self.shared.state.lock().unwrap().sent.clone()
    }
}

fn pass_requests(mut client: TcpStream, mut server: TcpStream, shared: &Shared) {
    let mut buffer = vec![0; 256 * 1024];
    while let Some(bytes) = receive(&mut client, &mut buffer) {
        let mut state = shared.state.lock().unwrap();
        state.asked = 1;
        state.sent.extend_from_slice(bytes);
        shared.changed.notify_all();
        drop(state);
        if server.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
}

fn pass_answers(mut server: TcpStream, mut client: TcpStream, shared: &Shared) {
    let mut buffer = vec![0; 256 * 1024];
    while let Some(bytes) = receive(&mut server, &mut buffer) {
        let mut state = shared.state.lock().unwrap();
        // The first part of an answer is held back; the rest of a long one follows it.
        if state.asked > 0 {
            state.held += 1;
            let deadline = Instant::now() + HELD_BACK;
            while !state.done {
                let Some(left) = deadline.checked_duration_since(Instant::now()) else { break };
                state = shared.changed.wait_timeout(state, left).unwrap().0;
            }
            if state.done {
                state.counts.unawaited += 1;
            } else {
                state.counts.waits += 1;
            }
            state.held -= 1;
            state.asked = 0;
            shared.changed.notify_all();
        }
        drop(state);
        if client.write_all(bytes).is_err() {
            break;
        }
    }
    let mut state = shared.state.lock().unwrap();
    state.asked = 0;
    shared.changed.notify_all();
    drop(state);
    let _ = client.shutdown(std::net::Shutdown::Both);
}

fn receive<'a>(from: &mut TcpStream, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    loop {
        match from.read(buffer) {
            Ok(0) => return None,
            Ok(length) => return Some(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
