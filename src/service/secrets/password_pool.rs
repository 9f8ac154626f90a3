//! Argon2id on threads of its own: hashing passwords never makes anything else wait, and its queue has an end.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use tokio::sync::oneshot;

use crate::service::secrets::os_random::{random_bytes, random_text};

/// How dear one hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Cost {
    /// 19 MiB and two passes on one lane, OWASP's first choice: about 30 ms of one core.
    pub const SERVICE: Cost = Cost { memory_kib: 19 * 1024, passes: 2 };

    /// The least the algorithm allows, for tests that are not about cost.
    pub const TESTS: Cost = Cost { memory_kib: 8, passes: 1 };
}

/// Size of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// Threads that hash; each needs the cost's memory while it works.
    pub threads: usize,
    /// Hashes that may wait; one more is refused.
    pub queue: usize,
}

impl PoolSize {
    /// Half the machine's cores, at least one, and a queue of two to three seconds.
    pub fn for_this_machine() -> PoolSize {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / 2).max(1);
        PoolSize { threads, queue: 64 * threads }
    }
}

/// Why no hash was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotHashed {
    /// The queue is full: try again after this many seconds (503 and `Retry-After`).
    Full { retry_after_s: u32 },
    /// The cost that the configuration asks for is outside what Argon2 allows.
    Cost,
}

impl fmt::Display for NotHashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotHashed::Full { retry_after_s } => {
                write!(f, "too many people log in at this moment; try again in {retry_after_s} seconds")
            }
            NotHashed::Cost => f.write_str("the configured password cost is outside what Argon2 allows"),
        }
    }
}

impl std::error::Error for NotHashed {}

/// Seconds in which a full queue empties, at 64 hashes a thread and about 30 ms each.
const QUEUE_S: u32 = 2;

type Job = Box<dyn FnOnce(&Argon2<'_>) + Send>;

/// The threads and their queue. Clones share them; the threads end when the last clone is gone.
#[derive(Clone)]
pub struct PasswordPool {
    jobs: SyncSender<Job>,
    /// A hash of nobody's password, compared with when the login is unknown.
    nobody: Arc<str>,
}

impl PasswordPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`NotHashed::Cost`] when Argon2 does not allow the cost.
    pub fn start(cost: Cost, size: PoolSize) -> Result<PasswordPool, NotHashed> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| NotHashed::Cost)?;
        let argon = Argon2::from(params);
        let nobody = hash(&argon, &random_text(b"0123456789abcdef", 32));
        let (jobs, queue) = sync_channel::<Job>(size.queue);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..size.threads.max(1) {
            let (argon, queue) = (argon.clone(), Arc::clone(&queue));
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || {
                    while let Some(job) = next(&queue) {
                        job(&argon);
                    }
                })
                .expect("the system starts a thread when the service starts");
        }
        Ok(PasswordPool { jobs, nobody: nobody.into() })
    }

    /// The hash of a password as a PHC string, with a fresh random salt.
    ///
    /// # Errors
    /// [`NotHashed::Full`] when the queue is full.
    pub async fn hash(&self, password: String) -> Result<String, NotHashed> {
        self.run(move |argon| hash(argon, &password)).await
    }

    /// Whether the password is the one behind the stored hash. Without a stored hash (an unknown login, an
    /// account that has no password yet) the answer is no, after the same work.
    ///
    /// # Errors
    /// [`NotHashed::Full`] when the queue is full.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, NotHashed> {
        let nobody = Arc::clone(&self.nobody);
        self.run(move |argon| {
            let right = verify(argon, &password, stored.as_deref().unwrap_or(&nobody));
            right && stored.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> T + Send + 'static,
    ) -> Result<T, NotHashed> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |argon| {
            // Whoever asked may have gone away while waiting: no work is done for nobody.
            if !answer.is_closed() {
                // The asker may also go away during the work; then nobody needs the answer.
                let _ = answer.send(work(argon));
            }
        });
        match self.jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                return Err(NotHashed::Full { retry_after_s: QUEUE_S });
            }
        }
        result.await.map_err(|_| NotHashed::Full { retry_after_s: QUEUE_S })
    }
}

impl fmt::Debug for PasswordPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordPool(..)")
    }
}

