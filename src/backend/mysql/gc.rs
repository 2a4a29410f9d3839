//! Removing what has expired.

use super::reply::Value;
use super::server::Answer;
use super::statements::{Given, Plan};
use super::store::Mysql;
use crate::backend::pace::{Extent, Pace};
use crate::error::{Operation, Result};
use std::time::Duration;

/// Rows that one statement of gc removes. Each waits for the disk, so that small ones are no faster.
pub(super) const PACE: Pace = Pace::new(200, 50..=2000, Duration::from_millis(10));

impl Mysql {
    /// One worker at a time removes what expired; for the others there is nothing to do.
    pub(super) fn take_turn_and_collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        self.server.connect(Operation::Gc)?;
        if self.optimistic {
            return self.collect(max_lifetime, extent);
        }
        let name = self.names.gc();
        let wait = self.server.plans().map_or(0.0, |plans| plans.waits(extent.turn().as_secs_f64()));
        let turn = Given { lock: &name, wait, ..Given::default() };
        let (limit, mut ours) = (self.read_timeout().saturating_add(extent.turn()), false);
        self.server.be_patient(limit);
        let asked = self.server.exchange(Operation::Gc, &[(Plan::Lock, turn)], true, limit, &mut |_, answer, _| {
            ours = matches!(answer, Answer::Row([Value::Number(1)]));
            Ok(())
        });
        self.server.be_patient(self.read_timeout());
        asked?;
        if !ours {
            return Ok(0);
        }
        let outcome = self.collect(max_lifetime, extent);
        self.let_go(&name);
        outcome
    }

    fn collect(&mut self, max_lifetime: Duration, extent: Extent) -> Result<u64> {
        let Some(plans) = self.server.plans() else { return Ok(0) };
        let lifetime = self.lifetime.min(max_lifetime);
        let (until, sorts) = (plans.table.collected_until(self.clock.now_ms(), lifetime), plans.sorts());
        let mut pace = self.pace;
        let removed = pace.run(extent, sorts, |sort, most| {
            let given = Given { time: until, most: most.into(), ..Given::default() };
            self.change(Operation::Gc, Plan::Collect(sort), &given)
        });
        self.pace = pace;
        removed
    }
}
