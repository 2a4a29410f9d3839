//! Whatever a server sends, the parser neither panics nor claims bytes that are not there, and a
//! reply does not depend on what follows it or on how it was cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat::backend::redis::protocol::{Parsed, Reply, parse};

fuzz_target!(|bytes: &[u8]| {
    match parse(bytes) {
        Ok(Parsed::Complete(reply, length)) => {
            assert!(length <= bytes.len());
            assert_eq!(parse(&bytes[..length]), Ok(Parsed::Complete(reply, length)));
            assert!(!matches!(parse(&bytes[..length - 1]), Ok(Parsed::Complete(..)) | Err(_)));
            count(reply);
        }
        Ok(Parsed::Incomplete(needed)) => assert!(needed > bytes.len()),
        Err(_) => {}
    }
});

fn count(reply: Reply<'_>) -> usize {
    match reply {
        Reply::Array(items) => items.map(count).sum(),
        _ => 1,
    }
}
