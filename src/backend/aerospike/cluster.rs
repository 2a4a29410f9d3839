//! The way to the cluster: the driver, and the runtime that its futures need.
//!
//! The runtime has no thread. The calling thread drives it while it waits for an answer, which is the
//! least that an exchange can cost, and nobody drives it in between. So the driver's own look at
//! the cluster, once a second, happens along with exchanges, or is late. That is safe: a server that
//! was asked for a session that moved passes the question on, and a command that found no server
//! is tried again within its time, while the driver looks. Without a thread there is nothing that
//! a fork could tear, nothing that would run after the module is unloaded, and no signal that
//! would be delivered elsewhere than PHP expects it.
//!
//! Only a cluster that names its nodes by host names instead of addresses makes the runtime resolve
//! names, which takes a thread for a moment.

use super::error::Place;
use super::hosts::Host;
use super::record::Command;
use crate::backend::fork;
use crate::backend::remote::tls::Tls;
use crate::error::{Operation, Result};
use aerospike::{
    AuthMode, BasePolicy, Client, ClientPolicy, ErrorKind, GenerationPolicy, Key, Record, ResultCode, TlsPolicy,
    WritePolicy,
};
use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Tries of one command, with pauses that double: together they last until another node can have
/// taken over, as long as the time-out allows that.
const RETRIES: usize = 6;
const FIRST_PAUSE: u32 = 10;
/// From then on it is looked whether a server is there at all.
const SUSPICION: Duration = Duration::from_millis(200);
/// A thread that resolves a name is not waited for longer than this.
const FAREWELL: Duration = Duration::from_millis(500);
/// One is in use; a second one while a release is under way.
const CONNECTIONS: usize = 8;

/// How to connect.
pub(super) struct Settings {
    pub(super) hosts: Vec<Host>,
    pub(super) credentials: Option<(String, String)>,
    pub(super) tls: Option<Tls>,
    /// The name in the servers' certificates, if it is not the host's.
    pub(super) server_name: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
}

/// What a command came to.
#[derive(Debug)]
pub(super) enum Answer {
    Done(Box<Record>),
    /// There is no record.
    Missing,
    /// It is not in the state that the filter asks for, or was changed since it was looked at.
    Filtered,
    /// There is one already.
    Exists,
}

/// A cluster, connected to when it is first needed.
pub(super) struct Cluster {
    settings: Settings,
    pub(super) place: Place,
    link: Option<Link>,
}

/// A connected driver.
struct Link {
    client: Arc<Client>,
    runtime: Runtime,
    generation: u64,
    /// The last command that nobody waited for.
    told: Option<JoinHandle<aerospike::Result<Record>>>,
}

impl Cluster {
    pub(super) fn new(settings: Settings, place: Place) -> Self {
        Self { settings, place, link: None }
    }

    /// Has a command carried out. `heard` learns whether the last one that nobody waited for went well.
    pub(super) fn ask(
        &mut self,
        operation: Operation,
        key: &Key,
        command: &Command,
        heard: &mut Option<bool>,
    ) -> Result<Answer> {
        let began = Instant::now();
        let policy = self.policy(command);
        loop {
            let was_connected = self.connect(operation, began)?;
            let Some(link) = &mut self.link else { return Err(self.place.too_late(operation, true)) };
            let told = link.told.take();
            if told.is_some() {
                // Unless it says otherwise before this exchange ends.
                *heard = Some(false);
            }
            let client = &link.client;
            let work = async {
                if let Some(told) = told {
                    *heard = Some(went_well(told.await));
                }
                client.operate(&policy, key, &command.operations).await
            };
            let limit = self.place.timeout.saturating_sub(began.elapsed());
            // The time-out is made where the runtime is.
            let outcome = link.runtime.block_on(async {
                tokio::time::timeout(limit, async {
                    tokio::select! {
                        biased;
                        outcome = work => Some(outcome),
                        () = nobody_listens(client) => None,
                    }
                })
                .await
            });
            let failure = match outcome {
                Ok(Some(Ok(record))) => return Ok(Answer::Done(Box::new(record))),
                Ok(Some(Err(failure))) => failure,
                Ok(None) => return Err(self.place.refused(operation)),
                Err(_elapsed) => return Err(self.place.too_late(operation, false)),
            };
            if let Some(answer) = answer_of(&failure) {
                return Ok(answer);
            }
            // The driver gave up the nodes that it knew, or does not know a namespace: what it knows is
            // learned anew, once.
            if is_out_of_date(&failure) {
                self.leave();
                if was_connected && !failure.in_doubt() {
                    continue;
                }
            }
            return Err(self.place.failed(operation, &failure));
        }
    }

