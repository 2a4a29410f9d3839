//! The driver, and the runtime that it needs.
//!
//! The driver is asynchronous: it works while somebody waits for it. Here that is PHP's own thread, on
//! a runtime that has no other: nothing starts before the first use, nothing runs between two calls, a
//! signal of PHP's meets PHP's thread, and a child of a fork inherits no thread that it would miss.
//! Only the system's resolver of names gets a thread, for as long as it takes, with all signals masked.
//!
//! What the driver does besides, it does along with the next call: it looks after each server every ten
//! seconds, and after a server that failed at once. A client that was left alone for long would have
//! much to catch up on, and connections that nobody knows are broken: it is made anew.

use super::collection::Heard;
use super::error::Fault;
use crate::backend::fork;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::event::EventHandler;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::{
    Acknowledgment, ClientOptions, CollectionOptions, ConnectionString, IndexOptions, ReadPreference, ReturnDocument,
    SelectionCriteria, ServerMonitoringMode,
};
use mongodb::{Client, Collection, Database, IndexModel};
use nix::sys::signal::SigSet;
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// After so long without use a client is made anew.
const LEFT_ALONE: Duration = Duration::from_secs(240);
/// What a farewell may take: the server would get over its lack.
const FAREWELL: Duration = Duration::from_millis(100);
/// A command needs four turns of the runtime to be on its way over a connection that is there: the
/// question to the pool, the answer, the writing, and one to come back.
const TURNS: u32 = 12;

/// What a client is made of.
#[derive(Clone)]
pub(super) struct Settings {
    /// Hosts, credentials and options, as the driver understands them.
    pub(super) place: ConnectionString,
    pub(super) database: String,
    pub(super) collection: String,
    /// The most that one call takes, whatever it needs: names, connections, a primary, the answer.
    pub(super) timeout: Duration,
    /// Fields to be indexed when a client is made; see [`Driver::connect`].
    pub(super) indexes: &'static [Index],
}

/// An index that is made if it is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index {
    pub(super) field: &'static str,
    /// Documents go when this date has come.
    pub(super) expires: bool,
}

/// The collection, as it is written to with each degree of certainty.
#[derive(Clone)]
struct Collections {
    by_majority: Collection<RawDocumentBuf>,
    by_one: Collection<RawDocumentBuf>,
    database: Database,
}

impl Collections {
    fn heard(&self, heard: Heard) -> &Collection<RawDocumentBuf> {
        match heard {
            Heard::ByMajority => &self.by_majority,
            Heard::ByOne => &self.by_one,
        }
    }
}

/// One store's client, made when it is first needed.
pub(super) struct Driver {
    settings: Settings,
    live: Option<Live>,
    /// What became of the last command that nobody waited for.
    heard: Option<bool>,
    /// Why an index could not be made.
    unindexed: Option<mongodb::error::Error>,
}

struct Live {
    client: Client,
    collections: Collections,
    runtime: Runtime,
    generation: u64,
    used: Instant,
    /// The last call was answered: there is a connection.
    warm: bool,
    /// A command that nobody waits for.
    told: Option<JoinHandle<bool>>,
    /// Why a server could not be reached, as far as that was heard.
    trouble: Arc<Mutex<Option<mongodb::error::Error>>>,
}

