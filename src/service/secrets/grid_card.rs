//! Printed one-time grid cards (动态口令卡): the second factor of candidates that needs no phone.

use subtle::ConstantTimeEq;

use crate::service::secrets::master_key::{MasterKey, Purpose, SubKey};
use crate::service::secrets::os_random::symbols;

/// Columns A to H.
pub const COLUMNS: usize = 8;

/// Rows 1 to 10.
pub const ROWS: usize = 10;

/// Symbols in a cell; three cells have 9 * log2(31) = 44 bits.
const SYMBOLS: usize = 3;

/// Capitals and digits that cannot be taken for each other.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// Number of different challenges on one card: 80 * 79 * 78 / 6.
pub const CHALLENGES: u32 = 82_160;

/// One cell of the card, by its place: 0 is A1, 1 is B1, 79 is H10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell(u8);

impl Cell {
    /// The name as printed: `C7`.
    pub fn name(self) -> String {
        let column = char::from(b'A' + self.0 % COLUMNS as u8);
        format!("{column}{}", self.0 / COLUMNS as u8 + 1)
    }
}

/// The cards of one installation. Nothing about a card is stored but its account, its serial and how
/// many challenges were used: cells and challenges come from the key.
#[derive(Clone, Debug)]
pub struct GridCards(SubKey);

impl GridCards {
    /// The cards under the installation's key.
    pub fn new(master: &MasterKey) -> GridCards {
        GridCards(master.derive(Purpose::GridCards))
    }

    /// The card to print, row by row. A new serial is a new card.
    pub fn card(&self, account: &str, serial: u32) -> [[String; COLUMNS]; ROWS] {
        std::array::from_fn(|row| {
            std::array::from_fn(|column| self.text(account, serial, Cell((row * COLUMNS + column) as u8)))
        })
    }

    /// The three cells that challenge number `number` asks for; none after the card's last challenge.
    ///
    /// Two numbers never ask for the same three cells, so a challenge whose number was used is never asked
    /// again; without the key nobody can foresee what the next number asks.
    pub fn challenge(&self, account: &str, serial: u32, number: u32) -> Option<[Cell; 3]> {
        (number < CHALLENGES).then(|| combination(self.shuffled(account, serial, number)))
    }

    /// Whether `answer` is what stands in the three cells of challenge number `number`, read in their order;
    /// small letters, spaces and hyphens do not matter. The time does not depend on how much of it is right.
    pub fn confirms(&self, account: &str, serial: u32, number: u32, answer: &str) -> bool {
        let Some(cells) = self.challenge(account, serial, number) else {
            return false;
        };
        let right: String = cells.iter().map(|&cell| self.text(account, serial, cell)).collect();
        let given: String = answer
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        right.as_bytes().ct_eq(given.as_bytes()).into()
    }

    fn text(&self, account: &str, serial: u32, cell: Cell) -> String {
        let parts: [&[u8]; 4] = [b"cell", account.as_bytes(), &serial.to_le_bytes(), &[cell.0]];
        // A byte is thrown away with probability 1/32, so 32 bytes practically always hold three symbols;
        // should they not, the next block goes on.
        let blocks = (0_u8..=255).flat_map(|block| self.0.mac(&[&parts[..], &[&[block]]].concat()));
        symbols(ALPHABET, blocks).take(SYMBOLS).collect()
    }

    /// A keyed permutation of the challenge numbers: a Feistel network of four rounds over 18 bits, walked
    /// until it comes back among the numbers (about three steps).
    fn shuffled(&self, account: &str, serial: u32, number: u32) -> u32 {
        let mut value = number;
        loop {
            for round in 0_u8..4 {
                let (left, right) = (value >> 9, value & 0x1ff);
                let parts: [&[u8]; 5] =
                    [b"challenge", account.as_bytes(), &serial.to_le_bytes(), &[round], &right.to_le_bytes()];
                let mac = self.0.mac(&parts);
                let noise = u32::from(u16::from_le_bytes([mac[0], mac[1]])) & 0x1ff;
                value = (right << 9) | (left ^ noise);
            }
            if value < CHALLENGES {
                return value;
            }
        }
    }
}

