//! Whatever a server sends, the parser neither panics nor claims bytes that are not there, and a
//! reply does not depend on what follows it or on how it was cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat::backend::memcached::protocol::find;

fuzz_target!(|bytes: &[u8]| {
    match find(bytes) {
        Ok(Ok(extent)) => {
            assert!(extent.length <= bytes.len());
            assert_eq!(find(&bytes[..extent.length]), Ok(Ok(extent)));
            assert!(matches!(find(&bytes[..extent.length - 1]), Ok(Err(_))));
            let _ = extent.reply(bytes);
        }
        Ok(Err(needed)) => assert!(needed > bytes.len()),
        Err(_) => {}
    }
});
