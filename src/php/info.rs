//! What phpinfo() says of the extension.

use super::{engine, families, ini};
use crate::backend::BACKENDS;

/// Version, stores, families and live settings; no DSN, since that may hold a password.
pub(super) fn print() {
    let policy = ini::policy();
    let stores: Vec<&str> = BACKENDS.iter().map(|backend| backend.name).collect();
    let on = |on: bool| if on { "on" } else { "off" }.to_owned();
    let mut rows = vec![
        ("Seshat".to_owned(), "sessions, natively".to_owned()),
        ("Version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("Save handler".to_owned(), "session.save_handler = seshat".to_owned()),
        ("Stores".to_owned(), stores.join(", ")),
    ];
    for family in families::FAMILIES {
        rows.push((format!("Classes of {}", family.name), families::state(family)));
    }
    rows.push(("Locking".to_owned(), on(policy.locking)));
    rows.push(("Wait for a lock".to_owned(), format!("{} s", policy.lock_wait.as_secs_f64())));
    rows.push(("Lock expires".to_owned(), format!("{} s", policy.lock_expire.as_secs_f64())));
    rows.push(("Early refresh".to_owned(), on(policy.early_refresh)));
    engine::info_table(&rows);
}