    /// Sends a command whose answer nobody waits for. It is on its way when this returns, provided that
    /// a connection lies ready: one that was used a moment ago for the same key does.
    pub(super) fn tell(&mut self, key: &Key, command: Command) {
        let policy = self.policy(&command);
        let Some(link) = &mut self.link else { return };
        let (client, key) = (Arc::clone(&link.client), key.clone());
        link.told = Some(link.runtime.spawn(async move { client.operate(&policy, &key, &command.operations).await }));
        // Both turns are the command's: it takes the connection and writes to it without waiting.
        link.runtime.block_on(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
    }

    /// Whether a command may be told: over a connection of this very process, whose last one was heard of.
    pub(super) fn listens(&self) -> bool {
        self.is_connected() && self.link.as_ref().is_some_and(|link| link.told.is_none())
    }

    fn is_connected(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.generation == fork::generation())
    }

    /// Makes sure of a connection. True if there was one.
    fn connect(&mut self, operation: Operation, began: Instant) -> Result<bool> {
        if self.is_connected() {
            return Ok(true);
        }
        self.leave();
        let hosts = self.resolve(operation)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_start(mask_signals)
            .thread_keep_alive(Duration::from_millis(10))
            .build()
            .map_err(|cause| self.place.not_started(operation, cause))?;
        let policy = self.client_policy(operation)?;
        let limit = self.place.timeout.saturating_sub(began.elapsed());
        let outcome = runtime.block_on(async { tokio::time::timeout(limit, Client::new(&policy, &hosts)).await });
        let failure = match outcome {
            Ok(Ok(client)) => {
                let (client, generation) = (Arc::new(client), fork::generation());
                self.link = Some(Link { client, runtime, generation, told: None });
                return Ok(false);
            }
            Ok(Err(failure)) => self.place.not_connected(operation, &failure),
            Err(_elapsed) => self.place.too_late(operation, true),
        };
        // What the driver began and did not end goes with the runtime.
        runtime.shutdown_timeout(FAREWELL);
        Err(failure)
    }

    /// The addresses of the hosts, as many as have some. The driver is given addresses, so that it has no
    /// names to resolve, and the names that certificates are compared with.
    fn resolve(&self, operation: Operation) -> Result<Vec<aerospike::Host>> {
        let mut hosts = Vec::new();
        let mut failure = None;
        for host in &self.settings.hosts {
            match (host.name.as_str(), host.port).to_socket_addrs() {
                Ok(addresses) => hosts.extend(addresses.map(|address| {
                    let name = self.settings.server_name.as_deref().unwrap_or(&host.name);
                    let tls_name = if self.settings.tls.is_some() { name } else { "" };
                    aerospike::Host::new_tls(&address.ip().to_string(), tls_name, address.port())
                })),
                Err(cause) => failure = Some(self.place.unresolved(operation, host, cause)),
            }
        }
        match failure {
            Some(failure) if hosts.is_empty() => Err(failure),
            _ => Ok(hosts),
        }
    }

