//! Which server has a session: the same that libmemcached picks with the same settings, so that
//! sessions of php-memcached are found where it left them.
//!
//! The key that is hashed is the session's id without the prefix, unless a client has put the prefix
//! into its keys itself: then it is hashed, too.

use crate::backend::remote::address::Address;

/// The port that libmemcached leaves out of a server's name on the ring.
const DEFAULT_PORT: u16 = 11211;
/// Points of a server on a ring without weights.
const POINTS: usize = 100;
/// Points of a server of middling weight on a ring with weights: four for each MD5 sum.
const WEIGHTED_POINTS: f32 = 160.0;

/// Points of a server on pecl-memcache's ring, for each unit of its weight.
const PECL_POINTS: u32 = 160;
/// Places of pecl-memcache's ring: an id has one of them, and the server of the next point after it.
const PECL_PLACES: u32 = 1024;

/// How servers are picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Distribution {
    /// The hash modulo the number of servers: another server moves nearly all sessions.
    Modula,
    /// `memcached.sess_consistent_hash_type=ketama`: a ring without weights.
    #[default]
    Ketama,
    /// A ring with weights: `ketama_weighted`, and `Memcached::DISTRIBUTION_CONSISTENT`.
    Weighted,
    /// pecl-memcache's ring, `memcache.hash_strategy=consistent`.
    Pecl,
}

/// How an id becomes a number: libmemcached's hash functions, by its names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hash {
    /// Jenkins's one-at-a-time.
    #[default]
    Default,
    /// The first four bytes of the MD5 sum.
    Md5,
    /// 15 bits of CRC-32.
    Crc,
    /// FNV-1, the lower half of 64 bits.
    Fnv1As64,
    /// FNV-1a with the constants for 64 bits, in 32.
    Fnv1aAs64,
    /// FNV-1 in 32 bits.
    Fnv1As32,
    /// FNV-1a in 32 bits.
    Fnv1aAs32,
}

impl Hash {
    /// The number.
    #[must_use]
    pub fn of(self, key: &[u8]) -> u32 {
        let fnv =
            |start: u32, step: fn(u32, u32) -> u32| key.iter().fold(start, |hash, byte| step(hash, u32::from(*byte)));
        match self {
            Self::Default => {
                let hash = key.iter().fold(0_u32, |hash, byte| {
                    let hash = hash.wrapping_add(u32::from(*byte));
                    let hash = hash.wrapping_add(hash << 10);
                    hash ^ (hash >> 6)
                });
                let hash = hash.wrapping_add(hash << 3);
                let hash = hash ^ (hash >> 11);
                hash.wrapping_add(hash << 15)
            }
            Self::Md5 => quarters(&md5::compute(key).0)[0],
            Self::Crc => (!crc(key) >> 16) & 0x7fff,
            Self::Fnv1As64 => {
                let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                    hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte)
                });
                (hash & u64::from(u32::MAX)) as u32
            }
            Self::Fnv1aAs64 => fnv(0x8422_2325, |hash, byte| (hash ^ byte).wrapping_mul(0x0000_01b3)),
            Self::Fnv1As32 => fnv(2_166_136_261, |hash, byte| hash.wrapping_mul(16_777_619) ^ byte),
            Self::Fnv1aAs32 => fnv(2_166_136_261, |hash, byte| (hash ^ byte).wrapping_mul(16_777_619)),
        }
    }
}

