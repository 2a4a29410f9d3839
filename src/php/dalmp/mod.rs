//! `DALMP\Sessions`: PHP's sessions in a store, each with a reference by which it is found again.
//!
//! The original's five handlers are here five classes over the native stores. They keep its records,
//! keys and tables, so that sessions go on; what it got wrong is put right, and said in the stubs.

#[cfg(any(feature = "memcached", feature = "redis"))]
mod cached;
mod constants;
#[cfg(feature = "files")]
mod files;
mod handler;
#[cfg(feature = "memcached")]
mod memcache;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "memcached", feature = "mysql", feature = "redis"))]
mod places;
#[cfg(feature = "redis")]
mod redis;
mod references;
mod sessions;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::engine::Class;

/// The family's classes.
pub(super) const CLASSES: &[&Class] = &[
    #[cfg(feature = "files")]
    &files::FILES,
    #[cfg(feature = "memcached")]
    &memcache::MEMCACHE,
    #[cfg(feature = "mysql")]
    &mysql::MYSQL,
    #[cfg(feature = "redis")]
    &redis::REDIS,
    #[cfg(feature = "sqlite")]
    &sqlite::SQLITE,
    &sessions::SESSIONS,
];

/// What direct calls throw. DALMP's users catch `\Exception`.
const EXCEPTIONS: &str = "RuntimeException";
