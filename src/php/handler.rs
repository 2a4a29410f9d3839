//! `Seshat\Handler` and `Seshat\Exception`: the plain-PHP face.

use super::engine::{Call, Class, Interface, Parent, Thrown, method};
use super::methods::{self, Face};
use super::pool::{Pooled, Settings};
use super::{convert, errors, references};
use ext_php_rs::flags::ClassFlags;

/// The family's classes.
pub(super) const CLASSES: &[&Class] =
    &[&EXCEPTION, &HANDLER, &super::references::REFERENCES, &super::lock::LOCK, &super::schema::SCHEMA];

static EXCEPTION: Class = Class {
    name: "Seshat\\Exception",
    flags: ClassFlags::empty(),
    parent: Some(Parent::RuntimeException),
    interfaces: &[],
    constants: &[],
    properties: &[],
    methods: &[],
    native: false,
};

pub(super) static HANDLER: Class = Class {
    name: "Seshat\\Handler",
    flags: ClassFlags::empty(),
    parent: None,
    interfaces: &[Interface::SessionHandler, Interface::SessionId, Interface::SessionUpdateTimestamp],
    constants: &[],
    properties: &[],
    methods: &[
        method!("public function __construct(string|array $dsn, array $options = [])", construct, sensitive [0, 1]),
        method!("public function open(string $path, string $name): bool", methods::open),
        method!("public function close(): bool", methods::close),
        method!("public function read(string $id): string|false", methods::read),
        method!("public function write(string $id, string $data): bool", methods::write),
        method!("public function destroy(string $id): bool", methods::destroy),
        method!("public function gc(int $max_lifetime): int|false", methods::gc),
        method!("public function create_sid(): string", methods::create_sid),
        method!("public function validateId(string $id): bool", methods::validate),
        method!("public function updateTimestamp(string $id, string $data): bool", methods::touch),
        method!("public function setReference(int|string|null $reference): void", references::set_reference),
        method!("public function referenceOf(string $id): ?string", references::reference_of),
        method!("public function sessionsOf(int|string $reference): array", references::sessions_of),
        method!("public function countOf(int|string $reference): int", references::count_of),
        method!(
            "public function destroyAllOf(int|string $reference, ?string $except = null): int",
            references::destroy_all_of
        ),
        method!("public function allReferences(): Seshat\\References", references::all_references),
    ],
    native: true,
};

/// What direct calls throw.
pub(super) const EXCEPTIONS: &str = "Seshat\\Exception";

/// A DSN or an array of options, and more options that replace them. Connects to nothing.
fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    let pooled = match convert::plain_dsn(call) {
        Some(dsn) => Pooled::from_dsn(dsn, &Settings::now()),
        None => Pooled::from_options(convert::configuration(call)?),
    };
    let pooled = pooled.map_err(|error| errors::throw(&error, EXCEPTIONS))?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))
}