/// Waits for the next job; none when the pool is gone.
fn next(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn hash(argon: &Argon2<'_>, password: &str) -> String {
    argon
        .hash_password_with_salt(password.as_bytes(), &random_bytes::<16>())
        .expect("a password of at most a request's size and a salt of 16 bytes hash")
        .to_string()
}

/// The stored hash brings its own cost, so that hashes of an earlier configuration stay good.
fn verify(argon: &Argon2<'_>, password: &str, stored: &str) -> bool {
    #[cfg(test)]
    COMPARED.set(COMPARED.get() + 1);
    PasswordHash::new(stored).is_ok_and(|stored| argon.verify_password(password.as_bytes(), &stored).is_ok())
}

#[cfg(test)]
thread_local! {
    /// Comparisons on this thread: what the tests judge instead of a clock.
    static COMPARED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn pool(cost: Cost, threads: usize, queue: usize) -> PasswordPool {
        PasswordPool::start(cost, PoolSize { threads, queue }).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_right_and_every_other_is_wrong() {
        let pool = pool(Cost::TESTS, 1, 8);
        let stored = pool.hash("三月的雨 7 leaves".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        assert_ne!(stored, pool.hash("三月的雨 7 leaves".to_owned()).await.unwrap(), "another salt");
        assert_eq!(pool.verify("三月的雨 7 leaves".to_owned(), Some(stored.clone())).await, Ok(true));
        for wrong in ["三月的雨 7 leave", "", "三月的雨 7 leaves "] {
            assert_eq!(pool.verify(wrong.to_owned(), Some(stored.clone())).await, Ok(false));
        }
        assert_eq!(pool.verify("x".to_owned(), None).await, Ok(false));
        assert_eq!(pool.verify("x".to_owned(), Some("not a hash".to_owned())).await, Ok(false));
    }

    #[tokio::test]
    async fn hashes_of_an_earlier_cost_stay_good() {
        let stored = pool(Cost::TESTS, 1, 8).hash("rain in march".to_owned()).await.unwrap();
        let dearer = pool(Cost { memory_kib: 64, passes: 2 }, 1, 8);
        assert_eq!(dearer.verify("rain in march".to_owned(), Some(stored)).await, Ok(true));
    }

    #[tokio::test]
    async fn an_unknown_login_costs_what_a_known_one_costs() {
        let pool = pool(Cost { memory_kib: 64, passes: 2 }, 1, 8);
        let stored = pool.hash("rain in march".to_owned()).await.unwrap();
        let cost = |hash: &str| PasswordHash::new(hash).unwrap().params.to_string();
        assert_eq!(cost(&pool.nobody), cost(&stored));
        for login in [Some(stored), None] {
            let before = pool.run(|_| COMPARED.get()).await.unwrap();
            pool.verify("wrong".to_owned(), login).await.unwrap();
            assert_eq!(pool.run(|_| COMPARED.get()).await.unwrap(), before + 1);
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_recovers() {
        let pool = pool(Cost { memory_kib: 8192, passes: 2 }, 1, 4);
        let logins: Vec<_> = (0..40)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.verify("wrong".to_owned(), None).await })
            })
            .collect();
        let mut answered = 0;
        let mut refused = 0;
        for login in logins {
            match login.await.unwrap() {
                Ok(right) => answered += usize::from(!right),
                Err(NotHashed::Full { retry_after_s }) => refused += usize::from(retry_after_s > 0),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(answered + refused, 40);
        assert!((4..=6).contains(&answered), "four wait, one is at work: {answered}");
        assert_eq!(pool.verify("wrong".to_owned(), None).await, Ok(false), "and again");
    }

    #[tokio::test]
    async fn nothing_is_hashed_for_those_who_went_away() {
        let pool = pool(Cost::TESTS, 1, 64);
        let stored = pool.hash("rain in march".to_owned()).await.unwrap();
        let (release, held) = std::sync::mpsc::channel();
        let holder = {
            let pool = pool.clone();
            tokio::spawn(async move { pool.run(move |_| held.recv().unwrap()).await })
        };
        tokio::task::yield_now().await;
        for _ in 0..30 {
            let gone = pool.verify("wrong".to_owned(), Some(stored.clone()));
            assert!(gone.now_or_never().is_none(), "it waits behind the one that is held");
        }
        release.send(()).unwrap();
        holder.await.unwrap().unwrap();
        assert_eq!(pool.run(|_| COMPARED.get()).await, Ok(0));
        assert_eq!(pool.verify("rain in march".to_owned(), Some(stored)).await, Ok(true), "and goes on");
    }

    #[test]
    fn a_cost_that_argon2_does_not_know_is_refused() {
        let size = PoolSize { threads: 1, queue: 1 };
        for cost in [Cost { memory_kib: 7, passes: 1 }, Cost { memory_kib: 8, passes: 0 }] {
            assert_eq!(PasswordPool::start(cost, size).err(), Some(NotHashed::Cost));
        }
        assert!(PoolSize::for_this_machine().threads >= 1);
    }
}
