//! The installation's master key: 32 bytes in a file outside the database, from which every other key comes.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::hexadecimal::{hex, unhex};
use crate::service::secrets::os_random::random_bytes;

/// What a derived key is for. Each purpose has its own key, so that nothing made for one of them is
/// worth anything for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Personal fields at rest.
    FieldEncryption,
    /// Look-up of encrypted fields.
    KeyedIndex,
    /// JSON Web Tokens.
    AccessTokens,
    /// The seals of the audit chain.
    AuditSeal,
    /// Receipts of submitted forms.
    Receipts,
    /// Tokens against cross-site requests.
    Csrf,
    /// Cookies of devices an owner has logged in from.
    DeviceCookies,
    /// Cells of printed grid cards.
    GridCards,
    /// Stored digests of long random bearers: initial codes, refresh tokens, session cookies, system tokens.
    BearerDigests,
    /// Public keys by which instances that help with a run know each other.
    Instances,
}

impl Purpose {
    /// Never changed: another label is another key.
    fn label(self) -> &'static str {
        match self {
            Purpose::FieldEncryption => "zhaosheng/key/field-encryption/1",
            Purpose::KeyedIndex => "zhaosheng/key/keyed-index/1",
            Purpose::AccessTokens => "zhaosheng/key/access-tokens/1",
            Purpose::AuditSeal => "zhaosheng/key/audit-seal/1",
            Purpose::Receipts => "zhaosheng/key/receipts/1",
            Purpose::Csrf => "zhaosheng/key/csrf/1",
            Purpose::DeviceCookies => "zhaosheng/key/device-cookies/1",
            Purpose::GridCards => "zhaosheng/key/grid-cards/1",
            Purpose::BearerDigests => "zhaosheng/key/bearer-digests/1",
            Purpose::Instances => "zhaosheng/key/instances/1",
        }
    }
}

/// A key for one purpose. It cannot be printed.
#[derive(Clone)]
pub struct SubKey {
    bytes: [u8; 32],
    /// HMAC-SHA256 that has taken the key already.
    keyed: Hmac<Sha256>,
}

impl SubKey {
    /// HMAC-SHA256 over the parts, each after its length, so that no two lists of parts run together.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether `tag` is the [`mac`](SubKey::mac) of the parts, in a time that does not depend on the tag.
    pub fn confirms(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.over(parts).verify_slice(tag).is_ok()
    }

    /// The key itself, for ciphers that take one.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for SubKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubKey(..)")
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Why a key file cannot be used.
#[derive(Debug)]
pub enum KeyFileFault {
    /// The file cannot be read or written.
    Unreadable(PathBuf, io::Error),
    /// Others than its owner can read the file.
    OpenToOthers(PathBuf),
    /// The file holds something else than 64 hexadecimal digits.
    NotAKey(PathBuf),
}

impl fmt::Display for KeyFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFileFault::Unreadable(path, error) => write!(f, "key file {}: {error}", path.display()),
            KeyFileFault::OpenToOthers(path) => {
                write!(f, "key file {0}: others can read it; run `chmod 600 {0}`", path.display())
            }
            KeyFileFault::NotAKey(path) => {
                write!(f, "key file {}: must hold 64 hexadecimal digits and nothing else", path.display())
            }
        }
    }
}

impl std::error::Error for KeyFileFault {}

