//! One table: its names, and what the values in it mean.

use super::base64;
use super::flavour::{Flavour, Lifetime, Role, Times};
use super::identifier::Identifier;
use super::moment::Moment;
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The most that an end is stored beyond the lifetime's end.
const MOST_SLACK: i64 = 60;

/// A hundred years: longer lifetimes are cut.
const LONGEST: i64 = 100 * 365 * 86_400;

/// By how much text in an unknown zone may be older than it looks: from UTC+14 to UTC-12.
const ZONES: i64 = 26 * 3600;

/// A table that sessions are kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Whose table it is.
    pub(super) flavour: Flavour,
    pub(super) name: Identifier,
    /// The columns that it has, and by what names.
    pub(super) columns: Vec<(Role, Identifier)>,
    pub(super) times: Times,
    /// The zone of text: how far it is ahead of UTC. `None`: nobody said, and UTC is meant.
    pub(super) zone: Option<i64>,
    /// The last second that the column of times can hold.
    pub(super) latest: i64,
    /// The longest id that the column can hold, if it has a limit.
    pub(super) longest_id: Option<usize>,
}

impl Table {
    /// Its name.
    pub(crate) fn name(&self) -> &Identifier {
        &self.name
    }

    /// The name of the column for this, if the table has one.
    pub(crate) fn column(&self, role: Role) -> Option<&Identifier> {
        self.columns.iter().find(|(known, _)| *known == role).map(|(_, name)| name)
    }

    /// The longest id that fits. A longer one would be cut, and name another session.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "SQLite's columns have no limits"))]
    pub(crate) fn longest_id(&self) -> Option<usize> {
        self.longest_id
    }

    /// The times that suit a record that is to live for `ttl` from now, where `lifetime` is what the
    /// configuration says. The last one is what is stored; a record that has one of them already
    /// need not be changed.
    ///
    /// An end lies a little beyond the session's. A request that changes nothing then finds it far
    /// enough away most of the time. A last use is exact: other programs show it to people.
    pub(crate) fn suitable(&self, now_ms: u64, ttl: Duration, lifetime: Duration) -> RangeInclusive<i64> {
        match self.flavour.lifetime() {
            Lifetime::End => {
                let ttl = rounded_up(ttl.as_millis()).min(LONGEST);
                let end = rounded_up(now_ms.into()).saturating_add(ttl).min(self.latest);
                end..=end.saturating_add((ttl / 20).min(MOST_SLACK)).min(self.latest)
            }
            Lifetime::LastUse => {
                // One with a lifetime of its own is dated back or forward by the difference.
                let millis =
                    |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX).min(LONGEST * 1000);
                let now = i64::try_from(now_ms).unwrap_or(i64::MAX / 2);
                let used = (now + millis(ttl) - millis(lifetime)).div_euclid(1000).clamp(0, self.latest);
                used..=used
            }
        }
    }

    /// The time after which records are alive: whatever is not later has expired.
    pub(crate) fn alive_after(&self, now_ms: u64, lifetime: Duration) -> i64 {
        let now = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        match self.flavour.lifetime() {
            Lifetime::End => now,
            Lifetime::LastUse => now.saturating_sub(rounded_up(lifetime.as_millis()).min(LONGEST)).saturating_sub(1),
        }
    }

    /// The time up to which gc removes records. Text in a zone that nobody said may be newer than it
    /// looks: gc leaves it alone until that makes no difference, so that it never removes what another
    /// program takes for alive.
    pub(crate) fn collected_until(&self, now_ms: u64, lifetime: Duration) -> i64 {
        let is_vague = self.times == Times::Text && self.zone.is_none();
        self.alive_after(now_ms, lifetime).saturating_sub(if is_vague { ZONES } else { 0 })
    }

    /// When a record with this time ends, in seconds since 1970.
    pub(crate) fn ends(&self, stored: i64, lifetime: Duration) -> u64 {
        let end = match self.flavour.lifetime() {
            Lifetime::End => stored,
            Lifetime::LastUse => stored.saturating_add(rounded_up(lifetime.as_millis()).min(LONGEST)),
        };
        u64::try_from(end).unwrap_or(0)
    }

    /// The time as the table writes it.
    pub(crate) fn moment(&self, seconds: i64) -> Moment {
        Moment::new(seconds, self.times, self.zone.unwrap_or(0))
    }

    /// The seconds since 1970 of a time out of the table. `None`: it is no time.
    pub(crate) fn seconds(&self, moment: &Moment) -> Option<i64> {
        moment.seconds(self.zone.unwrap_or(0))
    }

    /// Whether its times are text.
    #[cfg_attr(
        not(any(feature = "mysql", feature = "handlersocket")),
        allow(dead_code, reason = "SQLite has no time zones")
    )]
    pub(crate) fn has_text_times(&self) -> bool {
        self.times == Times::Text
    }

    /// Says how far the zone of text is ahead of UTC, if the user did not.
    #[cfg_attr(not(feature = "php"), allow(dead_code, reason = "for connections whose zone is not ours to set"))]
    pub(crate) fn assume_zone(&mut self, ahead: i64) {
        self.zone.get_or_insert(ahead);
    }

    /// Whether the zone of text is known.
    #[cfg_attr(not(feature = "php"), allow(dead_code, reason = "as above"))]
    pub(crate) fn has_zone(&self) -> bool {
        self.zone.is_some()
    }

    /// The same table, whose times are text or not, as a row of it shows. `None`: they cannot be.
    #[cfg_attr(not(feature = "handlersocket"), allow(dead_code, reason = "others are told the columns' types"))]
    pub(crate) fn with_text_times(&self, text: bool) -> Option<Self> {
        let times = if text { Times::Text } else { Times::Unix };
        (!text || self.flavour.may_be_text()).then(|| Self { times, ..self.clone() })
    }

    /// Whether the data stands in the table as it is.
    #[cfg_attr(not(feature = "handlersocket"), allow(dead_code, reason = "the others decode in any case"))]
    pub(crate) fn keeps_data_plain(&self) -> bool {
        !self.flavour.is_base64()
    }

    /// The data as the table keeps it.
    pub(crate) fn encode<'a>(&self, data: &'a [u8]) -> Cow<'a, [u8]> {
        if self.flavour.is_base64() { Cow::Owned(base64::encode(data)) } else { Cow::Borrowed(data) }
    }

    /// Appends the data of a row. False: it is not what such a table holds.
    pub(crate) fn decode(&self, stored: &[u8], into: &mut Vec<u8>) -> bool {
        if self.flavour.is_base64() {
            return base64::decode(stored, into);
        }
        into.extend_from_slice(stored);
        true
    }
}

fn rounded_up(millis: u128) -> i64 {
    i64::try_from(millis.div_ceil(1000)).unwrap_or(LONGEST)
}
