//! Entry folders for tests: the worked ones, and drafts that are changed before they are placed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use zhaosheng::domain::compulsory::entry::Entry;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::compulsory::placed_entry::EntryRun;
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::place_entry::place_entry;

/// The folder of a worked entry.
pub(crate) fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/entries").join(name)
}

/// Files of a folder by name, to be changed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) files: BTreeMap<String, String>,
}

impl Draft {
    /// Of a worked entry.
    pub(crate) fn of(name: &str) -> Draft {
        let read = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        };
        let files = fs::read_dir(case(name)).unwrap().map(|entry| read(entry.unwrap().path()));
        Draft { files: files.filter(|(name, _)| name != "expected.csv").collect() }
    }

    /// With nothing but a policy.
    pub(crate) fn new(policy: &str) -> Draft {
        Draft { files: BTreeMap::from([("entry.toml".to_owned(), policy.to_owned())]) }
    }

    pub(crate) fn with(mut self, name: &str, text: impl Into<String>) -> Draft {
        self.files.insert(name.to_owned(), text.into());
        self
    }

    /// With a text in the place of another one, which must be there.
    pub(crate) fn change(mut self, name: &str, old: &str, new: &str) -> Draft {
        let text = self.files.get_mut(name).unwrap();
        assert!(text.contains(old), "{name} holds no {old:?}");
        *text = text.replacen(old, new, 1);
        self
    }

    /// Written into a folder.
    pub(crate) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.files {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    /// Placed.
    pub(crate) fn place(&self) -> Result<(Entry, EntryRun), NoResult> {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        place_entry(folder.path(), &Quiet)
    }

    /// What stops it, a line each.
    pub(crate) fn stopped(&self) -> Vec<String> {
        match self.place() {
            Ok(_) => Vec::new(),
            Err(NoResult::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
            Err(NoResult::Breaches(breaches)) => breaches,
            Err(NoResult::Broken(error)) => panic!("{error}"),
        }
    }
}

/// The school of every child by number, empty where she has none.
pub(crate) fn schools(entry: &Entry, run: &EntryRun) -> BTreeMap<String, String> {
    let school = |at: usize| {
        run.places[at].map_or(String::new(), |place| entry.schools[place.school as usize].code.clone())
    };
    (0..entry.children.len()).map(|at| (entry.children[at].number.clone(), school(at))).collect()
}
