//! A proxy that does not listen when it is told so: what a client sends then is thrown away, and the connection
//! is closed, as with a server that went in that moment. It knows no protocol.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A listening proxy. It serves until the process ends.
pub struct DeafProxy {
    address: SocketAddr,
    ignored: Arc<AtomicU32>,
}

impl DeafProxy {
    /// In front of a server on 127.0.0.1.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let ignored = Arc::new(AtomicU32::new(0));
        let ignores = Arc::clone(&ignored);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { continue };
                let _ = client.set_nodelay(true);
                let _ = server.set_nodelay(true);
                let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
                let ignores = Arc::clone(&ignores);
                std::thread::spawn(move || pass_on(client, server, || take_one(&ignores)));
                std::thread::spawn(move || pass_on(server_too, client_too, || false));
            }
        });
        Self { address, ignored }
    }

    /// The port on 127.0.0.1 to connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The next so many things that clients send go nowhere.
    pub fn ignore(&self, count: u32) {
        self.ignored.store(count, Ordering::SeqCst);
    }

    /// Whether as much was thrown away as was to be.
    pub fn has_ignored(&self) -> bool {
        self.ignored.load(Ordering::SeqCst) == 0
    }
}

fn take_one(ignored: &AtomicU32) -> bool {
    ignored.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, is_deaf: impl Fn() -> bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if is_deaf() || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
