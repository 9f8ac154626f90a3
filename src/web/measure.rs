//! What is counted and logged of every request: the route's pattern, never what filled it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// Upper ends of the latency buckets, in milliseconds.
const BUCKETS_MS: [u64; 9] = [1, 5, 10, 25, 50, 100, 250, 1000, 5000];

/// Counts since the start of this instance.
#[derive(Debug, Default)]
pub struct Measure {
    requests: Mutex<BTreeMap<(String, u16), Latency>>,
}

#[derive(Clone, Debug, Default)]
struct Latency {
    count: u64,
    sum_us: u64,
    buckets: [u64; BUCKETS_MS.len()],
}

impl Measure {
    /// Counts a request by its route (`GET /api/v1/seasons/{season}`) and status.
    pub fn count(&self, route: &str, status: u16, took_us: u64) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let latency = requests.entry((route.to_owned(), status)).or_default();
        latency.count += 1;
        latency.sum_us += took_us;
        for (bucket, end_ms) in latency.buckets.iter_mut().zip(BUCKETS_MS) {
            *bucket += u64::from(took_us <= end_ms * 1000);
        }
    }

    /// The counts in Prometheus' text format.
    pub fn text(&self) -> String {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from(
            "# HELP http_request_duration_seconds Time from the request's head to the answer's head.\n\
             # TYPE http_request_duration_seconds histogram\n",
        );
        for ((route, status), latency) in requests {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (count, end_ms) in latency.buckets.iter().zip(BUCKETS_MS) {
                let end_s = seconds(end_ms * 1000);
                let _written =
                    writeln!(text, "http_request_duration_seconds_bucket{{{labels},le=\"{end_s}\"}} {count}");
            }
            let (count, sum_s) = (latency.count, seconds(latency.sum_us));
            let _written = write!(
                text,
                "http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {count}\n\
                 http_request_duration_seconds_sum{{{labels}}} {sum_s}\n\
                 http_request_duration_seconds_count{{{labels}}} {count}\n"
            );
        }
        text
    }
}

fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}
