//! What the stores in SQL databases share: tables, and the statements that work on them.
//!
//! The tables of several libraries are understood ([`flavour::Flavour`]), so that an application can change
//! its session handler and keep its sessions. A store goes through these steps:
//!
//! - [`Wanted::take`] reads what the user said about the table;
//! - [`Wanted::fit`] compares it with the columns of the table that is there, and makes a
//!   [`Table`] of both, or a complaint; [`Wanted::missing`] is the complaint when there is none;
//! - [`Wanted::creation`] is how such a table is created, and [`Statements`] what is done with it.
//!
//! Nothing here talks to a database. A name gets into a statement's text only as an
//! [`identifier::Identifier`]; ids, data and times are always parameters.

mod base64;
mod definition;
mod dialect;
mod flavour;
mod identifier;
mod moment;
mod statements;
mod table;
mod wanted;
#[cfg_attr(not(feature = "php"), allow(dead_code, reason = "for connections that are not ours"))]
mod words;

pub(crate) use dialect::Dialect;
#[cfg(feature = "handlersocket")]
pub(crate) use flavour::Flavour;
pub(crate) use flavour::{Column, Role};
#[cfg(feature = "handlersocket")]
pub(crate) use identifier::{Identifier, RULE};
pub(crate) use moment::Moment;
pub(crate) use statements::{Parameter, Statement, Statements};
pub(crate) use table::Table;
pub(crate) use wanted::Wanted;
#[cfg(feature = "php")]
pub(crate) use words::harmless;
