//! Whatever a server sends, the parser neither panics nor claims bytes that are not there, a reply does
//! not depend on how it was cut, and a field that is understood is what its value is written as.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat::backend::handlersocket::protocol::{Field, Reply, find};

fuzz_target!(|bytes: &[u8]| {
    match find(bytes, 0) {
        Ok(Ok(length)) => {
            assert!(length <= bytes.len());
            assert_eq!(find(&bytes[..length], length / 2), Ok(Ok(length)));
            assert!(matches!(find(&bytes[..length - 1], 0), Ok(Err(_))));
            let Ok(reply) = Reply::parse(&bytes[..length]) else { return };
            let _ = (reply.refusal(), reply.count());
            if let Ok(Some(row)) = reply.row::<3>() {
                row.iter().for_each(check);
            }
        }
        Ok(Err(needed)) => assert!(needed > bytes.len()),
        Err(_) => {}
    }
});

fn check(field: &Field<'_>) {
    let mut value = Vec::new();
    if field.decode(&mut value).is_ok() && !field.is_null() {
        assert!(field.is(&value));
    }
}
