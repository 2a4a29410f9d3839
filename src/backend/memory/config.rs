//! The options of the memory store: a name.

use super::error;
use super::store::Memory;
use crate::backend::Environment;
use crate::error::Result;
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::session::store::Store;

pub(super) fn configure(dsn: Dsn, _reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    if !matches!(dsn.path.as_str(), "" | "/") {
        return Err(error::superfluous("path"));
    }
    if dsn.port.is_some() {
        return Err(error::superfluous("port"));
    }
    if dsn.user.is_some() || dsn.password.is_some() {
        return Err(error::superfluous("user or password"));
    }
    Ok(Box::new(Memory::named(&dsn.host, environment.clock.clone())))
}
