//! A mark that comes back with an answer, so that nobody's session is handed to somebody else.
//!
//! Replies are told apart by their order alone. What stands between us and the server, a proxy that
//! repeats, drops or exchanges replies, can break the order without breaking the protocol, and a reply
//! that is one too many looks like the answer to the next request. So whatever hands out a session or
//! a lock has a PING behind it, with eight bytes that no other exchange has, and counts only if the
//! next reply is those eight bytes. It travels along and costs no wait.
//!
//! Answers to writes are not sealed. They look like no other exchange's first reply, so that one too
//! many is noticed before anything is handed out.

use super::protocol::Frame;

const HEAD: &[u8; 14] = b"*2\r\n$4\r\nPING\r\n";
const LENGTH: usize = 14;

/// The mark of one exchange, as the server sends it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seal([u8; LENGTH]);

impl Seal {
    fn of(number: u64) -> Self {
        let mut wire = *b"$8\r\n........\r\n";
        wire[4..12].copy_from_slice(&number.to_ne_bytes());
        Self(wire)
    }

    /// The reply on the wire.
    pub(super) fn wire(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// The mark alone.
    pub(super) fn mark(&self) -> &[u8] {
        &self.0[4..12]
    }
}

/// Makes seals: a walk through all numbers from a random one on. Two connections, of whatever workers,
/// do not meet.
#[derive(Debug, Default)]
pub(super) struct Seals(u64);

impl Seals {
    /// For a new connection. Without randomness, which a system hardly ever lacks, the walk goes on.
    pub(super) fn begin(&mut self) {
        let mut raw = [0; 8];
        if getrandom::fill(&mut raw).is_ok() {
            self.0 = u64::from_ne_bytes(raw);
        }
    }

    /// Writes the command that brings a new seal back, behind those that it is to seal.
    pub(super) fn close(&mut self, frame: &mut Frame) -> Seal {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let seal = Seal::of(self.0);
        frame.raw(HEAD);
        frame.raw(seal.wire());
        seal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seal_is_new_and_the_command_carries_it() {
        let mut seals = Seals::default();
        let mut seen = Vec::new();
        for _ in 0..1000 {
            seals.begin();
            for _ in 0..3 {
                let mut frame = Frame::default();
                let seal = seals.close(&mut frame);
                assert_eq!(frame.as_bytes(), [b"*2\r\n$4\r\nPING\r\n$8\r\n", seal.mark(), b"\r\n"].concat());
                seen.push(seal.mark().to_vec());
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 3000);
    }
}
