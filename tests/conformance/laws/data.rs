//! Bytes go in and come out.

use crate::fixture::{Fixture, LONG, PATIENCE, read, sid};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub fn absent_is_not_an_error_and_leaves_the_buffer_empty(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    assert_eq!(read(&mut *store, "nobody"), None);
    assert!(!store.exists(sid("nobody")).unwrap());
    assert!(!store.touch(sid("nobody"), LONG).unwrap());
    assert_eq!(read(&mut *store, "nobody"), None, "touching must not make a record");
}

pub fn bytes_come_back_as_they_were(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let every_byte: Vec<u8> = (0..=255).collect();
    let cases: [&[u8]; 9] =
        [b"", b"\0", b"\0\0a\0", b"\xff\xfe\x80", b"x", b"\r\n\r\n", b"'\"\\;%s", "\u{fffd}ü".as_bytes(), &every_byte];
    for (number, data) in cases.into_iter().enumerate() {
        let id = format!("bytes-{number}");
        store.write(sid(&id), data, LONG).unwrap();
        assert!(store.exists(sid(&id)).unwrap(), "{data:?}");
        assert_eq!(read(&mut *store, &id).as_deref(), Some(data), "{data:?}");
    }
}

pub fn a_megabyte_comes_back(fixture: &dyn Fixture) {
    a_large_value_comes_back(fixture, 1 << 20);
}

pub fn sixty_four_megabytes_come_back(fixture: &dyn Fixture) {
    a_large_value_comes_back(fixture, fixture.largest_record());
}

fn a_large_value_comes_back(fixture: &dyn Fixture, length: usize) {
    let length = length.min(fixture.largest_record());
    let mut store = fixture.store();
    // No short period, so that a chunk in the wrong place is noticed.
    let data: Vec<u8> = (0..length).map(|index| (index.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    store.write(sid("large"), &data, LONG).unwrap();
    let back = read(&mut *store, "large").expect("the record");
    assert_eq!(back.len(), data.len());
    assert!(back == data, "the bytes differ");
}

pub fn a_shorter_value_replaces_a_longer_one_and_back(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let long = vec![b'x'; 10_000];
    for data in [&long[..], b"ab", b"", &long[..], b"c"] {
        store.write(sid("same"), data, LONG).unwrap();
        assert!(read(&mut *store, "same").as_deref() == Some(data), "{} bytes", data.len());
    }
}

pub fn read_appends_nothing_of_an_earlier_read(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    store.write(sid("first"), b"a long first value", LONG).unwrap();
    store.write(sid("second"), b"b", LONG).unwrap();
    assert_eq!(read(&mut *store, "first").unwrap(), b"a long first value");
    assert_eq!(read(&mut *store, "second").unwrap(), b"b");
    assert_eq!(read(&mut *store, "third"), None);
}

pub fn destroy_can_be_repeated(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    store.destroy(sid("gone")).unwrap();
    store.write(sid("gone"), b"data", LONG).unwrap();
    for _ in 0..2 {
        store.destroy(sid("gone")).unwrap();
        assert_eq!(read(&mut *store, "gone"), None);
        assert!(!store.exists(sid("gone")).unwrap());
    }
}

pub fn ids_that_begin_alike_or_differ_in_case_do_not_mix(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let ids = ["abc", "abcd", "ab", "ABC", "aBc", "abc-", "abc,", "abc-lock", "-abc", "0abc", "00abc"];
    for id in ids {
        assert_eq!(read(&mut *store, id), None, "{id}");
        store.write(sid(id), id.as_bytes(), LONG).unwrap();
    }
    for id in ids {
        assert_eq!(read(&mut *store, id).unwrap(), id.as_bytes());
    }
    store.destroy(sid("abc")).unwrap();
    for id in &ids[1..] {
        assert!(store.exists(sid(id)).unwrap(), "{id} must survive the end of abc");
    }
}

pub fn the_shortest_and_the_longest_ids_work(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let (shortest, longest) = (*fixture.id_lengths().start(), *fixture.id_lengths().end());
    let shortest = ["a", ",", "-", "0"].map(|letter| letter.repeat(shortest));
    let (longest, nearly) = ("x".repeat(longest), format!("{}y", "x".repeat(longest - 1)));
    let others = ["-r", "-rf", &longest, &nearly];
    let ids: Vec<&str> = shortest.iter().map(String::as_str).chain(others).collect();
    for id in &ids {
        store.write(sid(id), id.as_bytes(), LONG).unwrap();
    }
    for id in ids {
        assert_eq!(read(&mut *store, id).unwrap(), id.as_bytes());
        if store.capabilities().locks {
            let lease = crate::fixture::hold(&mut *store, id);
            store.unlock(sid(id), lease).unwrap();
        }
        store.destroy(sid(id)).unwrap();
        assert!(!store.exists(sid(id)).unwrap(), "{id}");
    }
}

pub fn another_handle_sees_what_was_written(fixture: &dyn Fixture) {
    let (mut one, mut two) = (fixture.store(), fixture.store());
    assert_eq!(read(&mut *two, "shared"), None);
    one.write(sid("shared"), b"1", LONG).unwrap();
    assert_eq!(read(&mut *two, "shared").unwrap(), b"1");
    two.write(sid("shared"), b"22", LONG).unwrap();
    assert_eq!(read(&mut *one, "shared").unwrap(), b"22");
    one.destroy(sid("shared")).unwrap();
    assert!(!two.exists(sid("shared")).unwrap());
}

pub fn a_thousand_sessions_keep_their_data_apart(fixture: &dyn Fixture) {
    let mut store = fixture.store();
    let id = |number: u32| format!("{:08x}", number.wrapping_mul(2_654_435_761));
    for number in 0..1000 {
        store.write(sid(&id(number)), format!("data {number}").as_bytes(), LONG).unwrap();
    }
    for number in (0..1000).step_by(3) {
        store.destroy(sid(&id(number))).unwrap();
    }
    for number in 0..1000 {
        let expected = (number % 3 != 0).then(|| format!("data {number}").into_bytes());
        assert_eq!(read(&mut *store, &id(number)), expected, "session {number}");
    }
}

pub fn a_reader_never_sees_half_a_write(fixture: &dyn Fixture) {
    let (mut writer, mut reader) = (fixture.store(), fixture.store());
    let values = [vec![b'a'; 40_000], vec![b'b'; 90_000]];
    writer.write(sid("torn"), &values[0], LONG).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let seen = {
        let (done, values) = (Arc::clone(&done), values.clone());
        std::thread::spawn(move || {
            let deadline = std::time::Instant::now() + PATIENCE;
            let mut reads = 0;
            while (reads < 20 || !done.load(Ordering::Relaxed)) && std::time::Instant::now() < deadline {
                let data = read(&mut *reader, "torn").expect("the record is there all the time");
                assert!(values.contains(&data), "a read between two writes saw neither value");
                reads += 1;
            }
            reads
        })
    };
    for turn in 0..100 {
        writer.write(sid("torn"), &values[turn % 2], LONG).unwrap();
    }
    done.store(true, Ordering::Relaxed);
    assert!(seen.join().expect("no torn read") >= 20, "the reader hardly ran in {} s", Duration::as_secs(&PATIENCE));
}
