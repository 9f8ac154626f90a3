//! Shares seats out in proportion to weights, by the methods that notices use (DP9), exactly.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fmt;

use crate::domain::quota::{Fraction, Method, ShareLine, Why};

/// What bounds and decides besides the weights.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// Seats for every junior with a weight above zero (DP10); its cap, where that is lower.
    pub minimum: u64,
    /// A minimum of its own for each junior, in place of `minimum`.
    pub minimums: Option<&'a [u64]>,
    /// Upper bounds, one per junior; `u64::MAX` binds nobody.
    pub caps: Option<&'a [u64]>,
    /// Who wins a tie: indices, the earlier the better. Those not listed follow in file order.
    pub lots: Option<&'a [usize]>,
}

/// What was shared out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apportionment {
    /// One line per junior.
    pub lines: Vec<ShareLine>,
    /// Seats given. With `half_up` and `floor` it may differ from the seats there were.
    pub placed: u64,
    /// Seats that stay unassigned because every junior with a weight is at its cap.
    pub beyond_caps: u64,
    /// The common divisor of a divisor method: weight / divisor, rounded, gives the seats.
    pub divisor: Option<Fraction>,
}

impl Apportionment {
    /// The seats alone.
    pub fn seats(&self) -> Vec<u64> {
        self.lines.iter().map(|line| line.seats).collect()
    }
}

/// Why seats cannot be shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// The minimum of all together is above the seats.
    Minimum { needed: u128, seats: u64 },
    /// There are seats, but no junior has a weight.
    NoWeight { seats: u64 },
    /// `integer_part_then_lots` without a lot order.
    NoLots,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Impossible::Minimum { needed, seats } => {
                write!(f, "the minimum needs {needed} seats, there are {seats}")
            }
            Impossible::NoWeight { seats } => write!(f, "{seats} seats, but every weight is zero"),
            Impossible::NoLots => f.write_str("integer_part_then_lots needs a lot order"),
        }
    }
}

/// Shares `seats` over `weights` (DP9).
///
/// Weights and seats up to 2^53, up to a million juniors. A junior of weight zero gets nothing.
///
/// With a minimum or caps the rule is the same for every method that starts from shares: there is
/// one number such that the shares `weight x number`, raised to the minimum and held at the cap,
/// add up to the seats. Juniors so raised or held have their seats; the others share what is left
/// in proportion to their weights, and only there fractions are rounded by the method. The divisor
/// methods raise and hold the rounded seats instead and look for the divisor that fits. Seats stay
/// over only where every junior is at its cap.
///
/// # Complexity
/// O(n log n), for divisor methods O(n (log n + log seats)).
///
/// # Errors
/// [`Impossible`] when no apportionment keeps the terms.
pub fn apportion(
    method: Method,
    seats: u64,
    weights: &[u64],
    terms: &Terms<'_>,
) -> Result<Apportionment, Impossible> {
    if method == Method::IntegerPartThenLots && terms.lots.is_none() {
        return Err(Impossible::NoLots);
    }
    let limits = limits(seats, weights, terms);
    let needed: u128 = limits.iter().map(|limit| u128::from(limit.low)).sum();
    if needed > u128::from(seats) {
        return Err(Impossible::Minimum { needed, seats });
    }
    let total = weights.iter().map(|&weight| u128::from(weight)).sum();
    if total == 0 && seats > 0 {
        return Err(Impossible::NoWeight { seats });
    }
    let plain = |weight: u64| ShareLine {
        weight,
        weight_total: total,
        seats_to_share: seats,
        seats: 0,
        why: Why::NoWeight,
    };
    let mut lines: Vec<ShareLine> = weights.iter().map(|&weight| plain(weight)).collect();
    let room: u128 = limits.iter().map(|limit| u128::from(limit.high)).sum();
    let mut divisor = None;
    if room <= u128::from(seats) {
        for (line, limit) in lines.iter_mut().zip(&limits).filter(|(line, _)| line.weight > 0) {
            (line.seats, line.why) = (limit.high, Why::Cap);
        }
    } else {
        let ranks = ranks(weights.len(), terms.lots);
        match method {
            Method::SainteLague => divisor = by_divisor(Signposts::Half, seats, &limits, &ranks, &mut lines),
            Method::Dhondt => divisor = by_divisor(Signposts::Whole, seats, &limits, &ranks, &mut lines),
            _ => {
                let free = settle(seats, &limits, &mut lines);
                round(method, &free, &ranks, &mut lines);
            }
        }
    }
    let placed = lines.iter().map(|line| line.seats).sum();
    let beyond_caps = u64::try_from(u128::from(seats).saturating_sub(room)).unwrap_or(seats);
    Ok(Apportionment { lines, placed, beyond_caps, divisor })
}

