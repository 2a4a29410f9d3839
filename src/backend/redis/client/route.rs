//! Where the next command goes: to the server that has the sessions, wherever that is now, and to
//! where an answer says that it is.

use super::super::cluster::{self, Direction, Map, Range};
use super::super::connection::Outgoing;
use super::super::error;
use super::super::link::Link;
use super::super::protocol::Reply;
use super::super::topology::Search;
use super::{Alongside, Before, Client, Failure};
use crate::backend::remote::address::Address;
use crate::backend::remote::backoff::Backoff;
use crate::backend::remote::connection::Fault;
use crate::error::{Error, Kind, Operation, Result};
use std::time::{Duration, Instant};

/// A cluster's map younger than this is not fetched again because one slot moved.
const MAP_AGE: Duration = Duration::from_secs(1);

impl Client {
    /// Connects to the server that has the sessions, wherever that is now.
    pub(super) fn connect(&mut self, operation: Operation, tries: &mut Backoff) -> Result<()> {
        loop {
            let Err(error) = self.reach(operation) else { return Ok(()) };
            self.disconnect();
            // One that is there and does not answer has had its time; what is wrong with a password or
            // a certificate stays so.
            if error.kind() != Kind::Unavailable || !tries.pause() {
                return Err(error);
            }
            self.look_again(operation)?;
        }
    }

    /// In a cluster: asks who has the slot now.
    fn look_again(&mut self, operation: Operation) -> Result<()> {
        if matches!(self.search, Search::Cluster { .. }) {
            let _ = self.fetch_map(operation);
            self.go_to_owner(operation)?;
        }
        Ok(())
    }

    fn reach(&mut self, operation: Operation) -> Result<()> {
        let master = match &mut self.search {
            Search::One | Search::Cluster { .. } => return self.open(operation),
            Search::Several(hosts) => {
                let hosts = hosts.clone();
                return self.reach_first(operation, hosts);
            }
            Search::Sentinel(sentinels) => sentinels.master(operation, &self.settings)?,
        };
        self.link().address = master;
        self.open_master(operation)
    }

    fn reach_first(&mut self, operation: Operation, mut hosts: Vec<Address>) -> Result<()> {
        let mut failures = Vec::new();
        for host in &hosts {
            self.link().address = host.clone();
            match self.open_master(operation) {
                Ok(()) => {
                    hosts.rotate_left(failures.len());
                    self.search = Search::Several(hosts);
                    return Ok(());
                }
                Err(error) => failures.push(error),
            }
        }
        Err(error::of_all(operation, "none of the hosts is a master that answers", &hosts, &failures))
    }

    fn open(&mut self, operation: Operation) -> Result<()> {
        self.disconnect();
        self.seals.begin();
        let limit = self.settings.connect_timeout;
        let link = &mut self.links[self.current];
        link.open(&self.settings).map_err(|cause| error::FAILURES.not_connected(operation, &link.address, limit, cause))
    }

    /// A server that is to be the master may have become a replica, which answers all the same, with
    /// old sessions. Who may not ask for its role finds out when it writes.
    fn open_master(&mut self, operation: Operation) -> Result<()> {
        self.open(operation)?;
        self.check_role(operation)
    }

    fn check_role(&mut self, operation: Operation) -> Result<()> {
        let address = self.address().clone();
        self.exchange(operation, b"*1\r\n$4\r\nROLE\r\n", |reply| match reply {
            Reply::Array(mut items) => match items.next() {
                Some(Reply::Bulk(b"master")) => Ok(()),
                _ => Err(error::no_master(operation, &address)),
            },
            Reply::Error(_) => Ok(()),
            _ => Err(error::FAILURES.unexpected(operation, &address)),
        })
    }

    /// Whether the server that just answered was not the master any more: a script that finds nothing
    /// of ours there writes nothing, so that nothing refuses it. The next command goes elsewhere then.
    pub(in super::super) fn was_demoted(&mut self, operation: Operation) -> bool {
        let masters = matches!(self.search, Search::Several(_) | Search::Sentinel(_));
        if !masters || self.check_role(operation).is_ok() {
            return false;
        }
        self.disconnect();
        true
    }

    /// Sets the current link up, if it is new, and asks something that is not about a session.
    fn exchange<T>(
        &mut self,
        operation: Operation,
        command: &[u8],
        mut take: impl FnMut(Reply<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut outcome = None;
        let take = |reply: Reply<'_>| {
            outcome = Some(take(reply));
            Ok(())
        };
        let command = Outgoing { head: command, body: b"", tail: b"", seal: None };
        let sent = self.attempt(operation, command, (Alongside::Yes, false), &mut Before::Nothing, &mut { take });
        let failure = match (sent, outcome) {
            (Ok(_), Some(outcome)) => return outcome,
            (Err(failure), _) => failure,
            (Ok(_), None) => Failure::Fault(Fault::Closed),
        };
        self.disconnect();
        Err(match failure {
            Failure::Told(error) | Failure::Directed(_, error) => error,
            Failure::Fault(fault) => self.broken(operation, self.settings.read_timeout, fault),
        })
    }