/// CRC-32 before its last inversion. Keys are short: no table is worth its memory.
fn crc<'a>(key: impl IntoIterator<Item = &'a u8>) -> u32 {
    key.into_iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

fn quarters(sum: &[u8; 16]) -> [u32; 4] {
    let mut quarters = [0; 4];
    for (quarter, bytes) in quarters.iter_mut().zip(sum.chunks_exact(4)) {
        *quarter = bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
    }
    quarters
}

/// The picker for one list of servers.
#[derive(Clone, Debug)]
pub struct Ring {
    hash: Hash,
    servers: usize,
    /// Sorted, each with its server; empty for the modulo.
    points: Vec<(u32, usize)>,
    /// The distance between the places that ids have; 0 where an id may be anywhere.
    step: u32,
    /// What is hashed before the id.
    before: Vec<u8>,
}

impl Ring {
    /// For servers with their weights, in the order in which they were written.
    #[must_use]
    pub fn new(servers: &[(Address, u32)], distribution: Distribution, hash: Hash) -> Self {
        let total: u32 = servers.iter().map(|(_, weight)| weight).sum();
        let mut points = Vec::new();
        for (index, (address, weight)) in servers.iter().enumerate() {
            match distribution {
                Distribution::Modula => {}
                Distribution::Ketama => {
                    points.extend((0..POINTS).map(|point| (Hash::Default.of(name(address, point).as_bytes()), index)));
                }
                Distribution::Pecl => {
                    points.extend(
                        (0..PECL_POINTS.saturating_mul(*weight))
                            .map(|point| (!crc(pecl_name(address, point).as_bytes()), index)),
                    );
                }
                Distribution::Weighted => {
                    // In the precision in which libmemcached reckons, or the last point differs.
                    let share = *weight as f32 / total.max(1) as f32;
                    let sums = (share * WEIGHTED_POINTS / 4.0 * servers.len() as f32 + 1e-10).floor() as usize;
                    for point in 0..sums {
                        let sum = md5::compute(name(address, point)).0;
                        points.extend(quarters(&sum).map(|value| (value, index)));
                    }
                }
            }
        }
        points.sort_by_key(|(value, _)| *value);
        let step = if distribution == Distribution::Pecl { u32::MAX / PECL_PLACES } else { 0 };
        Self { hash, servers: servers.len(), points, step, before: Vec::new() }
    }

    /// The same, for clients that hash this before the id.
    #[must_use]
    pub fn hashing_before(mut self, text: &str) -> Self {
        self.before = text.into();
        self
    }

    /// The server of a session.
    #[must_use]
    pub fn pick(&self, id: &[u8]) -> usize {
        if self.servers < 2 {
            return 0;
        }
        let whole;
        let id = if self.before.is_empty() {
            id
        } else {
            whole = [&self.before, id].concat();
            &whole
        };
        // pecl-memcache's session handler counts the servers that it tries behind the key.
        let hash = if self.step == 0 { self.hash.of(id) } else { !crc(id.iter().chain(b"-0")) };
        if self.points.is_empty() {
            return hash as usize % self.servers;
        }
        let hash = if self.step == 0 { hash } else { hash % PECL_PLACES * self.step };
        let next = self.points.partition_point(|(value, _)| *value < hash);
        self.points.get(next).or(self.points.first()).map_or(0, |(_, index)| *index)
    }
}

/// A server's name at one of its points.
fn name(address: &Address, point: usize) -> String {
    match address {
        Address::Tcp { host, port: DEFAULT_PORT } => format!("{host}-{point}"),
        Address::Tcp { host, port } => format!("{host}:{port}-{point}"),
        Address::Unix(path) => format!("{}:0-{point}", path.display()),
    }
}

fn pecl_name(address: &Address, point: u32) -> String {
    match address {
        Address::Tcp { host, port } => format!("{host}:{port}-{point}"),
        Address::Unix(path) => format!("unix://{}:0-{point}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(count: usize) -> Vec<(Address, u32)> {
        let tcp = |host: &str, port| Address::Tcp { host: host.into(), port };
        let all = [
            (tcp("10.0.0.1", 11211), 1),
            (tcp("10.0.0.2", 11212), 2),
            (tcp("cache-c", 11211), 1),
            (Address::Unix("/run/m.sock".into()), 1),
        ];
        all[..count].to_vec()
    }

    fn picked(count: usize, distribution: Distribution, hash: Hash) -> String {
        let ring = Ring::new(&servers(count), distribution, hash);
        (0..60).map(|number| ring.pick(format!("key-{number}").as_bytes()).to_string()).collect()
    }

    /// What `Memcached::getServerByKey()` answers for the same servers and keys (libmemcached 1.1.4);
    /// for the ring without weights, where its sessions were found.
    #[test]
    fn the_servers_that_libmemcached_picks() {
        use Distribution::{Ketama, Modula, Weighted};
        for (count, distribution, hash, expected) in [
            (3, Modula, Hash::Default, "100000010120000002221111111110100000000011000002220000000000"),
            (3, Modula, Hash::Md5, "110021012212111210210112220111221110201220010202200220002102"),
            (3, Modula, Hash::Crc, "210120202112200101221201210012121102021200120111212210122020"),
            (3, Modula, Hash::Fnv1As64, "022110022101201201201002211021122001120121021021020120201212"),
            (3, Modula, Hash::Fnv1aAs64, "222222222211111111111111111111111111111111111111111111111111"),
            (3, Modula, Hash::Fnv1As32, "211002211012012012010221100210011220012002102102100120201212"),
            (3, Modula, Hash::Fnv1aAs32, "012020121221100221022012120101021021021020010112010221211010"),
            (3, Weighted, Hash::Default, "101101120000120101121011211111201111101121011120012021110120"),
            (3, Weighted, Hash::Md5, "111120111120011110020022211001101201102012101101201110022120"),
            (3, Weighted, Hash::Fnv1aAs32, "011211111110110111122121012201210121222101002122102101212201"),
            (4, Weighted, Hash::Default, "131303120030120301123013213311301103101131011130012021110320"),
            (4, Weighted, Hash::Md5, "311120133320011113020032311001301201102033301103203310022123"),
        ] {
            assert_eq!(picked(count, distribution, hash), expected, "{distribution:?} {hash:?}");
        }
        let local = |port| (Address::Tcp { host: "127.0.0.1".into(), port }, 1);
        let ring = Ring::new(&[local(11211), local(23452), local(23453)], Ketama, Hash::Default);
        let found = |ring: &Ring| -> String {
            (0..60).map(|number| ring.pick(format!("key-{number}").as_bytes()).to_string()).collect()
        };
        assert_eq!(found(&ring), "011020102022120010000211122000011111220110211020102122022120");
        // And where those of pecl-memcache were found.
        let mut servers = [local(23461), local(23462), local(23463)];
        for (weights, expected) in [
            ([1, 1, 1], "110222221111120001112012122020212122102120121222202122221021"),
            ([1, 3, 2], "110121222111121011111012221220222121112110122212201222211011"),
        ] {
            servers.iter_mut().zip(weights).for_each(|(server, weight)| server.1 = weight);
            assert_eq!(found(&Ring::new(&servers, Distribution::Pecl, Hash::Default)), expected);
        }
    }

    #[test]
    fn one_server_has_everything() {
        for distribution in [Distribution::Modula, Distribution::Ketama, Distribution::Weighted] {
            assert_eq!(picked(1, distribution, Hash::Default), "0".repeat(60));
        }
    }

    #[test]
    fn what_clients_hash_before_the_id_has_a_part_in_the_choice() {
        let plain = Ring::new(&servers(3), Distribution::Modula, Hash::Default);
        let prefixed = plain.clone().hashing_before("app.");
        let ids: Vec<String> = (0..60).map(|number| format!("key-{number}")).collect();
        assert!(ids.iter().all(|id| prefixed.pick(id.as_bytes()) == plain.pick(format!("app.{id}").as_bytes())));
        assert!(ids.iter().any(|id| prefixed.pick(id.as_bytes()) != plain.pick(id.as_bytes())));
    }
}
