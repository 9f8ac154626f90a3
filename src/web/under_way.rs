//! Requests under way, so many at a time: who cannot be answered soon is told so at once, and costs next to nothing.
//!
//! Reads give way to saves: from half of the places on only saves are let in. Log-ins have places of their own:
//! most of them wait for the threads that hash passwords. Being asked whether one lives is never refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::Error;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;

use crate::web::problem::Problem;

/// Requests under way at a time, unless the operator says otherwise. On one core that answers a thousand a second
/// the last of them waits a quarter of a second.
pub const USUAL_PLACES: usize = 256;

/// Of as many places as there are for the rest, one in so many is for files of offices.
const FILES_OF: usize = 4;

/// Whoever is refused is asked to come again after 1 to so many seconds, so that not all come at once.
const LATEST_S: u8 = 5;

/// Bodies up to this length are read before their request takes a place: who sends slowly holds up nobody.
const SHORT_BODY: usize = 256 * 1024;

/// The places of one instance; clones share them.
#[derive(Clone)]
pub struct UnderWay(Arc<Counts>);

struct Counts {
    places: usize,
    taken: AtomicUsize,
    log_ins: AtomicUsize,
    /// Bodies too long to be read first: files of offices.
    files: AtomicUsize,
    probes: AtomicUsize,
}

/// What kind of place a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Save,
    LogIn,
    File,
    /// Asks whether the instance lives.
    Probe,
}

impl Kind {
    fn of(request: &ServiceRequest) -> Kind {
        match request.path() {
            "/healthz" | "/readyz" => Kind::Probe,
            _ if request.method().is_safe() => Kind::Read,
            _ if length(request).is_none_or(|length| length > SHORT_BODY) => Kind::File,
            "/api/v1/sessions" | "/log-in" => Kind::LogIn,
            _ => Kind::Save,
        }
    }
}

/// The length of a body; none where it is not told as it will be read. Without a length and without chunks there is
/// no body.
fn length(request: &ServiceRequest) -> Option<usize> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    match request.headers().get(header::CONTENT_LENGTH) {
        Some(length) => length.to_str().ok()?.parse().ok(),
        None if request.headers().contains_key(header::TRANSFER_ENCODING) => None,
        None => Some(0),
    }
}

/// A place, given back when it is dropped, also with a request cut off.
pub struct Place {
    counts: Arc<Counts>,
    kind: Kind,
}

impl UnderWay {
    /// So many places.
    pub fn new(places: usize) -> UnderWay {
        let counts = Counts {
            places: places.max(2),
            taken: AtomicUsize::new(0),
            log_ins: AtomicUsize::new(0),
            files: AtomicUsize::new(0),
            probes: AtomicUsize::new(0),
        };
        UnderWay(Arc::new(counts))
    }

    /// Lets a request in, with its body read where that is short.
    ///
    /// # Errors
    /// `overloaded` without a free place; the body's own faults.
    pub async fn enter(&self, request: &mut ServiceRequest) -> Result<Place, Refused> {
        let kind = Kind::of(request);
        // Also of those who are refused then: an answer before the body was read would end their connection, and to
        // open another one costs this machine more than all of a refusal.
        if matches!(kind, Kind::Save | Kind::LogIn) && length(request) != Some(0) {
            let body = request.extract::<Bytes>().await.map_err(Refused::Body)?;
            request.set_payload(Payload::Stream { payload: Box::pin(stream::once(async { Ok(body) })) });
        }
        self.take(kind)
    }

    fn take(&self, kind: Kind) -> Result<Place, Refused> {
        let (count, most) = self.0.of(kind);
        let place = Place { counts: self.0.clone(), kind };
        // Given back by `place` if it was one too many.
        if count.fetch_add(1, Ordering::Relaxed) < most { Ok(place) } else { Err(Refused::Full) }
    }
}

impl Counts {
    /// Where a kind is counted, and how many of what is counted there it suffers beside it.
    fn of(&self, kind: Kind) -> (&AtomicUsize, usize) {
        match kind {
            Kind::Read => (&self.taken, self.places / 2),
            Kind::Save => (&self.taken, self.places),
            // Most of them wait for the threads that hash passwords, whose own queue refuses what is too much.
            Kind::LogIn => (&self.log_ins, self.places),
            Kind::File => (&self.files, (self.places / FILES_OF).max(1)),
            Kind::Probe => (&self.probes, usize::MAX),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counts.of(self.kind).0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a request was not let in.
#[derive(Debug)]
pub enum Refused {
    Full,
    /// Its body could not be read.
    Body(Error),
}

impl Refused {
    /// No free place, as a problem.
    pub fn problem() -> Problem {
        let problem = Problem::of("overloaded");
        // Its end is random.
        let seconds = 1 + problem.trace_id.bytes().last().unwrap_or_default() % LATEST_S;
        problem.with(header::RETRY_AFTER, seconds.to_string())
    }
}
