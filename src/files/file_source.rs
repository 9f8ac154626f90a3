//! Where the readers of a folder take its files from: a folder on disk, or files in memory by their names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::fault::Fault;
use crate::files::sheet::{Sheet, read_sheet};

/// Files in memory: no folder on disk ever holds them.
#[derive(Clone, Debug, Default)]
pub struct HeldFiles {
    /// By the sheet's name, without an ending.
    pub sheets: BTreeMap<String, Sheet>,
    /// Other files by their whole names.
    pub texts: BTreeMap<String, String>,
}

/// A folder, or what would stand in one.
#[derive(Clone, Copy, Debug)]
pub enum FileSource<'f> {
    Folder(&'f Path),
    Held(&'f HeldFiles),
}

impl FileSource<'_> {
    /// A sheet by its name; `None` where there is none.
    ///
    /// # Errors
    /// What is wrong with the file as a whole.
    pub fn sheet(self, name: &str) -> Result<Option<Sheet>, Fault> {
        match self {
            FileSource::Folder(folder) => read_sheet(folder, name),
            FileSource::Held(files) => Ok(files.sheets.get(name).cloned()),
        }
    }

    /// A text that must be there, by the whole name of its file.
    ///
    /// # Errors
    /// It is missing or cannot be read.
    pub fn text(self, file: &str) -> Result<String, Fault> {
        match self {
            FileSource::Folder(folder) => std::fs::read_to_string(folder.join(file))
                .map_err(|error| Fault::at(file, format!("cannot be read: {error}"))),
            FileSource::Held(files) => {
                files.texts.get(file).cloned().ok_or_else(|| Fault::at(file, "is missing"))
            }
        }
    }
}

impl<'f> From<&'f Path> for FileSource<'f> {
    fn from(folder: &'f Path) -> FileSource<'f> {
        FileSource::Folder(folder)
    }
}

impl<'f> From<&'f PathBuf> for FileSource<'f> {
    fn from(folder: &'f PathBuf) -> FileSource<'f> {
        FileSource::Folder(folder)
    }
}

impl<'f> From<&'f HeldFiles> for FileSource<'f> {
    fn from(files: &'f HeldFiles) -> FileSource<'f> {
        FileSource::Held(files)
    }
}
