//! Where a cluster keeps what: slots, and the nodes that have them.
//!
//! A key belongs to one of 16384 slots, a slot to one node at a time. The map is fetched once, kept
//! between requests, and put right by the answers of nodes that are asked in vain.

use super::protocol::{Items, Reply};
use crate::backend::remote::address::Address;
use std::time::Instant;

const SLOTS: usize = 16_384;
/// The map knows of no node.
const NOBODY: u16 = u16::MAX;

/// The slot of a key: of what stands in its first pair of braces, or of all of it.
pub(super) fn slot(key: &[&[u8]]) -> u16 {
    let bytes = || key.iter().flat_map(|part| part.iter().copied());
    let tag = bytes().position(|byte| byte == b'{').and_then(|open| {
        let length = bytes().skip(open + 1).position(|byte| byte == b'}')?;
        (length > 0).then_some((open + 1, length))
    });
    let (skip, take) = tag.unwrap_or((0, usize::MAX));
    // CRC-16 as XMODEM has it.
    let crc = bytes().skip(skip).take(take).fold(0u16, |crc, byte| {
        (0..8)
            .fold(crc ^ (u16::from(byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    });
    crc % SLOTS as u16
}

/// Slots and the node that has them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) node: Address,
}

/// Understands the answer to CLUSTER SLOTS; a node that does not say where it is, is where the
/// answer came from. `None` for an answer that is none.
pub(super) fn ranges(reply: Reply<'_>, asked: &Address) -> Option<Vec<Range>> {
    let Reply::Array(items) = reply else { return None };
    items.map(|item| range(item, asked)).collect()
}

fn range(reply: Reply<'_>, asked: &Address) -> Option<Range> {
    let Reply::Array(mut items) = reply else { return None };
    let number = |items: &mut Items<'_>| match items.next() {
        Some(Reply::Integer(slot)) => u16::try_from(slot).ok().filter(|slot| usize::from(*slot) < SLOTS),
        _ => None,
    };
    let (first, last) = (number(&mut items)?, number(&mut items)?);
    // The first node is the master.
    let Some(Reply::Array(mut node)) = items.next() else { return None };
    let host = match node.next()? {
        Reply::Bulk(host) => std::str::from_utf8(host).ok()?,
        Reply::Null => "",
        _ => return None,
    };
    let port = match node.next()? {
        Reply::Integer(port) => u16::try_from(port).ok().filter(|port| *port > 0)?,
        _ => return None,
    };
    (first <= last).then(|| Range { first, last, node: beside(asked, host, port) })
}

/// A node as another one calls it. Without a name, or with the "?" of one that has none yet, it is
/// on the other one's host.
fn beside(asked: &Address, host: &str, port: u16) -> Address {
    let host = match (host, asked) {
        ("" | "?", Address::Tcp { host, .. }) => host.clone(),
        (host, _) => host.to_owned(),
    };
    Address::Tcp { host, port }
}

/// Where a node sends us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The slot lives there now.
    Moved(u16, Address),
    /// The key may have gone there already; the slot follows.
    Ask(Address),
    /// The slot is on its way, with some of the keys here and some there.
    TryAgain,
    /// This server cannot serve us now, another may.
    Down,
}

impl Direction {
    /// What an error reply of a node at `asked` says of the way. `None`: something else.
    pub(super) fn of(text: &[u8], asked: &Address) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        // A script came upon a key of a waiter's that is not here. It can be called again: it knows its
        // own token and queues nobody twice.
        if text.contains("access a non local key") {
            return Some(Self::TryAgain);
        }
        let mut words = text.split(' ');
        let code = words.next()?;
        match code {
            "TRYAGAIN" => return Some(Self::TryAgain),
            "CLUSTERDOWN" | "MASTERDOWN" | "LOADING" | "READONLY" | "UNBLOCKED" => return Some(Self::Down),
            "MOVED" | "ASK" => {}
            _ => return None,
        }
        let slot = words.next()?.parse().ok().filter(|slot| usize::from(*slot) < SLOTS)?;
        let (host, port) = words.next()?.rsplit_once(':')?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let node = beside(asked, host, port.parse().ok().filter(|port| *port > 0)?);
        Some(if code == "MOVED" { Self::Moved(slot, node) } else { Self::Ask(node) })
    }
}

/// The map, in terms of the client's list of links.
#[derive(Debug)]
pub(super) struct Map {
    owners: Vec<u16>,
    /// When it was fetched; `None`: not yet.
    pub(super) fetched: Option<Instant>,
}

impl Map {
    pub(super) fn new() -> Self {
        Self { owners: vec![NOBODY; SLOTS], fetched: None }
    }

    /// The link of the node that has the slot.
    pub(super) fn owner(&self, slot: u16) -> Option<usize> {
        self.owners.get(usize::from(slot)).filter(|link| **link != NOBODY).map(|link| usize::from(*link))
    }