/// The three different cells with the given number among all such threes, in rising order.
fn combination(mut number: u32) -> [Cell; 3] {
    let choose = |n: u32, k: u32| (0..k).fold(1, |product, i| product * n.saturating_sub(i) / (i + 1));
    // The combinatorial number system: the largest cell takes as many threes as stand below it, and so on.
    let mut cells = [Cell(0); 3];
    for k in (1..=3).rev() {
        let cell = (0..(COLUMNS * ROWS) as u32)
            .rev()
            .find(|&cell| choose(cell, k) <= number)
            .expect("no three come before cell 0");
        number -= choose(cell, k);
        cells[k as usize - 1] = Cell(cell as u8);
    }
    cells
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn answer(cards: &GridCards, account: &str, serial: u32, number: u32) -> String {
        let card = cards.card(account, serial);
        let cells = cards.challenge(account, serial, number).unwrap();
        let read =
            cells.map(|cell| card[usize::from(cell.0) / COLUMNS][usize::from(cell.0) % COLUMNS].clone());
        read.concat()
    }

    #[test]
    fn what_stands_on_the_printed_card_is_the_answer() {
        let cards = GridCards::new(&MasterKey::ephemeral());
        for number in [0, 1, 77, CHALLENGES - 1] {
            let read = answer(&cards, "a1", 3, number);
            assert!(cards.confirms("a1", 3, number, &read));
            let typed = format!("{}-{} {}", &read[..3], &read[3..6].to_lowercase(), &read[6..]);
            assert!(cards.confirms("a1", 3, number, &typed));
        }
    }

    #[test]
    fn another_card_challenge_or_answer_is_refused() {
        let cards = GridCards::new(&MasterKey::ephemeral());
        let read = answer(&cards, "a1", 1, 5);
        assert!(!cards.confirms("a2", 1, 5, &read), "another account");
        assert!(!cards.confirms("a1", 2, 5, &read), "the card was replaced");
        assert!(!cards.confirms("a1", 1, 6, &read), "the challenge was used");
        for wrong in ["", &read[..8], &format!("{read}2"), "王王王", "000000000"] {
            assert!(!cards.confirms("a1", 1, 5, wrong), "{wrong}");
        }
        assert!(cards.challenge("a1", 1, CHALLENGES).is_none(), "the card is used up");
        assert!(!cards.confirms("a1", 1, CHALLENGES, &read));
    }

    #[test]
    fn no_challenge_is_ever_asked_again() {
        let cards = GridCards::new(&MasterKey::ephemeral());
        let asked: BTreeSet<u32> = (0..CHALLENGES).map(|number| cards.shuffled("a1", 1, number)).collect();
        assert_eq!(asked.len(), CHALLENGES as usize);
        assert_eq!(asked.last(), Some(&(CHALLENGES - 1)));
    }

    #[test]
    fn every_three_cells_have_one_number() {
        let threes: BTreeSet<[Cell; 3]> = (0..CHALLENGES).map(combination).collect();
        assert_eq!(threes.len(), CHALLENGES as usize);
        assert!(threes.iter().all(|[a, b, c]| a < b && b < c && usize::from(c.0) < COLUMNS * ROWS));
        assert_eq!([Cell(0), Cell(7), Cell(79)].map(Cell::name), ["A1", "H1", "H10"]);
    }

    #[test]
    fn cards_differ_and_are_readable() {
        let cards = GridCards::new(&MasterKey::ephemeral());
        let card = cards.card("a1", 1);
        assert_ne!(card, cards.card("a1", 2));
        assert_ne!(card, cards.card("a2", 1));
        assert_ne!(card, GridCards::new(&MasterKey::ephemeral()).card("a1", 1));
        for cell in card.iter().flatten() {
            assert!(cell.len() == SYMBOLS && cell.bytes().all(|byte| ALPHABET.contains(&byte)), "{cell}");
        }
    }
}
