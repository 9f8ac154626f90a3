//! How many wrong guesses a login bears before the next one must wait.

/// Wrong guesses of one bucket within [`WINDOW_MS`] before the next must wait.
///
/// Rule: promises.md row 32: *"≤5 guesses/15 min, ≤100 in all"*.
pub const GUESSES_PER_WINDOW: usize = 5;

/// The window in milliseconds: 15 minutes.
pub const WINDOW_MS: i64 = 15 * 60 * 1000;

/// Wrong guesses of one bucket in all, until the owner changes the password or access is reset.
pub const GUESSES_IN_ALL: usize = 100;

/// Whose guesses count together.
///
/// Each bucket of a login counts by itself: whoever guesses from unknown devices fills only [`Stranger`],
/// and cannot stop the owner who comes with a known device or with a right second factor.
///
/// [`Stranger`]: Bucket::Stranger
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// No known device, no right second factor.
    Stranger,
    /// A device the owner has logged in from, by its name.
    Device(String),
    /// A right answer of the second factor came with the guess.
    SecondFactor,
    /// A session under way: whoever holds it guesses the password or the second factor once more.
    Session(String),
    /// A login that nobody has: the answers are those of a stranger's bucket, but forgotten after the window.
    Nobody,
}

impl Bucket {
    /// The word that stands in the database.
    pub fn word(&self) -> String {
        match self {
            Bucket::Stranger => "stranger".to_owned(),
            Bucket::Device(name) => format!("device:{name}"),
            Bucket::SecondFactor => "second_factor".to_owned(),
            Bucket::Session(id) => format!("session:{id}"),
            Bucket::Nobody => "nobody".to_owned(),
        }
    }
}

/// Whether a guess may be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// It may from this moment on.
    WaitUntil(i64),
    /// Never again in this bucket until the owner changes the password or access is reset.
    Exhausted,
}

impl Verdict {
    /// Seconds a client is told to wait (`Retry-After`); none when it may try. An exhausted bucket says a
    /// whole window, so that an answer does not tell one kind of refusal from the other by its size alone.
    pub fn retry_after_s(self, now_ms: i64) -> Option<i64> {
        let wait_ms = match self {
            Verdict::Allowed => return None,
            Verdict::WaitUntil(at_ms) => at_ms.saturating_sub(now_ms),
            Verdict::Exhausted => WINDOW_MS,
        };
        Some((wait_ms.max(0) + 999) / 1000)
    }
}

/// Decides over the next guess of a bucket from its wrong guesses so far.
///
/// `recent` holds the moments (milliseconds) of the latest wrong guesses, newest first, at least
/// [`GUESSES_PER_WINDOW`] of them if there are so many; `in_all` counts all since the owner last chose a
/// password. A guess counts as wrong from the moment it is admitted until it turns out right, so that many
/// guesses at once are not admitted on the same count. Moments in the future (a clock set back) count as now.
pub fn verdict(recent: &[i64], in_all: usize, now_ms: i64) -> Verdict {
    if in_all >= GUESSES_IN_ALL {
        return Verdict::Exhausted;
    }
    // The fifth-newest leaves the window first; from then on fewer than five are in it.
    match recent.get(GUESSES_PER_WINDOW - 1) {
        Some(&fifth) if fifth.min(now_ms) > now_ms - WINDOW_MS => {
            Verdict::WaitUntil(fifth.min(now_ms) + WINDOW_MS)
        }
        _ => Verdict::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// Guesses as fast as allowed for `minutes`, and returns how many were admitted in all and at most in
    /// any 15 minutes.
    fn guess_for(minutes: i64, step_ms: i64) -> (usize, usize) {
        let mut wrong: Vec<i64> = Vec::new();
        for now in (0..minutes * MINUTE).step_by(step_ms as usize) {
            let recent: Vec<i64> = wrong.iter().rev().take(GUESSES_PER_WINDOW).copied().collect();
            if verdict(&recent, wrong.len(), now) == Verdict::Allowed {
                wrong.push(now);
            }
        }
        let densest =
            wrong.iter().map(|&at| wrong.iter().filter(|&&o| o > at - WINDOW_MS && o <= at).count());
        (wrong.len(), densest.max().unwrap_or(0))
    }

    #[test]
    fn five_guesses_in_any_fifteen_minutes() {
        for step_ms in [100, 7_000, 61_000] {
            let (in_all, densest) = guess_for(60, step_ms);
            assert!(densest <= 5 && (15..=20).contains(&in_all), "{in_all} {densest}");
        }
    }

    #[test]
    fn a_hundred_guesses_in_all_however_long_it_takes() {
        assert_eq!(guess_for(60 * 24 * 3, 30_000).0, 100);
        assert_eq!(verdict(&[], 99, 0), Verdict::Allowed);
        assert_eq!(verdict(&[], 100, 0), Verdict::Exhausted);
    }

    #[test]
    fn the_wait_is_told_to_the_second() {
        let recent = [400_000, 300_000, 200_000, 100_000, 50_000];
        let told = verdict(&recent, 5, 400_000);
        assert_eq!(told, Verdict::WaitUntil(950_000));
        assert_eq!(told.retry_after_s(400_000), Some(550));
        assert_eq!(verdict(&recent, 5, 949_999), Verdict::WaitUntil(950_000));
        assert_eq!(verdict(&recent, 5, 950_000), Verdict::Allowed);
        assert_eq!(verdict(&recent[..4], 4, 400_000), Verdict::Allowed);
        assert_eq!(Verdict::WaitUntil(1).retry_after_s(0), Some(1), "rounded up");
        assert_eq!(Verdict::Allowed.retry_after_s(0), None);
    }

    #[test]
    fn a_clock_set_back_makes_nobody_wait_longer_than_the_window() {
        let told = verdict(&[9_000_000; 5], 5, 0);
        assert_eq!(told, Verdict::WaitUntil(WINDOW_MS));
    }

    #[test]
    fn buckets_of_a_login_have_different_names() {
        let device = Bucket::Device("ab".to_owned());
        let session = Bucket::Session("ab".to_owned());
        let words = [Bucket::Stranger, device, Bucket::SecondFactor, session, Bucket::Nobody];
        assert_eq!(
            words.map(|bucket| bucket.word()),
            ["stranger", "device:ab", "second_factor", "session:ab", "nobody"]
        );
    }
}
