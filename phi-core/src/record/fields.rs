use std::sync::Arc;

use smallvec::SmallVec;
use zeroize::Zeroizing;

use super::{FieldSchema, Place, RecordSchema};
use crate::Phi;
use crate::index::{IndexToken, Normal, make_token};
use crate::keys::{Columns, KeyVersion, Ring};
use crate::known::KnownValues;
use crate::refusals::{Refusal, count};
use crate::sealed::{Envelope, HEADER_LEN, OVERHEAD, Sealed, VERSION};
use crate::sealed::{padded_len, unpadded_len, write_padding};
use crate::value::{PhiValue, PlainBuf, Searchable};
use crate::vault::{Engine, OpenError, Reader, SealError};

/// Seals the fields of one record, one by one. The derive drives it.
#[derive(Debug)]
pub struct FieldSealer<'a> {
    engine: &'a Engine,
    key: &'a KeyVersion,
    fields: Fields,
    known: Option<KnownValues>,
}

/// What sealing and opening share: the record's labels, tags and bound place.
struct Fields {
    schema: &'static RecordSchema,
    columns: Arc<Columns>,
    /// 16 bytes for the column's tag, then id kind and id.
    aad: SmallVec<[u8; 64]>, // 33 bytes where the id is a UUID
}

impl Fields {
    fn new(ring: &Ring, schema: &'static RecordSchema, place: &Place) -> Self {
        let mut aad = SmallVec::from_slice(&[0; 16]);
        place.id.encode_into(&mut aad);
        Self { schema, columns: ring.columns(schema), aad }
    }

    fn schema(&self, field: usize) -> Option<&'static FieldSchema> {
        self.schema.fields.get(field)
    }

    fn column(&self, field: usize) -> Option<(&'static str, &'static str)> {
        Some((self.schema.record, self.schema(field)?.field))
    }

    /// The associated data of one field of this record.
    fn aad(&mut self, field: usize) -> Option<&[u8]> {
        self.aad.first_chunk_mut::<16>()?.copy_from_slice(self.columns.tags.get(field)?);
        Some(&self.aad)
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.schema.record)
    }
}

impl<'a> FieldSealer<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        ring: &'a Ring,
        key: &'a KeyVersion,
        schema: &'static RecordSchema,
        place: &Place,
        known: Option<KnownValues>,
    ) -> Self {
        Self { engine, key, fields: Fields::new(ring, schema, place), known }
    }

    /// Seals field number `field`.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the value has no canonical form or is too long.
    pub fn field<T: PhiValue>(
        &mut self,
        field: usize,
        value: &Phi<T>,
    ) -> Result<Sealed<T>, SealError> {
        let schema = self.fields.schema(field).ok_or(SealError::Derive)?;
        let fail = || SealError::value(self.fields.schema, schema);
        let value = value.expose();
        let len = value.encoded_len();
        let padded = padded_len(len, schema.pad).ok_or_else(fail)?;
        let total = padded.checked_add(OVERHEAD).ok_or_else(fail)?;
        if total > MAX_SEALED {
            return Err(fail());
        }
        // One block from the start: the text is written into it and becomes the ciphertext there.
        let mut out = Zeroizing::new(vec![0; total]);
        let (header, rest) = out.split_at_mut_checked(HEADER_LEN).ok_or_else(fail)?;
        let (text, tag_room) = rest.split_at_mut_checked(padded).ok_or_else(fail)?;
        let (plain, padding) = text.split_at_mut_checked(len).ok_or_else(fail)?;
        let mut plain = PlainBuf::new(plain);
        value.write(&mut plain).map_err(|_| fail())?;
        if plain.remaining() != 0 {
            return Err(fail());
        }
        write_padding(padding);
        if let (Some(known), Some(canonical)) = (&self.known, text.get(..len)) {
            known.add(schema.value, canonical);
        }
        let aad = self.fields.aad(field).ok_or(SealError::Derive)?;
        let parts = self.key.seal(self.engine.random(), aad, text).ok_or(SealError::Random)?;
        tag_room.copy_from_slice(&parts.tag);
        let mut header = PlainBuf::new(header);
        for part in [&[VERSION][..], &self.key.id.to_bytes(), &parts.prefix, &parts.nonce] {
            header.put(part).map_err(|_| fail())?;
        }
        Ok(Sealed::from_parsed(std::mem::take(&mut *out).into_boxed_slice()))
    }

    /// Seals an optional field: `None` stays NULL, and shows as such.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    pub fn optional<T: PhiValue>(
        &mut self,
        field: usize,
        value: Option<&Phi<T>>,
    ) -> Result<Option<Sealed<T>>, SealError> {
        value.map(|value| self.field(field, value)).transpose()
    }

    /// The token of field number `field` under the primary key.
    ///
    /// # Errors
    ///
    /// [`SealError::NotIndexable`] if the value has no normal form.
    pub fn token<T: Searchable>(
        &self,
        field: usize,
        value: &Phi<T>,
    ) -> Result<IndexToken, SealError> {
        let schema = self.fields.schema(field).ok_or(SealError::Derive)?;
        let index = schema.index.ok_or(SealError::Derive)?;
        let normal = value.expose().with_text(|text| index.normaliser.normalise(text));
        let normal = normal.map_err(|cause| SealError::NotIndexable {
            record: self.fields.schema.record,
            field: schema.field,
            cause,
        })?;
        let keys = self.fields.columns.indexes.get(field).ok_or(SealError::Derive)?;
        let (id, key) = keys.iter().find(|(id, _)| *id == self.key.id).ok_or(SealError::Derive)?;
        Ok(make_token(*id, key, &normal, index.bits))
    }

    /// The token of an optional field.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub fn optional_token<T: Searchable>(
        &self,
        field: usize,
        value: Option<&Phi<T>>,
    ) -> Result<Option<IndexToken>, SealError> {
        value.map(|value| self.token(field, value)).transpose()
    }
}

