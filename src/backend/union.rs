//! The references of several stores as those of one: a session is in one of them, and a reference may
//! have sessions in each.

use crate::error::Result;
use crate::session::id::SessionId;
use crate::session::reference::{Cursor, Listed, Page, Reference, References};

/// Lists the first store, then the second, and so on. A cursor is the store's number and its own cursor.
pub(super) struct Union<'a>(pub(super) Vec<&'a mut dyn References>);

impl Union<'_> {
    fn page<T>(
        &mut self,
        from: Option<&Cursor>,
        page: impl FnOnce(&mut dyn References, Option<&Cursor>) -> Result<Page<T>>,
    ) -> Result<(usize, Page<T>)> {
        let (number, inner) = match from.and_then(|cursor| cursor.0.split_at_checked(4)) {
            Some((number, [])) => (position(number), None),
            Some((number, inner)) => (position(number), Some(Cursor(inner.to_vec()))),
            None => (0, None),
        };
        let Some(store) = self.0.get_mut(number) else { return Ok((number, Page { items: Vec::new(), next: None })) };
        let mut page = page(&mut **store, inner.as_ref())?;
        page.next = match page.next {
            Some(inner) => Some(cursor(number, &inner.0)),
            None if number + 1 < self.0.len() => Some(cursor(number + 1, b"")),
            None => None,
        };
        Ok((number, page))
    }
}

impl References for Union<'_> {
    fn sessions_of(&mut self, reference: &Reference, from: Option<&Cursor>, most: usize) -> Result<Page<Listed>> {
        self.page(from, |store, from| store.sessions_of(reference, from, most)).map(|(_, page)| page)
    }

    fn all(&mut self, from: Option<&Cursor>, most: usize) -> Result<Page<Reference>> {
        let (number, mut page) = self.page(from, |store, from| store.all(from, most))?;
        let mut new = Vec::with_capacity(page.items.len());
        for reference in page.items {
            let mut known = false;
            for earlier in self.0.iter_mut().take(number) {
                known = known || earlier.count_of(&reference)? > 0;
            }
            if !known {
                new.push(reference);
            }
        }
        page.items = new;
        Ok(page)
    }

    fn reference_of(&mut self, id: SessionId<'_>) -> Result<Option<Reference>> {
        for store in &mut self.0 {
            if let Some(reference) = store.reference_of(id)? {
                return Ok(Some(reference));
            }
        }
        Ok(None)
    }

    fn count_of(&mut self, reference: &Reference) -> Result<u64> {
        self.0.iter_mut().map(|store| store.count_of(reference)).sum()
    }
}

fn position(number: &[u8]) -> usize {
    number.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn cursor(number: usize, inner: &[u8]) -> Cursor {
    let number = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    Cursor([&number, inner].concat())
}
