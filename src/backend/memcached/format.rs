//! How a session's bytes stand in an item, and what an item's flags say about it.
//!
//! The low four bits of php-memcached's flags are the type of the value, the next ones tell how it
//! is compressed; pecl-memcache has a flag for its own compression. Whatever is configured for
//! writing, all of these are read.

use super::batch::decimal;
use super::fastlz;
use flate2::Compression as Level;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

/// php-memcached's type of a value that PHP's `serialize()` made.
const SERIALIZED: u32 = Type::Serialized as u32;
/// The bits of php-memcached's type.
const TYPE: u32 = 0b1111;
const COMPRESSED: u32 = 1 << 4;
const ZLIB: u32 = 1 << 5;
const FASTLZ: u32 = 1 << 6;
/// pecl-memcache's flag for zlib.
const PECL_COMPRESSED: u32 = 2;
/// The most that a compressed item may become.
const MOST: u64 = super::protocol::MAX_VALUE as u64;

/// In an item that has copies: it begins with eight bytes that say how new it is, outside of what is
/// compressed. php-memcached leaves this half of the flags to its users.
const STAMPED: u32 = 1 << 16;
/// In such an item: it says that the session was ended.
const ENDED: u32 = 1 << 17;

/// How new an item is, for those that have copies on several servers: microseconds since 1970, or one more
/// than what it replaced. Items without a stamp are older than all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(u64);

impl Stamp {
    /// An item's.
    pub(super) fn of(stored: &[u8], flags: u32) -> Self {
        match stored.first_chunk() {
            Some(stamp) if flags & STAMPED != 0 => Self(u64::from_be_bytes(*stamp)),
            _ => Self::default(),
        }
    }

    /// That of what is written now, in the place of something of this one.
    pub(super) fn next(self) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_micros()).unwrap_or_default();
        Self(now.max(self.0.saturating_add(1)))
    }

    /// An item that says that the session was ended: its flags and its bytes.
    pub(super) fn ended(self) -> (u32, [u8; 8]) {
        (STAMPED | ENDED, self.0.to_be_bytes())
    }
}

/// Whether an item says that the session was ended.
pub(super) fn is_ended(flags: u32) -> bool {
    flags & ENDED != 0
}

/// What php-memcached says that an item's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A string, as it is.
    Text = 0,
    /// The digits of a whole number.
    Int = 1,
    /// The digits of another number, or `Infinity`, `-Infinity`, `NaN`.
    Float = 2,
    /// `1`, or nothing.
    Bool = 3,
    /// What PHP's `serialize()` made.
    Serialized = 4,
    /// What igbinary made.
    Igbinary = 5,
    /// JSON.
    Json = 6,
    /// What msgpack made.
    Msgpack = 7,
}

impl Type {
    /// The type in an item's flags. What is unknown is text, as for php-memcached's session handler.
    pub(super) fn of(flags: u32) -> Self {
        let all = [Self::Int, Self::Float, Self::Bool, Self::Serialized, Self::Igbinary, Self::Json, Self::Msgpack];
        all.into_iter().find(|kind| *kind as u32 == flags & TYPE).unwrap_or(Self::Text)
    }
}

/// How large values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Compression {
    /// As they are. php-memcached's session handler understands nothing else.
    #[default]
    Off,
    /// As `Memcached::COMPRESSION_FASTLZ`.
    FastLz,
    /// As `Memcached::COMPRESSION_ZLIB`.
    Zlib,
    /// As pecl-memcache compresses.
    Pecl,
}

/// What is around the session's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Layout {
    /// Nothing.
    #[default]
    Raw,
    /// `s:LENGTH:"BYTES";`. Items that are not in this form are read as they are.
    Serialized,
    /// Nothing, but items in the serialized form are understood. Bytes that look like it are stored in it,
    /// so that they come back as they were.
    Either,
}

/// The form of items.
#[derive(Debug, Default)]
pub(super) struct Format {
    layout: Layout,
    compression: Compression,
    /// Values up to this size are never compressed.
    threshold: usize,
    /// A compressed value is taken only if the original is at least so many times larger.
    factor: f64,
    scratch: Vec<u8>,
    packed: Vec<u8>,
    /// What the next items begin with, where they are copies.
    stamp: Option<[u8; 8]>,
}

/// A value as it is stored, in parts.
pub(super) struct Encoded<'a> {
    pub(super) flags: u32,
    pub(super) parts: [&'a [u8]; 4],
}

impl Format {
    pub(super) fn new(layout: Layout, compression: Compression, threshold: usize, factor: f64) -> Self {
        Self { layout, compression, threshold, factor, ..Self::default() }
    }

    /// From now on items carry this stamp.
    pub(super) fn stamp(&mut self, stamp: Stamp) {
        self.stamp = Some(stamp.0.to_be_bytes());
    }

