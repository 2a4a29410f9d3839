//! `Phalcon\Storage` and `Phalcon\Factory`: the key-value stores under Phalcon's session adapters, and
//! the factories that make them.
//!
//! A session adapter that is given our own `AdapterFactory` does not come here: its native store does
//! the work, with locks. What is here serves applications that use the storages themselves, factories
//! of their own, and children of these classes, for Phalcon 4 and 5 alike.

pub(super) mod adapter;
mod factory;
pub(super) mod serializer;

pub(super) use adapter::factory::is_native_factory;
pub(super) use factory::ABSTRACT_FACTORY;

/// Closes the connections that are kept. When the module ends.
pub(super) fn forget() {
    adapter::forget_connections();
}
