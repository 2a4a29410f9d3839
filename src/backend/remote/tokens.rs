//! A stock of tokens: randomness is fetched for many locks at once, so that a lock does not cost
//! a system call of its own.

use crate::backend::fork;
use crate::error::{Error, Kind, Operation, Result};
use crate::session::lock::Token;

const STOCK: usize = 16 * 32;

/// Never hands out the same bytes twice, not even in a child of a fork, which would otherwise
/// start with a copy of the parent's stock.
#[derive(Debug)]
pub(in crate::backend) struct Tokens {
    /// The name in messages.
    store: &'static str,
    stock: [u8; STOCK],
    used: usize,
    generation: u64,
}

impl Tokens {
    pub(in crate::backend) fn new(store: &'static str) -> Self {
        Self { store, stock: [0; STOCK], used: STOCK, generation: 0 }
    }

    pub(in crate::backend) fn next(&mut self) -> Result<Token> {
        let generation = fork::generation();
        if self.used >= STOCK || self.generation != generation {
            // Used up until it is full: a failure must not leave half of it to be handed out.
            self.used = STOCK;
            getrandom::fill(&mut self.stock).map_err(|error| {
                Error::new(Kind::Storage, self.store, Operation::Lock, format!("no random bytes: {error}"))
            })?;
            self.used = 0;
            self.generation = generation;
        }
        let mut raw = [0; 16];
        raw.copy_from_slice(&self.stock[self.used..self.used + 16]);
        self.used += 16;
        Ok(Token::from_random(raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_comes_twice() {
        let mut tokens = Tokens::new("test");
        let mut seen: Vec<Vec<u8>> = (0..100).map(|_| tokens.next().unwrap().as_bytes().to_vec()).collect();
        tokens.generation = 1;
        seen.push(tokens.next().unwrap().as_bytes().to_vec());
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 101);
    }
}
