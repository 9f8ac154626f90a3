//! The key under which a result lies until it is published: nobody has it alone, two of three holders open it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto_box::aead::OsRng;
use crypto_box::{PublicKey, SecretKey};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read, Write};

use crate::domain::hexadecimal::{hex, unhex};
use crate::service::secrets::field_cipher::{DoesNotOpen, FieldCipher, Place};
use crate::service::secrets::master_key::{MasterKey, Purpose, SubKey};
use crate::service::secrets::os_random::random_bytes;

/// Holders of parts.
pub const HOLDERS: usize = 3;
/// How a public key begins.
const PUBLIC: &str = "zsp1-";
/// How a secret key begins.
const SECRET: &str = "zss1-";

/// The key of one result.
#[derive(Clone)]
pub struct ResultKey {
    bytes: [u8; 32],
    /// Seals the parts of files.
    files: FieldCipher,
    /// Makes the salts of leaves.
    salts: SubKey,
}

/// One holder's part: for each pair of holders that she is in a half of the key. One part says nothing, any two
/// give the key (Ito, Saito, Nishizeki 1987: each pair shares the key by exclusive or).
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPart {
    /// 1, 2 or 3.
    pub holder: usize,
    halves: [[u8; 32]; 2],
}

/// Why parts give no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// A text that is no part.
    Malformed,
    /// Less than two different holders.
    TooFew,
}

fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| a[at] ^ b[at])
}

impl ResultKey {
    /// A new key.
    pub fn generate() -> ResultKey {
        ResultKey::of(random_bytes())
    }

    /// The key of 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<ResultKey> {
        unhex(text).map(ResultKey::of)
    }

    /// As 64 hexadecimal digits, to be sealed at once.
    pub fn expose(&self) -> String {
        hex(&self.bytes)
    }

    /// Sealed to an instance that helps with the run, whose pair of keys is as a holder's.
    ///
    /// # Errors
    /// [`NoKey::Malformed`] when the recipient is no public key.
    pub fn sealed_to(&self, recipient: &str) -> Result<String, NoKey> {
        sealed_to(recipient, &self.expose())
    }

    /// Opens what [`sealed_to`](ResultKey::sealed_to) gave, with the instance's secret key.
    ///
    /// # Errors
    /// [`NoKey::Malformed`] when it is of another instance or altered.
    pub fn unsealed(sealed: &str, secret: &str) -> Result<ResultKey, NoKey> {
        ResultKey::parse(&unsealed(sealed, secret)?).ok_or(NoKey::Malformed)
    }

    /// The three parts.
    pub fn split(&self) -> [KeyPart; HOLDERS] {
        let [a, b, c] = [random_bytes(), random_bytes(), random_bytes()];
        // Pairs (1,2), (1,3), (2,3); the lower holder's half is random, the other's completes it.
        [
            KeyPart { holder: 1, halves: [a, b] },
            KeyPart { holder: 2, halves: [xor(&a, &self.bytes), c] },
            KeyPart { holder: 3, halves: [xor(&b, &self.bytes), xor(&c, &self.bytes)] },
        ]
    }

    /// The key of two parts.
    ///
    /// # Errors
    /// [`NoKey::TooFew`] when both are of one holder. Parts of different keys give a key that opens nothing.
    pub fn join(one: &KeyPart, other: &KeyPart) -> Result<ResultKey, NoKey> {
        let (low, high) = if one.holder < other.holder { (one, other) } else { (other, one) };
        match (low.holder, high.holder) {
            (1, 2) => Ok(ResultKey::of(xor(&low.halves[0], &high.halves[0]))),
            (1, 3) => Ok(ResultKey::of(xor(&low.halves[1], &high.halves[0]))),
            (2, 3) => Ok(ResultKey::of(xor(&low.halves[1], &high.halves[1]))),
            _ => Err(NoKey::TooFew),
        }
    }

    /// The salt of a candidate's leaf: without it nobody can try out what a leaf says.
    pub fn salt(&self, exam_no: &str) -> [u8; 32] {
        self.salts.mac(&[b"leaf", exam_no.as_bytes()])
    }

    /// Packs and seals a part of a file for its place.
    pub fn seal(&self, place: Place<'_>, content: &[u8]) -> String {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(content).expect("memory takes what is written");
        let packed = packed.finish().expect("memory takes what is written");
        self.files.seal_bytes(place, &packed)
    }

    /// Opens and unpacks a part of a file.
    ///
    /// # Errors
    /// It was altered, stands elsewhere, or is of another key.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<Vec<u8>, DoesNotOpen> {
        let packed = self.files.open_bytes(place, sealed)?;
        let mut content = Vec::new();
        DeflateDecoder::new(packed.as_slice()).read_to_end(&mut content).map_err(|_| DoesNotOpen)?;
        Ok(content)
    }

    fn of(bytes: [u8; 32]) -> ResultKey {
        let master = MasterKey::of_bytes(bytes);
        ResultKey { bytes, files: FieldCipher::new(&master), salts: master.derive(Purpose::KeyedIndex) }
    }
}

impl fmt::Debug for ResultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResultKey(..)")
    }
}

impl KeyPart {
    /// As it is kept and handed over: `part-1-` and 128 hexadecimal digits.
    pub fn expose(&self) -> String {
        format!("part-{}-{}{}", self.holder, hex(&self.halves[0]), hex(&self.halves[1]))
    }

