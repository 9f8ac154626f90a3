//! Chance that is addressed, not drawn in turn: the same place gives the same numbers everywhere.

/// A stream of numbers (SplitMix64; Steele, Lea, Flood 2014) that starts at an address.
///
/// Only for invented people: lots of a real season are drawn with ChaCha20 (proof page, section 3).
#[derive(Clone, Debug)]
pub struct Chance(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// The stream of `index` in `room` under `seed`.
    pub fn at(seed: u64, room: u64, index: u64) -> Chance {
        let start = mix(mix(mix(seed.wrapping_add(STEP)) ^ room).wrapping_add(STEP) ^ index);
        Chance(start)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number in `0..bound`. Its bias is below one in 2^32 for the small bounds used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(bound);
        u64::try_from(product >> 64).expect("the upper half of a product fits")
    }

    /// A place in a list of `length` things.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("a place in memory fits")
    }

    /// One of the things.
    pub fn of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.place(things.len())]
    }

    /// True `parts` times in a thousand.
    pub fn per_mille(&mut self, parts: u64) -> bool {
        self.below(1000) < parts
    }

    /// A number in `-spread..=spread`, the middle likelier than the ends.
    pub fn around(&mut self, spread: i64) -> i64 {
        let bound = spread.unsigned_abs() + 1;
        let sum = self.below(bound) + self.below(bound);
        i64::try_from(sum).expect("a spread is small") - spread
    }
}

/// The finaliser of SplitMix64: a bijection of 64 bits.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_the_same_numbers_for_ever() {
        let mut chance = Chance(0);
        assert_eq!(chance.bits(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(chance.bits(), 0x6e78_9e6a_a1b9_65f4);
        assert_ne!(Chance::at(1, 0, 7).bits(), Chance::at(1, 0, 8).bits());
        assert_ne!(Chance::at(1, 0, 7).bits(), Chance::at(1, 1, 7).bits());
    }
}
