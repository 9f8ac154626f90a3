//! Values that the hash of their content names: kept in memory, they cannot be stale.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values kept at most; a new one beyond that takes the place of all.
const MOST: usize = 16;

/// The values of one instance; clones share them.
#[derive(Clone, Default)]
pub struct KeptByHash {
    values: Arc<Mutex<BTreeMap<String, Arc<dyn Any + Send + Sync>>>>,
    /// Values that somebody makes at this moment.
    making: Arc<Mutex<BTreeMap<String, Arc<Mutex<()>>>>>,
}

impl KeptByHash {
    /// The value of a hash, made where it is not kept. Whoever asks meanwhile waits for it: of a hundred who come
    /// first, one works.
    ///
    /// # Errors
    /// What `make` says; then the next one tries.
    pub fn get_or_make<T: Any + Send + Sync, E>(
        &self,
        hash: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(kept) = self.get(hash) {
            return Ok(kept);
        }
        let turn = {
            let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
            making.entry(hash.to_owned()).or_default().clone()
        };
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = self.get(hash) {
            return Ok(kept);
        }
        let made = make().map(Arc::new);
        if let Ok(value) = &made {
            self.put(hash.to_owned(), value.clone());
        }
        self.making.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
        made
    }

    /// The value of a hash.
    pub fn get<T: Any + Send + Sync>(&self, hash: &str) -> Option<Arc<T>> {
        let kept = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(hash).and_then(|value| value.clone().downcast().ok())
    }

    /// Keeps a value under the hash of its content.
    pub fn put<T: Any + Send + Sync>(&self, hash: String, value: Arc<T>) {
        let mut kept = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(hash, value);
    }
}
