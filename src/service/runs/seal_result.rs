//! A result is packed and sealed under its key: the sheets in one go, the leaves area by area.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use rayon::Scope;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::engine::merkle_tree::{Hash, Tree, salted_leaf_hash};
use crate::service::runs::place_season::Placed;
use crate::service::secrets::field_cipher::Place;
use crate::service::secrets::result_key::ResultKey;
use crate::storage::run_files::RunFileRow;

/// Bytes of a file that are packed and sealed together.
const PART: usize = 1 << 20;
/// Leaves that are packed and sealed together: one candidate's page opens so many.
pub const LEAVES_OF_A_PART: usize = 32;
/// Leaves that are hashed and packed at a time, by all threads.
const LEAVES_AT_ONCE: usize = 128 * LEAVES_OF_A_PART;
/// Parts that may wait for a thread that seals them.
const PARTS_AT_ONCE: usize = 16;
/// The file that lists what every file of the result must hold.
pub const MANIFEST: &str = "proof/manifest.json";
/// The file of the leaves' hashes, 32 bytes each, in the order of exam numbers.
pub const LEAF_HASHES: &str = "leaf_hashes";
/// The file of exam numbers in their order, a row each, with the number of the area whose file holds the leaf.
pub const LEAF_INDEX: &str = "leaf_index";

/// The file of an area's leaves, in parts of [`LEAVES_OF_A_PART`], in the order of exam numbers.
pub fn leaves_of(area: usize) -> String {
    format!("leaves/{area}")
}

/// An area of a result in its sealed form.
pub struct SealedArea {
    /// The salted hashes of its leaves, in the order of exam numbers.
    pub hashes: Vec<Hash>,
    pub files: Vec<RunFileRow>,
}

/// All of a result but its leaves in its sealed form.
pub struct SealedSheets {
    /// SHA-256 of the manifest.
    pub root: String,
    pub files: Vec<RunFileRow>,
}

/// The root over all leaves, with their hashes in sealed form.
pub struct SealedRoot {
    pub leaves_root: String,
    pub files: Vec<RunFileRow>,
}

/// Packs and seals the sheets, the manifest and the index of the leaves; parts are sealed by all threads while the
/// next ones are written.
pub fn sealed_sheets(placed: &Placed, run: &str, key: &ResultKey) -> SealedSheets {
    let (manifest, files) = sealed(run, key, |sink| {
        let manifest =
            placed.each_file(|path, bytes| sink.take(path, bytes)).expect("memory takes what is written");
        sink.take(MANIFEST, &manifest);
        sink.take(LEAF_INDEX, &leaf_index(placed));
        manifest
    });
    SealedSheets { root: hex(&Sha256::digest(&manifest)), files }
}

/// Explains the candidates of an area and packs and seals their leaves, on all threads.
pub fn sealed_area(placed: &Placed, run: &str, key: &ResultKey, area: usize) -> SealedArea {
    let path = leaves_of(area);
    let (hashes, files) = sealed(run, key, |sink| {
        let mut hashes: Vec<Hash> = Vec::new();
        let mut leaves: Vec<(String, Vec<u8>)> = Vec::new();
        let mut put = |leaves: &mut Vec<(String, Vec<u8>)>| {
            hashes.par_extend(leaves.par_iter().map(|(exam_no, leaf)| salted(key, exam_no, leaf)));
            let parts: Vec<Vec<u8>> = leaves.par_chunks(LEAVES_OF_A_PART).map(packed).collect();
            parts.iter().for_each(|part| sink.put(&path, part));
            leaves.clear();
        };
        placed.each_leaf_of(area, |exam_no, leaf| {
            leaves.push((exam_no.to_owned(), leaf));
            if leaves.len() == LEAVES_AT_ONCE {
                put(&mut leaves);
            }
        });
        put(&mut leaves);
        hashes
    });
    SealedArea { hashes, files }
}

