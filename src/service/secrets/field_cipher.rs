//! Personal fields at rest: encrypted so that a dump is worthless, with a keyed index for look-up.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::domain::hexadecimal::hex;
use crate::service::secrets::master_key::{MasterKey, Purpose, SubKey};
use crate::service::secrets::os_random::random_bytes;

/// The first byte of every sealed field: XChaCha20-Poly1305 under the first field key.
const FORMAT: u8 = 1;

/// Length of the random nonce in bytes; long enough to be drawn at random for ever.
const NONCE: usize = 24;

/// Where a sealed field stands. It opens only there: copied to another row, column or table it does not.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    pub table: &'p str,
    pub column: &'p str,
    /// The key of the row.
    pub row: &'p str,
}

impl Place<'_> {
    /// The associated data: each part after its length, so that no two places read alike.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        for part in [self.table, self.column, self.row] {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// A sealed field was altered, cut, moved from another place, or sealed under another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotOpen;

impl fmt::Display for DoesNotOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sealed field does not open at its place under this key")
    }
}

impl std::error::Error for DoesNotOpen {}

/// Seals and opens personal fields of one installation.
#[derive(Clone)]
pub struct FieldCipher {
    cipher: XChaCha20Poly1305,
    index: SubKey,
}

impl FieldCipher {
    /// The cipher under the installation's field keys.
    pub fn new(master: &MasterKey) -> FieldCipher {
        FieldCipher {
            cipher: XChaCha20Poly1305::new(master.derive(Purpose::FieldEncryption).bytes().into()),
            index: master.derive(Purpose::KeyedIndex),
        }
    }

    /// Seals `text` for its place, as base64. Sealed twice it looks different; only its length shows.
    pub fn seal(&self, place: Place<'_>, text: &str) -> String {
        self.seal_bytes(place, text.as_bytes())
    }

    /// As [`seal`](FieldCipher::seal), for bytes.
    pub fn seal_bytes(&self, place: Place<'_>, content: &[u8]) -> String {
        let nonce = random_bytes::<NONCE>();
        let payload = Payload { msg: content, aad: &place.bytes() };
        let sealed = self
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("a field is far shorter than the cipher's 256 GB");
        let mut bytes = Vec::with_capacity(1 + NONCE + sealed.len());
        bytes.push(FORMAT);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Opens what [`seal`](FieldCipher::seal) gave for the same place.
    ///
    /// # Errors
    /// [`DoesNotOpen`] when the text was altered or stood elsewhere, or under another key.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<String, DoesNotOpen> {
        String::from_utf8(self.open_bytes(place, sealed)?).map_err(|_| DoesNotOpen)
    }

    /// As [`open`](FieldCipher::open), for bytes.
    ///
    /// # Errors
    /// As [`open`](FieldCipher::open).
    pub fn open_bytes(&self, place: Place<'_>, sealed: &str) -> Result<Vec<u8>, DoesNotOpen> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| DoesNotOpen)?;
        let (&format, rest) = bytes.split_first().ok_or(DoesNotOpen)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or(DoesNotOpen)?;
        if format != FORMAT {
            return Err(DoesNotOpen);
        }
        let payload = Payload { msg: sealed, aad: &place.bytes() };
        self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| DoesNotOpen)
    }

    /// The look-up key of a value in a column: 128 bits of HMAC-SHA256 as 32 hexadecimal digits.
    ///
    /// Equal values of one column have equal keys, so the caller brings values into one writing first
    /// (an ID number in capitals, a phone without spaces). Without the key nobody can try out values,
    /// and keys of two columns cannot be joined.
    pub fn keyed_index(&self, table: &str, column: &str, value: &str) -> String {
        let mac = self.index.mac(&[table.as_bytes(), column.as_bytes(), value.as_bytes()]);
        hex(&mac[..16])
    }
}

impl fmt::Debug for FieldCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldCipher(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { table: "candidates", column: "id_number", row: "2026-0001" };
    const ID: &str = "11010520110915123X";

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let cipher = FieldCipher::new(&MasterKey::ephemeral());
        for text in [ID, "", "\u{20BB7}野家 王小明"] {
            let sealed = cipher.seal(PLACE, text);
            assert_eq!(cipher.open(PLACE, &sealed).as_deref(), Ok(text));
            assert_ne!(sealed, cipher.seal(PLACE, text), "equal values do not look equal");
        }
    }

    #[test]
    fn a_swapped_ciphertext_does_not_open() {
        let cipher = FieldCipher::new(&MasterKey::ephemeral());
        let sealed = cipher.seal(PLACE, ID);
        let elsewhere = [
            Place { row: "2026-0002", ..PLACE },
            Place { column: "phone", ..PLACE },
            Place { table: "guardians", ..PLACE },
            // The same letters, divided elsewhere.
            Place { table: "candidatesid", column: "_number", ..PLACE },
        ];
        for place in elsewhere {
            assert_eq!(cipher.open(place, &sealed), Err(DoesNotOpen), "{place:?}");
        }
    }

    #[test]
    fn no_altered_byte_and_no_cut_opens() {
        let cipher = FieldCipher::new(&MasterKey::ephemeral());
        let sealed = cipher.seal(PLACE, ID);
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert_eq!(cipher.open(PLACE, &URL_SAFE_NO_PAD.encode(&altered)), Err(DoesNotOpen), "byte {at}");
            assert_eq!(cipher.open(PLACE, &URL_SAFE_NO_PAD.encode(&bytes[..at])), Err(DoesNotOpen));
        }
        assert_eq!(cipher.open(PLACE, "not base64!"), Err(DoesNotOpen));
        let other = FieldCipher::new(&MasterKey::ephemeral());
        assert_eq!(other.open(PLACE, &sealed), Err(DoesNotOpen), "another key");
    }

    #[test]
    fn the_index_finds_equal_values_of_one_column_only() {
        let master = MasterKey::ephemeral();
        let cipher = FieldCipher::new(&master);
        let key = cipher.keyed_index("candidates", "id_number", ID);
        assert_eq!(key, FieldCipher::new(&master).keyed_index("candidates", "id_number", ID));
        assert_eq!(key.len(), 32);
        assert_ne!(key, cipher.keyed_index("candidates", "id_number", "110105201109151248"));
        assert_ne!(key, cipher.keyed_index("guardians", "id_number", ID));
        assert_ne!(key, FieldCipher::new(&MasterKey::ephemeral()).keyed_index("candidates", "id_number", ID));
    }
}