    /// The value to store.
    pub(super) fn encode<'a>(&'a mut self, data: &'a [u8]) -> Encoded<'a> {
        self.scratch.clear();
        let (stamped, stamp) = self.stamp.as_ref().map_or((0, &b""[..]), |stamp| (STAMPED, stamp));
        let serialized = match self.layout {
            Layout::Raw => false,
            Layout::Serialized => true,
            Layout::Either => string_start(data).is_some(),
        };
        if serialized {
            let mut buffer = [0; 20];
            self.scratch.extend_from_slice(b"s:");
            self.scratch.extend_from_slice(decimal(data.len() as u64, &mut buffer));
            self.scratch.extend_from_slice(b":\"");
        }
        let length = self.scratch.len() + data.len();
        if self.compression != Compression::Off && length > self.threshold {
            let head = self.scratch.len();
            self.scratch.extend_from_slice(data);
            if serialized {
                self.scratch.extend_from_slice(b"\";");
            }
            if let Some(flags) = pack(self.compression, self.factor, &self.scratch, &mut self.packed) {
                return Encoded { flags: flags | stamped, parts: [stamp, b"", &self.packed, b""] };
            }
            self.scratch.truncate(head);
        }
        Encoded { flags: stamped, parts: [stamp, &self.scratch, data, if serialized { b"\";" } else { b"" }] }
    }

    /// Appends the session's bytes in an item to `into`, which is empty.
    ///
    /// # Errors
    /// What the item is instead of a session, as a clause.
    pub(super) fn decode(&self, stored: &[u8], flags: u32, into: &mut Vec<u8>) -> Result<(), &'static str> {
        let stored = if flags & STAMPED == 0 { stored } else { stored.get(8..).unwrap_or_default() };
        unpack(stored, flags, into)?;
        match flags & TYPE {
            SERIALIZED => unwrap(into).then_some(()).ok_or("the item holds a serialized value that is no string"),
            5..=7 => {
                Err("the item was stored with Memcached's serializer igbinary, json or msgpack; sessions are strings")
            }
            _ => {
                if self.layout != Layout::Raw {
                    unwrap(into);
                }
                Ok(())
            }
        }
    }
}

/// Compresses bytes into `packed`, if that pays.
fn pack(compression: Compression, factor: f64, bytes: &[u8], packed: &mut Vec<u8>) -> Option<u32> {
    packed.clear();
    let length = u32::try_from(bytes.len()).ok()?;
    let flags = match compression {
        Compression::Off => return None,
        Compression::Pecl => PECL_COMPRESSED,
        Compression::Zlib => COMPRESSED | ZLIB,
        Compression::FastLz => COMPRESSED | FASTLZ,
    };
    if compression != Compression::Pecl {
        packed.extend_from_slice(&length.to_le_bytes());
    }
    match compression {
        Compression::FastLz => fastlz::compress(bytes, packed),
        _ => {
            ZlibEncoder::new(bytes, Level::default()).read_to_end(packed).ok()?;
        }
    }
    (bytes.len() as f64 > packed.len() as f64 * factor).then_some(flags)
}

/// Appends an item's bytes to `into`, which is empty, as they were before they were compressed.
///
/// # Errors
/// What is wrong with the item, as a clause.
pub(super) fn unpack(stored: &[u8], flags: u32, into: &mut Vec<u8>) -> Result<(), &'static str> {
    if flags & COMPRESSED != 0 {
        let (length, packed) = stored.split_first_chunk::<4>().ok_or("a compressed item is too short to be one")?;
        let length = u64::from(u32::from_le_bytes(*length));
        if length > MOST {
            return Err("a compressed item is larger than any session");
        }
        if flags & ZLIB != 0 {
            inflate(packed, length, into)?;
        } else if flags & FASTLZ != 0 {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            fastlz::decompress(packed, length, into).ok_or("a compressed item is damaged (fastlz)")?;
        } else {
            return Err("the item is compressed in a way that is not known here; zlib and fastlz are");
        }
        if into.len() as u64 != length {
            return Err("a compressed item is damaged: it has another length than it says");
        }
    } else if flags & TYPE == PECL_COMPRESSED && stored.first() == Some(&0x78) {
        inflate(stored, MOST, into)?;
    } else {
        into.extend_from_slice(stored);
    }
    Ok(())
}

fn inflate(packed: &[u8], most: u64, into: &mut Vec<u8>) -> Result<(), &'static str> {
    // One byte more shows that there is more than there may be.
    let mut decoder = ZlibDecoder::new(packed).take(most.saturating_add(1));
    decoder.read_to_end(into).map_err(|_| "a compressed item is damaged (zlib)")?;
    if into.len() as u64 > most { Err("a compressed item is larger than it may be") } else { Ok(()) }
}

