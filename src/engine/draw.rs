//! Public draws: a frozen list, a seed made after it, lots that anyone can compute again, and the
//! named protocols of cities (ring, first number and difference), each with its entropy.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::domain::ticket::{Ticket, Twins};

/// The key of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A line stands twice on a list, so it cannot be frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twice(pub Vec<u8>);

/// The hash that freezes a list: SHA-256 of `zhaosheng/list/1` and every line with `\n` after it.
///
/// The lines are sorted bytewise first, so the order of the file does not matter. A line must not
/// contain `\n` ([`Ticket::line`] never does).
///
/// Rule: mechanism.md section 6: *"The public list is frozen first (its hash published), entropy
/// comes after"*.
///
/// # Complexity
/// O(n log n) comparisons.
pub fn list_hash<L: AsRef<[u8]>>(lines: &[L]) -> Result<[u8; 32], Twice> {
    let mut sorted: Vec<&[u8]> = lines.iter().map(AsRef::as_ref).collect();
    sorted.sort_unstable();
    let mut hash = Sha256::new_with_prefix(b"zhaosheng/list/1");
    for (at, line) in sorted.iter().enumerate() {
        if at > 0 && sorted[at - 1] == *line {
            return Err(Twice(line.to_vec()));
        }
        hash.update(line);
        hash.update(b"\n");
    }
    Ok(hash.finalize().into())
}

/// The seed: SHA-256 of `zhaosheng/seed/1`, the list hash, and each part after its length
/// (64 bits, little-endian). One honest part suffices (mechanism.md section 6).
///
/// # Complexity
/// O(length of the parts).
pub fn seed_of(list_hash: [u8; 32], parts: &[Vec<u8>]) -> Seed {
    let mut hash = Sha256::new_with_prefix(b"zhaosheng/seed/1");
    hash.update(list_hash);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    Seed(hash.finalize().into())
}

/// A person's lasting draw number in a round; the smaller wins, equal ones by person id.
///
/// Rule: mechanism.md section 6: the number is a function of (seed, round, person) alone, so
/// applying again, editing or importing again never gives another one. With D = SHA-256 of
/// `zhaosheng/lot/1`, the round (32 bits, little-endian) and the person in UTF-8, it is the first
/// 64 bits of block D\[8..16\] mod 2^60 of stream D\[0..8\] of ChaCha20 (20 rounds, 64-bit counter
/// and 64-bit stream) keyed by the seed; all numbers little-endian.
///
/// For many persons use [`Lots`].
///
/// # Complexity
/// O(length of the id).
pub fn lot(seed: Seed, round: u32, person: &str) -> u64 {
    Lots::new(seed, round).of(person)
}

/// Lots in bulk: one per thread; each call is a pure function of (seed, round, person).
#[derive(Clone)]
pub struct Lots {
    cipher: ChaCha20Rng,
    address: Sha256,
}

impl Lots {
    /// The lots of a round.
    pub fn new(seed: Seed, round: u32) -> Lots {
        let mut address = Sha256::new_with_prefix(b"zhaosheng/lot/1");
        address.update(round.to_le_bytes());
        Lots { cipher: ChaCha20Rng::from_seed(seed.0), address }
    }

    /// The person's number, as [`lot`] says it.
    pub fn of(&mut self, person: &str) -> u64 {
        let digest: [u8; 32] = self.address.clone().chain_update(person).finalize().into();
        let word = |from: usize| {
            u64::from_le_bytes(digest[from..from + 8].try_into().expect("eight bytes are eight bytes"))
        };
        self.cipher.set_stream(word(0));
        // The position counts words of 4 bytes, 16 to a block. It is set last: it empties the buffer.
        let block = word(8) & ((1 << 60) - 1);
        self.cipher.set_word_pos(u128::from(block) * 16);
        self.cipher.next_u64()
    }
}

/// Tickets in the order of their lots (smaller first, equal ones by id), each with its lot.
///
/// # Complexity
/// O(n log n).
pub fn by_lot(seed: Seed, round: u32, tickets: &[Ticket]) -> Vec<(u64, Ticket)> {
    let mut lots = Lots::new(seed, round);
    let mut order: Vec<(u64, Ticket)> =
        tickets.iter().map(|ticket| (lots.of(ticket.id()), ticket.clone())).collect();
    order.sort_unstable();
    order
}

/// Why drawn numbers do not make a draw. Numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotADraw {
    /// The first number drawn is not on the list.
    FirstNotOnList {
        /// What was drawn.
        first: u64,
        /// How many tickets there are.
        tickets: u64,
    },
    /// The interval or difference is not from 1 to the number of tickets.
    StepNotOnList {
        /// What was drawn.
        step: u64,
        /// How many tickets there are.
        tickets: u64,
    },
    /// The difference shares a divisor with the number of tickets, so it misses some of them.
    MissesNumbers {
        /// What was drawn.
        difference: u64,
        /// How many tickets there are.
        tickets: u64,
        /// The greatest common divisor.
        divisor: u64,
    },
}