/// The least and the most seats of a junior.
#[derive(Clone, Copy, Debug)]
struct Limit {
    low: u64,
    high: u64,
}

fn limits(seats: u64, weights: &[u64], terms: &Terms<'_>) -> Vec<Limit> {
    let limit = |(junior, &weight): (usize, &u64)| {
        let cap = terms.caps.map_or(u64::MAX, |caps| caps[junior]);
        let minimum = terms.minimums.map_or(terms.minimum, |minimums| minimums[junior]);
        match weight {
            0 => Limit { low: 0, high: 0 },
            // A cap no lower than all seats together binds nobody.
            _ => Limit { low: minimum.min(cap), high: if cap < seats { cap } else { u64::MAX } },
        }
    };
    weights.iter().enumerate().map(limit).collect()
}

/// The place of each junior in a tie, best is lowest.
fn ranks(count: usize, lots: Option<&[usize]>) -> Vec<usize> {
    let listed = lots.unwrap_or(&[]);
    let mut ranks: Vec<usize> = (0..count).map(|junior| listed.len() + junior).collect();
    for (place, &junior) in listed.iter().enumerate() {
        ranks[junior] = place;
    }
    ranks
}

/// Fixes those at the minimum and at the cap and returns the others, whose lines then say what
/// they share. Walks over the points where the growing shares meet a minimum or a cap.
fn settle(seats: u64, limits: &[Limit], lines: &mut [ShareLine]) -> Vec<usize> {
    struct Event {
        at: u64,
        weight: u64,
        leaves: bool,
        junior: usize,
    }
    let mut events: Vec<Event> = Vec::with_capacity(2 * lines.len());
    for (junior, (line, limit)) in
        lines.iter().zip(limits).enumerate().filter(|(_, (line, _))| line.weight > 0)
    {
        events.push(Event { at: limit.low, weight: line.weight, leaves: false, junior });
        if limit.high < u64::MAX {
            events.push(Event { at: limit.high, weight: line.weight, leaves: true, junior });
        }
    }
    events.sort_by(|one, other| {
        let left = u128::from(one.at) * u128::from(other.weight);
        let right = u128::from(other.at) * u128::from(one.weight);
        (left, one.leaves, one.junior).cmp(&(right, other.leaves, other.junior))
    });
    let seats_wide = u128::from(seats);
    let mut fixed: u128 = limits.iter().map(|limit| u128::from(limit.low)).sum();
    let mut free_weight: u128 = 0;
    for (line, limit) in lines.iter_mut().zip(limits).filter(|(line, _)| line.weight > 0) {
        (line.seats, line.why) = (limit.low, Why::Minimum);
    }
    for event in events {
        let left = seats_wide.saturating_sub(fixed);
        if free_weight * u128::from(event.at) >= left * u128::from(event.weight) {
            break;
        }
        let (limit, line) = (limits[event.junior], &mut lines[event.junior]);
        if event.leaves {
            fixed += u128::from(limit.high);
            free_weight -= u128::from(event.weight);
            (line.seats, line.why) = (limit.high, Why::Cap);
        } else {
            fixed -= u128::from(limit.low);
            free_weight += u128::from(event.weight);
            (line.seats, line.why) = (0, Why::WholeOnly);
        }
    }
    let left = u64::try_from(seats_wide.saturating_sub(fixed)).unwrap_or(seats);
    let mut free = Vec::with_capacity(lines.len());
    for (junior, line) in lines.iter_mut().enumerate() {
        if line.why == Why::Minimum && line.seats == 0 {
            // A minimum of zero is none: with nothing left to share the share is simply nought.
            line.why = Why::WholeOnly;
        }
        if line.why == Why::WholeOnly && free_weight > 0 {
            (line.weight_total, line.seats_to_share) = (free_weight, left);
            free.push(junior);
        }
    }
    free
}