/// Takes `s:LENGTH:"` and `";` off, if that is exactly what is around the string.
fn unwrap(stored: &mut Vec<u8>) -> bool {
    let Some(begin) = string_start(stored) else { return false };
    stored.truncate(stored.len() - 2);
    stored.drain(..begin);
    true
}

fn string_start(stored: &[u8]) -> Option<usize> {
    let rest = stored.strip_prefix(b"s:")?;
    let colon = rest.iter().take(20).position(|byte| *byte == b':')?;
    let (digits, rest) = rest.split_at(colon);
    let inner = rest.strip_prefix(b":\"")?.strip_suffix(b"\";")?;
    let mut buffer = [0; 20];
    (digits == decimal(inner.len() as u64, &mut buffer)).then_some(2 + colon + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(format: &Format, stored: &[u8], flags: u32) -> Result<Vec<u8>, &'static str> {
        let mut into = Vec::new();
        format.decode(stored, flags, &mut into).map(|()| into)
    }

    #[test]
    fn one_layer_is_taken_off_and_only_if_it_is_exact() {
        let format = Format::new(Layout::Serialized, Compression::Off, 0, 1.3);
        assert_eq!(decode(&format, b"s:5:\"a|i:1\";", 0).unwrap(), b"a|i:1");
        assert_eq!(decode(&format, b"s:0:\"\";", 0).unwrap(), b"");
        assert_eq!(decode(&format, b"s:8:\"s:1:\"a\";\";", 0).unwrap(), b"s:1:\"a\";");
        for raw in [b"a|i:1;".as_slice(), b"s:6:\"a|i:1\";", b"s:05:\"a|i:1\";", b"s:1:\"", b"s::\"\";", b""] {
            assert_eq!(decode(&format, raw, 0).unwrap(), raw);
        }
        let raw = Format::default();
        assert_eq!(decode(&raw, b"s:0:\"\";", 0).unwrap(), b"s:0:\"\";");
        assert_eq!(decode(&raw, b"s:1:\"a\";", SERIALIZED).unwrap(), b"a");
    }

    #[test]
    fn what_is_no_session_is_refused_with_a_reason() {
        let format = Format::default();
        for (stored, flags) in [
            (b"a:0:{}".as_slice(), SERIALIZED),
            (b"\0\0\0\x02", 5),
            (b"abc", COMPRESSED | ZLIB),
            (b"\x05\0\0\0abc", COMPRESSED | ZLIB),
            (b"\x05\0\0\0abc", COMPRESSED | FASTLZ),
            (b"\x05\0\0\0abc", COMPRESSED),
            (b"\xff\xff\xff\xffabc", COMPRESSED | FASTLZ),
            (b"\x78\x9cabc", PECL_COMPRESSED),
        ] {
            assert!(decode(&format, stored, flags).is_err(), "{stored:?} {flags}");
        }
    }

    #[test]
    fn what_pays_is_compressed_and_nothing_else() {
        let data = vec![b'a'; 3000];
        for (compression, expected) in [
            (Compression::Off, 0),
            (Compression::FastLz, COMPRESSED | FASTLZ),
            (Compression::Zlib, COMPRESSED | ZLIB),
            (Compression::Pecl, PECL_COMPRESSED),
        ] {
            let mut format = Format::new(Layout::Raw, compression, 2000, 1.3);
            assert_eq!(format.encode(&data).flags, expected);
            assert_eq!(format.encode(&data[..2000]).flags, 0, "not above the threshold");
            let dense: Vec<u8> = (0..3000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 ^ n as u8).collect();
            assert_eq!(format.encode(&dense).flags, 0, "does not pay");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(data in proptest::collection::vec(0_u8..4, 0..600), wrapped: bool) {
            // Also what looks serialized already.
            let data = if wrapped { [format!("s:{}:\"", data.len()).as_bytes(), &data, b"\";"].concat() } else { data };
            for layout in [Layout::Raw, Layout::Serialized, Layout::Either] {
                for compression in [Compression::Off, Compression::FastLz, Compression::Zlib, Compression::Pecl] {
                    let mut format = Format::new(layout, compression, 20, 1.05);
                    let Encoded { flags, parts } = format.encode(&data);
                    let stored = parts.concat();
                    prop_assert!(flags == 0 || compression != Compression::Off && stored.len() < data.len() + 12);
                    prop_assert_eq!(decode(&format, &stored, flags).unwrap(), &data[..]);
                }
            }
        }

        #[test]
        fn nothing_makes_the_decoder_panic(stored in proptest::collection::vec(any::<u8>(), 0..100), flags in 0_u32..256) {
            let _ = decode(&Format::default(), &stored, flags);
        }
    }
}