/// Longest sealed value, 64 MiB: columns hold fields, files belong into streams.
const MAX_SEALED: usize = 64 * 1024 * 1024;

/// Opens the fields of one record, one by one. The derive drives it.
pub struct FieldOpener<'a> {
    engine: &'a Engine,
    ring: Arc<Ring>,
    fields: Fields,
    reader: Option<Reader>,
    known: Option<KnownValues>,
}

impl<'a> FieldOpener<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        ring: Arc<Ring>,
        schema: &'static RecordSchema,
        place: &Place,
        known: Option<KnownValues>,
    ) -> Self {
        let fields = Fields::new(&ring, schema, place);
        Self { engine, ring, fields, reader: None, known }
    }

    /// Opens field number `field`.
    ///
    /// # Errors
    ///
    /// [`OpenError::Refused`], whatever did not match.
    pub fn field<T: PhiValue>(
        &mut self,
        field: usize,
        sealed: Sealed<T>,
    ) -> Result<Phi<T>, OpenError> {
        let envelope = Envelope::parse(&sealed).map_err(|_| OpenError::Refused)?;
        if self.ring.version(envelope.key_id).is_none() {
            // Another process may have made the key: the store is read again, but not often.
            self.ring = self.engine.reloaded(&self.ring.scope).unwrap_or(Arc::clone(&self.ring));
        }
        let Some(key) = self.ring.version(envelope.key_id) else {
            count(Refusal::KeyId(envelope.key_id), self.fields.column(field));
            return Err(OpenError::Refused);
        };
        let aad = self.fields.aad(field).ok_or(OpenError::Refused)?;
        // The block of the ciphertext becomes the value's: decrypted there, and moved to its start.
        let mut block = Zeroizing::new(sealed.into_bytes());
        let rest = block.get_mut(HEADER_LEN..).ok_or(OpenError::Refused)?;
        let text = rest.get_mut(..envelope.text_len).ok_or(OpenError::Refused)?;
        if self.engine.decrypt(key, &envelope, aad, text, &mut self.reader).is_err() {
            count(Refusal::Tag, self.fields.column(field));
            return Err(OpenError::Refused);
        }
        let len = unpadded_len(text);
        let plain = len.and_then(|len| text.get(..len));
        if let (Some(known), Some(plain), Some(schema)) =
            (&self.known, plain, self.fields.schema(field))
        {
            known.add(schema.value, plain);
        }
        let value = len.and_then(|len| {
            move_to_start(&mut block, HEADER_LEN, len);
            block.truncate(len);
            T::read_block(block).ok()
        });
        if value.is_none() {
            count(Refusal::Form, self.fields.column(field));
        }
        value.map(Phi::new).ok_or(OpenError::Refused)
    }

    /// Opens an optional field.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field).
    pub fn optional<T: PhiValue>(
        &mut self,
        field: usize,
        sealed: Option<Sealed<T>>,
    ) -> Result<Option<Phi<T>>, OpenError> {
        sealed.map(|sealed| self.field(field, sealed)).transpose()
    }
}

impl std::fmt::Debug for FieldOpener<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FieldOpener").field(&self.fields).finish()
    }
}

/// Moves `len` bytes that begin at `from` to the start of a block and wipes what is behind them: a
/// value that keeps the block may wipe no more than its own length.
fn move_to_start(block: &mut [u8], from: usize, len: usize) {
    block.copy_within(from..from + len, 0);
    if let Some(rest) = block.get_mut(len..) {
        rest.fill(0);
        zeroize::optimization_barrier(rest);
    }
}

/// Whether a field's value has this normal form. The derive calls it.
#[doc(hidden)]
pub fn has_normal<T: Searchable>(schema: &FieldSchema, value: &Phi<T>, normal: &Normal) -> bool {
    let Some(index) = schema.index else { return false };
    let own = value.expose().with_text(|text| index.normaliser.normalise(text));
    own.is_ok_and(|own| own.same_as(normal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_copy_of_the_text_stays_behind_it() {
        let mut block = *b"....Ada Sample\x80\0\0tag";
        move_to_start(&mut block, 4, 10);
        assert_eq!(&block, b"Ada Sample\0\0\0\0\0\0\0\0\0\0");
    }
}
