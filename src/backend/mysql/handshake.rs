//! The first words of a connection: what the server is, what both can do, and who asks.
//!
//! The passwords' arithmetic is `mysql_common`'s. What it is fed with comes from the network and is
//! looked at here first: it takes a public key on trust, and a password in clear text is nothing for a
//! wire that others can read.

use super::packet::{Cursor, put_text};
use super::reply::Manners;
use mysql_common::auth::plugins::{AuthProc, ChallengeResponsePlugin, Context, Response};
use mysql_common::packets::AuthPlugin;

const NATIVE: &[u8] = b"mysql_native_password";
const SCRAMBLE: usize = 20;

const LONG_PASSWORD: u32 = 1;
/// Updates count the rows that they found, not those that they made different.
const FOUND_ROWS: u32 = 1 << 1;
const LONG_FLAG: u32 = 1 << 2;
const CONNECT_WITH_DB: u32 = 1 << 3;
const PROTOCOL_41: u32 = 1 << 9;
const SSL: u32 = 1 << 11;
const TRANSACTIONS: u32 = 1 << 13;
const SECURE_CONNECTION: u32 = 1 << 15;
const PLUGIN_AUTH: u32 = 1 << 19;
const PLUGIN_AUTH_LENENC: u32 = 1 << 21;
const DEPRECATE_EOF: u32 = 1 << 24;
/// What MariaDB's own abilities are told behind: not set by a server that has such.
const NO_MARIADB: u32 = 1;
/// The fifth of MariaDB's own: columns are described once.
const CACHE_METADATA: u32 = 1 << 4;

/// `utf8mb4_general_ci`, which servers know from 5.5.3 on. Ids are ASCII, and data is sent as bytes.
const UTF8MB4: u8 = 45;
/// The longest packet that we take; the server's own limit counts for what it takes.
const MOST: u32 = 1 << 30;

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    pub(super) version: String,
    capabilities: u32,
    of_mariadb: u32,
    scramble: Vec<u8>,
    plugin: Vec<u8>,
}

impl Greeting {
    /// `None`: this is no greeting of a server that we can speak with.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        if cursor.byte()? != 10 {
            return None;
        }
        let version = String::from_utf8_lossy(cursor.until_nul()).into_owned();
        cursor.skip(4)?;
        let mut scramble = cursor.bytes(8)?.to_vec();
        cursor.skip(1)?;
        let low = cursor.fixed(2)?;
        cursor.skip(3)?;
        let capabilities = u32::try_from(low | cursor.fixed(2)? << 16).ok()?;
        let length = usize::from(cursor.byte()?);
        cursor.skip(6)?;
        let of_mariadb = u32::try_from(cursor.fixed(4)?).ok()?;
        let of_mariadb = if capabilities & NO_MARIADB == 0 { of_mariadb } else { 0 };
        let wanted = PROTOCOL_41 | SECURE_CONNECTION;
        if capabilities & wanted != wanted {
            return None;
        }
        let rest = cursor.bytes(length.saturating_sub(8).max(13))?;
        scramble.extend_from_slice(rest);
        scramble.truncate(SCRAMBLE);
        let plugin = if capabilities & PLUGIN_AUTH == 0 { NATIVE } else { cursor.until_nul() };
        Some(Self { version, capabilities, of_mariadb, scramble, plugin: plugin.to_vec() })
    }

    pub(super) fn offers_tls(&self) -> bool {
        self.capabilities & SSL != 0
    }

    pub(super) fn is_mariadb(&self) -> bool {
        self.version.contains("MariaDB")
    }

    /// How its answers will look.
    pub(super) fn manners(&self) -> Manners {
        Manners {
            no_end_of_columns: self.capabilities & DEPRECATE_EOF != 0,
            columns_once: self.of_mariadb & CACHE_METADATA != 0,
        }
    }

    fn agreed(&self, tls: bool, database: bool) -> u32 {
        let wanted = LONG_PASSWORD
            | FOUND_ROWS
            | LONG_FLAG
            | PROTOCOL_41
            | TRANSACTIONS
            | SECURE_CONNECTION
            | PLUGIN_AUTH
            | PLUGIN_AUTH_LENENC
            | DEPRECATE_EOF
            | if tls { SSL } else { 0 }
            | if database { CONNECT_WITH_DB } else { 0 };
        // The first bit means something else in a server of MariaDB's.
        let of_mariadb = self.of_mariadb & CACHE_METADATA;
        let agreed = wanted & (self.capabilities | LONG_PASSWORD);
        if of_mariadb == 0 { agreed } else { agreed & !NO_MARIADB }
    }

    fn opening(&self, agreed: u32) -> Vec<u8> {
        let mut out = agreed.to_le_bytes().to_vec();
        out.extend_from_slice(&MOST.to_le_bytes());
        out.push(UTF8MB4);
        out.extend_from_slice(&[0; 19]);
        out.extend_from_slice(&(self.of_mariadb & CACHE_METADATA).to_le_bytes());
        out
    }

    /// The packet that asks for TLS; the handshake of TLS follows it at once.
    pub(super) fn ask_for_tls(&self) -> Vec<u8> {
        self.opening(self.agreed(true, true))
    }
}

/// Who asks, for what.
pub(super) struct Who<'a> {
    pub(super) user: &'a str,
    pub(super) password: &'a str,
    pub(super) database: &'a str,
    pub(super) tls: bool,
    /// Nobody can listen: a unix socket.
    pub(super) local: bool,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// Only listen.
    Wait,
    /// We are in.
    Done,
}

