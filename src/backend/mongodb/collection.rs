//! What a store needs to be able to do with a collection: by the driver, or by an object of the
//! application's that has one.

use super::error::Fault;
use mongodb::bson::{Document, RawDocumentBuf};
use std::time::Duration;

/// What is to be heard before a write counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// That a majority of the servers has it: it survives the loss of one.
    ByMajority,
    /// That one server has it. For what is no loss: a lock, whose owner is told at the end, and a longer life.
    ByOne,
}

/// The commands, each in one exchange where the other side has such a command.
pub(crate) trait Collection: Send {
    /// The fields of a document.
    fn find(&mut self, filter: Document, fields: Document) -> Result<Option<RawDocumentBuf>, Fault>;

    /// Whether documents can be listed: [`Collection::list`].
    fn lists(&self) -> bool {
        false
    }

    /// The fields of up to `most` documents, in the order of a field.
    fn list(
        &mut self,
        _filter: Document,
        _fields: Document,
        _by: &'static str,
        _most: i64,
    ) -> Result<Vec<RawDocumentBuf>, Fault> {
        Ok(Vec::new())
    }

    /// Changes a document, or makes it, and answers it as it is afterwards. None: there is none, and none
    /// was to be made. To a command that makes one it is no answer: it may have been done or not.
    fn find_and_update(
        &mut self,
        filter: Document,
        update: Document,
        fields: Document,
        makes: bool,
    ) -> Result<Option<RawDocumentBuf>, Fault>;

    /// Changes a document, or makes it. True if there was one.
    fn update(&mut self, filter: Document, update: Document, makes: bool, heard: Heard) -> Result<bool, Fault>;

    /// Changes one document in several steps, each `{q, u, upsert}`, in order. May not wait for the answer if
    /// nobody needs it: then [`Collection::take_heard`] says later what became of it.
    fn update_in_order(&mut self, steps: Vec<Document>, awaited: bool) -> Result<(), Fault>;

    /// Changes all documents that fit.
    fn update_all(&mut self, filter: Document, update: Document) -> Result<(), Fault>;

    /// Removes a document. True if there was one.
    fn delete(&mut self, filter: Document, heard: Heard) -> Result<bool, Fault>;

    /// Removes up to `most` of the documents that fit, if that can be said to the other side, and says how many.
    fn delete_some(&mut self, filter: Document, most: u32) -> Result<u64, Fault>;

    /// What became of the last steps that nobody waited for, if that is known now. Once.
    fn take_heard(&mut self) -> Option<bool> {
        None
    }

    /// Why an index could not be made. Once.
    fn take_unindexed(&mut self) -> Option<mongodb::error::Error> {
        None
    }

    /// Whether an index is asked for by which the server removes what expired.
    fn removes_expired(&self) -> bool {
        false
    }

    /// The most that one command takes.
    fn timeout(&self) -> Duration;
}
