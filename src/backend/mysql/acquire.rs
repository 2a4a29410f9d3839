//! How a session's lock is taken, with its row in the same exchange, and given back.

use super::error;
use super::locks::{Hold, Name};
use super::reply::Value;
use super::rows::Row;
use super::server::{Answer, Trouble};
use super::statements::{Given, Plan};
use super::store::Mysql;
use crate::backend::remote::patience::Patience;
use crate::error::{Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::{Lease, LockRequest, LockState, Refusal};
use std::time::{Duration, Instant};

/// The longest wait for a lock; longer ones are cut to it.
const FOR_EVER: Duration = Duration::from_secs(7 * 86_400);

/// What came of asking for the lock and the row in one exchange.
#[derive(Debug, Default)]
struct Attempt {
    granted: bool,
    row: Option<Row>,
}

impl Mysql {
    /// Takes the lock, waiting as long as the request says, and reads the row under it if `into` is there.
    pub(super) fn acquire(
        &mut self,
        id: SessionId<'_>,
        request: &LockRequest<'_>,
        mut into: Option<&mut Vec<u8>>,
    ) -> Result<(LockState, Option<Row>)> {
        let busy = || Ok((LockState::Busy(Refusal::default()), None));
        let name = self.names.session(id);
        let epoch = self.server.connect(Operation::Lock)?;
        self.held.keep_only(epoch);
        if self.held.has(&name, epoch) {
            // The server would give it to its holder again. Waiting would be for oneself.
            return busy();
        }
        let limit = request.wait.min(FOR_EVER);
        let started = Instant::now();
        let mut pauses = Patience::of(limit);
        let mut attempt = self.ask(id, &name, 0.0, into.as_deref_mut())?;
        while !attempt.granted {
            let left = limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                return busy();
            }
            let wait = self.server.plans().map_or(0.0, |plans| plans.waits(left.as_secs_f64()));
            // Servers that count in whole seconds are asked again for the rest.
            if wait <= 0.0 && !pauses.pause() {
                return busy();
            }
            attempt = self.ask(id, &name, wait, into.as_deref_mut())?;
        }
        let token = self.held.add(Hold::Lock(name, self.server.epoch()));
        Ok((LockState::Held(Lease { token, guard: None }), attempt.row))
    }

    /// Asks for the lock, and for the row under it if `into` is there. `wait` seconds at most.
    fn ask(&mut self, id: SessionId<'_>, name: &Name, wait: f64, into: Option<&mut Vec<u8>>) -> Result<Attempt> {
        let mut attempt = Attempt::default();
        let reader = self.reader(Operation::Read);
        let lock = Given { lock: name, wait, ..Given::default() };
        let plans = [(Plan::Lock, lock), (Plan::Read, self.given(id.as_bytes()))];
        let wanted = if into.is_some() { 2 } else { 1 };
        let mut nothing = Vec::new();
        let into = into.unwrap_or(&mut nothing);
        let limit = self.read_timeout().saturating_add(Duration::from_secs_f64(wait));
        if wait > 0.0 {
            self.server.connect(Operation::Lock)?;
            self.server.be_patient(limit);
        }
        let mut refused = false;
        let outcome = self.server.exchange(
            Operation::Lock,
            plans.get(..wanted).unwrap_or_default(),
            // Another connection would not be as patient.
            wait <= 0.0,
            limit,
            &mut |place, answer, plans| {
                match (place, &answer) {
                    (0, Answer::Row([Value::Number(1)])) => attempt.granted = true,
                    (0, Answer::Row([Value::Number(0)])) => {}
                    (0, Answer::Refused(code, said)) => {
                        return Err(error::refused(Operation::Lock, &reader.address, *code, said));
                    }
                    (0, _) => refused = true,
                    _ if attempt.granted => attempt.row = reader.read(answer, plans, into)?,
                    _ => {}
                }
                Ok(())
            },
        );
        if wait > 0.0 {
            self.server.be_patient(self.server.settings.read_timeout);
        }
        match outcome {
            Ok(()) => {}
            // Whoever waits asks again.
            Err(Trouble::Lost(error)) if wait > 0.0 && error.kind() == Kind::Unavailable => {
                return Ok(Attempt::default());
            }
            Err(trouble) => {
                if attempt.granted {
                    self.let_go(name);
                }
                return Err(trouble.into());
            }
        }
        if refused {
            return Err(error::no_lock(&self.server.settings.address));
        }
        Ok(attempt)
    }

    /// Gives a lock of the present connection back, without waiting for the answer. When that fails the
    /// connection is closed, and the lock is gone with it.
    pub(super) fn let_go(&mut self, name: &Name) {
        let given = Given { lock: name, ..Given::default() };
        if matches!(self.server.tell(Operation::Unlock, &[(Plan::ReleaseQuietly, given)]), Ok(true)) {
            return;
        }
        let limit = self.read_timeout();
        let plans = [(Plan::ReleaseQuietly, given)];
        if self.server.exchange(Operation::Unlock, &plans, false, limit, &mut |_, _, _| Ok(())).is_err() {
            self.server.disconnect();
        }
    }
}
