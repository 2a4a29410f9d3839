//! A collection of the application's, called through its own methods.
//!
//! The object is in a declared property of the adapter, where PHP's cycle collector sees it and a
//! subclass may exchange it; it is taken from there for each command. Its methods are those of
//! `MongoDB\Collection`: `findOne`, `updateOne`, `deleteOne`, `deleteMany`, and `findOneAndUpdate` and
//! `updateMany` if it has them. What is to be heard before a write counts is the object's own affair.

use super::values;
use crate::backend::mongodb::collection::{Collection, Heard};
use crate::backend::mongodb::error::Fault;
use crate::error::Kind;
use crate::php::classic::boolean;
use crate::php::engine::{self, Thrown};
use ext_php_rs::types::Zval;
use mongodb::bson::{Document, RawDocumentBuf};
use std::time::Duration;

/// `FindOneAndUpdate::RETURN_DOCUMENT_AFTER`.
const AFTER: i64 = 2;
/// What the object's own limits are is not known here. Bounds the tries for a lock that others come and go with.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most of an exception's own words that is repeated.
const LONGEST: usize = 160;

/// An object of the application's.
pub(super) struct Foreign {
    /// The number of the adapter's object, which has this store in its state and so outlives it.
    adapter: u32,
    /// The position of the property.
    property: usize,
}

impl Foreign {
    pub(super) fn new(adapter: u32, property: usize) -> Self {
        Self { adapter, property }
    }

    fn object(&self) -> Result<Zval, Fault> {
        let adapter = engine::object_of(self.adapter);
        let object = adapter.as_ref().and_then(Zval::object);
        let collection = object.map(|object| engine::property_of(object, self.property).dereference().shallow_clone());
        collection.filter(Zval::is_object).ok_or_else(|| Fault::Said {
            kind: Kind::Config,
            reason: "the adapter has no collection any more".to_owned(),
            code: 0,
        })
    }

    fn call(&self, method: &str, arguments: &mut [Zval]) -> Result<Zval, Fault> {
        engine::call_method(&self.object()?, method, arguments).map_err(failure)
    }

    fn has(&self, method: &str) -> Result<bool, Fault> {
        Ok(engine::has_method(&self.object()?, method))
    }

    /// `updateOne()`: whether there was such a document, and whether there is one now.
    fn update_one(&self, filter: &Document, update: &Document, makes: bool) -> Result<(bool, bool), Fault> {
        let mut options = Zval::new_array();
        engine::set_entry(&mut options, b"upsert", boolean(makes));
        let done = self.call("updateOne", &mut [php(filter)?, php(update)?, options])?;
        let matched = count(&done, "getMatchedCount")? > 0;
        Ok((matched, matched || makes && count(&done, "getUpsertedCount")? > 0))
    }
}

impl Collection for Foreign {
    fn find(&mut self, filter: Document, fields: Document) -> Result<Option<RawDocumentBuf>, Fault> {
        let mut options = reading(&fields)?;
        if engine::class_can_be_found("MongoDB\\Driver\\ReadPreference") {
            let primary = engine::new_object("MongoDB\\Driver\\ReadPreference", &mut [engine::string(b"primary")]);
            engine::set_entry(&mut options, b"readPreference", primary.map_err(failure)?);
        }
        let answer = self.call("findOne", &mut [php(&filter)?, options])?;
        raw(&answer)
    }

    fn find_and_update(
        &mut self,
        filter: Document,
        update: Document,
        fields: Document,
        makes: bool,
    ) -> Result<Option<RawDocumentBuf>, Fault> {
        if !self.has("findOneAndUpdate")? {
            let (_, there) = self.update_one(&filter, &update, makes)?;
            let id = filter.get("_id").cloned().unwrap_or(mongodb::bson::Bson::Null);
            return if there { self.find(mongodb::bson::doc! { "_id": id }, fields) } else { Ok(None) };
        }
        let mut options = reading(&fields)?;
        engine::set_entry(&mut options, b"upsert", boolean(makes));
        engine::set_entry(&mut options, b"returnDocument", engine::int(AFTER));
        let answer = self.call("findOneAndUpdate", &mut [php(&filter)?, php(&update)?, options])?;
        raw(&answer)
    }

