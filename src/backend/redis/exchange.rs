//! How a command or a script goes to the server and its answer comes back: what every operation is made of.

use super::client::{Alongside, Before, Trouble};
use super::connection::Outgoing;
use super::protocol::Reply;
use super::scripts::Call;
use super::seal::Seal;
use super::store::Redis;
use super::waiting::Blocking;
use crate::backend::remote::connection::KEPT_BUFFER;
use crate::backend::remote::patience::Patience;
use crate::error::{Kind, Operation, Result};
use crate::session::id::SessionId;
use crate::session::lock::Token;

impl Redis {
    /// Makes sure of a connection to the server that has the session; see [`Client::prepare`](super::client::Client::prepare).
    pub(super) fn prepare(&mut self, operation: Operation, id: SessionId<'_>) -> Result<bool> {
        if let Some(slot) = self.keys.slot(id) {
            self.client.set_slot(slot);
        }
        self.client.prepare(operation)
    }

    /// Begins a command in an empty frame: the number of its arguments and its name, as they go over
    /// the wire.
    pub(super) fn begin(&mut self, command: &[u8]) {
        self.frame.clear(KEPT_BUFFER);
        self.frame.raw(command);
    }

    /// Sends the frame, which changes something, and waits for the answer.
    pub(super) fn ask<T>(
        &mut self,
        operation: Operation,
        rest: (&[u8], &[u8]),
        seal: Option<Seal>,
        alongside: Alongside,
        mut take: impl FnMut(Reply<'_>) -> Result<T, Trouble>,
    ) -> Result<T> {
        let mut patience = self.patience();
        loop {
            let command = Outgoing { head: self.frame.as_bytes(), body: rest.0, tail: rest.1, seal };
            let outcome = self.client.ask(operation, command, alongside, Before::Nothing, &mut take);
            if !is_put_off(&outcome, &mut patience) {
                self.hear();
                return outcome;
            }
            self.client.prepare(operation)?;
        }
    }

    /// Writes the command that reads a session; in a cluster its own reference comes along.
    pub(super) fn ask_for_record(&mut self, id: SessionId<'_>) {
        let with_reference = self.kept && self.keys.is_in_cluster();
        self.frame.raw(if with_reference { b"*3\r\n$4\r\nMGET\r\n" } else { b"*2\r\n$3\r\nGET\r\n" });
        self.frame.raw(self.keys.record(id));
        if with_reference {
            self.frame.arg_of(&self.keys.own_reference(&id));
        }
    }

    /// For what is asked outside the wait for a lock: a server that puts us off has not answered yet.
    pub(super) fn patience(&self) -> Patience {
        Patience::of(self.client.settings().read_timeout)
    }

    /// Calls the session script and waits for the answer. With `wait`, blocks before that. A server that puts us off is asked
    /// again as long as `patience` lasts.
    pub(super) fn run<T>(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        call: &Call<'_>,
        mut wait: Option<Blocking<'_>>,
        patience: &mut Patience,
        mut take: impl FnMut(Reply<'_>) -> Result<T, Trouble>,
    ) -> Result<T> {
        let mut by_text = self.client.take_forgotten();
        loop {
            self.prepare(operation, id)?;
            self.frame.clear(KEPT_BUFFER);
            if let Some(Blocking { token, time, join }) = wait {
                if let Some(join) = &join {
                    self.write_call(id, join, by_text);
                }
                self.frame.raw(b"*3\r\n$5\r\nBLPOP\r\n");
                self.frame.arg_of(&self.keys.wake(&id, token));
                self.frame.arg(format!("{:.3}", time.as_secs_f64().max(0.001)).as_bytes());
            }
            let rest = self.write_call(id, call, by_text);
            let seal = call.hands_out().then(|| self.client.seal(&mut self.frame));
            let command = Outgoing { head: self.frame.as_bytes(), body: rest.0, tail: rest.1, seal };
            let before = wait.map_or(Before::Nothing, |Blocking { time, join, .. }| Before::Blocking {
                time,
                after_another: join.is_some(),
            });
            let answer = self.client.ask(operation, command, Alongside::Yes, before, |reply| match reply {
                Reply::Error(text) if text.starts_with(b"NOSCRIPT") && !by_text => Ok(None),
                reply => take(reply).map(Some),
            });
            if is_put_off(&answer, patience) {
                continue;
            }
            match answer? {
                Some(answer) => {
                    self.client.note_script_known();
                    return Ok(answer);
                }
                None => (by_text, wait) = (true, None),
            }
        }
    }

    /// Calls the session script without waiting for the answer, if that can be; otherwise the
    /// answer's number. To be called after [`Client::prepare`](super::client::Client::prepare).
    pub(super) fn run_unawaited(
        &mut self,
        operation: Operation,
        id: SessionId<'_>,
        token: Token,
        call: &Call<'_>,
    ) -> Result<Option<i64>> {
        self.frame.clear(KEPT_BUFFER);
        let rest = self.write_call(id, call, false);
        let command = Outgoing { head: self.frame.as_bytes(), body: rest.0, tail: rest.1, seal: None };
        if self.client.knows_script() && self.client.tell(operation, command, 1)? {
            self.debts.sent(id, token);
            return Ok(None);
        }
        self.run_for_number(operation, id, call).map(Some)
    }

    /// Notes a lock whose release failed.
    pub(super) fn settled<T>(&mut self, id: SessionId<'_>, token: Token, outcome: Result<T>) -> Result<T> {
        outcome.inspect_err(|_| self.debts.owe(id, token, self.lease))
    }

    /// To be called when an answer was waited for: those of earlier releases, which nobody waited for,
    /// came before it.
    pub(super) fn hear(&mut self) {
        let well = !self.client.take_unheard();
        self.debts.heard(well, self.lease);
    }

    /// Gives back the locks whose releases failed. An error means that the server does not answer;
    /// all else that may be wrong with it shows in what comes next.
    pub(super) fn pay(&mut self, operation: Operation) -> Result<()> {
        while let Some(debt) = self.debts.next() {
            let Ok(id) = SessionId::parse(&debt.id, operation) else { continue };
            if let Err(error) = self.run_for_number(operation, id, &Call::Free { token: &debt.token }) {
                self.debts.keep(debt);
                return if error.kind() == Kind::Timeout { Err(error) } else { Ok(()) };
            }
        }
        Ok(())
    }

    /// A lock was asked for and no answer came: it may be ours, or become ours when the server goes on.
    pub(super) fn disown(&mut self, id: SessionId<'_>, token: Token) {
        self.frame.clear(KEPT_BUFFER);
        let database = Some(self.client.settings().database).filter(|database| *database != 0);
        let call = Call::Free { token: &token };
        call.write_to(&mut self.frame, &mut self.keys, id, self.layout, true, database);
        self.client.leave_word(Outgoing { head: self.frame.as_bytes(), body: b"", tail: b"", seal: None });
        self.debts.owe(id, token, self.lease);
    }

    pub(super) fn run_for_number(&mut self, operation: Operation, id: SessionId<'_>, call: &Call<'_>) -> Result<i64> {
        let answer = self.run(operation, id, call, None, &mut self.patience(), number)?;
        if answer == 0 && self.client.was_demoted(operation) {
            return self.run(operation, id, call, None, &mut self.patience(), number);
        }
        Ok(answer)
    }

    /// The frame's part of a call. A connection that is not set up may be in the wrong database,
    /// so that the call selects its own; see [`Client::prepare`](super::client::Client::prepare).
    pub(super) fn write_call<'a>(
        &mut self,
        id: SessionId<'_>,
        call: &Call<'a>,
        by_text: bool,
    ) -> (&'a [u8], &'static [u8]) {
        let guard = Some(self.client.settings().database).filter(|database| *database != 0 && self.client.is_new());
        call.write_to(&mut self.frame, &mut self.keys, id, self.layout, by_text, guard)
    }
}

/// Whether the server asked to be asked again later and there is time for that. Then it is later.
pub(super) fn is_put_off<T>(outcome: &Result<T>, patience: &mut Patience) -> bool {
    matches!(outcome, Err(error) if error.kind() == Kind::Busy) && patience.pause()
}

pub(super) fn number(reply: Reply<'_>) -> Result<i64, Trouble> {
    match reply {
        Reply::Integer(number) => Ok(number),
        other => Err(Trouble::with(other)),
    }
}
