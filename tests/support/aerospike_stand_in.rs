//! A stand-in for an Aerospike cluster, for machines that cannot have one.
//!
//! It is no Aerospike. It speaks as much of the protocol as the client needs to connect, and answers
//! single-record commands as the documentation and the servers' published behaviour say: result
//! codes, filters, generations, lifetimes, the size limit, a namespace without expiry. What it does not
//! know it refuses aloud (on standard error, and with result code 4), so that no test passes for a
//! command that was not understood.
//!
//! **What it cannot show**: that a real server agrees; how nodes find each other, migrate, lose and
//! resolve records (its nodes share one table, as if replication were perfect); storage, eviction,
//! secondary indexes, batches, queries, scripts, strong consistency; how fast anything is. Tests that
//! pass here have to pass on a real server too: `SESHAT_TEST_AEROSPIKE_URL` names one.
//!
//! It stands alone, with the standard library, so that `rustc` makes a program of it for tests that
//! are not written in Rust.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

const PARTITIONS: usize = 4096;
/// Aerospike counts from 2010.
const EPOCH: u64 = 1_262_304_000;
const LONGEST_TTL: u32 = 10 * 365 * 86_400;
const NEVER: u32 = 0xFFFF_FFFF;
const DONT_UPDATE: u32 = 0xFFFF_FFFE;

const OK: u8 = 0;
const NOT_FOUND: u8 = 2;
const GENERATION: u8 = 3;
const PARAMETER: u8 = 4;
const EXISTS: u8 = 5;
const BIN_EXISTS: u8 = 6;
const TOO_BIG: u8 = 13;
const BIN_TYPE: u8 = 12;
const NO_NAMESPACE: u8 = 20;
const BIN_NAME: u8 = 21;
const FORBIDDEN: u8 = 22;
const FILTERED: u8 = 27;
const INVALID_USER: u8 = 60;
const INVALID_CREDENTIAL: u8 = 65;
const NOT_AUTHENTICATED: u8 = 80;

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const STRING: u8 = 3;
const BLOB: u8 = 4;
const BOOL: u8 = 17;
const MAP: u8 = 19;
const LIST: u8 = 20;

/// How a cluster is to be.
#[derive(Clone, Debug)]
pub struct Options {
    pub nodes: usize,
    /// Listens there; 0 is any port. With several nodes only the first one.
    pub port: u16,
    pub namespace: String,
    /// 0: nothing may have a lifetime.
    pub nsup_period: u32,
    /// The most that a record's bins take, in bytes.
    pub record_limit: usize,
    /// Lifetimes pass so many times as fast; leases do not.
    pub haste: u64,
    /// The only user, and the hash of the password as clients send it.
    pub user: Option<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes: 1,
            port: 0,
            namespace: "test".into(),
            nsup_period: 120,
            record_limit: 1 << 20,
            haste: 1,
            user: None,
        }
    }
}

/// A value with its particle type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particle {
    pub kind: u8,
    pub bytes: Vec<u8>,
}

/// A record as it is stored.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The user's key, if it was sent: particle type and bytes.
    pub key: Vec<u8>,
    pub bins: Vec<(String, Particle)>,
    pub generation: u16,
    /// In seconds since 2010; 0 is never.
    pub void_time: u32,
    /// In milliseconds since 1970.
    last_update: u64,
}