/// Rounds the shares of the free juniors. `largest_remainder`: the seats left go one by one down
/// the remainders, largest first. `integer_part_then_lots`: down the lot order, among those whose
/// share is no whole number.
fn round(method: Method, free: &[usize], ranks: &[usize], lines: &mut [ShareLine]) {
    let mut left = free.first().map_or(0, |&junior| u128::from(lines[junior].seats_to_share));
    let mut with_fraction = Vec::with_capacity(free.len());
    for &junior in free {
        let line = &mut lines[junior];
        let (whole, remainder) = (line.whole(), line.remainder());
        line.seats = u64::try_from(whole).expect("a share is never above the seats shared");
        left -= whole;
        if remainder == 0 {
            continue;
        }
        match method {
            Method::HalfUp if 2 * remainder >= line.weight_total => {
                line.seats += 1;
                line.why = Why::HalfUp;
            }
            Method::HalfUp => line.why = Why::BelowHalf,
            Method::Floor => line.why = Why::Dropped,
            Method::IntegerPartThenLots => with_fraction.push((Reverse(0), ranks[junior], junior)),
            _ => with_fraction.push((Reverse(remainder), ranks[junior], junior)),
        }
    }
    with_fraction.sort_unstable();
    for (place, (_, _, junior)) in (1_u32..).zip(with_fraction) {
        let line = &mut lines[junior];
        let wins = u128::from(place) <= left;
        line.seats += u64::from(wins);
        line.why = match (method, wins) {
            (Method::IntegerPartThenLots, true) => Why::Lot { place },
            (Method::IntegerPartThenLots, false) => Why::LostLot { place },
            (_, true) => Why::Remainder { place },
            (_, false) => Why::LostRemainder { place },
        };
    }
}

/// Where a divisor method rounds up from one seat to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signposts {
    /// At the half: 0.5, 1.5, ... (Sainte-Lague).
    Half,
    /// At the whole: 1, 2, ... (D'Hondt).
    Whole,
}

impl Signposts {
    /// The signpost of the next seat after `seats`, doubled.
    fn doubled(self, seats: u64) -> u128 {
        2 * u128::from(seats) + if self == Signposts::Half { 1 } else { 2 }
    }

    /// `numerator / denominator` rounded; beyond every seat where it cannot be computed.
    fn rounded(self, numerator: Option<u128>, denominator: u128) -> u64 {
        let lift = if self == Signposts::Half { denominator } else { 0 };
        let doubled =
            numerator.and_then(|value| value.checked_mul(2)).and_then(|value| value.checked_add(lift));
        doubled.map_or(u64::MAX, |value| u64::try_from(value / (2 * denominator)).unwrap_or(u64::MAX))
    }
}

/// A junior's claim to its next seat: weight over signpost, larger first, then rank.
#[derive(PartialEq, Eq)]
struct Claim {
    weight: u128,
    doubled: u128,
    rank: Reverse<usize>,
    junior: usize,
}

