//! A published result behind its hash: nothing of it is served that the published roots do not confirm.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::engine::merkle_tree::{Hash, Tree};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::runs::seal_result::{
    LEAF_HASHES, LEAF_INDEX, LEAVES_OF_A_PART, MANIFEST, leaves_of, place, salted,
};
use crate::service::secrets::field_cipher::Place;
use crate::service::secrets::result_key::ResultKey;
use crate::storage::database::AnyConnection;
use crate::storage::publications::{self, PublicationRow};
use crate::storage::run_files;
use crate::storage::runs::RunRow;

/// An opened result.
pub struct Published {
    pub run: String,
    pub root: String,
    pub leaves_root: String,
    key: ResultKey,
    /// What every file must hold, by path.
    hashes: BTreeMap<String, String>,
    leaves: Tree,
    index: LeafIndex,
    pub manifest: Vec<u8>,
}

/// Whose leaf stands where: exam numbers in their order, and of each the area and her place among its leaves.
#[derive(Default)]
struct LeafIndex {
    /// The file.
    text: String,
    /// Where each exam number stands in it.
    exam_nos: Vec<Range<u32>>,
    places: Vec<(u32, u32)>,
}

impl LeafIndex {
    fn read(file: Vec<u8>) -> Option<LeafIndex> {
        let mut index = LeafIndex { text: String::from_utf8(file).ok()?, ..LeafIndex::default() };
        let mut filled: Vec<u32> = Vec::new();
        let mut from = 0;
        for line in index.text.split_inclusive('\n') {
            let (exam_no, area) = line.trim_end().rsplit_once(',')?;
            let area: u32 = area.parse().ok()?;
            // A forged index makes no memory grow.
            if area as usize > MOST_AREAS {
                return None;
            }
            if filled.len() <= area as usize {
                filled.resize(area as usize + 1, 0);
            }
            index.exam_nos.push(from..from + exam_no.len() as u32);
            index.places.push((area, filled[area as usize]));
            filled[area as usize] += 1;
            from += line.len() as u32;
        }
        Some(index)
    }

    /// Her place in the order of exam numbers.
    fn find(&self, exam_no: &str) -> Option<usize> {
        self.exam_nos
            .binary_search_by(|range| self.text[range.start as usize..range.end as usize].cmp(exam_no))
            .ok()
    }
}

/// Areas of a season, more than any has.
const MOST_AREAS: usize = 1 << 16;

/// One candidate's line of the published result, with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLeaf {
    pub exam_no: String,
    /// Her rows of the published sheets.
    pub text: String,
    pub salt: [u8; 32],
    pub place: usize,
    pub count: usize,
    pub proof: Vec<Hash>,
    pub leaves_root: String,
    pub root: String,
}

/// Where the key of a published result stands, sealed.
pub fn sealed_place(key: &str) -> Place<'_> {
    Place { table: "publications", column: "result_key", row: key }
}

/// Something that lies there is not what was published: it is not served.
fn altered(what: &str) -> ServiceError {
    ServiceError::Altered(what.to_owned())
}

impl Published {
    /// The result that was published last in a season.
    ///
    /// # Errors
    /// `Conflict` `not_published` before the first publication; `Altered` when what lies there is not what was
    /// published.
    pub fn latest(
        app: &App,
        connection: &mut AnyConnection,
        season: &str,
    ) -> Result<Arc<Published>, ServiceError> {
        let publication = publications::list(connection, season)?.pop().ok_or_else(|| {
            ServiceError::conflict("not_published", "the result of this season is not published yet")
        })?;
        Published::of(app, connection, &publication)
    }

    /// The result of a publication. It is kept in memory under its roots, which the row names: what they confirm
    /// never changes.
    ///
    /// # Errors
    /// `Altered`.
    pub fn of(
        app: &App,
        connection: &mut AnyConnection,
        publication: &PublicationRow,
    ) -> Result<Arc<Published>, ServiceError> {
        let roots = format!("{} {} {}", publication.run, publication.root, publication.leaves_root);
        if let Some(kept) = app.kept().get::<Published>(&roots) {
            return Ok(kept);
        }
        let row_key = format!("{}/{}", publication.season, publication.round);
        let key = app
            .fields()
            .open(sealed_place(&row_key), &publication.result_key)
            .ok()
            .and_then(|text| ResultKey::parse(&text))
            .ok_or_else(|| altered("the result's key"))?;
        let run = RunRow {
            id: publication.run.clone(),
            root: publication.root.clone(),
            leaves_root: publication.leaves_root.clone(),
            ..RunRow::default()
        };
        let published = Arc::new(Published::open(connection, &run, key)?);
        app.kept().put(roots, published.clone());
        Ok(published)
    }