impl Stored {
    pub fn bin(&self, name: &str) -> Option<&Particle> {
        self.bins.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn set(&mut self, name: &str, value: Particle) {
        self.bins.retain(|(known, _)| known != name);
        if value.kind != NULL {
            self.bins.push((name.to_owned(), value));
        }
    }
}

#[derive(Default)]
struct Node {
    port: u16,
    is_up: bool,
    connections: Vec<TcpStream>,
}

struct State {
    options: Options,
    records: HashMap<(String, Vec<u8>), Stored>,
    nodes: Vec<Node>,
    /// Of the partition map and of the list of peers.
    generation: u32,
    is_paused: bool,
    /// Record commands so far.
    commands: u64,
    /// The next so many record commands are carried out, and their connection is closed without an answer.
    swallow: u32,
    /// The next so many record commands are not carried out, and their connection is closed.
    ignore: u32,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A running cluster. Its threads end with their connections; nodes that go stop listening.
pub struct StandIn {
    shared: Arc<Shared>,
}

impl StandIn {
    pub fn start(options: Options) -> Self {
        let count = options.nodes;
        let first = options.port;
        let state = State {
            options,
            records: HashMap::new(),
            nodes: (0..count).map(|_| Node::default()).collect(),
            generation: 1,
            is_paused: false,
            commands: 0,
            swallow: 0,
            ignore: 0,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let stand_in = Self { shared };
        stand_in.shared.state().nodes[0].port = first;
        (0..count).for_each(|number| stand_in.start_node(number));
        stand_in
    }

    /// One node with the usual settings.
    pub fn usual() -> Self {
        Self::start(Options::default())
    }

    /// The port of a node on 127.0.0.1.
    pub fn port(&self, node: usize) -> u16 {
        self.shared.state().nodes[node].port
    }

    /// `aerospike://127.0.0.1:PORT,.../NAMESPACE` with more behind it.
    pub fn dsn(&self, rest: &str) -> String {
        let state = self.shared.state();
        let hosts: Vec<String> = state.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("aerospike://{}/{}{rest}", hosts.join(","), state.options.namespace)
    }

    /// A node dies: it stops listening, its connections break, and the others take over.
    pub fn stop_node(&self, number: usize) {
        let mut state = self.shared.state();
        state.nodes[number].is_up = false;
        state.generation += 1;
        for connection in std::mem::take(&mut state.nodes[number].connections) {
            let _ = connection.shutdown(std::net::Shutdown::Both);
        }
        let port = state.nodes[number].port;
        drop(state);
        // Wakes the listener, which then goes.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// It comes back, in the same place.
    pub fn start_node(&self, number: usize) {
        let wanted = self.shared.state().nodes[number].port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).expect("a port");
        let mut state = self.shared.state();
        state.nodes[number].port = listener.local_addr().expect("its number").port();
        state.nodes[number].is_up = true;
        state.generation += 1;
        drop(state);
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut state = shared.state();
                if !state.nodes[number].is_up {
                    return;
                }
                let Ok(copy) = stream.try_clone() else { continue };
                state.nodes[number].connections.push(copy);
                drop(state);
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, number, &shared));
            }
        });
    }

    /// Forgets everything, as a namespace in memory does with its servers.
    pub fn forget(&self) {
        self.shared.state().records.clear();
    }

    /// No node answers, until they do again.
    pub fn pause(&self, paused: bool) {
        self.shared.state().is_paused = paused;
        self.shared.changed.notify_all();
    }

    /// Another size limit, or expiry switched off or on.
    pub fn change(&self, with: impl FnOnce(&mut Options)) {
        with(&mut self.shared.state().options);
    }

    /// The next so many commands are carried out, but their answers are lost with the connection.
    pub fn lose_answers(&self, count: u32) {
        self.shared.state().swallow = count;
    }

    /// The next so many commands are not carried out, and their connections break.
    pub fn lose_commands(&self, count: u32) {
        self.shared.state().ignore = count;
    }

    /// How many commands on records there were.
    pub fn commands(&self) -> u64 {
        self.shared.state().commands
    }

    /// How many records there are.
    pub fn count(&self) -> usize {
        self.shared.state().records.len()
    }

    /// The record of a text key, past everything that is tested.
    pub fn record(&self, key: &str) -> Option<Stored> {
        let state = self.shared.state();
        state.records.values().find(|record| record.key.split_first() == Some((&STRING, key.as_bytes()))).cloned()
    }

    /// Stores bins in a record that is there already, as another client would.
    pub fn overwrite(&self, key: &str, bins: &[(&str, u8, &[u8])]) {
        let mut state = self.shared.state();
        let found =
            state.records.values_mut().find(|record| record.key.split_first() == Some((&STRING, key.as_bytes())));
        let record = found.expect("a record");
        record.bins.clear();
        for (name, kind, bytes) in bins {
            record.set(name, Particle { kind: *kind, bytes: bytes.to_vec() });
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.pause(false);
        let count = self.shared.state().nodes.len();
        for number in 0..count {
            if self.shared.state().nodes[number].is_up {
                self.stop_node(number);
            }
        }
    }
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| u64::try_from(passed.as_millis()).unwrap_or(0))
}

/// The time by which lifetimes are counted.
fn now_void(options: &Options) -> u32 {
    static BEGAN: LazyLock<u64> = LazyLock::new(now_ms);
    let passed = now_ms().saturating_sub(*BEGAN) * options.haste;
    u32::try_from((*BEGAN + passed) / 1000 - EPOCH).unwrap_or(u32::MAX)
}