impl Driver {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, live: None, heard: None, unindexed: None }
    }

    /// Does something and waits for it.
    fn ask<T, F>(&mut self, work: impl FnOnce(Collections) -> F) -> Result<T, Fault>
    where
        F: Future<Output = mongodb::error::Result<T>>,
    {
        let limit = self.settings.timeout;
        self.connect()?;
        let Some(live) = &mut self.live else { return Err(Fault::TimedOut(limit)) };
        let (told, collections) = (live.told.take(), live.collections.clone());
        let mut heard = None;
        let outcome = live.runtime.block_on(async {
            let all = async {
                // On the only connection: what comes next would have to make another one.
                if let Some(told) = told {
                    heard = Some(false);
                    heard = Some(told.await.unwrap_or(false));
                }
                work(collections).await
            };
            tokio::time::timeout(within(limit), all).await
        });
        live.used = Instant::now();
        live.warm = matches!(outcome, Ok(Ok(_)));
        self.heard = heard.or(self.heard);
        match outcome {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let trouble = live.trouble.lock().clone().map(Box::new);
                Err(Fault::Driver { error: Box::new(error), trouble })
            }
            Err(_) => Err(Fault::TimedOut(limit)),
        }
    }

    /// Does something without waiting for it, if there is a connection; `take_heard` says after
    /// the next call what became of it. Waits otherwise.
    fn tell<F>(&mut self, work: impl FnOnce(Collections) -> F) -> Result<(), Fault>
    where
        F: Future<Output = mongodb::error::Result<()>> + Send + 'static,
    {
        let limit = self.settings.timeout;
        let generation = fork::generation();
        let ready = |live: &&mut Live| live.warm && live.told.is_none() && live.generation == generation;
        let Some(live) = self.live.as_mut().filter(ready) else { return self.ask(work) };
        let work = work(live.collections.clone());
        let told = live.runtime.spawn(async move { matches!(tokio::time::timeout(limit, work).await, Ok(Ok(()))) });
        live.runtime.block_on(async {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
        });
        live.told = Some(told);
        Ok(())
    }

    /// Makes the client, unless there is one that can be used.
    fn connect(&mut self) -> Result<(), Fault> {
        if let Some(live) = &self.live {
            if live.generation != fork::generation() || live.used.elapsed() >= LEFT_ALONE {
                self.close();
            } else {
                return Ok(());
            }
        }
        let runtime = runtime().map_err(Fault::NoRuntime)?;
        let trouble = Arc::default();
        let limit = self.settings.timeout;
        let made =
            runtime.block_on(async { tokio::time::timeout(within(limit), make(&self.settings, &trouble)).await });
        let (client, collections) = match made {
            Ok(Ok(made)) => made,
            Ok(Err(error)) => return Err(Fault::Driver { error: Box::new(error), trouble: None }),
            Err(_) => return Err(Fault::TimedOut(limit)),
        };
        let live = Live {
            client,
            collections,
            runtime,
            generation: fork::generation(),
            used: Instant::now(),
            warm: false,
            told: None,
            trouble,
        };
        self.live = Some(live);
        for index in self.settings.indexes {
            self.index(*index)?;
        }
        Ok(())
    }

    /// Makes an index. A server that answers and refuses is no reason not to work without it.
    fn index(&mut self, index: Index) -> Result<(), Fault> {
        let options = if index.expires {
            IndexOptions::builder().expire_after(Duration::ZERO).build()
        } else {
            IndexOptions::builder().sparse(true).build()
        };
        let model = IndexModel::builder().keys(doc! { index.field: 1 }).options(options).build();
        match self.ask(|collections| async move { collections.by_one.create_index(model).await }) {
            Ok(_) => Ok(()),
            Err(Fault::Driver { error, .. }) if Fault::is_refusal(&error) => {
                self.unindexed = Some(*error);
                Ok(())
            }
            Err(fault) => {
                self.close();
                Err(fault)
            }
        }
    }

    /// Ends the client.
    fn close(&mut self) {
        let Some(mut live) = self.live.take() else { return };
        if live.generation != fork::generation() {
            // Its sockets and what the system watches of them are still the parent's.
            std::mem::forget(live);
            return;
        }
        let told = live.told.take();
        // Where the thread is about to end there is no runtime to be entered any more.
        if Handle::try_current().is_err_and(|error| error.is_missing_context()) && live.warm {
            let client = live.client.clone();
            live.runtime.block_on(async {
                let farewell = async {
                    if let Some(told) = told {
                        let _ = told.await;
                    }
                    client.shutdown().immediate(true).await;
                };
                let _ = tokio::time::timeout(FAREWELL, farewell).await;
            });
        }
        let Live { client, collections, runtime, .. } = live;
        drop((client, collections));
        runtime.shutdown_background();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.close();
    }
}

impl super::collection::Collection for Driver {
    fn find(&mut self, filter: Document, fields: Document) -> Result<Option<RawDocumentBuf>, Fault> {
        self.ask(|to| async move { to.by_one.find_one(filter).projection(fields).await })
    }

    fn lists(&self) -> bool {
        true
    }

    fn list(
        &mut self,
        filter: Document,
        fields: Document,
        by: &'static str,
        most: i64,
    ) -> Result<Vec<RawDocumentBuf>, Fault> {
        self.ask(|to| async move {
            let mut found = to.by_one.find(filter).projection(fields).sort(doc! { by: 1 }).limit(most).await?;
            let mut listed = Vec::new();
            while found.advance().await? {
                listed.push(found.current().to_owned());
            }
            Ok(listed)
        })
    }

    fn find_and_update(
        &mut self,
        filter: Document,
        update: Document,
        fields: Document,
        makes: bool,
    ) -> Result<Option<RawDocumentBuf>, Fault> {
        self.ask(|to| async move {
            let asked = to.by_one.find_one_and_update(filter, update).upsert(makes);
            asked.return_document(ReturnDocument::After).projection(fields).await
        })
    }

