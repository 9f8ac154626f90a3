//! Values that the hash of their content names: kept in memory, they cannot be stale.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values kept at most; a new one beyond that takes the place of all.
const MOST: usize = 16;

/// The values of one instance; clones share them.
#[derive(Clone, Default)]
pub struct KeptByHash(Arc<Mutex<BTreeMap<String, Arc<dyn Any + Send + Sync>>>>);

impl KeptByHash {
    /// The value of a hash.
    pub fn get<T: Any + Send + Sync>(&self, hash: &str) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(hash).and_then(|value| value.clone().downcast().ok())
    }

    /// Keeps a value under the hash of its content.
    pub fn put<T: Any + Send + Sync>(&self, hash: String, value: Arc<T>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(hash, value);
    }
}