    fn client_policy(&self, operation: Operation) -> Result<ClientPolicy> {
        let auth_mode = match &self.settings.credentials {
            Some((user, password)) => AuthMode::Internal(user.clone(), password.clone()),
            None => AuthMode::None,
        };
        let tls = self.settings.tls.as_ref().map(Tls::client_config).transpose();
        let tls = tls.map_err(|cause| self.place.not_started(operation, cause))?;
        Ok(ClientPolicy {
            auth_mode,
            tls_policy: tls.map(TlsPolicy::new),
            timeout: milliseconds(self.settings.read_timeout),
            connect_timeout: milliseconds(self.settings.connect_timeout),
            login_timeout: milliseconds(self.settings.read_timeout),
            min_conns_per_node: 1,
            max_conns_per_node: CONNECTIONS,
            // Seshat has a breaker of its own around the store.
            max_error_rate: 0,
            application_id: Some("seshat".to_owned()),
            ..ClientPolicy::default()
        })
    }

    fn policy(&self, command: &Command) -> WritePolicy {
        WritePolicy {
            base_policy: BasePolicy {
                total_timeout: milliseconds(self.place.timeout),
                socket_timeout: milliseconds(self.settings.read_timeout),
                max_retries: RETRIES,
                sleep_between_retries: FIRST_PAUSE,
                sleep_multiplier: 2.0,
                filter_expression: command.filter.clone(),
                ..BasePolicy::default()
            },
            record_exists_action: command.action,
            expiration: command.expiration,
            generation: command.generation.unwrap_or_default(),
            generation_policy: match command.generation {
                Some(_) => GenerationPolicy::ExpectGenEqual,
                None => GenerationPolicy::None,
            },
            send_key: true,
            ..WritePolicy::default()
        }
    }

    /// Ends the connection. One that a child inherited is not touched at all: its sockets, and the
    /// kernel's list of them that the runtime waits on, are the parent's still.
    pub(super) fn leave(&mut self) {
        let Some(link) = self.link.take() else { return };
        if link.generation != fork::generation() {
            std::mem::forget(link);
            return;
        }
        let Link { client, runtime, told, .. } = link;
        drop(told);
        runtime.shutdown_timeout(FAREWELL);
        drop(client);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Comes back when all servers that are known refuse connections. A driver that lost its last one
/// would go on trying until the time is over.
async fn nobody_listens(client: &Client) {
    loop {
        tokio::time::sleep(SUSPICION).await;
        let mut refused = 0;
        let nodes = client.nodes();
        for node in &nodes {
            let host = node.host();
            let Ok(address) = host.name.parse::<std::net::IpAddr>() else { break };
            match tokio::net::TcpStream::connect((address, host.port)).await {
                Err(cause) if cause.kind() == std::io::ErrorKind::ConnectionRefused => refused += 1,
                _ => break,
            }
        }
        if refused > 0 && refused == nodes.len() {
            return;
        }
    }
}

/// The answers that are no failures.
fn answer_of(failure: &aerospike::Error) -> Option<Answer> {
    match failure.server_result_code()? {
        ResultCode::KeyNotFoundError => Some(Answer::Missing),
        ResultCode::FilteredOut | ResultCode::GenerationError => Some(Answer::Filtered),
        ResultCode::KeyExistsError => Some(Answer::Exists),
        _ => None,
    }
}

/// Whether a command was carried out, or there was nothing left to do.
fn went_well(outcome: std::result::Result<aerospike::Result<Record>, tokio::task::JoinError>) -> bool {
    match outcome {
        Ok(Ok(_)) => true,
        Ok(Err(failure)) => answer_of(&failure).is_some(),
        Err(_) => false,
    }
}

fn is_out_of_date(failure: &aerospike::Error) -> bool {
    let mut next = Some(failure);
    while let Some(cause) = next {
        if matches!(cause.kind(), ErrorKind::InvalidNode | ErrorKind::InvalidNamespace) {
            return true;
        }
        next = cause.cause();
    }
    false
}

/// At least one: to the driver 0 is no limit at all.
fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// Signals are for PHP's own threads.
fn mask_signals() {
    let _ = nix::sys::signal::SigSet::all().thread_block();
}
