//! The areas of a run's result are jobs of their own: explained, packed and sealed by whichever instance takes them.
//!
//! Senior highs recruit inside their county (SX22 6.1), so a season falls into areas. Placing all of them takes a second
//! for a million candidates and every instance does it for itself, from the same frozen lists; what takes long is to
//! write down the reasons, and that is shared. An instance that helps gets the result's key sealed to a key of its own,
//! which lives as long as the run; nothing else of a result travels, and the gate before publication computes all anew.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::task::{JoinError, JoinHandle};

use crate::domain::hexadecimal::{hex, unhex};
use crate::engine::merkle_tree::Hash;
use crate::faults::crash_point::crash_point;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::runs::place_season::Placed;
use crate::service::runs::seal_result::{SealedArea, sealed_area};
use crate::service::runs::worker::Worker;
use crate::service::secrets::result_key::ResultKey;
use crate::storage::database::AnyConnection;
use crate::storage::key_requests::{self, KeyRequestRow, REFUSED};
pub use crate::storage::run_areas::Taken;
use crate::storage::run_areas::{self, RunAreaRow};
use crate::storage::run_files::RunFileRow;
use crate::storage::run_leases::RunLeaseRow;
use crate::storage::{clock, run_events, run_files, run_leases};

/// How often an instance looks whether an area became free, or whether it was given the key.
pub const LOOK: Duration = Duration::from_millis(100);

/// What a thread or task came to; one that panicked is an error of its own.
///
/// # Errors
/// `Internal`, with what it was at.
pub fn joined<T>(ended: Result<T, JoinError>, what: &str) -> Result<T, ServiceError> {
    ended.map_err(|error| ServiceError::Internal(format!("{what}: {error}")))
}

/// A run under way, as one of the instances that work on it sees it.
#[derive(Clone)]
pub struct Share {
    pub app: App,
    pub worker: Worker,
    /// The lease of the instance that leads.
    pub lease: RunLeaseRow,
}

impl Share {
    fn run(&self) -> (&str, i64) {
        (&self.lease.run, self.lease.attempt)
    }