impl fmt::Display for NotADraw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotADraw::FirstNotOnList { first, tickets } => {
                write!(f, "the first number {first} must be from 1 to {tickets}, the number of tickets")
            }
            NotADraw::StepNotOnList { step, tickets } => {
                write!(f, "the step {step} must be from 1 to {tickets}, the number of tickets")
            }
            NotADraw::MissesNumbers { difference, tickets, divisor } => write!(
                f,
                "the difference {difference} never reaches some of the {tickets} numbers: \
                 both are divisible by {divisor}; draw another difference"
            ),
        }
    }
}

fn on_list(tickets: u64, first: u64, step: u64) -> Result<(), NotADraw> {
    if first == 0 || first > tickets {
        return Err(NotADraw::FirstNotOnList { first, tickets });
    }
    if step == 0 || step > tickets {
        return Err(NotADraw::StepNotOnList { step, tickets });
    }
    Ok(())
}

/// Numbers 1 to `tickets` on a ring: the start number, then every `interval`-th of those still on
/// the ring, each winner removed.
///
/// Rule: Nanchang 2023 (reference.md DP51 b, W17).
///
/// # Complexity
/// O(n log n).
pub fn ring(tickets: u32, start: u32, interval: u32) -> Result<Vec<u32>, NotADraw> {
    on_list(tickets.into(), start.into(), interval.into())?;
    let mut left = Ring::full(tickets as usize);
    let mut at = start as usize - 1;
    let mut order = Vec::with_capacity(tickets as usize);
    for on_ring in (0..tickets as usize).rev() {
        order.push(left.take(at));
        if on_ring > 0 {
            // Taking the winner moved the next one to its index, so one step is already done.
            at = (at + interval as usize - 1) % on_ring;
        }
    }
    Ok(order)
}

/// Which numbers are still on the ring: a tree of counts that finds the k-th one left.
struct Ring {
    counts: Vec<u32>,
    top: usize,
}

impl Ring {
    fn full(size: usize) -> Ring {
        // In a Fenwick tree of ones, node i counts the lowest set bit of i.
        let lowest = |node: usize| u32::try_from(node & node.wrapping_neg()).unwrap_or(u32::MAX);
        let top = if size == 0 { 0 } else { 1 << size.ilog2() };
        Ring { counts: (0..=size).map(lowest).collect(), top }
    }

    /// Takes the number that has `index` smaller ones left before it.
    fn take(&mut self, index: usize) -> u32 {
        let (mut node, mut before, mut step) = (0, index, self.top);
        while step > 0 {
            if let Some(&count) = self.counts.get(node + step)
                && count as usize <= before
            {
                node += step;
                before -= count as usize;
            } else if let Some(count) = self.counts.get_mut(node + step) {
                // This node covers the number that goes.
                *count -= 1;
            }
            step /= 2;
        }
        u32::try_from(node + 1).expect("a ring has at most 2^32 - 1 numbers")
    }
}

/// Numbers 1 to `tickets` as an arithmetic progression: the first drawn, then always plus the
/// difference, around the end of the list.
///
/// Rule: Fuzhou 2021 (reference.md DP51 c).
///
/// # Complexity
/// O(n).
pub fn first_and_difference(tickets: u32, first: u32, difference: u32) -> Result<Vec<u32>, NotADraw> {
    on_list(tickets.into(), first.into(), difference.into())?;
    let divisor = common_divisor(tickets.into(), difference.into());
    if divisor != 1 {
        return Err(NotADraw::MissesNumbers {
            difference: difference.into(),
            tickets: tickets.into(),
            divisor,
        });
    }
    let mut at = u64::from(first) - 1;
    Ok((0..tickets)
        .map(|_| {
            let number = u32::try_from(at + 1).expect("a number on the list");
            at = (at + u64::from(difference)) % u64::from(tickets);
            number
        })
        .collect())
}

const fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A number of bits in tenths, rounded down: what is printed never claims too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bits {
    /// Tenths of a bit.
    pub tenths: u32,
}

impl Bits {
    /// What a draw needs so that nobody can try out lists or parts (mechanism.md section 6).
    pub const ENOUGH: Bits = Bits { tenths: 1280 };

    /// log2 of a number of equally likely outcomes, exact: floor(log2(outcomes^10)) tenths.
    pub fn of_outcomes(outcomes: u64) -> Bits {
        let mut power: Vec<u64> = vec![1];
        for _ in 0..10 {
            let mut carry = 0_u128;
            for limb in &mut power {
                carry += u128::from(*limb) * u128::from(outcomes);
                *limb = carry as u64;
                carry >>= 64;
            }
            if carry > 0 {
                power.push(carry as u64);
            }
        }
        let top = power.last().copied().unwrap_or(0).max(1).ilog2();
        Bits { tenths: 64 * (power.len() as u32 - 1) + top }
    }

