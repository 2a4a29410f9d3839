//! The options of the files store.

use super::error;
use super::names::Style;
use super::store::Files;
use crate::backend::Environment;
use crate::error::Result;
use crate::options::dsn::Dsn;
use crate::options::reader::Reader;
use crate::options::value::Value;
use crate::session::store::Store;
use nix::libc::mode_t;
use std::path::{Path, PathBuf};

/// The deepest nesting that is accepted. PHP's folders for it would number 16 to 64 times more
/// with each level.
const MAX_DEPTH: i64 = 8;

/// What the user decided.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The folder, absolute.
    pub(super) path: PathBuf,
    /// How the files are called.
    pub(super) style: Style,
    /// Permission bits of a session's file.
    pub(super) mode: mode_t,
    /// Replace a session's file; else overwrite it where it is.
    pub(super) atomic: bool,
    /// Wait for the disk.
    pub(super) sync: bool,
    /// Make the hashed folders that are missing.
    pub(super) create_dirs: bool,
}

pub(super) fn configure(dsn: Dsn, reader: &mut Reader, environment: &Environment) -> Result<Box<dyn Store>> {
    if !dsn.host.is_empty() {
        return Err(error::misplaced("a host", "a folder has three slashes: files:///var/lib/sessions"));
    }
    if dsn.port.is_some() || dsn.user.is_some() || dsn.password.is_some() {
        return Err(error::misplaced("a port or a user", "write files:///var/lib/sessions"));
    }
    let path = if dsn.path.is_empty() { environment.temporary.clone() } else { PathBuf::from(dsn.path) };
    // Once, because a script may change the working folder later.
    let path = std::path::absolute(path).map_err(error::no_folder)?;
    let settings = Settings {
        style: Style {
            prefix: affix(reader, "prefix").unwrap_or_else(|| "sess_".into()),
            suffix: affix(reader, "suffix").unwrap_or_default(),
            depth: count(reader, "depth", 0..=MAX_DEPTH).unwrap_or(0),
            width: count(reader, "depth_width", 1..=MAX_DEPTH).unwrap_or(1),
        },
        mode: mode(reader).unwrap_or(0o600),
        atomic: reader.switch(&["atomic"]).unwrap_or(true),
        sync: reader.switch(&["sync"]).unwrap_or(false),
        create_dirs: reader.switch(&["create_dirs"]).unwrap_or(true),
        path,
    };
    allowed(&settings.path, environment.allow_path)?;
    Ok(Box::new(Files::new(settings, environment)))
}

/// PHP's `open_basedir`, asked when the store is configured and whenever the folder is opened.
pub(super) fn allowed(path: &Path, allow: fn(&Path) -> bool) -> Result<()> {
    if allow(path) { Ok(()) } else { Err(error::forbidden(path)) }
}

/// Octal text, or the number that an octal literal in PHP is.
fn mode(reader: &mut Reader) -> Option<mode_t> {
    let said = reader.take(&["mode"])?;
    let mode = match &said {
        Value::Int(bits) => mode_t::try_from(*bits).ok(),
        Value::Text(digits) => {
            std::str::from_utf8(digits).ok().and_then(|digits| mode_t::from_str_radix(digits, 8).ok())
        }
        _ => None,
    };
    let mode = mode.filter(|mode| mode & !0o666 == 0 && mode & 0o600 == 0o600);
    if mode.is_none() {
        reader
            .mistake("option \"mode\" must be an octal number such as 0600: read and write for the owner, no execute");
    }
    mode
}

fn count(reader: &mut Reader, name: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<usize> {
    reader.number(&[name], range).and_then(|count| usize::try_from(count).ok())
}

/// A part of the files' names.
fn affix(reader: &mut Reader, name: &'static str) -> Option<String> {
    let affix = reader.text(&[name])?;
    // The files that are not sessions end in a tilde.
    if affix.len() > 100 || affix.contains(['/', '\0']) || (name == "suffix" && affix.ends_with('~')) {
        reader.mistake(format!("option \"{name}\" must be at most 100 characters without a slash"));
        return None;
    }
    Some(affix)
}