    /// Writes something, with the moment and this share at hand.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Share, &mut AnyConnection, i64) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let share = self.clone();
        let write = move |connection: &mut AnyConnection| {
            let now_ms = clock::now_ms(connection)?;
            work(&share, connection, now_ms)
        };
        self.app.database().write(write).await
    }

    /// Writes something as the instance that leads; whether it still does.
    async fn lead(
        &self,
        work: impl FnOnce(&Share, &mut AnyConnection, i64) -> Result<(), ServiceError> + Send + 'static,
    ) -> Result<bool, ServiceError> {
        self.write(move |share, connection, now_ms| {
            let leads = run_leases::renew(connection, &share.lease, share.worker.until_ms(now_ms))?;
            if leads {
                work(share, connection, now_ms)?;
            }
            Ok(leads)
        })
        .await
    }

    /// Offers every area that has candidates, in place of all that was offered and put down under an earlier lease;
    /// whether this one still stands.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn offer(&self, placed: &Placed) -> Result<bool, ServiceError> {
        let mut candidates = vec![0; placed.areas()];
        (0..placed.heads()).for_each(|at| candidates[placed.area_of(at)] += 1);
        self.lead(move |share, connection, _| {
            let (run, attempt) = share.run();
            let areas: Vec<RunAreaRow> = (0..)
                .zip(candidates)
                .filter(|(_, candidates)| *candidates > 0)
                .map(|(area, candidates)| RunAreaRow {
                    run: run.to_owned(),
                    area,
                    attempt,
                    candidates,
                    owner: String::new(),
                    until_ms: 0,
                    hashes: String::new(),
                })
                .collect();
            run_areas::offer(connection, run, &areas)?;
            Ok(run_files::delete(connection, run)?)
        })
        .await
    }

    /// Puts files down that are no area's; whether the lease still stands.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn put_files(&self, files: Vec<RunFileRow>) -> Result<bool, ServiceError> {
        self.lead(move |_, connection, _| Ok(run_files::add_all(connection, &files)?)).await
    }

    /// Says that the work on the run and on this instance's areas goes on, and how far it is; whether the lease still
    /// stands.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn go_on(&self, stages: Vec<(String, i64)>) -> Result<bool, ServiceError> {
        self.lead(move |share, connection, now_ms| {
            run_areas::renew(connection, share.run(), &share.worker.name, share.worker.until_ms(now_ms))?;
            Ok(run_events::add_all(connection, &share.lease.run, &stages, now_ms)?)
        })
        .await
    }

    /// Takes area after area until none is free, and puts each down while the next is written; returns how many were
    /// this instance's when they were put down, and what there is to wait for.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn seal_areas(
        &self,
        placed: &Arc<Placed>,
        key: &ResultKey,
    ) -> Result<(usize, Taken), ServiceError> {
        let mut done = 0;
        let mut putting: Option<JoinHandle<Result<bool, ServiceError>>> = None;
        loop {
            let taken = self.write(|share, connection, now_ms| {
                let until_ms = share.worker.until_ms(now_ms);
                Ok(run_areas::take(connection, share.run(), &share.worker.name, now_ms, until_ms)?)
            });
            let taken = taken.await?;
            let Taken::Area(area) = taken else {
                // What this instance still puts down is for nobody to wait for.
                let Some(last) = putting.take() else { return Ok((done, taken)) };
                done += usize::from(joined(last.await, "area")??);
                continue;
            };
            let (placed, key, run) = (placed.clone(), key.clone(), self.lease.run.clone());
            // The engine has threads of its own; this one waits for them.
            let sealing =
                tokio::task::spawn_blocking(move || sealed_area(&placed, &run, &key, area as usize));
            let sealed = joined(sealing.await, "area")?;
            if let Some(before) = putting.take() {
                done += usize::from(joined(before.await, "area")??);
            }
            let share = self.clone();
            putting = Some(tokio::spawn(async move { share.put_area(area, sealed).await }));
        }
    }

    /// Whether the area was still this instance's to put down.
    async fn put_area(&self, area: i64, sealed: SealedArea) -> Result<bool, ServiceError> {
        self.write(move |share, connection, _| {
            let hashes = STANDARD.encode(sealed.hashes.as_flattened());
            let ours = run_areas::put_down(connection, share.run(), &share.worker.name, area, &hashes)?;
            if ours {
                run_files::add_all(connection, &sealed.files)?;
                crash_point("area-put-down");
            }
            Ok(ours)
        })
        .await
    }

    /// The hashes of every area's leaves, and of how many candidates other instances did the areas.
    ///
    /// # Errors
    /// Storage failed, or what stands there are no hashes.
    pub async fn hashes(&self, placed: &Placed) -> Result<(Vec<Vec<Hash>>, u64), ServiceError> {
        let share = self.clone();
        let areas = self
            .app
            .database()
            .read(move |connection| Ok::<_, ServiceError>(run_areas::list(connection, share.run())?));
        let (mut hashes, mut of_others) = (vec![Vec::new(); placed.areas()], 0);
        for area in areas.await? {
            let bytes = STANDARD.decode(&area.hashes).ok();
            let whole = bytes.as_deref().map(<[u8]>::as_chunks).filter(|(_, rest)| rest.is_empty());
            let slot = hashes.get_mut(area.area as usize);
            let (Some((whole, _)), Some(slot)) = (whole, slot) else {
                return Err(ServiceError::Internal(format!("area {} of run {}", area.area, area.run)));
            };
            *slot = whole.to_vec();
            if area.owner != self.worker.name {
                of_others += area.candidates as u64;
            }
        }
        Ok((hashes, of_others))
    }

    /// As [`go_on`](Share::go_on), by an instance that does not lead.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn renew_areas(&self) -> Result<(), ServiceError> {
        self.write(|share, connection, now_ms| {
            let until_ms = share.worker.until_ms(now_ms);
            Ok(run_areas::renew(connection, share.run(), &share.worker.name, until_ms)?)
        })
        .await
    }

    /// Asks for the result's key: whoever leads may seal it to `public_key`.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn ask_for_key(&self, public_key: String) -> Result<(), ServiceError> {
        self.write(move |share, connection, _| {
            let mut request = KeyRequestRow {
                run: share.lease.run.clone(),
                instance: share.worker.name.clone(),
                attempt: share.lease.attempt,
                public_key,
                mac: String::new(),
                result_key: String::new(),
            };
            request.mac = hex(&signed(&request, |parts| share.app.instances().mac(parts)));
            Ok(key_requests::ask(connection, &request)?)
        })
        .await
    }

    /// Seals the result's key to everybody who asks for it and is an instance of this installation and program.
    ///
    /// # Errors
    /// Storage failed.
    pub async fn give_key(&self, key: &ResultKey) -> Result<(), ServiceError> {
        let share = self.clone();
        let waiting = self
            .app
            .database()
            .read(move |connection| Ok::<_, ServiceError>(key_requests::list_open(connection, share.run())?));
        for mut request in waiting.await? {
            let mac: [u8; 32] = unhex(&request.mac).unwrap_or_default();
            let known = signed(&request, |parts| self.app.instances().confirms(parts, &mac));
            let sealed = if known { key.sealed_to(&request.public_key).ok() } else { None };
            if sealed.is_none() {
                tracing::warn!(instance = request.instance, "no instance of this program: it gets no key");
            }
            request.result_key = sealed.unwrap_or_else(|| REFUSED.to_owned());
            self.write(move |_, connection, _| Ok(key_requests::answer(connection, &request)?)).await?;
        }
        Ok(())
    }
}

/// What the mac of a request is over.
fn signed<T>(request: &KeyRequestRow, over: impl FnOnce(&[&[u8]]) -> T) -> T {
    let KeyRequestRow { run, instance, public_key, .. } = request;
    // A result is written down by one program: during an upgrade the new one does not help the old one.
    let program = env!("CARGO_PKG_VERSION");
    let attempt = request.attempt.to_string();
    over(&[program, run, instance, &attempt, public_key].map(str::as_bytes))
}
