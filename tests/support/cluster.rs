//! A Redis cluster of the test's own: nodes on free ports of 127.0.0.1, masters first.

use crate::redis_server::RedisServer;
use crate::support;
use redis::{Connection, Value, cmd};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);
const SLOTS: u32 = 16_384;

/// A running cluster.
pub struct Cluster {
    nodes: Vec<RedisServer>,
    masters: usize,
}

impl Cluster {
    /// Starts so many masters, which share the slots evenly, and as many replicas or none.
    ///
    /// # Errors
    /// The reason why this machine has none.
    ///
    /// # Panics
    /// When the nodes do not come together.
    pub fn start(masters: usize, replicas: bool, options: &[&str]) -> Result<Self, String> {
        let count = if replicas { 2 * masters } else { masters };
        let mut nodes = Vec::new();
        for _ in 0..count {
            let bus = support::free_port().to_string();
            let mut all = vec!["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", &bus];
            all.extend(["--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0"]);
            all.extend(options);
            nodes.push((RedisServer::start(&all)?, bus));
        }
        let (nodes, buses): (Vec<_>, Vec<_>) = nodes.into_iter().unzip();
        let cluster = Self { nodes, masters };
        for (position, node) in cluster.nodes[..masters].iter().enumerate() {
            let first = SLOTS as usize * position / masters;
            let last = SLOTS as usize * (position + 1) / masters - 1;
            cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(first).arg(last).exec(&mut node.client("", 0)).unwrap();
            // Without it two nodes may claim one configuration epoch for a while.
            cmd("CLUSTER").arg("SET-CONFIG-EPOCH").arg(position + 1).exec(&mut node.client("", 0)).unwrap();
        }
        let mut first = cluster.client(0);
        for (node, bus) in cluster.nodes.iter().zip(&buses).skip(1) {
            cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(node.port()).arg(bus).exec(&mut first).unwrap();
        }
        cluster.agrees(|nodes| nodes.lines().filter(|line| line.contains("connected")).count() == count);
        for position in masters..count {
            let master = cluster.id(position - masters);
            let mut replica = cluster.client(position);
            assert!(support::wait_until(PATIENCE, || {
                cmd("CLUSTER").arg("REPLICATE").arg(&master).exec(&mut replica).is_ok()
            }));
        }
        if replicas {
            cluster.agrees(|nodes| nodes.lines().filter(|line| line.contains("slave")).count() == masters);
            for master in 0..masters {
                let mut client = cluster.client(master);
                assert!(support::wait_until(PATIENCE, || {
                    let info: String = cmd("INFO").arg("replication").query(&mut client).unwrap();
                    info.contains("state=online")
                }));
            }
        }
        Ok(cluster)
    }

    /// Waits until all nodes that run say so of what they know, and take commands.
    fn agrees(&self, condition: impl Fn(&str) -> bool) {
        for position in 0..self.nodes.len() {
            let mut client = self.client(position);
            assert!(support::wait_until(PATIENCE, || {
                let nodes: String = cmd("CLUSTER").arg("NODES").query(&mut client).unwrap();
                let info: String = cmd("CLUSTER").arg("INFO").query(&mut client).unwrap();
                condition(&nodes) && info.contains("cluster_state:ok")
            }));
        }
    }

    /// A node: the masters of the beginning come first, then their replicas in the same order.
    pub fn node(&mut self, position: usize) -> &mut RedisServer {
        &mut self.nodes[position]
    }

    /// How many masters there were in the beginning.
    pub fn masters(&self) -> usize {
        self.masters
    }

    /// Another project's client of one node.
    pub fn client(&self, position: usize) -> Connection {
        self.nodes[position].client("", 0)
    }

    /// `127.0.0.1:PORT,127.0.0.1:PORT` of these nodes.
    pub fn hosts(&self, positions: &[usize]) -> String {
        let hosts: Vec<String> = positions.iter().map(|at| format!("127.0.0.1:{}", self.nodes[*at].port())).collect();
        hosts.join(",")
    }

    /// A node's name in the cluster.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn id(&self, position: usize) -> String {
        cmd("CLUSTER").arg("MYID").query(&mut self.client(position)).unwrap()
    }

    /// The slot of a key.
    ///
    /// # Panics
    /// As [`Cluster::id`].
    pub fn slot(&self, key: &str) -> u16 {
        cmd("CLUSTER").arg("KEYSLOT").arg(key).query(&mut self.client(0)).unwrap()
    }

    /// The master of the beginning that had a slot.
    pub fn owner(&self, slot: u16) -> usize {
        (0..self.masters).find(|at| usize::from(slot) < SLOTS as usize * (at + 1) / self.masters).unwrap_or(0)
    }

    /// Begins to move a slot: keys that are missing at `from` are now looked for at `to`.
    ///
    /// # Panics
    /// As [`Cluster::id`].
    pub fn begin_move(&self, slot: u16, from: usize, to: usize) {
        let set = |at: usize, state: &str, other: usize| {
            let mut command = cmd("CLUSTER");
            command.arg("SETSLOT").arg(slot).arg(state).arg(self.id(other)).exec(&mut self.client(at)).unwrap();
        };
        set(to, "IMPORTING", from);
        set(from, "MIGRATING", to);
    }

    /// Moves the slot's keys, one after the other, and hands the slot over.
    ///
    /// # Panics
    /// As [`Cluster::id`].
    pub fn finish_move(&self, slot: u16, from: usize, to: usize) {
        let mut source = self.client(from);
        loop {
            let keys: Vec<String> = cmd("CLUSTER").arg("GETKEYSINSLOT").arg(slot).arg(10).query(&mut source).unwrap();
            if keys.is_empty() {
                break;
            }
            for key in keys {
                let mut migrate = cmd("MIGRATE");
                migrate.arg("127.0.0.1").arg(self.nodes[to].port()).arg(key).arg(0).arg(5000);
                let _: Value = migrate.query(&mut source).unwrap();
            }
        }
        let id = self.id(to);
        for at in [to, from].into_iter().chain((0..self.masters).filter(|at| *at != to && *at != from)) {
            cmd("CLUSTER").arg("SETSLOT").arg(slot).arg("NODE").arg(&id).exec(&mut self.client(at)).unwrap();
        }
    }
}
