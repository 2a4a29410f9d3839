//! How the server is found that has the sessions.

use super::cluster::{Direction, Map};
use super::sentinel::Sentinels;
use crate::backend::remote::address::Address;

/// Where a server is that is nowhere else.
pub(super) const HOST: &str = "127.0.0.1";
pub(super) const PORT: u16 = 6379;

/// As it was configured. At least one address is in each.
#[derive(Clone)]
pub(super) enum Topology {
    /// One server.
    One(Address),
    /// The first of them that can be reached and is a master, for as long as it is one.
    Several(Vec<Address>),
    /// The master that the sentinels name.
    Sentinel(Sentinels),
    /// The node that has the session's slot. These are the nodes to ask for the others.
    Cluster(Vec<Address>),
}

/// [`Topology`], and how far the search got.
pub(super) enum Search {
    One,
    /// The one that was a master, or comes next, is the first.
    Several(Vec<Address>),
    Sentinel(Sentinels),
    Cluster {
        seeds: Vec<Address>,
        map: Map,
    },
}

impl Topology {
    pub(super) fn addresses(&self) -> &[Address] {
        match self {
            Self::One(address) => std::slice::from_ref(address),
            Self::Several(hosts) | Self::Cluster(hosts) => hosts,
            Self::Sentinel(sentinels) => &sentinels.hosts,
        }
    }

    /// Where to go first.
    pub(super) fn first(&self) -> Address {
        let first = self.addresses().first().cloned();
        first.unwrap_or_else(|| Address::Tcp { host: HOST.to_owned(), port: PORT })
    }

    pub(super) fn search(&self) -> Search {
        match self {
            Self::One(_) => Search::One,
            Self::Several(hosts) => Search::Several(hosts.clone()),
            Self::Sentinel(sentinels) => Search::Sentinel(sentinels.clone()),
            Self::Cluster(seeds) => Search::Cluster { seeds: seeds.clone(), map: Map::new() },
        }
    }
}

/// For messages and for phpinfo: who was configured.
impl std::fmt::Display for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, address) in self.addresses().iter().enumerate() {
            write!(f, "{}{address}", if position == 0 { "" } else { "," })?;
        }
        match self {
            Self::Sentinel(sentinels) => write!(f, " (sentinels of {})", sentinels.master),
            Self::Cluster(_) => f.write_str(" (cluster)"),
            _ => Ok(()),
        }
    }
}

impl Search {
    /// Whether another server may do what one could not.
    pub(super) fn has_others(&self) -> bool {
        !matches!(self, Self::One)
    }

    /// Where an error reply sends us; `None` if it is the command's own.
    pub(super) fn direction(&self, text: &[u8], asked: &Address) -> Option<Direction> {
        const PASSED_OVER: [&[u8]; 4] = [b"READONLY", b"LOADING", b"MASTERDOWN", b"UNBLOCKED"];
        match self {
            Self::One => None,
            Self::Cluster { .. } => Direction::of(text, asked),
            Self::Several(_) | Self::Sentinel(_) => {
                // Before version 7 a script's failure has the command's behind it.
                let within = || text.windows(9).any(|part| part == b"-READONLY");
                (PASSED_OVER.iter().any(|code| text.starts_with(code)) || within()).then_some(Direction::Down)
            }
        }
    }
}
