//! The tree over all leaves of a result (RFC 9162 section 2.1): one root for everybody, a short proof for each.

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf's content.
pub fn leaf_hash(content: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(content).finalize().into()
}

/// The hash of a leaf behind its salt, which keeps others from trying what it says.
pub fn salted_leaf_hash(salt: &[u8; 32], content: &[u8]) -> Hash {
    leaf_hash(&[salt, content].concat())
}

/// A tree: its levels from the leaves up to the root; the last of an odd level goes up as it is.
#[derive(Clone, Debug)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over leaf hashes.
    ///
    /// # Complexity
    /// O(leaves).
    pub fn new(leaves: Vec<Hash>) -> Tree {
        let mut levels = vec![leaves];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            let pair = |pair: &[Hash]| match pair {
                [left, right] => node(left, right),
                alone => alone[0],
            };
            levels.push(level.chunks(2).map(pair).collect());
        }
        Tree { levels }
    }

    /// The leaf hashes.
    pub fn leaves(&self) -> &[Hash] {
        &self.levels[0]
    }

    /// The root; of no leaves it is the hash of nothing.
    pub fn root(&self) -> Hash {
        let top = self.levels.last().and_then(|level| level.first());
        top.copied().unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The hashes that lead from the leaf `at` to the root, nearest first (RFC 9162 section 2.1.3.1).
    ///
    /// # Complexity
    /// O(log leaves).
    pub fn inclusion_proof(&self, at: usize) -> Vec<Hash> {
        let below = self.levels.iter().enumerate();
        below.filter_map(|(height, level)| level.get((at >> height) ^ 1).copied()).collect()
    }
}

/// Whether a proof leads from the leaf `at` of `count` to the root (RFC 9162 section 2.1.3.2).
pub fn included(leaf: Hash, at: usize, count: usize, proof: &[Hash], root: &Hash) -> bool {
    if at >= count {
        return false;
    }
    let (mut place, mut last, mut hash) = (at, count - 1, leaf);
    for other in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = node(other, &hash);
            while place % 2 == 0 && place != 0 {
                place /= 2;
                last /= 2;
            }
        } else {
            hash = node(&hash, other);
        }
        place /= 2;
        last /= 2;
    }
    last == 0 && hash == *root
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|at| leaf_hash(&at.to_le_bytes())).collect()
    }

    /// The definition of RFC 9162 section 2.1.1, word for word.
    fn by_the_book(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node(&by_the_book(left), &by_the_book(right))
            }
        }
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved_and_nothing_else() {
        for count in 1..=40 {
            let leaves = leaves(count);
            let tree = Tree::new(leaves.clone());
            let root = tree.root();
            assert_eq!(root, by_the_book(&leaves), "{count}");
            for (at, &leaf) in leaves.iter().enumerate() {
                let proof = tree.inclusion_proof(at);
                assert!(included(leaf, at, count, &proof, &root), "{at} of {count}");
                assert!(!included(leaf_hash(b"forged"), at, count, &proof, &root));
                if count > 1 {
                    let elsewhere = (at + 1) % count;
                    assert!(!included(leaf, elsewhere, count, &proof, &root), "{at} of {count}");
                    let mut short = proof.clone();
                    short.pop();
                    assert!(!included(leaf, at, count, &short, &root));
                }
                let mut long = proof;
                long.push([0; 32]);
                assert!(!included(leaf, at, count, &long, &root));
            }
            assert!(!included(leaves[0], count, count, &[], &root));
        }
    }

    #[test]
    fn the_root_of_one_leaf_is_the_leaf_and_a_leaf_is_no_node() {
        let two = leaves(2);
        assert_eq!(Tree::new(two[..1].to_vec()).root(), two[0]);
        assert_eq!(Tree::new(Vec::new()).root(), by_the_book(&[]));
        let as_leaf = leaf_hash(&[two[0].as_slice(), two[1].as_slice()].concat());
        assert_ne!(Tree::new(two).root(), as_leaf);
    }
}
