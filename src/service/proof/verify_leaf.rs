//! A family checks its own line off line: nothing but the file it kept and the roots that were published.

use crate::domain::hexadecimal::hex;
use crate::engine::merkle_tree::{included, salted_leaf_hash};
use crate::files::leaf_file::LeafFile;

/// What was published, as the family took it from the gazette or the public package.
#[derive(Clone, Debug)]
pub struct PublishedRoots {
    pub leaves_root: [u8; 32],
    /// Of the whole result.
    pub root: Option<[u8; 32]>,
    /// How many candidates there are: the tree alone does not always tell.
    pub candidates: Option<usize>,
}

/// What keeps a line from being the published one; empty when it is.
pub fn verify_leaf(file: &LeafFile, published: &PublishedRoots) -> Vec<String> {
    let mut breaches = Vec::new();
    if file.leaves_root != published.leaves_root {
        let (told, wanted) = (hex(&file.leaves_root), hex(&published.leaves_root));
        breaches.push(format!("the file is of the leaves root {told}, published was {wanted}"));
    }
    if let Some(root) = published.root.filter(|root| *root != file.root) {
        let (told, wanted) = (hex(&file.root), hex(&root));
        breaches.push(format!("the file is of the result root {told}, published was {wanted}"));
    }
    if let Some(candidates) = published.candidates.filter(|candidates| *candidates != file.count) {
        breaches.push(format!("the file says {} candidates, published were {candidates}", file.count));
    }
    let hash = salted_leaf_hash(&file.salt, file.leaf.as_bytes());
    if !included(hash, file.place, file.count, &file.path, &published.leaves_root) {
        breaches
            .push("this line is not in the published result: its proof does not lead to the root".to_owned());
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::merkle_tree::Tree;

    /// The line of one candidate of `count`.
    fn line_of(count: usize, place: usize) -> (LeafFile, PublishedRoots) {
        let leaf = |at: usize| format!("results.csv\n2601{at:02},1,P01,open,1,600\n");
        let salt = |at: usize| [at as u8; 32];
        let tree = Tree::new((0..count).map(|at| salted_leaf_hash(&salt(at), leaf(at).as_bytes())).collect());
        let file = LeafFile {
            leaf: leaf(place),
            salt: salt(place),
            place,
            count,
            path: tree.inclusion_proof(place),
            leaves_root: tree.root(),
            root: [9; 32],
        };
        let published =
            PublishedRoots { leaves_root: tree.root(), root: Some([9; 32]), candidates: Some(count) };
        (file, published)
    }

    #[test]
    fn the_own_line_is_confirmed_and_no_other() {
        let mut forged = 0;
        for count in 1..=12 {
            for place in 0..count {
                let (file, published) = line_of(count, place);
                assert_eq!(verify_leaf(&file, &published), Vec::<String>::new(), "{place} of {count}");
                let mut forgeries = Vec::new();
                for at in 0..file.leaf.len() {
                    let mut bytes = file.leaf.clone().into_bytes();
                    bytes[at] ^= 1;
                    let leaf = String::from_utf8(bytes).unwrap();
                    forgeries.push(LeafFile { leaf, ..file.clone() });
                }
                for at in 0..32 {
                    let flipped = |mut hash: [u8; 32]| {
                        hash[at] ^= 0x10;
                        hash
                    };
                    forgeries.push(LeafFile { salt: flipped(file.salt), ..file.clone() });
                    forgeries.push(LeafFile { leaves_root: flipped(file.leaves_root), ..file.clone() });
                    forgeries.push(LeafFile { root: flipped(file.root), ..file.clone() });
                    for step in 0..file.path.len() {
                        let mut path = file.path.clone();
                        path[step] = flipped(path[step]);
                        forgeries.push(LeafFile { path, ..file.clone() });
                    }
                }
                for other in (0..20).filter(|other| *other != place) {
                    forgeries.push(LeafFile { place: other, ..file.clone() });
                }
                for other in (0..20).filter(|other| *other != count) {
                    forgeries.push(LeafFile { count: other, ..file.clone() });
                }
                for one in &forgeries {
                    assert!(!verify_leaf(one, &published).is_empty(), "{place} of {count}: {one:?}");
                }
                forged += forgeries.len();
            }
        }
        assert!(forged > 10_000, "{forged}");
    }

    #[test]
    fn another_published_root_confirms_nothing() {
        let (file, published) = line_of(5, 2);
        let (_, other) = line_of(6, 2);
        assert_eq!(verify_leaf(&file, &other).len(), 3, "roots, count and path");
        let fewer = PublishedRoots { root: None, candidates: None, ..published };
        assert!(verify_leaf(&file, &fewer).is_empty(), "what is not given is not compared");
    }
}
