//! Files that are there as a whole or not at all: written under another name, synced, renamed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::faults::planted_bug::planted;
use crate::service::error::ServiceError;
use crate::service::secrets::master_key::owner_only;

/// A file on its way: `NAME.part`, empty, for its owner alone.
pub struct Part {
    pub path: PathBuf,
    becomes: PathBuf,
}

impl Part {
    /// Begins the file `becomes`; what an earlier attempt left behind is dropped.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(becomes: &Path) -> Result<Part, ServiceError> {
        let path = beside(becomes, ".part");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path)(error)),
            _ => {}
        }
        owner_only().create_new(true).write(true).open(&path).map_err(failed(&path))?;
        Ok(Part { path, becomes: becomes.to_owned() })
    }

    /// Puts the finished file in its place, so that no power cut takes it away again.
    ///
    /// # Errors
    /// The disk failed.
    pub fn settle(self) -> Result<(), ServiceError> {
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(failed(&self.path))?;
        fs::rename(&self.path, &self.becomes).map_err(failed(&self.becomes))?;
        if planted("bug-no-directory-sync") {
            return Ok(());
        }
        #[cfg(unix)]
        File::open(folder_of(&self.becomes))
            .and_then(|folder| folder.sync_all())
            .map_err(failed(&self.becomes))?;
        Ok(())
    }
}

/// The folder a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path with something behind its whole name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Bytes and SHA-256 of a file.
///
/// # Errors
/// It cannot be read.
pub fn size_and_hash(path: &Path) -> Result<(u64, String), ServiceError> {
    let mut file = File::open(path).map_err(failed(path))?;
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(failed(path))? {
            0 => return Ok((size, hex(&hash.finalize()))),
            read => {
                hash.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
}

/// A failure of the disk, by the file it happened to.
pub fn failed(path: &Path) -> impl Fn(io::Error) -> ServiceError + '_ {
    move |error| ServiceError::Internal(format!("{}: {error}", path.display()))
}
