//! The binary form of `COPY` (`PostgreSQL` manual, "COPY", "Binary Format").

/// What it begins with: a signature, flags, and the length of an extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with: a row of -1 columns.
pub(super) const TRAILER: &[u8] = &[0xff, 0xff];

/// Rows on their way in.
#[derive(Debug)]
pub(super) struct Rows(Vec<u8>);

impl Rows {
    pub(super) fn new() -> Self {
        Self(HEADER.to_vec())
    }

    /// Begins a row of so many columns.
    pub(super) fn row(&mut self, columns: u16) {
        self.0.extend_from_slice(&columns.to_be_bytes());
    }

    pub(super) fn int(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.bytes(&value.to_be_bytes()),
            None => self.0.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }

    /// Of at most 65,535 bytes, as all that a log stores.
    pub(super) fn bytes(&mut self, value: &[u8]) {
        let len = u32::try_from(value.len()).unwrap_or(u32::MAX); // the server refuses that
        self.0.extend_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(value);
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(TRAILER);
        self.0
    }
}

/// A column on its way out; `None` is NULL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'a>(Option<&'a [u8]>);

impl<'a> Column<'a> {
    /// Takes the next column off a row.
    pub(super) fn next(rest: &mut &'a [u8]) -> Option<Self> {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let Ok(len) = usize::try_from(i32::from_be_bytes(*len)) else {
            *rest = after;
            return Some(Self(None));
        };
        let (value, after) = after.split_at_checked(len)?;
        *rest = after;
        Some(Self(Some(value)))
    }

    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        self.0
    }

    pub(super) fn int(self) -> Option<i64> {
        Some(i64::from_be_bytes(self.0?.try_into().ok()?))
    }

    pub(super) fn is_null(self) -> bool {
        self.0.is_none()
    }
}
