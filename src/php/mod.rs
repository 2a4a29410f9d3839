//! Everything that knows PHP.
//!
//! [`engine`] has all that the compiler cannot check; the rest is safe Rust on top of it. [`save_handler`] is the
//! native module, [`handler`] the class; both put calls into `session::handler::Handler`, which
//! [`pool`] keeps between requests. [`errors`] decides once between warning and exception.

mod adapter;
mod bag;
mod classic;
mod collection;
mod convert;
mod dalmp;
mod engine;
mod errors;
mod exceptions;
mod factory;
mod families;
mod handler;
mod info;
mod ini;
mod lock;
mod manager;
mod methods;
mod nesting;
mod nofw;
#[cfg(feature = "redis")]
mod phpredis;
mod pool;
mod references;
mod save_handler;
mod schema;
mod session_values;
mod signature;
mod storage;
mod turns;

use ext_php_rs::zend::IniEntryDef;

/// What happens at the module's turning points.
const HOOKS: engine::Hooks =
    engine::Hooks { startup, shutdown, before_end: manager::forget_last_started, after_request, info: info::print };

fn startup(module_number: i32) -> Result<(), String> {
    IniEntryDef::register(ini::ENTRIES.as_slice(), module_number);
    engine::register_save_handler()?;
    families::register(&engine::ini_text(c"seshat.families"))
}

fn shutdown() {
    save_handler::forget();
    pool::clear();
    storage::forget();
}

fn after_request() {
    save_handler::abandon();
    engine::drop_lent();
    turns::end();
    nesting::end();
    manager::disown_last_started();
}
