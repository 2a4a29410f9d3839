//! Removing what expired, one worker at a time.

use super::HandlerSocket;
use crate::backend::handlersocket::rows::Rows;
use crate::backend::pace::Extent;
use crate::backend::remote::patience::Patience;
use crate::error::{Operation, Result};
use std::time::Duration;

/// The row that says that a worker is at gc. No session has such an id.
const GC_TURN: &[u8] = b"_gc";
/// A worker that is at it for longer than this has died.
const GC_LEASE: Duration = Extent::Whole.limit().saturating_add(Duration::from_secs(30));

impl HandlerSocket {
    /// Says that this worker is at gc, or that another one is. What comes back is how to say that it is no more.
    fn take_gc_turn(&mut self) -> Result<Option<String>> {
        let operation = Operation::Gc;
        for _ in 0..2 {
            let now = i64::try_from(self.clock.now()).unwrap_or(i64::MAX);
            let lease = i64::try_from(GC_LEASE.as_secs()).unwrap_or(0);
            // In the future, so that it is not collected.
            let (turn, died) = (self.rows.time(now.saturating_add(lease)), self.rows.time(now));
            self.writer.begin(&self.rows, operation)?;
            Rows::date(&mut self.writer.batch, GC_TURN, None, Some(&died), &turn);
            Rows::insert(&mut self.writer.batch, GC_TURN, &turn, b"");
            Rows::look(&mut self.writer.batch, GC_TURN);
            let (taken, row) =
                self.writer.ask(&self.rows, operation, |told: &mut (bool, Option<String>), index, reply| {
                    match index {
                        0 => told.0 = reply.accepted()?.count()? > 0,
                        1 => told.0 |= reply.accepted_unless_duplicate()?.is_some(),
                        _ => told.1 = reply.accepted()?.row::<2>()?.map(|[_, time]| time.text()).transpose()?,
                    }
                    Ok(())
                })?;
            if self.is_settled() || row.as_deref() == Some(&turn) {
                return Ok(taken.then_some(turn));
            }
            // Written in another way than the table writes times, it would never seem to have died.
            if let Some(row) = row {
                self.settle(operation, &row)?;
            }
            if taken {
                self.writer.begin(&self.rows, operation)?;
                Rows::delete(&mut self.writer.batch, GC_TURN, None);
                self.count(operation)?;
            }
        }
        Ok(None)
    }

    /// One worker at a time, whatever machine it is on; for the others there is nothing to do.
    pub(super) fn take_turn_and_collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let mut patience = Patience::of(extent.turn());
        let turn = loop {
            match self.take_gc_turn()? {
                Some(turn) => break turn,
                None if !patience.pause() => return Ok(0),
                None => {}
            }
        };
        let collected = self.collect(max_lifetime, extent);
        self.writer.begin(&self.rows, Operation::Gc)?;
        Rows::delete(&mut self.writer.batch, GC_TURN, Some(&turn));
        let released = self.count(Operation::Gc);
        let removed = collected?;
        released?;
        Ok(removed)
    }

    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let operation = Operation::Gc;
        let lifetime = self.lifetime.min(max_lifetime);
        let until = self.rows.time(self.rows.table.collected_until(self.clock.now_ms(), lifetime));
        let mut pace = self.pace;
        let removed = pace.run(extent, 1, |_, most| {
            self.writer.begin(&self.rows, operation)?;
            self.rows.collect(&mut self.writer.batch, &until, most);
            self.writer.ask(&self.rows, operation, |count: &mut u64, index, reply| {
                let reply = reply.accepted()?;
                if index > 0 {
                    *count = reply.count()?;
                }
                Ok(())
            })
        });
        self.pace = pace;
        removed
    }
}
