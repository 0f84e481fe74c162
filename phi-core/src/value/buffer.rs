use std::io;

use super::ValueError;

/// The place that a value's canonical bytes are written to.
///
/// Its room is fixed before the first byte, inside the block that becomes the ciphertext: nothing
/// grows, so nothing leaves a copy behind.
#[derive(Debug)]
pub struct PlainBuf<'a> {
    room: &'a mut [u8],
}

impl<'a> PlainBuf<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Self {
        Self { room }
    }

    /// Bytes that still fit.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.room.len()
    }

    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if they do not fit: the value wrote more than it announced.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), ValueError> {
        let room = std::mem::take(&mut self.room);
        let (to, rest) = room.split_at_mut_checked(bytes.len()).ok_or(ValueError)?;
        to.copy_from_slice(bytes);
        self.room = rest;
        Ok(())
    }

    /// Appends what `write` writes, and shows it.
    pub(super) fn written(
        &mut self,
        write: impl FnOnce(&mut PlainBuf<'_>) -> Result<(), ValueError>,
    ) -> Result<&[u8], ValueError> {
        let room = std::mem::take(&mut self.room);
        let mut appended = PlainBuf::new(room);
        write(&mut appended)?;
        let left = appended.remaining();
        let len = room.len().checked_sub(left).ok_or(ValueError)?;
        let (text, rest) = room.split_at_mut_checked(len).ok_or(ValueError)?;
        self.room = rest;
        Ok(text)
    }
}

impl io::Write for PlainBuf<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes).map_err(|_| io::Error::from(io::ErrorKind::WriteZero))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
