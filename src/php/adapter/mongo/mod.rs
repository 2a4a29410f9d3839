//! `Phalcon\Session\Adapter\Mongo` and `Phalcon\Incubator\Session\Adapter\Mongo`: sessions in a
//! collection of MongoDB.
//!
//! What the user gives as the collection decides who does the work:
//!
//! | given | done by |
//! | --- | --- |
//! | a DSN, an array of options, an object that describes a collection | the native store, by its own driver |
//! | a `MongoDB\Collection`, or what has its methods | the native store, by the methods of that object |
//!
//! Either way `session::handler` keeps PHP's protocol, the documents are the same, and the methods are
//! those of every other adapter.

mod foreign;
mod options;
mod values;

use super::{EXCEPTIONS, warn_of_unknown};
use crate::backend::mongodb::MongoDb;
use crate::options::value::Options;
use crate::php::classic::{self, Data};
use crate::php::engine::{self, Call, Class, Initial, Interface, Method, Parent, Property, Thrown, arrays, method};
use crate::php::methods::{self, Face};
use crate::php::pool::Pooled;
use crate::php::{convert, errors, turns};
use crate::session::clock::Clock;
use crate::session::handler::Handler;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::types::Zval;
use foreign::Foreign;
use options::Collection;

/// What both classes have.
const COMMON: [Method; 7] = [
    method!("public function close()", methods::close),
    method!("public function gc(int $max_lifetime)", methods::gc),
    method!("public function read(string $id)", methods::read),
    method!("public function updateTimestamp(string $id, string $data)", methods::touch),
    method!("public function validateId(string $id)", methods::validate),
    method!("public function write(string $id, string $data)", methods::write),
    method!("protected function getCollection()", get_collection),
];

// `open` and `destroy` may be called without arguments, as in Phalcon 3; children may require some.
const OF_PHALCON_3: [Method; 4] = [
    method!("public function __construct($options = null)", construct, sensitive[0]),
    method!("public function destroy($id = null)", destroy, children_may_require 1),
    method!("public function open(string $path = '', string $name = '')", methods::open, children_may_require 2),
    method!("public function start()", classic::start_as_handler),
];
const OF_THE_ADD_ON: [Method; 3] = [
    method!("public function __construct($collection)", construct_add_on, sensitive[0]),
    method!("public function destroy(string $id)", methods::destroy),
    method!("public function open(string $path = '', string $name = '')", methods::open, children_may_require 2),
];
const MONGO_METHODS: [Method; OF_PHALCON_3.len() + COMMON.len()] = engine::join(&OF_PHALCON_3, &COMMON);
const ADD_ON_METHODS: [Method; OF_THE_ADD_ON.len() + COMMON.len()] = engine::join(&OF_THE_ADD_ON, &COMMON);

const COLLECTION: &str = "collection";

/// Phalcon 3's, of its incubator: the session itself.
pub(in crate::php) static MONGO: Class = Class {
    name: "Phalcon\\Session\\Adapter\\Mongo",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter")),
    interfaces: &[Interface::SessionHandler, Interface::SessionUpdateTimestamp],
    constants: &[],
    properties: &[Property { name: COLLECTION, private: false, initial: Initial::Null }],
    methods: &MONGO_METHODS,
    native: true,
};

/// Phalcon 4's and 5's, of the package phalcon/incubator-session: a handler for the manager.
pub(in crate::php) static ADD_ON: Class = Class {
    name: "Phalcon\\Incubator\\Session\\Adapter\\Mongo",
    flags: ClassFlags::empty(),
    parent: Some(Parent::Ours("Phalcon\\Session\\Adapter\\AbstractAdapter")),
    interfaces: &[],
    constants: &[],
    properties: &[Property { name: COLLECTION, private: false, initial: Initial::Null }],
    methods: &ADD_ON_METHODS,
    native: true,
};

fn construct(call: &mut Call<'_>) -> Result<(), Thrown> {
    // Another object may have had this one's number before.
    turns::forget(call)?;
    let mut options = classic::options_at(call, 0)?.unwrap_or_else(Zval::new_array);
    let mut collection = Zval::null();
    arrays::take(&mut options, COLLECTION.as_bytes(), &mut collection);
    let said = options.array().map(convert::options).unwrap_or_default();
    let unknown = open_store(call, &collection, said)?;
    classic::take_options(call, options)?;
    turns::register(call)?;
    warn_of_unknown(&unknown);
    Ok(())
}

fn construct_add_on(call: &mut Call<'_>) -> Result<(), Thrown> {
    turns::forget(call)?;
    let mut collection = call.value(0).map_or_else(Zval::null, |given| given.dereference().shallow_clone());
    let mut said = Options::new();
    if let Some(named) = arrays::entry(&collection, COLLECTION.as_bytes()).filter(|named| is_place(named)) {
        // The package's own sample has it in an array.
        let named = named.shallow_clone();
        arrays::take(&mut collection, COLLECTION.as_bytes(), &mut Zval::null());
        said = collection.array().map(convert::options).unwrap_or_default();
        collection = named;
    }
    let unknown = open_store(call, &collection, said)?;
    turns::register(call)?;
    warn_of_unknown(&unknown);
    Ok(())
}

/// Whether it says by itself where the sessions are: the name of a collection does not.
fn is_place(given: &Zval) -> bool {
    given.zend_str().is_none_or(|text| text.as_bytes().windows(3).any(|part| part == b"://"))
}

/// Gives the object its store, over the collection or of our own.
fn open_store(call: &mut Call<'_>, collection: &Zval, said: Options) -> Result<Vec<String>, Thrown> {
    let property = call.position(COLLECTION)?;
    let given = Collection::of(collection)?.map_err(|sentence| engine::throw(EXCEPTIONS, &sentence))?;
    let (pooled, unknown) = match given {
        Collection::Native(place) => {
            let pooled = Pooled::from_options(options::native(place, &said))
                .map_err(|error| errors::throw(&error, EXCEPTIONS))?;
            (pooled, Vec::new())
        }
        Collection::Object => {
            let said = options::beside_object(said).map_err(|error| errors::throw(&error, EXCEPTIONS))?;
            let foreign = Foreign::new(call.object_number()?, property);
            let store = MongoDb::new(foreign, options::name_of(collection), said.layout, Clock::System);
            (Pooled::alone(Handler::new(Box::new(store), said.policy)), said.unknown)
        }
    };
    let is_object = collection.dereference().is_object();
    call.set_property(property, if is_object { collection.dereference().shallow_clone() } else { Zval::null() })?;
    call.set_state(Box::new(Face { pooled, exceptions: EXCEPTIONS }))?;
    Ok(unknown)
}

fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Stays, methods::destroy)
}

fn get_collection(call: &mut Call<'_>) -> Result<(), Thrown> {
    let position = call.position(COLLECTION)?;
    let collection = call.property(position)?.shallow_clone();
    *call.result() = collection;
    Ok(())
}
