//! The tables that are understood: whose they are, and what their columns are for.

use crate::options::suggest;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The session's id: the primary key.
    Id,
    /// The session's data.
    Data,
    /// When the session ends.
    Expiry,
    /// When the session was last used.
    Used,
    /// When the session was first stored.
    Created,
    /// Whose session it is. A table may be without.
    Reference,
}

impl Role {
    /// The option that gives the column another name, and what other libraries call that option.
    pub(super) const fn options(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["column_id", "column_session_id"],
            Self::Data => &["column_data"],
            Self::Expiry => &["column_expiry"],
            Self::Used => &["column_modified", "column_modified_at"],
            Self::Created => &["column_created", "column_created_at"],
            Self::Reference => &["column_ref"],
        }
    }

    pub(super) const ALL: [Self; 6] = [Self::Id, Self::Data, Self::Expiry, Self::Used, Self::Created, Self::Reference];
}

/// A column of a table that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type as the database tells it: `int(10) unsigned`, `TEXT`. Empty if it has none.
    pub(crate) kind: String,
}

/// How a row says for how long its session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// By its end: the lifetime of the time when it was stored counts.
    End,
    /// By its last use: the lifetime in force counts.
    LastUse,
}

/// How a table's times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// Whole seconds since 1970.
    Unix,
    /// `2026-01-31 23:59:59`, in a zone that the row does not tell.
    Text,
}

/// Whose table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Seshat's own.
    Seshat,
    /// That of the adapters `Database` of Phalcon's incubator. The times are seconds in that of
    /// Phalcon 3, and text in that of Phalcon 4 and 5.
    Phalcon,
    /// That of DALMP.
    Dalmp,
    /// That of the adapter `HandlerSocket` of Phalcon's incubator.
    HandlerSocket,
    /// That of Symfony's `PdoSessionHandler`.
    Symfony,
    /// That of Laravel's session driver `database`.
    Laravel,
}

impl Flavour {
    /// Each of them, Seshat's first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Seshat, Self::Phalcon, Self::Dalmp, Self::HandlerSocket, Self::Symfony, Self::Laravel];

    /// The name in the option `schema`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Seshat => "seshat",
            Self::Phalcon => "phalcon",
            Self::Dalmp => "dalmp",
            Self::HandlerSocket => "handlersocket",
            Self::Symfony => "symfony",
            Self::Laravel => "laravel",
        }
    }

    /// The flavour of that name, or a sentence that says which there are.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        let names = || Self::ALL.iter().map(|flavour| flavour.name());
        if let Some(flavour) = Self::ALL.into_iter().find(|flavour| flavour.name().eq_ignore_ascii_case(name)) {
            return Ok(flavour);
        }
        let list = names().collect::<Vec<_>>().join(", ");
        Err(match suggest::nearest(name, names()) {
            Some(near) => format!("option \"schema\" must be one of {list}; did you mean \"{near}\"?"),
            None => format!("option \"schema\" must be one of {list}"),
        })
    }

    /// The table's name where the user says none.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Seshat | Self::Symfony | Self::Laravel => "sessions",
            Self::Phalcon => "session_data",
            Self::Dalmp => "dalmp_sessions",
            Self::HandlerSocket => "php_session",
        }
    }

    /// The columns that are worked with, in the order in which a new table has them. A column of
    /// times or of the reference stands before the data where the table is ours to design: SQLite
    /// reads a row from its beginning, and comes to it without a walk along a large session's pages.
    pub(super) const fn columns(self) -> &'static [(Role, &'static str)] {
        match self {
            Self::Seshat => {
                &[(Role::Id, "id"), (Role::Expiry, "expires_at"), (Role::Reference, "ref"), (Role::Data, "data")]
            }
            Self::Phalcon => &[
                (Role::Id, "session_id"),
                (Role::Data, "data"),
                (Role::Created, "created_at"),
                (Role::Used, "modified_at"),
            ],
            Self::Dalmp => {
                &[(Role::Id, "sid"), (Role::Expiry, "expiry"), (Role::Data, "data"), (Role::Reference, "ref")]
            }
            Self::HandlerSocket => &[(Role::Id, "id"), (Role::Used, "modified"), (Role::Data, "data")],
            Self::Symfony => &[
                (Role::Id, "sess_id"),
                (Role::Data, "sess_data"),
                (Role::Expiry, "sess_lifetime"),
                (Role::Used, "sess_time"),
            ],
            Self::Laravel => &[(Role::Id, "id"), (Role::Data, "payload"), (Role::Used, "last_activity")],
        }
    }

    /// Whether the table may have a column for this.
    pub(super) fn has(self, role: Role) -> bool {
        role == Role::Reference || self.columns().iter().any(|(known, _)| *known == role)
    }

    /// The column for references where the user says none. Other libraries' tables have it only when it
    /// was added.
    pub(super) const fn reference(self) -> &'static str {
        match self {
            Self::Seshat | Self::Dalmp => "ref",
            _ => "seshat_ref",
        }
    }

    pub(super) const fn lifetime(self) -> Lifetime {
        match self {
            Self::Seshat | Self::Dalmp | Self::Symfony => Lifetime::End,
            Self::Phalcon | Self::HandlerSocket | Self::Laravel => Lifetime::LastUse,
        }
    }

    /// How times are written where neither the table nor the user says it.
    pub(super) const fn times(self) -> Times {
        match self {
            Self::HandlerSocket => Times::Text,
            _ => Times::Unix,
        }
    }

    /// Whether its times may be text at all.
    pub(super) const fn may_be_text(self) -> bool {
        matches!(self, Self::Phalcon | Self::HandlerSocket)
    }

    /// Whether the data is stored as base64.
    pub(super) const fn is_base64(self) -> bool {
        matches!(self, Self::Laravel)
    }
}