/// One connection: frames of eight bytes (version, type, length) and a body.
fn serve(mut stream: TcpStream, node: usize, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    let mut is_logged_in = shared.state().options.user.is_none();
    let mut head = [0; 8];
    while stream.read_exact(&mut head).is_ok() {
        let length = head[2..8].iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        if length > 256 << 20 {
            return complain("a frame of more than 256 MB");
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let mut state = shared.state();
        while state.is_paused {
            state = shared.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        let answer = match head[1] {
            1 if !is_logged_in => {
                body.split(|byte| *byte == b'\n').filter(|name| !name.is_empty()).flat_map(refusal).collect()
            }
            1 => info(&state, node, &body),
            2 => log_in(&state, &body, &mut is_logged_in),
            3 if !is_logged_in => response(NOT_AUTHENTICATED, 0, 0, &[]),
            3 if state.ignore > 0 => {
                state.ignore -= 1;
                let _ = stream.shutdown(std::net::Shutdown::Both);
                return;
            }
            3 => {
                state.commands += 1;
                let answer = command(&mut state, &body);
                if state.swallow > 0 {
                    state.swallow -= 1;
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                    return;
                }
                answer
            }
            _ => return complain("a frame that is neither info, nor admin, nor a command"),
        };
        drop(state);
        let mut frame = vec![2, head[1]];
        frame.extend_from_slice(&u64::try_from(answer.len()).unwrap_or(0).to_be_bytes()[2..]);
        frame.extend_from_slice(&answer);
        if stream.write_all(&frame).is_err() {
            return;
        }
    }
}

fn complain(what: &str) {
    eprintln!("the stand-in for Aerospike does not know {what}");
}

// The cluster, as clients ask for it.

fn info(state: &State, node: usize, body: &[u8]) -> Vec<u8> {
    let mut answer = String::new();
    for name in String::from_utf8_lossy(body).lines() {
        let value = match name {
            "node" => node_name(node),
            "cluster-name" => "null".into(),
            "build" => "8.1.0.0".into(),
            "edition" => "Aerospike Community Edition (a stand-in)".into(),
            "features" => {
                "blob-bits;geo;pscans;pquery;query-show;replicas;replicas-all;replicas-master;truncate-namespace".into()
            }
            "partition-generation" | "peers-generation" => state.generation.to_string(),
            "service-clear-std" => format!("127.0.0.1:{}", state.nodes[node].port),
            "peers-clear-std" => peers(state, node),
            // It speaks no TLS itself: whatever does in front of it is one node alone.
            "peers-tls-std" => format!("{},3000,[]", state.generation),
            "replicas" => replicas(state, node),
            "namespaces" => state.options.namespace.clone(),
            name if name.starts_with("user-agent-set") => "ok".into(),
            name => {
                complain(name);
                "ERROR:4:unknown".into()
            }
        };
        answer.push_str(&format!("{name}\t{value}\n"));
    }
    answer.into_bytes()
}

/// What a stranger is told in the place of information.
fn refusal(name: &[u8]) -> Vec<u8> {
    [name, b"\tERROR:80:not authenticated\n"].concat()
}

fn node_name(number: usize) -> String {
    format!("BB9{number:012X}")
}

fn peers(state: &State, node: usize) -> String {
    let others = state.nodes.iter().enumerate().filter(|(number, other)| *number != node && other.is_up);
    let others = others.map(|(number, other)| format!("[{},,[127.0.0.1:{}]]", node_name(number), other.port));
    format!("{},3000,[{}]", state.generation, others.collect::<Vec<_>>().join(","))
}

/// `NAMESPACE:REGIME,COUNT,BITMAP,...`: which partitions the node has, as their first owner and as their second.
fn replicas(state: &State, node: usize) -> String {
    let up: Vec<usize> = (0..state.nodes.len()).filter(|number| state.nodes[*number].is_up).collect();
    let copies = up.len().clamp(1, 2);
    let mut text = format!("{}:0,{copies}", state.options.namespace);
    for copy in 0..copies {
        let mut bitmap = vec![0_u8; PARTITIONS / 8];
        for partition in 0..PARTITIONS {
            if up.get((partition + copy) % up.len().max(1)) == Some(&node) {
                bitmap[partition / 8] |= 0x80 >> (partition % 8);
            }
        }
        text.push(',');
        text.push_str(&base64(&bitmap));
    }
    text
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |word, at| word << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { letter as char } else { '=' });
        }
    }
    text
}