impl Ord for Claim {
    fn cmp(&self, other: &Claim) -> Ordering {
        (self.weight * other.doubled).cmp(&(other.weight * self.doubled)).then(self.rank.cmp(&other.rank))
    }
}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Claim) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The seats of a divisor method: by bisection up to a divisor that gives just too few, then seat
/// by seat to the largest claim.
fn divisor_seats(
    posts: Signposts,
    seats: u64,
    weights: &[u128],
    limits: &[Limit],
    ranks: &[usize],
) -> Vec<u64> {
    let total: u128 = weights.iter().sum();
    // At the divisor total / step; larger steps never take a seat away.
    let at = |step: u128| -> Vec<u64> {
        let rounded = |(&weight, limit): (&u128, &Limit)| {
            posts.rounded(weight.checked_mul(step), total).clamp(limit.low, limit.high)
        };
        weights.iter().zip(limits).map(rounded).collect()
    };
    let fits =
        |step: u128| at(step).iter().map(|&given| u128::from(given)).sum::<u128>() <= u128::from(seats);
    let (mut below, mut above) = (0_u128, u128::from(seats).max(1));
    while fits(above) {
        (below, above) = (above, above * 2);
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if fits(middle) {
            below = middle;
        } else {
            above = middle;
        }
    }
    let mut given = at(below);
    let claim = |junior: usize, given: &[u64]| Claim {
        weight: weights[junior],
        doubled: posts.doubled(given[junior]),
        rank: Reverse(ranks[junior]),
        junior,
    };
    let open = |junior: &usize, given: &[u64]| weights[*junior] > 0 && given[*junior] < limits[*junior].high;
    let mut claims: BinaryHeap<Claim> = (0..weights.len())
        .filter(|junior| open(junior, &given))
        .map(|junior| claim(junior, &given))
        .collect();
    let placed: u128 = given.iter().map(|&seats| u128::from(seats)).sum();
    for _ in placed..u128::from(seats) {
        let best = claims.pop().expect("the caps have room for every seat").junior;
        given[best] += 1;
        if open(&best, &given) {
            claims.push(claim(best, &given));
        }
    }
    given
}

/// Sainte-Lague over wide weights, without bounds, ties by order: one row of a biproportional
/// matrix. Weights up to 2^90 and seats up to 2^32, at least one weight above zero.
pub(crate) fn webster_row(seats: u64, weights: &[u128]) -> Vec<u64> {
    let free = |&weight: &u128| Limit { low: 0, high: if weight == 0 { 0 } else { u64::MAX } };
    let limits: Vec<Limit> = weights.iter().map(free).collect();
    let ranks: Vec<usize> = (0..weights.len()).collect();
    divisor_seats(Signposts::Half, seats, weights, &limits, &ranks)
}

/// Writes the seats of a divisor method into the lines and returns the smallest winning claim,
/// which serves as the common divisor.
fn by_divisor(
    posts: Signposts,
    seats: u64,
    limits: &[Limit],
    ranks: &[usize],
    lines: &mut [ShareLine],
) -> Option<Fraction> {
    let weights: Vec<u128> = lines.iter().map(|line| u128::from(line.weight)).collect();
    let given = divisor_seats(posts, seats, &weights, limits, ranks);
    let last_won = |junior: usize| Claim {
        weight: weights[junior],
        doubled: posts.doubled(given[junior] - 1),
        rank: Reverse(0),
        junior,
    };
    let smallest = (0..given.len()).filter(|&junior| given[junior] > limits[junior].low).map(last_won).min();
    for (junior, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.weight > 0) {
        line.seats = given[junior];
        let natural = smallest
            .as_ref()
            .map_or(0, |claim| posts.rounded(weights[junior].checked_mul(claim.doubled), 2 * claim.weight));
        line.why = match (line.seats, limits[junior]) {
            (seats, limit) if seats == limit.low && natural < seats => Why::Minimum,
            (seats, limit) if seats == limit.high && natural > seats => Why::Cap,
            _ => Why::Divisor,
        };
    }
    smallest.map(|claim| Fraction { numerator: 2 * claim.weight, denominator: claim.doubled })
}