    /// The part of a text.
    ///
    /// # Errors
    /// [`NoKey::Malformed`].
    pub fn parse(text: &str) -> Result<KeyPart, NoKey> {
        let read = || {
            let (holder, digits) = text.trim().strip_prefix("part-")?.split_once('-')?;
            let holder = holder.parse().ok().filter(|holder| (1..=HOLDERS).contains(holder))?;
            let (one, other) = digits.split_at_checked(64)?;
            Some(KeyPart { holder, halves: [unhex(one)?, unhex(other)?] })
        };
        read().ok_or(NoKey::Malformed)
    }

    /// Sealed to a holder's public key (NaCl `crypto_box_seal`, as libsodium and PyNaCl open it), in base64.
    ///
    /// # Errors
    /// [`NoKey::Malformed`] when the recipient is no public key.
    pub fn sealed_to(&self, recipient: &str) -> Result<String, NoKey> {
        sealed_to(recipient, &self.expose())
    }

    /// Opens a sealed part with the holder's secret key.
    ///
    /// # Errors
    /// [`NoKey::Malformed`] when it is of another holder or altered.
    pub fn open(sealed: &str, secret: &str) -> Result<KeyPart, NoKey> {
        KeyPart::parse(&unsealed(sealed, secret)?)
    }
}

fn sealed_to(recipient: &str, text: &str) -> Result<String, NoKey> {
    let sealed = public_key(recipient)?.seal(&mut OsRng, text.as_bytes()).map_err(|_| NoKey::Malformed)?;
    Ok(STANDARD.encode(sealed))
}

fn unsealed(sealed: &str, secret: &str) -> Result<String, NoKey> {
    let bytes = secret.trim().strip_prefix(SECRET).and_then(unhex).ok_or(NoKey::Malformed)?;
    let sealed = STANDARD.decode(sealed.trim()).map_err(|_| NoKey::Malformed)?;
    let opened = SecretKey::from(bytes).unseal(&sealed).map_err(|_| NoKey::Malformed)?;
    String::from_utf8(opened).map_err(|_| NoKey::Malformed)
}

impl fmt::Debug for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPart({}, ..)", self.holder)
    }
}

/// A new pair of keys for a holder or an instance: the secret one, and the public one that the key is sealed to.
pub fn holder_keys() -> (String, String) {
    let secret = SecretKey::from(random_bytes::<32>());
    let public = secret.public_key();
    (format!("{SECRET}{}", hex(&secret.to_bytes())), format!("{PUBLIC}{}", hex(public.as_bytes())))
}

/// The public key of a text.
///
/// # Errors
/// [`NoKey::Malformed`].
pub fn public_key(recipient: &str) -> Result<PublicKey, NoKey> {
    recipient.trim().strip_prefix(PUBLIC).and_then(unhex).map(PublicKey::from).ok_or(NoKey::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { table: "run_files", column: "content", row: "r/results.csv/0" };

    #[test]
    fn any_two_parts_open_a_result_and_one_twice_does_not() {
        let key = ResultKey::generate();
        let parts = key.split();
        let sealed = key.seal(PLACE, b"260101,1,S01,open,1,640\n");
        for one in 0..HOLDERS {
            for other in 0..HOLDERS {
                let joined = ResultKey::join(&parts[one], &parts[other]);
                if one == other {
                    assert_eq!(joined.unwrap_err(), NoKey::TooFew);
                } else {
                    assert_eq!(joined.unwrap().open(PLACE, &sealed).unwrap(), b"260101,1,S01,open,1,640\n");
                }
            }
        }
        let foreign = ResultKey::generate().split();
        assert!(ResultKey::join(&parts[0], &foreign[1]).unwrap().open(PLACE, &sealed).is_err());
    }

    #[test]
    fn a_part_travels_sealed_to_its_holder_alone() {
        let (secret, public) = holder_keys();
        let (other_secret, _) = holder_keys();
        let part = &ResultKey::generate().split()[2];
        let sealed = part.sealed_to(&public).unwrap();
        assert_eq!(KeyPart::open(&sealed, &secret).as_ref(), Ok(part));
        assert_eq!(KeyPart::open(&sealed, &other_secret), Err(NoKey::Malformed));
        assert!(part.sealed_to("zsp1-00").is_err());
        assert_eq!(KeyPart::parse("part-4-00"), Err(NoKey::Malformed));
    }

    #[test]
    fn a_key_travels_sealed_to_one_instance_alone() {
        let ((secret, public), (other_secret, _)) = (holder_keys(), holder_keys());
        let key = ResultKey::generate();
        let sealed = key.sealed_to(&public).unwrap();
        assert!(!sealed.contains(&key.expose()));
        assert_eq!(ResultKey::unsealed(&sealed, &secret).unwrap().expose(), key.expose());
        assert_eq!(ResultKey::unsealed(&sealed, &other_secret).unwrap_err(), NoKey::Malformed);
        assert_eq!(ResultKey::unsealed("-", &secret).unwrap_err(), NoKey::Malformed);
    }

    #[test]
    fn no_part_shows_a_byte_of_the_key() {
        // With a key of zeros each half would be equal to its counterpart; with random halves no part repeats.
        let [one, two, three] = ResultKey::of([0; 32]).split();
        assert!(one.halves[0] != one.halves[1] && two.halves[0] != two.halves[1]);
        assert_eq!(one.halves[1], three.halves[0], "the halves of a pair complete each other");
        let again = ResultKey::of([0; 32]).split();
        assert_ne!(one, again[0], "new halves every time");
    }
}