/// Brings the hashes of all areas into the order of exam numbers, and finds their root. `None` unless there is one
/// for every candidate.
pub fn sealed_root(placed: &Placed, run: &str, key: &ResultKey, areas: &[Vec<Hash>]) -> Option<SealedRoot> {
    let mut of_area: Vec<_> = areas.iter().map(|hashes| hashes.iter()).collect();
    let hashes: Option<Vec<Hash>> =
        (0..placed.heads()).map(|at| of_area.get_mut(placed.area_of(at))?.next().copied()).collect();
    let hashes = hashes.filter(|_| of_area.iter_mut().all(|rest| rest.next().is_none()))?;
    let ((), files) = sealed(run, key, |sink| sink.take(LEAF_HASHES, hashes.as_flattened()));
    Some(SealedRoot { leaves_root: hex(&Tree::new(hashes).root()), files })
}

/// `exam_no,area` of everybody, in the order of exam numbers.
pub fn leaf_index(placed: &Placed) -> Vec<u8> {
    let mut index = Vec::new();
    let mut number = itoa::Buffer::new();
    for at in 0..placed.heads() {
        index.extend_from_slice(placed.exam_no(at).as_bytes());
        index.push(b',');
        index.extend_from_slice(number.format(placed.area_of(at)).as_bytes());
        index.push(b'\n');
    }
    index
}

/// The hash of a leaf behind its salt.
pub fn salted(key: &ResultKey, exam_no: &str, leaf: &[u8]) -> Hash {
    salted_leaf_hash(&key.salt(exam_no), leaf)
}

/// Where a sealed part stands.
pub fn place(key: &str) -> Place<'_> {
    Place { table: "run_files", column: "content", row: key }
}

/// Leaves as JSON: exam numbers and texts.
fn packed(leaves: &[(String, Vec<u8>)]) -> Vec<u8> {
    let texts: Vec<(&str, Cow<'_, str>)> =
        leaves.iter().map(|(exam_no, leaf)| (exam_no.as_str(), String::from_utf8_lossy(leaf))).collect();
    serde_json::to_vec(&texts).expect("texts are JSON")
}

/// Seals what is written, in the order of paths and numbers.
fn sealed<T>(run: &str, key: &ResultKey, write: impl FnOnce(&mut Sink<'_, '_>) -> T) -> (T, Vec<RunFileRow>) {
    let (under_way, (tell, sealed)) = (AtomicUsize::new(0), channel());
    let told = rayon::in_place_scope(|threads| {
        let (path, buffer) = (String::new(), Vec::new());
        let mut sink = Sink { run, key, threads, under_way: &under_way, tell, path, number: 0, buffer };
        let told = write(&mut sink);
        sink.cut();
        told
    });
    let mut files: Vec<RunFileRow> = sealed.into_iter().collect();
    files.sort_unstable_by(|one, other| (&one.path, one.number).cmp(&(&other.path, other.number)));
    (told, files)
}

/// Cuts files into parts, which are sealed beside it.
struct Sink<'s, 't> {
    run: &'t str,
    key: &'t ResultKey,
    threads: &'s Scope<'t>,
    /// Parts that threads have taken and not sealed yet.
    under_way: &'t AtomicUsize,
    /// Takes what is sealed, in any order.
    tell: Sender<RunFileRow>,
    path: String,
    number: i64,
    buffer: Vec<u8>,
}

impl Sink<'_, '_> {
    /// More of a file.
    fn take(&mut self, path: &str, bytes: &[u8]) {
        if path != self.path {
            self.cut();
            self.path = path.to_owned();
            self.number = 0;
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART {
            self.cut();
        }
    }

    /// A part as it is.
    fn put(&mut self, path: &str, bytes: &[u8]) {
        self.take(path, bytes);
        self.cut();
    }

    fn cut(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let content = std::mem::take(&mut self.buffer);
        let (run, path, number) = (self.run, self.path.clone(), self.number);
        let (key, under_way, tell) = (self.key, self.under_way, self.tell.clone());
        self.number += 1;
        let seal = move || {
            let content = key.seal(place(&format!("{run}/{path}/{number}")), &content);
            // The other end takes everything until the last sender is gone.
            let _taken = tell.send(RunFileRow { run: run.to_owned(), path, number, content });
        };
        // Packing takes longer than writing: with enough on its way, this thread packs too.
        if under_way.load(Ordering::Relaxed) >= PARTS_AT_ONCE {
            seal();
        } else {
            under_way.fetch_add(1, Ordering::Relaxed);
            self.threads.spawn(move |_| {
                seal();
                under_way.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }
}
