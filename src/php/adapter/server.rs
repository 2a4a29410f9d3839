//! The handler's methods of the adapters over servers.

use super::base;
use crate::php::classic::{self, Data};
use crate::php::engine::{Call, Thrown};
use crate::php::methods;

/// Each method has two ways: the native store, or the storage object of a user's factory.
macro_rules! either {
    ($($name:ident: $native:path, $dynamic:path;)*) => {
        $(pub(super) fn $name(call: &mut Call<'_>) -> Result<(), Thrown> {
            if call.has_state() { $native(call) } else { $dynamic(call) }
        })*
    };
}

either! {
    close: methods::close, base::succeed;
    delete: methods::destroy, base::destroy;
    gc: methods::gc, base::gc;
    open: methods::open, base::succeed;
    read: methods::read, base::read;
    touch: methods::touch, base::write;
    validate: methods::validate, base::has;
    write: methods::write, base::write;
}

/// The session as a whole, or one record: what it is called with decides.
pub(super) fn destroy(call: &mut Call<'_>) -> Result<(), Thrown> {
    classic::destroy_or_delete(call, Data::Goes, delete)
}