    /// At most this many bits can be in the parts of a seed, judged by their characters: a decimal
    /// digit 3.3, a hexadecimal one 4 (in a part of at least 16 such), any other byte 6, never
    /// more than the 256 of the seed. Signs between the digits count nothing. How a part really
    /// came about only people can judge.
    pub fn of_parts(parts: &[Vec<u8>]) -> Bits {
        let of_part = |part: &Vec<u8>| {
            let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
            let signs = part.iter().filter(|byte| b" ,.:;+-/\t".contains(byte)).count();
            if digits + signs == part.len() {
                digits * 33
            } else if part.len() >= 16 && part.iter().all(u8::is_ascii_hexdigit) {
                part.len() * 40
            } else {
                digits * 33 + (part.len() - digits - signs) * 60
            }
        };
        let tenths: usize = parts.iter().map(of_part).sum();
        Bits { tenths: u32::try_from(tenths.min(2560)).unwrap_or(2560) }
    }

    /// Of a ring draw: every start with every interval.
    pub fn of_ring(tickets: u32) -> Bits {
        Bits::of_outcomes(u64::from(tickets) * u64::from(tickets))
    }

    /// Of a first number and a difference: every first with every difference that reaches all.
    ///
    /// # Complexity
    /// O(sqrt n) for the count of coprime differences.
    pub fn of_first_and_difference(tickets: u32) -> Bits {
        let (mut rest, mut coprime, mut divisor) = (u64::from(tickets), u64::from(tickets), 2_u64);
        while divisor * divisor <= rest {
            if rest.is_multiple_of(divisor) {
                coprime -= coprime / divisor;
                while rest.is_multiple_of(divisor) {
                    rest /= divisor;
                }
            }
            divisor += 1;
        }
        if rest > 1 {
            coprime -= coprime / rest;
        }
        Bits::of_outcomes(u64::from(tickets) * coprime)
    }

    /// Whether whoever knows the list could try out all outcomes.
    pub fn can_be_steered(self) -> bool {
        self < Bits::ENOUGH
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenths / 10, self.tenths % 10)
    }
}

/// What a draw gives the ticket at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seating {
    /// Admitted within the plan.
    Admitted,
    /// Admitted with this many seats over the plan.
    OverPlan(u32),
    /// Passed over at the last seats, because it needs more than were left.
    PassedOver,
    /// No seat was left.
    NoSeat,
}

impl Seating {
    /// Whether the ticket gets its seats.
    pub const fn admitted(self) -> bool {
        matches!(self, Seating::Admitted | Seating::OverPlan(_))
    }
}

/// Seats tickets in the order drawn, counted by heads.
///
/// Rule: reference.md DP52 and W18: *"one number, seats counted by heads"*.
///
/// # Complexity
/// O(n).
pub fn seat(heads: &[u32], seats: u32, twins: Twins) -> Vec<Seating> {
    let mut left = seats;
    heads
        .iter()
        .map(|&heads| {
            if left == 0 {
                Seating::NoSeat
            } else if heads <= left {
                left -= heads;
                Seating::Admitted
            } else if twins == Twins::AdmitBoth {
                let over = heads - left;
                left = 0;
                Seating::OverPlan(over)
            } else {
                Seating::PassedOver
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden values: they must never change, or old draws could not be checked.
    #[test]
    fn golden_values_never_change() {
        let list = list_hash(&["a,1", "b,2"]).unwrap();
        assert_eq!(hex(&list), "96250ffc3df7c46865c777b6c48e034d1cc49edba47347d674bd8b06c45e6588");
        let seed = seed_of(list, &[b"03 11 24 29".to_vec(), b"office".to_vec()]);
        assert_eq!(seed.to_string(), "1ce3eb44bde20350afdf7384c65c14086b7363656579fb14edb5607c2f3bf2e8");
        let mut lots = Lots::new(seed, 1);
        let found: Vec<u64> = ["a", "b", "", "张三", "140105201009010010"].map(|p| lots.of(p)).to_vec();
        assert_eq!(
            found,
            [
                16_578_143_759_303_082_491,
                7_188_262_050_997_671_032,
                6_119_192_471_399_628_410,
                10_620_569_678_539_636_989,
                11_642_154_842_333_404_174
            ]
        );
        assert_eq!(lot(seed, 2, "a"), 2_468_111_322_454_702_974);
        assert_eq!(lot(Seed([0; 32]), 0, "s1"), 11_209_577_948_408_145_728);
    }

    #[test]
    fn tenths_of_bits_are_rounded_down() {
        let bits = |outcomes| Bits::of_outcomes(outcomes).to_string();
        assert_eq!([1, 2, 3, 160, 400].map(bits), ["0.0", "1.0", "1.5", "7.3", "8.6"]);
        assert_eq!(bits(u64::MAX), "63.9");
        assert_eq!(Bits::of_ring(20).to_string(), "8.6");
        assert_eq!(Bits::of_first_and_difference(20).to_string(), "7.3");
        assert_eq!(Bits::of_parts(&[b"03 11 24".to_vec()]).to_string(), "19.8");
        assert!(!Bits::of_parts(&[vec![b'f'; 32]]).can_be_steered());
    }
}
