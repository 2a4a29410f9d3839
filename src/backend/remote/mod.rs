//! What stores on servers share: locks there are records like others, known by their owner's token,
//! and what became of them is not always heard.

pub(super) mod debts;
pub(super) mod tokens;