/// The command LOGIN alone: user and hashed password against a token that nobody looks at.
fn log_in(state: &State, body: &[u8], is_logged_in: &mut bool) -> Vec<u8> {
    let mut reader = Reader(body.get(16..).unwrap_or_default());
    let (mut user, mut credential) = (Vec::new(), Vec::new());
    while let Some((kind, value)) = reader.field() {
        match kind {
            0 => user = value,
            3 => credential = value,
            _ => {}
        }
    }
    let code = match &state.options.user {
        None => 52,
        Some((name, _)) if name.as_bytes() != user => INVALID_USER,
        Some((_, hash)) if hash.as_bytes() != credential => INVALID_CREDENTIAL,
        Some(_) => OK,
    };
    *is_logged_in |= code == OK;
    let mut answer = vec![0; 16];
    answer[1] = code;
    answer[3] = u8::from(code == OK);
    if code == OK {
        answer.extend_from_slice(&[0, 0, 0, 6, 5]);
        answer.extend_from_slice(b"token");
    }
    answer
}

// Commands on a record.

/// Takes what it reads off the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, length: usize) -> Option<u64> {
        Some(self.take(length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Option<usize> {
        usize::try_from(self.number(width)?).ok()
    }

    fn field(&mut self) -> Option<(u8, Vec<u8>)> {
        let length = self.length(4)?;
        let (kind, value) = self.take(length)?.split_first()?;
        Some((*kind, value.to_vec()))
    }
}

struct Op {
    code: u8,
    kind: u8,
    name: String,
    value: Vec<u8>,
}

struct Message {
    info: [u8; 3],
    generation: u16,
    ttl: u32,
    namespace: String,
    digest: Vec<u8>,
    key: Vec<u8>,
    filter: Option<Packed>,
    ops: Vec<Op>,
}

fn parse(body: &[u8]) -> Option<Message> {
    let mut reader = Reader(body);
    let head = reader.take(22)?;
    let number = |at: usize, width: usize| Reader(&head[at..]).number(width);
    let mut message = Message {
        info: [head[1], head[2], head[3]],
        generation: u16::try_from(number(6, 4)? & 0xFFFF).ok()?,
        ttl: u32::try_from(number(10, 4)?).ok()?,
        namespace: String::new(),
        digest: Vec::new(),
        key: Vec::new(),
        filter: None,
        ops: Vec::new(),
    };
    for _ in 0..number(18, 2)? {
        let (kind, value) = reader.field()?;
        match kind {
            0 => message.namespace = String::from_utf8(value).ok()?,
            1 => {}
            2 => message.key = value,
            4 => message.digest = value,
            43 => message.filter = Some(unpack(&mut Reader(&value))?),
            other => {
                complain(&format!("field {other}"));
                return None;
            }
        }
    }
    for _ in 0..number(20, 2)? {
        let length = reader.length(4)?;
        let mut op = Reader(reader.take(length)?);
        let (code, kind, _, name) = (op.number(1)?, op.number(1)?, op.number(1)?, op.length(1)?);
        let name = String::from_utf8(op.take(name)?.to_vec()).ok()?;
        message.ops.push(Op {
            code: u8::try_from(code).ok()?,
            kind: u8::try_from(kind).ok()?,
            name,
            value: op.0.to_vec(),
        });
    }
    Some(message)
}

fn response(code: u8, generation: u16, void_time: u32, slots: &[(String, Particle)]) -> Vec<u8> {
    let mut answer = vec![22, 0, 0, 0, 0, code];
    answer.extend_from_slice(&u32::from(generation).to_be_bytes());
    answer.extend_from_slice(&void_time.to_be_bytes());
    answer.extend_from_slice(&[0; 4]);
    answer.extend_from_slice(&[0, 0]);
    answer.extend_from_slice(&u16::try_from(slots.len()).unwrap_or(0).to_be_bytes());
    for (name, value) in slots {
        let length = 4 + name.len() + value.bytes.len();
        answer.extend_from_slice(&u32::try_from(length).unwrap_or(0).to_be_bytes());
        answer.extend_from_slice(&[1, value.kind, 0, u8::try_from(name.len()).unwrap_or(0)]);
        answer.extend_from_slice(name.as_bytes());
        answer.extend_from_slice(&value.bytes);
    }
    answer
}

fn command(state: &mut State, body: &[u8]) -> Vec<u8> {
    let Some(message) = parse(body) else {
        complain("such a message");
        return response(PARAMETER, 0, 0, &[]);
    };
    if message.namespace != state.options.namespace {
        return response(NO_NAMESPACE, 0, 0, &[]);
    }
    let place = (message.namespace.clone(), message.digest.clone());
    // An expired record is none.
    let now = now_void(&state.options);
    if state.records.get(&place).is_some_and(|record| record.void_time != 0 && record.void_time < now) {
        state.records.remove(&place);
    }
    let old = state.records.get(&place).cloned();
    let (outcome, new) = if message.info[1] & 1 != 0 {
        match write(&state.options, &message, old.as_ref()) {
            Ok((slots, new)) => (Ok(slots), Some(new)),
            Err(code) => (Err(code), None),
        }
    } else {
        (read(&message, old.as_ref()), None)
    };
    match new {
        Some(Some(record)) => {
            state.records.insert(place.clone(), record);
        }
        Some(None) => {
            state.records.remove(&place);
        }
        None => {}
    }
    match outcome {
        Ok(slots) => {
            let record = state.records.get(&place).or(old.as_ref());
            let (generation, void_time) = record.map_or((0, 0), |record| (record.generation, record.void_time));
            // In haste time is not what clients take it for: they are told how far away the end is.
            let real = u32::try_from(now_ms() / 1000 - EPOCH).unwrap_or(u32::MAX);
            let left = void_time.saturating_sub(now_void(&state.options));
            let void_time = if void_time == 0 { 0 } else { real.saturating_add(left) };
            response(OK, generation, void_time, &slots)
        }
        Err(code) => response(code, 0, 0, &[]),
    }
}

type Slots = Vec<(String, Particle)>;

fn passes(filter: Option<&Packed>, record: &Stored) -> Result<(), u8> {
    match filter.map(|filter| evaluate(filter, record)) {
        None | Some(Some(Seen::Bool(true))) => Ok(()),
        Some(Some(_)) => Err(FILTERED),
        Some(None) => Err(PARAMETER),
    }
}

fn read(message: &Message, record: Option<&Stored>) -> Result<Slots, u8> {
    let record = record.ok_or(NOT_FOUND)?;
    passes(message.filter.as_ref(), record)?;
    if message.info[0] & 32 != 0 {
        return Ok(Vec::new());
    }
    if message.info[0] & 2 != 0 {
        return Ok(record.bins.clone());
    }
    let responds_to_all = message.info[1] & 128 != 0;
    let mut slots = Vec::new();
    for op in &message.ops {
        match op.code {
            1 => match record.bin(&op.name) {
                Some(value) => slots.push((op.name.clone(), value.clone())),
                None if responds_to_all => slots.push((op.name.clone(), nothing())),
                None => {}
            },
            3 => slots.push((op.name.clone(), map_operation(op, record)?.0)),
            7 => slots.push((op.name.clone(), computed(op, record)?.0)),
            other => {
                complain(&format!("operation {other} in a read"));
                return Err(PARAMETER);
            }
        }
    }
    Ok(slots)
}

fn nothing() -> Particle {
    Particle { kind: NULL, bytes: Vec::new() }
}

/// The value of an expression in an operation, and its flags.
fn computed(op: &Op, record: &Stored) -> Result<(Particle, i64), u8> {
    let Some(Packed::List(parts)) = unpack(&mut Reader(&op.value)) else { return Err(PARAMETER) };
    let [expression, Packed::Int(flags)] = parts.as_slice() else { return Err(PARAMETER) };
    let particle = match evaluate(expression, record).ok_or(PARAMETER)? {
        Seen::Bool(on) => Particle { kind: BOOL, bytes: vec![u8::from(on)] },
        Seen::Int(number) => Particle { kind: INTEGER, bytes: number.to_be_bytes().to_vec() },
        Seen::Text(bytes) => Particle { kind: STRING, bytes },
        Seen::Blob(bytes) => Particle { kind: BLOB, bytes },
        // What has no value cannot be stored or read.
        Seen::Nil | Seen::Unknown => return Err(26),
    };
    Ok((particle, *flags))
}

fn write(options: &Options, message: &Message, old: Option<&Stored>) -> Result<(Slots, Option<Stored>), u8> {
    let ttl = message.ttl;
    if ttl > LONGEST_TTL && ttl != NEVER && ttl != DONT_UPDATE {
        return Err(PARAMETER);
    }
    if options.nsup_period == 0 && ttl != 0 && ttl != NEVER && ttl != DONT_UPDATE {
        return Err(FORBIDDEN);
    }
    let must_exist = message.info[2] & (8 | 32) != 0 || message.ops.iter().any(|op| op.code == 11);
    if old.is_none() && must_exist {
        return Err(NOT_FOUND);
    }
    if old.is_some() && message.info[1] & 32 != 0 {
        return Err(EXISTS);
    }
    if message.info[1] & 4 != 0 && old.map_or(0, |record| record.generation) != message.generation {
        return Err(GENERATION);
    }
    // A filter is not asked about a record that is being created.
    if let Some(record) = old {
        passes(message.filter.as_ref(), record)?;
    }
    if message.info[1] & 2 != 0 {
        return Ok((Vec::new(), None));
    }
    let mut record = old.cloned().unwrap_or_default();
    if message.info[2] & (16 | 32) != 0 {
        record.bins.clear();
    }
    let had_bins = !record.bins.is_empty();
    if !message.key.is_empty() {
        record.key.clone_from(&message.key);
    }
    // What expressions see of a record that is being written.
    record.last_update = now_ms();
    record.generation = record.generation.checked_add(1).unwrap_or(1);
    let responds_to_all = message.info[1] & 128 != 0;
    let mut slots = Vec::new();
    for op in &message.ops {
        if op.name.len() > 15 {
            return Err(BIN_NAME);
        }
        let mut slot = nothing();
        match op.code {
            1 => slot = record.bin(&op.name).cloned().unwrap_or_else(nothing),
            2 => record.set(&op.name, Particle { kind: op.kind, bytes: op.value.clone() }),
            3 => slot = map_operation(op, &record)?.0,
            4 => {
                let (answer, map) = map_operation(op, &record)?;
                record.set(&op.name, map);
                slot = answer;
            }
            7 => slot = computed(op, &record)?.0,
            8 => {
                let (value, flags) = computed(op, &record)?;
                match (flags & 1 != 0 && record.bin(&op.name).is_some(), flags & 8 != 0) {
                    (false, _) => record.set(&op.name, value),
                    (true, true) => {}
                    (true, false) => return Err(BIN_EXISTS),
                }
            }
            11 => {}
            other => {
                complain(&format!("operation {other} in a write"));
                return Err(PARAMETER);
            }
        }
        if responds_to_all || slot.kind != NULL {
            slots.push((op.name.clone(), slot));
        }
    }
    if record.bins.is_empty() {
        // With its last bin a record goes; one that had none is not made.
        return if had_bins { Ok((slots, None)) } else { Err(NOT_FOUND) };
    }
    let size: usize = record.bins.iter().map(|(name, value)| name.len() + value.bytes.len() + 16).sum();
    if size > options.record_limit {
        return Err(TOO_BIG);
    }
    record.void_time = match ttl {
        DONT_UPDATE if old.is_some() => record.void_time,
        0 | NEVER | DONT_UPDATE => 0,
        ttl => now_void(options) + ttl,
    };
    Ok((slots, Some(record)))
}

// Maps: those with an order, whose keys are texts or blobs, and four operations on them.

/// By type and then by bytes, as servers order keys: a key here begins with its type.
type Map = BTreeMap<Vec<u8>, i64>;

/// What an operation on a map answers, and the map afterwards.
fn map_operation(op: &Op, record: &Stored) -> Result<(Particle, Particle), u8> {
    let stored = record.bin(&op.name);
    let mut map = match stored {
        None => Map::new(),
        Some(Particle { kind: MAP, bytes }) => unpack_map(bytes).ok_or(PARAMETER)?,
        Some(_) => return Err(BIN_TYPE),
    };
    let Some(Packed::List(parts)) = unpack(&mut Reader(&op.value)) else { return Err(PARAMETER) };
    let is_key = |bytes: &[u8]| matches!(bytes.first(), Some(&STRING | &BLOB));
    let modifies = op.code == 4;
    match parts.as_slice() {
        // Put, with the attribute of a map that is ordered by its keys.
        [Packed::Int(67), Packed::Bytes(key), Packed::Int(value), Packed::Int(1)] if modifies && is_key(key) => {
            map.insert(key.clone(), *value);
            Ok((integer(map.len()), pack_map(&map)))
        }
        // Remove a list of keys, and answer nothing.
        [Packed::Int(81), Packed::Int(0), Packed::List(keys)] if modifies => {
            for key in keys {
                let Packed::Bytes(key) = key else { return Err(PARAMETER) };
                map.remove(key);
            }
            Ok((nothing(), stored.map_or_else(nothing, |_| pack_map(&map))))
        }
        // Size.
        [Packed::Int(96)] if !modifies => Ok((stored.map_or_else(nothing, |_| integer(map.len())), nothing())),
        // So many keys from this one or the next greater one on.
        [Packed::Int(109), Packed::Int(6), Packed::Bytes(from), Packed::Int(0), Packed::Int(count)]
            if !modifies && is_key(from) =>
        {
            let keys: Vec<&Vec<u8>> =
                map.range(from.clone()..).map(|(key, _)| key).take(usize::try_from(*count).unwrap_or(0)).collect();
            let mut bytes = vec![0xdd];
            bytes.extend_from_slice(&u32::try_from(keys.len()).unwrap_or(0).to_be_bytes());
            keys.into_iter().for_each(|key| pack_bytes(key, &mut bytes));
            Ok((stored.map_or_else(nothing, |_| Particle { kind: LIST, bytes }), nothing()))
        }
        _ => {
            complain("such an operation on a map");
            Err(PARAMETER)
        }
    }
}

fn integer(number: usize) -> Particle {
    Particle { kind: INTEGER, bytes: u64::try_from(number).unwrap_or(0).to_be_bytes().to_vec() }
}

fn pack_bytes(value: &[u8], into: &mut Vec<u8>) {
    into.push(0xda);
    into.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
    into.extend_from_slice(value);
}

/// With the mark of a map that is ordered by its keys in front, as a pair of its own.
fn pack_map(map: &Map) -> Particle {
    let mut bytes = vec![0xdf];
    bytes.extend_from_slice(&u32::try_from(map.len() + 1).unwrap_or(0).to_be_bytes());
    bytes.extend_from_slice(&[0xc7, 0, 1, 0xc0]);
    for (key, value) in map {
        pack_bytes(key, &mut bytes);
        bytes.push(0xd3);
        bytes.extend_from_slice(&value.to_be_bytes());
    }
    Particle { kind: MAP, bytes }
}

fn unpack_map(bytes: &[u8]) -> Option<Map> {
    let mut reader = Reader(bytes.get(9..)?);
    let mut map = Map::new();
    while !reader.0.is_empty() {
        let (Packed::Bytes(key), Packed::Int(value)) = (unpack(&mut reader)?, unpack(&mut reader)?) else {
            return None;
        };
        map.insert(key, value);
    }
    Some(map)
}

// Expressions.

/// MessagePack, as far as expressions and operations on maps have it.
enum Packed {
    Nil,
    Bool(bool),
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Packed>),
}