/// Why there is no going on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The server's words.
    Said(u16, Vec<u8>),
    /// The server wants to be convinced in a way that is not known here.
    Unknown(String),
    /// The server wants the password in clear text, where it could be read on the way.
    Exposed(String),
    /// What came makes no sense.
    Garbage,
}

/// The exchange in which the server is convinced.
pub(super) struct Login<'a> {
    who: Who<'a>,
    scramble: Vec<u8>,
    plugin: Plugin,
    awaits_key: bool,
}

enum Plugin {
    Known(Box<AuthProc>),
    /// The system tells the server who asks.
    Socket,
}

impl<'a> Login<'a> {
    /// Begins it: what is to be sent first.
    pub(super) fn begin(greeting: &Greeting, who: Who<'a>) -> Result<(Self, Vec<u8>), Refusal> {
        // Another than the usual ones is agreed upon when the server knows the user.
        let name = match greeting.plugin.as_slice() {
            b"caching_sha2_password" => b"caching_sha2_password",
            _ => NATIVE,
        };
        let agreed = greeting.agreed(who.tls, !who.database.is_empty());
        let mut out = greeting.opening(agreed);
        let mut login = Self { who, scramble: greeting.scramble.clone(), plugin: Plugin::Socket, awaits_key: false };
        let proof = login.choose(name, &greeting.scramble)?;
        let Step::Send(proof) = proof else { return Err(Refusal::Garbage) };
        out.extend_from_slice(login.who.user.as_bytes());
        out.push(0);
        if agreed & PLUGIN_AUTH_LENENC != 0 {
            put_text(&proof, &mut out);
        } else {
            out.push(u8::try_from(proof.len()).map_err(|_| Refusal::Garbage)?);
            out.extend_from_slice(&proof);
        }
        if agreed & CONNECT_WITH_DB != 0 {
            out.extend_from_slice(login.who.database.as_bytes());
            out.push(0);
        }
        if agreed & PLUGIN_AUTH != 0 {
            out.extend_from_slice(name);
            out.push(0);
        }
        Ok((login, out))
    }

    fn choose(&mut self, name: &[u8], challenge: &[u8]) -> Result<Step, Refusal> {
        let named = || String::from_utf8_lossy(name).chars().filter(char::is_ascii_graphic).take(60).collect();
        if matches!(name, b"auth_socket" | b"unix_socket") {
            self.plugin = Plugin::Socket;
            return Ok(Step::Send(Vec::new()));
        }
        let plugin = AuthPlugin::from_bytes(name);
        match plugin {
            AuthPlugin::MysqlNativePassword
            | AuthPlugin::CachingSha2Password
            | AuthPlugin::Sha256Password
            | AuthPlugin::Ed25519 => {}
            AuthPlugin::MysqlClearPassword if self.who.tls || self.who.local => {}
            AuthPlugin::MysqlClearPassword => return Err(Refusal::Exposed(named())),
            _ => return Err(Refusal::Unknown(named())),
        }
        let procedure = AuthProc::init(&plugin).map_err(|_| Refusal::Unknown(named()))?;
        self.plugin = Plugin::Known(Box::new(procedure));
        let challenge = match challenge.split_last() {
            Some((0, scramble)) if scramble.len() == SCRAMBLE => scramble,
            _ => challenge,
        };
        if challenge.len() == SCRAMBLE {
            self.scramble = challenge.to_vec();
        }
        self.run(challenge)
    }

    fn run(&mut self, challenge: &[u8]) -> Result<Step, Refusal> {
        let Plugin::Known(procedure) = &mut self.plugin else { return Err(Refusal::Garbage) };
        if std::mem::take(&mut self.awaits_key) && !super::key::is_sound(challenge, self.who.password.len() + 1) {
            return Err(Refusal::Garbage);
        }
        let context = Proof { who: &self.who, scramble: &self.scramble };
        let packet = match procedure.run(context, challenge).map_err(|_| Refusal::Garbage)? {
            Response::Next { packet } | Response::Last { packet } => packet,
        };
        let Some(packet) = packet else { return Ok(Step::Wait) };
        self.awaits_key = matches!(packet.as_slice(), [1 | 2]);
        Ok(Step::Send(packet))
    }

    /// Answers what the server said.
    pub(super) fn answer(&mut self, payload: &[u8]) -> Result<Step, Refusal> {
        match payload.split_first() {
            Some((0x00, _)) => Ok(Step::Done),
            Some((0xff, _)) => {
                let (code, said) = super::reply::refusal(payload);
                Err(Refusal::Said(code, said.to_vec()))
            }
            Some((0xfe, [])) => Err(Refusal::Unknown("mysql_old_password".into())),
            Some((0xfe, rest)) => {
                let mut cursor = Cursor(rest);
                let name = cursor.until_nul();
                self.choose(name, cursor.0)
            }
            Some((0x01, rest)) => self.run(rest),
            _ => Err(Refusal::Garbage),
        }
    }
}

struct Proof<'a> {
    who: &'a Who<'a>,
    scramble: &'a [u8],
}

impl Context for Proof<'_> {
    fn pass(&self) -> &[u8] {
        self.who.password.as_bytes()
    }

    fn is_ipc_transport(&self) -> bool {
        self.who.local
    }

    fn is_tls_transport(&self) -> bool {
        self.who.tls
    }

    fn scramble(&self) -> &[u8] {
        self.scramble
    }

    fn server_key_pem(&self) -> Option<&[u8]> {
        None
    }
}
