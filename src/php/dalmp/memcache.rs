//! `DALMP\Sessions\Memcache`: sessions under `DALMP_` and a digest, as they are.

use super::cached;
use super::handler::{INTERFACES, METHODS, text};
use super::places::MEMCACHE as SERVER;
use super::references::{self, Shape};
use crate::php::engine::{self, Call, Class, Method, Thrown, method};
use ext_php_rs::flags::ClassFlags;

const OWN: [Method; 4] = [
    method!(
        "public function __construct($cache, $sessions_ref = 'UID', $sessions_key = null)",
        construct,
        sensitive[0]
    ),
    method!("public function getSessionsRefs()", references::all::<Form>),
    method!("public function getSessionRef($ref)", references::one::<Form>),
    method!("public function delSessionRef($ref)", references::end::<Form>),
];
const ALL: [Method; OWN.len() + METHODS.len()] = engine::join(&OWN, &METHODS);

/// The class.
pub(super) static MEMCACHE: Class = Class {
    name: "DALMP\\Sessions\\Memcache",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: INTERFACES,
    constants: &[],
    properties: cached::PROPERTIES,
    methods: &ALL,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    cached::construct(call, &SERVER, |options, index| {
        // The original talks through pecl-memcache.
        options.set_default("compression", text("off"));
        options.set_default("dalmp_references", text(index));
    })
}

/// What its listings look like.
struct Form;

impl Shape for Form {
    fn key(id: &str) -> String {
        cached::record(id)
    }
}