fn unpack(reader: &mut Reader<'_>) -> Option<Packed> {
    let marker = u8::try_from(reader.number(1)?).ok()?;
    let signed = |number: u64, width: u32| {
        let shift = 64 - 8 * width;
        (number as i64) << shift >> shift
    };
    Some(match marker {
        0x00..=0x7f => Packed::Int(i64::from(marker)),
        0xe0..=0xff => Packed::Int(i64::from(marker.cast_signed())),
        0xc0 => Packed::Nil,
        0xc2 | 0xc3 => Packed::Bool(marker == 0xc3),
        0xcc => Packed::Int(i64::try_from(reader.number(1)?).ok()?),
        0xcd => Packed::Int(i64::try_from(reader.number(2)?).ok()?),
        0xce => Packed::Int(i64::try_from(reader.number(4)?).ok()?),
        0xcf => Packed::Int(i64::try_from(reader.number(8)?).ok()?),
        0xd0 => Packed::Int(signed(reader.number(1)?, 1)),
        0xd1 => Packed::Int(signed(reader.number(2)?, 2)),
        0xd2 => Packed::Int(signed(reader.number(4)?, 4)),
        0xd3 => Packed::Int(signed(reader.number(8)?, 8)),
        0xa0..=0xbf => Packed::Bytes(reader.take(usize::from(marker & 31))?.to_vec()),
        0xd9..=0xdb => {
            let length = reader.length(1 << (marker - 0xd9))?;
            Packed::Bytes(reader.take(length)?.to_vec())
        }
        0x90..=0x9f => list(reader, usize::from(marker & 15))?,
        0xdc | 0xdd => {
            let length = reader.length(if marker == 0xdc { 2 } else { 4 })?;
            list(reader, length)?
        }
        other => {
            complain(&format!("MessagePack's marker {other:#x}"));
            return None;
        }
    })
}