    /// Opens the manifest and the leaves' hashes, and holds both to the roots.
    ///
    /// # Errors
    /// `Altered` when the key does not open them or the roots do not confirm them.
    pub fn open(
        connection: &mut AnyConnection,
        run: &RunRow,
        key: ResultKey,
    ) -> Result<Published, ServiceError> {
        let mut published = Published {
            run: run.id.clone(),
            root: run.root.clone(),
            leaves_root: run.leaves_root.clone(),
            key,
            hashes: BTreeMap::new(),
            leaves: Tree::new(Vec::new()),
            index: LeafIndex::default(),
            manifest: Vec::new(),
        };
        published.manifest = published.raw(connection, MANIFEST)?;
        if hex(&Sha256::digest(&published.manifest)) != run.root {
            return Err(altered(MANIFEST));
        }
        let manifest: serde_json::Value =
            serde_json::from_slice(&published.manifest).map_err(|_| altered(MANIFEST))?;
        let files = manifest["files"].as_object().ok_or_else(|| altered(MANIFEST))?;
        published.hashes = files
            .iter()
            .map(|(path, hash)| (path.clone(), hash.as_str().unwrap_or_default().to_owned()))
            .collect();
        let hashes = published.raw(connection, LEAF_HASHES)?;
        let (leaves, rest) = hashes.as_chunks();
        published.leaves = Tree::new(leaves.to_vec());
        if !rest.is_empty() || hex(&published.leaves.root()) != run.leaves_root {
            return Err(altered(LEAF_HASHES));
        }
        let index = published.raw(connection, LEAF_INDEX)?;
        published.index = LeafIndex::read(index).ok_or_else(|| altered(LEAF_INDEX))?;
        if published.index.places.len() != published.count() {
            return Err(altered(LEAF_INDEX));
        }
        Ok(published)
    }

    /// Paths of the result's files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.hashes.keys().map(String::as_str)
    }

    /// Candidates.
    pub fn count(&self) -> usize {
        self.leaves.leaves().len()
    }

    /// The salted hashes of all leaves, in their order: they say nothing without the salts.
    pub fn leaf_hashes(&self) -> &[Hash] {
        self.leaves.leaves()
    }

    /// A file, byte for byte what the manifest says.
    ///
    /// # Errors
    /// `NotFound` for a file the result does not have; `Altered`.
    pub fn file(&self, connection: &mut AnyConnection, path: &str) -> Result<Vec<u8>, ServiceError> {
        let expected = self.hashes.get(path).ok_or(ServiceError::NotFound)?;
        let bytes = self.raw(connection, path)?;
        if hex(&Sha256::digest(&bytes)) == *expected { Ok(bytes) } else { Err(altered(path)) }
    }

    /// The salt of a candidate's leaf.
    pub fn salt(&self, exam_no: &str) -> [u8; 32] {
        self.key.salt(exam_no)
    }

    /// The leaf of a place in the order of exam numbers.
    fn leaf_at(&self, connection: &mut AnyConnection, at: usize) -> Result<(String, String), ServiceError> {
        let (area, within) = *self.index.places.get(at).ok_or(ServiceError::NotFound)?;
        let (area, within) = (area as usize, within as usize);
        let leaves = self.leaves_of(connection, area, within / LEAVES_OF_A_PART)?;
        let leaf = leaves.into_iter().nth(within % LEAVES_OF_A_PART);
        leaf.filter(|(exam_no, leaf)| self.confirms(at, exam_no, leaf.as_bytes()))
            .ok_or_else(|| altered(&leaves_of(area)))
    }

    /// A candidate's own leaf with its proof; `None` for somebody who was not in the lists.
    ///
    /// # Errors
    /// `Altered`.
    pub fn own_leaf(
        &self,
        connection: &mut AnyConnection,
        exam_no: &str,
    ) -> Result<Option<OwnLeaf>, ServiceError> {
        let Some(place) = self.index.find(exam_no) else { return Ok(None) };
        let leaf = self.own_leaf_at(connection, place)?;
        if leaf.exam_no == exam_no { Ok(Some(leaf)) } else { Err(altered(LEAF_INDEX)) }
    }

    /// The leaf of a place with its proof.
    ///
    /// # Errors
    /// `Altered` when the root does not confirm it.
    pub fn own_leaf_at(&self, connection: &mut AnyConnection, place: usize) -> Result<OwnLeaf, ServiceError> {
        let (exam_no, text) = self.leaf_at(connection, place)?;
        Ok(OwnLeaf {
            salt: self.key.salt(&exam_no),
            exam_no,
            text,
            place,
            count: self.count(),
            proof: self.leaves.inclusion_proof(place),
            leaves_root: self.leaves_root.clone(),
            root: self.root.clone(),
        })
    }

    /// Whether this stands in the result as the leaf of a place.
    pub fn confirms(&self, at: usize, exam_no: &str, leaf: &[u8]) -> bool {
        self.leaves.leaves().get(at) == Some(&salted(&self.key, exam_no, leaf))
    }

    /// Whose leaf stands where, as [`leaf_index`](crate::service::runs::seal_result::leaf_index) writes it.
    pub fn index(&self) -> &str {
        &self.index.text
    }

    /// A part of an area's leaves: exam numbers and texts.
    ///
    /// # Errors
    /// `Altered`.
    pub fn leaves_of(
        &self,
        connection: &mut AnyConnection,
        area: usize,
        number: usize,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        let (path, number) = (leaves_of(area), number as i64);
        let sealed = run_files::part(connection, &self.run, &path, number)?.ok_or_else(|| altered(&path))?;
        let bytes = self.opened(&path, number, &sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| altered(&path))
    }

    fn raw(&self, connection: &mut AnyConnection, path: &str) -> Result<Vec<u8>, ServiceError> {
        let mut bytes = Vec::new();
        for (number, part) in (0..).zip(run_files::parts(connection, &self.run, path)?) {
            bytes.extend(self.opened(path, number, &part)?);
        }
        Ok(bytes)
    }

    fn opened(&self, path: &str, number: i64, sealed: &str) -> Result<Vec<u8>, ServiceError> {
        let row = format!("{}/{path}/{number}", self.run);
        self.key.open(place(&row), sealed).map_err(|_| altered(path))
    }
}