    fn update(&mut self, filter: Document, update: Document, makes: bool, _heard: Heard) -> Result<bool, Fault> {
        self.update_one(&filter, &update, makes).map(|(matched, _)| matched)
    }

    fn update_in_order(&mut self, steps: Vec<Document>, _awaited: bool) -> Result<(), Fault> {
        for step in steps {
            if let (Ok(filter), Ok(update)) = (step.get_document("q"), step.get_document("u")) {
                self.update_one(filter, update, step.get_bool("upsert").unwrap_or(false))?;
            }
        }
        Ok(())
    }

    fn update_all(&mut self, filter: Document, update: Document) -> Result<(), Fault> {
        if self.has("updateMany")? {
            self.call("updateMany", &mut [php(&filter)?, php(&update)?])?;
        }
        Ok(())
    }

    fn delete(&mut self, filter: Document, _heard: Heard) -> Result<bool, Fault> {
        let done = self.call("deleteOne", &mut [php(&filter)?])?;
        Ok(count(&done, "getDeletedCount")? > 0)
    }

    fn delete_some(&mut self, filter: Document, _most: u32) -> Result<u64, Fault> {
        let done = self.call("deleteMany", &mut [php(&filter)?])?;
        Ok(u64::try_from(count(&done, "getDeletedCount")?).unwrap_or(0))
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}

fn php(document: &Document) -> Result<Zval, Fault> {
    values::document(document).map_err(failure)
}

/// Options of a method that answers a document.
fn reading(fields: &Document) -> Result<Zval, Fault> {
    let mut options = Zval::new_array();
    engine::set_entry(&mut options, b"projection", php(fields)?);
    let mut types = Zval::new_array();
    for kind in ["root", "document", "array"] {
        engine::set_entry(&mut types, kind.as_bytes(), engine::string(b"array"));
    }
    engine::set_entry(&mut options, b"typeMap", types);
    Ok(options)
}

fn raw(answer: &Zval) -> Result<Option<RawDocumentBuf>, Fault> {
    if !answer.is_array() && !answer.is_object() {
        return Ok(None);
    }
    let found = values::found(answer).map_err(failure)?;
    RawDocumentBuf::try_from(&found).map(Some).map_err(|error| Fault::Said {
        kind: Kind::Corrupt,
        reason: format!("what the collection answered is no document: {error}"),
        code: 0,
    })
}

/// A number of a result object. One that does not tell it stands for success.
fn count(done: &Zval, method: &str) -> Result<i64, Fault> {
    if !engine::has_method(done, method) {
        return Ok(i64::from(!done.is_false()));
    }
    Ok(engine::to_long(&engine::call_method(done, method, &mut []).map_err(failure)?))
}

/// The exception that is on its way, taken back. What cannot be caught (`exit`) stays on its way.
fn failure(_: Thrown) -> Fault {
    let Some(exception) = engine::catch("Throwable") else {
        return Fault::Said { kind: Kind::Storage, reason: "the call was given up".to_owned(), code: 0 };
    };
    let of = |method: &str| engine::call_method(&exception, method, &mut []).unwrap_or_else(|Thrown| Zval::null());
    let is = |class: &str| engine::is_instance(&exception, &format!("MongoDB\\Driver\\Exception\\{class}"));
    let text = of("getMessage").zend_str().map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned());
    let text = text.unwrap_or_default();
    let code = match of("getCode").long().unwrap_or_default() {
        0 if text.contains("E11000") => 11_000,
        code => i32::try_from(code).unwrap_or_default(),
    };
    let (kind, repeats) = if is("AuthenticationException") {
        (Kind::Denied, true)
    } else if is("ConnectionException") {
        (Kind::Unavailable, true)
    } else if is("ExecutionTimeoutException") {
        (Kind::Timeout, false)
    } else {
        (Kind::Storage, false)
    };
    // A server repeats ids, and an application's own class may repeat anything.
    let mut reason = format!("the collection threw {}", engine::type_name(&exception));
    if repeats {
        let text: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(LONGEST).collect();
        reason = format!("{reason}: {text}");
    } else if code != 0 {
        reason = format!("{reason}, code {code}");
    }
    Fault::Said { kind, reason, code }
}
