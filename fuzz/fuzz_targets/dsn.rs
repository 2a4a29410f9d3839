//! Whatever stands in a save path or a DSN, reading it neither panics nor takes long.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat::options::dsn::Dsn;

fuzz_target!(|text: &str| {
    if let Ok(dsn) = Dsn::parse(text) {
        for member in [&dsn].into_iter().chain(&dsn.members) {
            let _ = member.hosts();
            assert!(member.members.is_empty() || std::ptr::eq(member, &dsn), "a list has no lists in it");
        }
    }
});
