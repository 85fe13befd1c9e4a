//! Whether bytes that come in pieces are UTF-8.

/// Remembers a character that was cut by the end of a piece.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    begun: [u8; 4],
    have: usize,
    /// Bytes of the pieces before.
    passed: u64,
}

impl Utf8 {
    /// Takes the next piece.
    ///
    /// # Errors
    /// Where the first character begins that is none, from the start of the text.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), u64> {
        let mut rest = piece;
        while self.have > 0 {
            let Some((&next, more)) = rest.split_first() else { break };
            let began = self.passed + (piece.len() - rest.len()) as u64 - self.have as u64;
            self.begun[self.have] = next;
            self.have += 1;
            match std::str::from_utf8(&self.begun[..self.have]) {
                Ok(_) => self.have = 0,
                // Four bytes are a character or none.
                Err(error) if error.error_len().is_none() && self.have < 4 => {}
                Err(_) => return Err(began),
            }
            rest = more;
        }
        if self.have == 0
            && let Err(error) = simdutf8::compat::from_utf8(rest)
        {
            let cut = &rest[error.valid_up_to()..];
            if error.error_len().is_some() {
                return Err(self.passed + (piece.len() - cut.len()) as u64);
            }
            self.begun[..cut.len()].copy_from_slice(cut);
            self.have = cut.len();
        }
        self.passed += piece.len() as u64;
        Ok(())
    }

    /// Where a character began of which the rest has not come.
    pub(super) fn is_inside(&self) -> Option<u64> {
        (self.have > 0).then(|| self.passed - self.have as u64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge(pieces: &[&[u8]]) -> Result<(), u64> {
        let mut text = Utf8::default();
        for piece in pieces {
            text.take(piece)?;
        }
        text.is_inside().map_or(Ok(()), Err)
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(
            text in "\\PC{0,40}", noise in proptest::collection::vec(any::<u8>(), 0..6),
            at in any::<prop::sample::Index>(), cuts in proptest::collection::vec(1usize..6, 1..30),
        ) {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, noise);
            let mut pieces = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                let (piece, more) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = more;
                if rest.is_empty() { break; }
            }
            let want = std::str::from_utf8(&bytes).map(|_| ()).map_err(|e| e.valid_up_to() as u64);
            prop_assert_eq!(judge(&pieces), want);
        }
    }
}