/// The root of all keys of one installation. It cannot be printed.
///
/// Who loses the file loses every encrypted field; who copies it together with the database can read
/// them. So it is backed up apart from the database.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Reads the key file.
    ///
    /// # Errors
    /// [`KeyFileFault`] when the file is missing, open to others or holds no key.
    pub fn open(path: &Path) -> Result<MasterKey, KeyFileFault> {
        let unreadable = |error| KeyFileFault::Unreadable(path.to_owned(), error);
        let file = File::open(path).map_err(unreadable)?;
        if open_to_others(&file.metadata().map_err(unreadable)?) {
            return Err(KeyFileFault::OpenToOthers(path.to_owned()));
        }
        let text = io::read_to_string(io::Read::take(file, 1024)).map_err(unreadable)?;
        unhex(text.trim_end()).map(MasterKey).ok_or_else(|| KeyFileFault::NotAKey(path.to_owned()))
    }

    /// Reads the key file; where there is none, makes one with random bytes that only its owner can read.
    ///
    /// Of several instances that start at once, one makes the file and all read the same.
    ///
    /// # Errors
    /// [`KeyFileFault`] when the file cannot be written, is open to others or holds no key.
    pub fn open_or_create(path: &Path) -> Result<MasterKey, KeyFileFault> {
        match MasterKey::open(path) {
            Err(KeyFileFault::Unreadable(_, error)) if error.kind() == io::ErrorKind::NotFound => {
                create(path).map_err(|error| KeyFileFault::Unreadable(path.to_owned(), error))?;
                MasterKey::open(path)
            }
            answer => answer,
        }
    }

    /// A key that lives in memory only, for tests and demonstrations.
    pub fn ephemeral() -> MasterKey {
        MasterKey(random_bytes())
    }

    /// A key that is kept elsewhere than in a file: that of a result.
    pub fn of_bytes(bytes: [u8; 32]) -> MasterKey {
        MasterKey(bytes)
    }

    /// The key for one purpose.
    pub fn derive(&self, purpose: Purpose) -> SubKey {
        let mut mac = keyed(&self.0);
        mac.update(purpose.label().as_bytes());
        let bytes = mac.finalize().into_bytes().into();
        SubKey { bytes, keyed: keyed(&bytes) }
    }

    /// 16 hexadecimal digits that tell one master key from another and say nothing about it; a database
    /// keeps them to refuse a start with the wrong key file.
    pub fn fingerprint(&self) -> String {
        let mut mac = keyed(&self.0);
        mac.update(b"zhaosheng/key/fingerprint/1");
        hex(&mac.finalize().into_bytes()[..8])
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Writes the whole key under another name first and links it into place, so that nobody ever reads half
/// a key and a key that is there is never replaced.
fn create(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let draft = folder.join(format!(".key-{}", hex(&random_bytes::<8>())));
    let mut file = owner_only().create_new(true).write(true).open(&draft)?;
    file.write_all(format!("{}\n", hex(&random_bytes::<32>())).as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // Fields are encrypted from now on: a power cut must not take the key's name away.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// How a file is opened that, once made, only its owner can read.
#[cfg(unix)]
pub fn owner_only() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

/// Elsewhere a new file inherits the folder's access list, which the operator sets.
#[cfg(not(unix))]
pub fn owner_only() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn open_to_others(_metadata: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_read_ever_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zhaosheng.key");
        let first = MasterKey::open_or_create(&path).unwrap();
        let again = MasterKey::open_or_create(&path).unwrap();
        assert_eq!(first.0, again.0);
        assert_eq!(first.fingerprint(), MasterKey::open(&path).unwrap().fingerprint());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn of_many_instances_that_start_at_once_all_read_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = &folder.path().join("zhaosheng.key");
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| MasterKey::open_or_create(path).unwrap().0)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zhaosheng.key");
        MasterKey::open_or_create(&path).unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for open in [0o640, 0o604, 0o660, 0o644] {
            mode(open);
            assert!(
                matches!(MasterKey::open_or_create(&path), Err(KeyFileFault::OpenToOthers(_))),
                "{open:o}"
            );
        }
        mode(0o400);
        assert!(MasterKey::open(&path).is_ok());
    }

    #[test]
    fn a_file_without_a_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zhaosheng.key");
        assert!(matches!(MasterKey::open(&path), Err(KeyFileFault::Unreadable(..))));
        let good = "ab".repeat(32);
        for text in ["", "ab", &good[1..], &format!("{good}00"), &format!("+{}", &good[1..]), &"é".repeat(32)]
        {
            owner_only().create(true).truncate(true).write(true).open(&path).unwrap();
            fs::write(&path, text).unwrap();
            assert!(matches!(MasterKey::open_or_create(&path), Err(KeyFileFault::NotAKey(_))), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn every_purpose_has_its_own_key() {
        let master = MasterKey([7; 32]);
        let purposes = [
            Purpose::FieldEncryption,
            Purpose::KeyedIndex,
            Purpose::AccessTokens,
            Purpose::AuditSeal,
            Purpose::Receipts,
            Purpose::Csrf,
            Purpose::DeviceCookies,
            Purpose::GridCards,
            Purpose::BearerDigests,
            Purpose::Instances,
        ];
        let keys: std::collections::BTreeSet<[u8; 32]> =
            purposes.iter().map(|&purpose| *master.derive(purpose).bytes()).collect();
        assert_eq!(keys.len(), purposes.len());
        assert_ne!(master.fingerprint(), MasterKey([8; 32]).fingerprint());
    }

    #[test]
    fn a_derived_key_stays_what_it_was_in_earlier_releases() {
        // Computed with Python: hmac.new(bytes([7]*32), b"zhaosheng/key/field-encryption/1", "sha256").
        let key = MasterKey([7; 32]).derive(Purpose::FieldEncryption);
        assert_eq!(hex(key.bytes()), "375b8fc92b429cd139ad8fc4da9c2e69e5606b96647b7c042256b2248ee48cd7");
    }

    #[test]
    fn parts_of_a_mac_do_not_run_together() {
        let key = MasterKey([7; 32]).derive(Purpose::Csrf);
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
        assert!(key.confirms(&[b"ab", b"c"], &key.mac(&[b"ab", b"c"])));
        assert!(!key.confirms(&[b"ab", b"c"], &key.mac(&[b"ab", b"c"])[..31]), "a cut tag");
    }

    #[test]
    fn keys_are_never_printed() {
        let master = MasterKey([0xab; 32]);
        let said = format!("{master:?} {:?}", master.derive(Purpose::Csrf));
        assert_eq!(said, "MasterKey(..) SubKey(..)");
    }
}