    fn update(&mut self, filter: Document, update: Document, makes: bool, heard: Heard) -> Result<bool, Fault> {
        let updated = self.ask(|to| async move { to.heard(heard).update_one(filter, update).upsert(makes).await });
        updated.map(|updated| updated.matched_count > 0)
    }

    fn update_in_order(&mut self, steps: Vec<Document>, awaited: bool) -> Result<(), Fault> {
        let collection = self.settings.collection.as_str();
        let command = doc! { "update": collection, "updates": steps, "writeConcern": { "w": 1 } };
        if awaited { self.ask(|to| send(to, command)) } else { self.tell(|to| send(to, command)) }
    }

    fn update_all(&mut self, filter: Document, update: Document) -> Result<(), Fault> {
        self.ask(|to| async move { to.by_one.update_many(filter, update).await }).map(drop)
    }

    fn delete(&mut self, filter: Document, heard: Heard) -> Result<bool, Fault> {
        let deleted = self.ask(|to| async move { to.heard(heard).delete_one(filter).await });
        deleted.map(|deleted| deleted.deleted_count > 0)
    }

    fn delete_some(&mut self, mut filter: Document, most: u32) -> Result<u64, Fault> {
        let ids = self.ask(|to| ids(to, filter.clone(), most.into()))?;
        if ids.is_empty() {
            return Ok(0);
        }
        filter.insert("_id", doc! { "$in": ids });
        Ok(self.ask(|to| async move { to.by_one.delete_many(filter).await })?.deleted_count)
    }

    fn take_heard(&mut self) -> Option<bool> {
        self.heard.take()
    }

    fn take_unindexed(&mut self) -> Option<mongodb::error::Error> {
        self.unindexed.take()
    }

    fn removes_expired(&self) -> bool {
        self.settings.indexes.iter().any(|index| index.expires)
    }

    fn timeout(&self) -> Duration {
        self.settings.timeout
    }
}

/// Sends a command whose parts may fail one by one.
async fn send(to: Collections, command: Document) -> mongodb::error::Result<()> {
    let answer = to.database.run_command(command).await?;
    match answer.get_array("writeErrors") {
        Ok(errors) if !errors.is_empty() => {
            Err(mongodb::error::Error::custom("a part of the command was refused".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Some of those that fit.
async fn ids(to: Collections, filter: Document, most: i64) -> mongodb::error::Result<Vec<Bson>> {
    let mut found = to.by_one.find(filter).projection(doc! { "_id": 1 }).limit(most).await?;
    let mut ids = Vec::new();
    while found.advance().await? {
        if let Ok(Some(id)) = found.current().get("_id")
            && let Ok(id) = Bson::try_from(id)
        {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The driver knows better why it was in vain, and gets a moment to say so.
fn within(limit: Duration) -> Duration {
    limit.saturating_add(Duration::from_millis(250))
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(2)
        .thread_keep_alive(Duration::from_millis(100))
        .thread_name("seshat-resolver")
        .on_thread_start(|| {
            let _ = SigSet::all().thread_block();
        })
        .build()
}

async fn make(
    settings: &Settings,
    trouble: &Arc<Mutex<Option<mongodb::error::Error>>>,
) -> mongodb::error::Result<(Client, Collections)> {
    let mut options = ClientOptions::parse(settings.place.clone()).await?;
    let limit = settings.timeout;
    options.server_selection_timeout.get_or_insert(limit);
    options.connect_timeout.get_or_insert(limit);
    options.app_name.get_or_insert_with(|| "seshat".to_owned());
    // Streams of news would go on between two calls, when nobody listens.
    options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
    options.min_pool_size = None;
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    let heard = Arc::clone(trouble);
    options.sdam_event_handler = Some(EventHandler::callback(move |event| match event {
        SdamEvent::ServerHeartbeatFailed(failed) => *heard.lock() = Some(failed.failure),
        SdamEvent::ServerHeartbeatSucceeded(_) => *heard.lock() = None,
        _ => {}
    }));
    let said = options.write_concern.take();
    let client = Client::with_options(options)?;
    let database = client.database(&settings.database);
    let collection = |acknowledgment: Acknowledgment| {
        let mut concern = said.clone().unwrap_or_default();
        if concern.w.is_none() {
            concern.w = Some(acknowledgment);
        }
        if concern.w_timeout.is_none() {
            concern.w_timeout = Some(limit);
        }
        let options = CollectionOptions::builder().write_concern(concern).build();
        database.collection_with_options(&settings.collection, options)
    };
    let (by_majority, by_one) = (collection(Acknowledgment::Majority), collection(Acknowledgment::Nodes(1)));
    Ok((client, Collections { by_majority, by_one, database }))
}
