//! Why a write came too late, in words that are true for the case at hand.

use super::id::SessionId;
use std::time::Duration;

/// A refused write: how its lock was lost, what became of the session since, and the lease that
/// was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Late {
    pub(super) loss: Loss,
    pub(super) since: Since,
    pub(super) lease: Duration,
}

/// How a lock was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// This is a child of a fork: the lock is its parent's.
    Inherited,
    /// The lease ran out.
    RanOut,
    /// The storage lost the lock, or somebody removed it, while the lease was running.
    Vanished,
    /// The lock belongs to a file of locks, and that one was removed or exchanged.
    LockFile,
    /// As the store says.
    Early(&'static str),
    /// It was not lost: the session itself was ended.
    Ended,
}

/// What was found instead of the session as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Another request has the lock.
    Held,
    /// Other data.
    Changed,
    /// No such session.
    Ended,
    /// Nobody looked.
    Unknown,
}

impl Late {
    /// The reason as it stands in the message.
    pub(super) fn sentence(self, id: SessionId<'_>) -> String {
        let lease = self.lease.as_secs_f64();
        let lost = match self.loss {
            Loss::Inherited => "was opened by the process that this one was forked from".to_owned(),
            Loss::RanOut => format!("was held for longer than {lease} s (lock_expire)"),
            Loss::Vanished => format!("lost its lock before the {lease} s of its lease were over"),
            Loss::Early(words) => words.to_owned(),
            Loss::LockFile => "lost its lock, because the lock file was removed or replaced".to_owned(),
            Loss::Ended => "was ended by another request while this one had it".to_owned(),
        };
        let since = match (self.since, self.loss) {
            (Since::Held, Loss::Inherited) => ", and that one or another still holds it",
            (Since::Held, _) => ", and another request holds it now",
            (Since::Changed, _) => ", and was changed by another request since",
            (Since::Ended, _) => ", and was ended by another request since",
            (Since::Unknown, _) => "",
        };
        format!("session {id} {lost}{since}; this write was refused, and what is stored stays as it is")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Operation;

    #[test]
    fn the_sentence_says_what_happened() {
        let id = SessionId::parse(b"0123456789", Operation::Write).unwrap();
        let told = |loss, since| Late { loss, since, lease: Duration::from_secs(30) }.sentence(id);
        let late = told(Loss::RanOut, Since::Changed);
        assert!(late.contains("longer than 30 s (lock_expire), and was changed"), "{late}");
        for (loss, words) in [
            (Loss::Inherited, "forked"),
            (Loss::Vanished, "before the 30 s"),
            (Loss::LockFile, "the lock file was removed"),
            (Loss::Ended, "ended by another request while"),
        ] {
            for since in [Since::Held, Since::Changed, Since::Ended, Since::Unknown] {
                let late = told(loss, since);
                assert!(late.contains(words) && late.contains("this write was refused"), "{late}");
                assert!(!late.contains("longer than") && !late.contains("0123456789"), "{late}");
            }
        }
    }
}