    pub(super) fn set(&mut self, first: u16, last: u16, link: usize) {
        let link = u16::try_from(link).unwrap_or(NOBODY);
        if let Some(owners) = self.owners.get_mut(usize::from(first)..=usize::from(last)) {
            owners.fill(link);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::{Parsed, parse};
    use super::*;
    use proptest::prelude::*;

    fn at(host: &str, port: u16) -> Address {
        Address::Tcp { host: host.into(), port }
    }

    fn slots(wire: &[u8]) -> Option<Vec<Range>> {
        match parse(wire) {
            Ok(Parsed::Complete(reply, _)) => ranges(reply, &at("asked", 1)),
            _ => None,
        }
    }

    #[test]
    fn slots_of_keys() {
        // The check value of this CRC, and what a server answers to CLUSTER KEYSLOT.
        assert_eq!(slot(&[b"123456789"]), 0x31C3);
        assert_eq!(slot(&[b"foo"]), 12182);
        assert_eq!(slot(&[b"a{foo}", b"b"]), 12182);
        assert_eq!(slot(&[b"{", b"fo", b"o}_LOCK{x}"]), 12182);
        assert_eq!(slot(&[b"foo{}{bar}"]), slot(&[b"foo{}", b"{bar}"]));
        assert_ne!(slot(&[b"foo{}{bar}"]), slot(&[b"bar"]));
        assert_eq!(slot(&[b"{foo"]), slot(&[b"{", b"foo"]));
    }

    #[test]
    fn the_answer_to_cluster_slots() {
        let wire = b"*2\r\n*4\r\n:0\r\n:5\r\n*4\r\n$1\r\nh\r\n:7\r\n$2\r\nid\r\n*2\r\n$8\r\nhostname\r\n$1\r\nx\r\n*3\r\n$1\r\nr\r\n:8\r\n$2\r\nid\r\n\
                     *3\r\n:6\r\n:16383\r\n*3\r\n$-1\r\n:9\r\n$2\r\nid\r\n";
        assert_eq!(
            slots(wire).unwrap(),
            [Range { first: 0, last: 5, node: at("h", 7) }, Range { first: 6, last: 16383, node: at("asked", 9) },]
        );
        assert_eq!(slots(b"*0\r\n").unwrap(), []);
        for bad in [
            b"+OK\r\n".as_slice(),
            b"*1\r\n:1\r\n",
            b"*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nh\r\n:7\r\n",
            b"*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\nh\r\n:7\r\n",
            b"*1\r\n*3\r\n:0\r\n:4\r\n*2\r\n$1\r\nh\r\n:0\r\n",
            b"*1\r\n*3\r\n:0\r\n:4\r\n*2\r\n$1\r\nh\r\n:70000\r\n",
            b"*1\r\n*2\r\n:0\r\n:4\r\n",
        ] {
            assert_eq!(slots(bad), None, "{:?}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn directions() {
        let of = |text: &str| Direction::of(text.as_bytes(), &at("asked", 1));
        assert_eq!(of("MOVED 3999 127.0.0.1:6381"), Some(Direction::Moved(3999, at("127.0.0.1", 6381))));
        assert_eq!(of("ASK 0 :6381"), Some(Direction::Ask(at("asked", 6381))));
        assert_eq!(of("MOVED 1 ::1:7"), Some(Direction::Moved(1, at("::1", 7))));
        assert_eq!(of("MOVED 1 [::1]:7"), Some(Direction::Moved(1, at("::1", 7))));
        assert_eq!(of("MOVED 1 ?:7"), Some(Direction::Moved(1, at("asked", 7))));
        assert_eq!(of("TRYAGAIN Multiple keys request during rehashing of slot"), Some(Direction::TryAgain));
        assert_eq!(of("ERR Script attempted to access a non local key in a cluster node"), Some(Direction::TryAgain));
        assert_eq!(of("CLUSTERDOWN The cluster is down"), Some(Direction::Down));
        for other in
            ["", "MOVED", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0", "MOVED x h:1", "ERR no", "MOVED 1 h:99999"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn the_map() {
        let mut map = Map::new();
        assert_eq!(map.owner(0), None);
        map.set(0, 16383, 3);
        map.set(5, 5, 4);
        assert_eq!((map.owner(4), map.owner(5), map.owner(16383)), (Some(3), Some(4), Some(3)));
        assert_eq!(map.owner(16384), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,60}", slot in any::<u16>()) {
            let _ = slots(&bytes);
            let _ = Direction::of(&bytes, &at("h", 1));
            let _ = Direction::of(format!("MOVED {text}").as_bytes(), &at("h", 1));
            let mut map = Map::new();
            map.set(slot, slot.wrapping_add(7), 1);
            let _ = map.owner(slot);
        }

        #[test]
        fn a_lock_s_slot_is_its_record_s(prefix in "[a-zA-Z:_.-]{0,20}", id in "[a-zA-Z0-9,-]{1,40}") {
            let record = format!("{prefix}{id}");
            prop_assert_eq!(slot(&[record.as_bytes()]), slot(&[b"{", record.as_bytes(), b"}_LOCK_QUEUE:x"]));
        }
    }
}
