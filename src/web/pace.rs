//! A request keeps pace: a body that does not come is waited for briefly, however much of it was promised, and work on
//! what has come ends some day.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep_until};

/// How long work may take on a request, or on a piece of its body, that is there.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a client may make one wait for its body.
const PATIENCE: Duration = Duration::from_secs(8);

/// Bytes a second that give back the patience which waiting for them took: a phone at the edge of its network sends
/// several times as much.
const SLOWEST: u32 = 1024;

/// Until when a request may go on; it is put off as its body comes.
pub struct Pace(Rc<Cell<Instant>>);

impl Pace {
    /// Of a request that begins.
    pub fn begin() -> Pace {
        Pace(Rc::new(Cell::new(Instant::now() + LONGEST)))
    }

    /// A body that is waited for at this pace. Time counts against its sender only while somebody wants to read.
    pub fn body(&self, body: Payload) -> Payload {
        let until = self.0.clone();
        let paced = stream::unfold((body, PATIENCE), move |(mut body, patience)| {
            let until = until.clone();
            async move {
                let asked = Instant::now();
                until.set(asked + patience);
                let piece = body.next().await;
                let came = Instant::now();
                until.set(came + LONGEST);
                let piece = piece?;
                let bytes = piece.as_ref().map_or(0, Bytes::len);
                Some((piece, (body, patience_after(patience, came - asked, bytes))))
            }
        });
        Payload::Stream { payload: Box::pin(paced) }
    }

    /// Does some work on the request; none if it was too slow.
    pub async fn in_time<W: Future>(&self, work: W) -> Option<W::Output> {
        let mut work = pin!(work);
        let mut alarm = pin!(sleep_until(self.0.get()));
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            let until = self.0.get();
            if alarm.deadline() != until {
                alarm.as_mut().reset(until);
            }
            alarm.as_mut().poll(context).map(|()| None)
        })
        .await
    }
}

/// What is left of somebody's patience after a wait that brought so many bytes. Nobody earns more than there was.
fn patience_after(patience: Duration, waited: Duration, bytes: usize) -> Duration {
    let earned = Duration::from_secs(bytes as u64) / SLOWEST;
    (patience.saturating_sub(waited) + earned).min(PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many waits of a second, each bringing so many bytes, until there is no patience left; at most 1,000.
    fn waits(bytes: usize) -> usize {
        let mut patience = PATIENCE;
        let second = Duration::from_secs(1);
        (0..1_000)
            .take_while(|_| {
                let there = patience >= second;
                patience = patience_after(patience, second, bytes);
                there
            })
            .count()
    }

    #[test]
    fn a_body_that_drips_is_left_and_one_that_comes_slowly_is_read_to_its_end() {
        assert_eq!(waits(0), 8);
        assert_eq!(waits(1), 8, "a byte a second buys nothing");
        assert_eq!(waits(SLOWEST as usize / 2), 15);
        assert_eq!(waits(SLOWEST as usize), 1_000);
    }

    #[test]
    fn nobody_lays_patience_by() {
        assert_eq!(patience_after(PATIENCE, Duration::ZERO, 1 << 20), PATIENCE);
        assert_eq!(patience_after(Duration::from_secs(1), Duration::from_secs(3), 0), Duration::ZERO);
    }

    #[test]
    fn who_sends_nothing_is_left_while_its_work_waits() {
        // A deadline that has passed, so that no test waits for the clock.
        let runtime = actix_web::rt::System::new();
        let late = Pace(Rc::new(Cell::new(Instant::now())));
        assert!(runtime.block_on(late.in_time(std::future::pending::<()>())).is_none());
        assert_eq!(runtime.block_on(late.in_time(async { 1 })), Some(1), "what is done is done");
        let pace = Pace::begin();
        let body = stream::iter([Ok(Bytes::from_static(b"one")), Ok(Bytes::from_static(b" two"))]);
        let body = pace.body(Payload::Stream { payload: Box::pin(body) });
        let read = body.map(Result::unwrap).collect::<Vec<Bytes>>();
        assert_eq!(runtime.block_on(pace.in_time(read)).unwrap().concat(), b"one two");
    }
}