fn list(reader: &mut Reader<'_>, length: usize) -> Option<Packed> {
    (0..length).map(|_| unpack(reader)).collect::<Option<_>>().map(Packed::List)
}

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd)]
enum Seen {
    Unknown,
    Nil,
    Bool(bool),
    Int(i64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

/// None for an expression that is not known here.
fn evaluate(expression: &Packed, record: &Stored) -> Option<Seen> {
    let parts = match expression {
        Packed::Nil => return Some(Seen::Nil),
        Packed::Bool(on) => return Some(Seen::Bool(*on)),
        Packed::Int(number) => return Some(Seen::Int(*number)),
        Packed::Bytes(bytes) => {
            return match bytes.split_first()? {
                (&STRING, text) => Some(Seen::Text(text.to_vec())),
                (&BLOB, blob) => Some(Seen::Blob(blob.to_vec())),
                _ => None,
            };
        }
        Packed::List(parts) => parts,
    };
    let (Packed::Int(code), arguments) = parts.split_first()? else { return None };
    let all = || arguments.iter().map(|argument| evaluate(argument, record)).collect::<Option<Vec<Seen>>>();
    let name = |packed: &Packed| match packed {
        Packed::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
        _ => None,
    };
    Some(match code {
        1..=6 => {
            let [left, right] = <[Seen; 2]>::try_from(all()?).ok()?;
            if left == Seen::Unknown || right == Seen::Unknown {
                return Some(Seen::Unknown);
            }
            if std::mem::discriminant(&left) != std::mem::discriminant(&right) {
                complain("a comparison of two types");
                return None;
            }
            Seen::Bool(match code {
                1 => left == right,
                2 => left != right,
                3 => left > right,
                4 => left >= right,
                5 => left < right,
                _ => left <= right,
            })
        }
        16 | 17 => {
            let (ends, otherwise) = if *code == 16 { (false, true) } else { (true, false) };
            let all = all()?;
            if all.contains(&Seen::Bool(ends)) {
                Seen::Bool(ends)
            } else if all.contains(&Seen::Unknown) {
                Seen::Unknown
            } else {
                Seen::Bool(otherwise)
            }
        }
        18 => match all()?.as_slice() {
            [Seen::Bool(on)] => Seen::Bool(!on),
            [Seen::Unknown] => Seen::Unknown,
            _ => return None,
        },
        20..=23 => {
            let mut numbers = Vec::new();
            for value in all()? {
                match value {
                    Seen::Int(number) => numbers.push(number),
                    Seen::Unknown => return Some(Seen::Unknown),
                    _ => return None,
                }
            }
            let combined = numbers.into_iter().reduce(|left, right| match code {
                20 => left.wrapping_add(right),
                21 => left.wrapping_sub(right),
                22 => left.wrapping_mul(right),
                _ => left.checked_div(right).unwrap_or(0),
            });
            Seen::Int(combined?)
        }
        66 => Seen::Int(i64::try_from(record.last_update).ok()?.checked_mul(1_000_000)?),
        67 => Seen::Int(i64::try_from(now_ms().saturating_sub(record.last_update)).ok()?),
        81 => {
            let (Packed::Int(kind), bin) = (arguments.first()?, name(arguments.get(1)?)?) else { return None };
            match (kind, record.bin(&bin)) {
                (2, Some(Particle { kind: INTEGER, bytes })) => {
                    Seen::Int(i64::from_be_bytes(bytes.as_slice().try_into().ok()?))
                }
                (3, Some(Particle { kind: STRING, bytes })) => Seen::Text(bytes.clone()),
                (6, Some(Particle { kind: BLOB, bytes })) => Seen::Blob(bytes.clone()),
                (2 | 3 | 6, _) => Seen::Unknown,
                _ => {
                    complain(&format!("bins of type {kind} in expressions"));
                    return None;
                }
            }
        }
        82 => Seen::Int(record.bin(&name(arguments.first()?)?).map_or(0, |value| i64::from(value.kind))),
        other => {
            complain(&format!("expression {other}"));
            return None;
        }
    })
}

/// As a program: `aerospike_stand_in PORT [NSUP_PERIOD [RECORD_LIMIT]]`, until it is killed.
#[allow(clippy::print_stdout, reason = "a program says that it is up")]
pub fn main() {
    let number = |at: usize| std::env::args().nth(at).and_then(|text| text.parse::<u32>().ok());
    let usual = Options::default();
    let _running = StandIn::start(Options {
        port: number(1).and_then(|port| u16::try_from(port).ok()).unwrap_or(3000),
        nsup_period: number(2).unwrap_or(usual.nsup_period),
        record_limit: number(3).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usual.record_limit),
        ..usual
    });
    println!("a stand-in for Aerospike listens; it is no Aerospike");
    loop {
        std::thread::park();
    }
}