    /// In a cluster: the next command goes to the node that has the slot.
    pub(super) fn go_to_owner(&mut self, operation: Operation) -> Result<()> {
        let mut tries = self.settings.retries.begin();
        loop {
            let Search::Cluster { map, .. } = &self.search else { return Ok(()) };
            if let Some(owner) = map.owner(self.slot) {
                self.go_to(owner);
                return Ok(());
            }
            let fetched = self.fetch_map(operation);
            let Search::Cluster { map, .. } = &self.search else { return Ok(()) };
            if map.owner(self.slot).is_none() {
                let nobody = || error::no_owner(operation, &self.settings.topology);
                let error = fetched.err().unwrap_or_else(nobody);
                if error.kind() != Kind::Unavailable || !tries.pause() {
                    return Err(error);
                }
            }
        }
    }

    fn go_to(&mut self, link: usize) {
        if link != self.current && link < self.links.len() {
            self.unheard |= self.links[self.current].leave();
            self.current = link;
        }
    }

    /// Asks a node for the map of all: one that there is a connection to, any other, those of the DSN.
    fn fetch_map(&mut self, operation: Operation) -> Result<()> {
        let Search::Cluster { seeds, .. } = &self.search else {
            return Err(error::no_owner(operation, &self.settings.topology));
        };
        let seeds = seeds.clone();
        for seed in &seeds {
            self.link_to(seed);
        }
        let last = self.current;
        let mut order: Vec<usize> = (0..self.links.len()).collect();
        order.sort_by_key(|link| (self.links[*link].connection.is_none(), *link == last));
        let (mut asked, mut failures) = (Vec::new(), Vec::new());
        for link in order {
            self.go_to(link);
            asked.push(self.address().clone());
            match self.ask_for_map(operation) {
                Ok(ranges) => {
                    self.take_map(ranges, &seeds);
                    return Ok(());
                }
                Err(error) => failures.push(error),
            }
        }
        Err(error::of_all(operation, "no node of the cluster can be asked", &asked, &failures))
    }

    fn ask_for_map(&mut self, operation: Operation) -> Result<Vec<Range>> {
        let now = Instant::now();
        if !self.link().is_usable(now) {
            self.open(operation)?;
        }
        let address = self.address().clone();
        self.exchange(operation, b"*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n", |reply| match reply {
            Reply::Error(text) => Err(error::no_map(operation, &address, &String::from_utf8_lossy(text))),
            reply => cluster::ranges(reply, &address).ok_or_else(|| error::FAILURES.unexpected(operation, &address)),
        })
    }

    /// Replaces the map. Nodes that are gone are forgotten, connections to the others stay.
    fn take_map(&mut self, ranges: Vec<Range>, seeds: &[Address]) {
        let here = self.address().clone();
        for link in std::mem::take(&mut self.links) {
            let stays = seeds.contains(&link.address) || ranges.iter().any(|range| range.node == link.address);
            if stays { self.links.push(link) } else { self.unheard |= { link }.close() }
        }
        let mut map = Map::new();
        for range in &ranges {
            let link = self.link_to(&range.node);
            map.set(range.first, range.last, link);
        }
        map.fetched = Some(Instant::now());
        self.current = self.link_to(&here);
        // A name in the DSN may be one of the nodes: the connection that asked is not needed twice.
        if !ranges.iter().any(|range| range.node == here) {
            self.disconnect();
        }
        self.search = Search::Cluster { seeds: seeds.to_vec(), map };
    }

    fn link_to(&mut self, address: &Address) -> usize {
        let known = self.links.iter().position(|link| link.address == *address);
        known.unwrap_or_else(|| {
            self.links.push(Link::to(address.clone()));
            self.links.len() - 1
        })
    }

    /// Follows a direction, so that the command can be sent again. True if the next one must say
    /// that it was sent there for the time being. An error if there are no tries left.
    pub(super) fn follow(
        &mut self,
        operation: Operation,
        direction: Direction,
        pair: bool,
        told: Error,
        tries: &mut Backoff,
    ) -> Result<bool> {
        match direction {
            Direction::Moved(slot, node) => {
                if !tries.at_once() {
                    return Err(told);
                }
                let link = self.link_to(&node);
                let Search::Cluster { map, .. } = &mut self.search else { return Err(told) };
                map.set(slot, slot, link);
                // Where one slot moved, others may have.
                if map.fetched.is_none_or(|fetched| fetched.elapsed() > MAP_AGE) {
                    let _ = self.fetch_map(operation);
                }
                self.go_to_owner(operation)?;
            }
            // Each of several commands would have to be sent where its own key is.
            Direction::Ask(node) if !pair => {
                if !tries.at_once() {
                    return Err(told);
                }
                let link = self.link_to(&node);
                self.go_to(link);
                self.make_usable(operation, tries)?;
                return Ok(true);
            }
            Direction::Ask(_) | Direction::TryAgain => {
                if !tries.pause() {
                    return Err(told);
                }
                self.go_to_owner(operation)?;
            }
            Direction::Down => {
                self.disconnect();
                if !tries.pause() {
                    return Err(told);
                }
                if let Search::Several(hosts) = &mut self.search {
                    hosts.rotate_left(1);
                }
                self.look_again(operation)?;
            }
        }
        self.make_usable(operation, tries)?;
        Ok(false)
    }

    pub(super) fn make_usable(&mut self, operation: Operation, tries: &mut Backoff) -> Result<()> {
        let now = Instant::now();
        if self.link().is_usable(now) { Ok(()) } else { self.connect(operation, tries) }
    }
}
