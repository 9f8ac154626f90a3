//! Draws: every order equally likely over many seeds, and whoever applies again keeps her number.

use zhaosheng::domain::ticket::Ticket;
use zhaosheng::engine::draw::{Lots, by_lot, list_hash, seed_of};

/// A private school draws 3 of 6; over 170,000 seeds (more than 10^6 numbers) everybody is in equally often.
#[test]
fn a_million_numbers_favour_nobody() {
    const DRAWS: u32 = 170_000;
    let tickets: Vec<Ticket> = (1..=6).map(|at| Ticket::new(&format!("n{at}"), 1).unwrap()).collect();
    let lines: Vec<String> = tickets.iter().map(Ticket::line).collect();
    let list = list_hash(&lines).unwrap();
    let mut places = [[0u64; 6]; 6];
    for draw in 0..DRAWS {
        let seed = seed_of(list, &[draw.to_le_bytes().to_vec()]);
        for (place, (_, ticket)) in by_lot(seed, 1, &tickets).iter().enumerate() {
            places[place][ticket.id().as_bytes()[1] as usize - usize::from(b'1')] += 1;
        }
    }
    // Chi-square with 5 degrees of freedom per place: 25.7 is passed once in 10,000; scaled to whole numbers.
    for place in places {
        let scaled: i128 = place
            .iter()
            .map(|&count| {
                let over = i128::from(count) * 6 - i128::from(DRAWS);
                over * over * 10
            })
            .sum();
        assert!(scaled < 257 * 6 * i128::from(DRAWS), "{place:?}");
    }
}

#[test]
fn a_number_is_the_persons_own_whoever_else_applies() {
    let seed = seed_of([7; 32], &[b"part".to_vec()]);
    let mut lots = Lots::new(seed, 1);
    let before: Vec<u64> = (0..1000).map(|at| lots.of(&format!("c{at}"))).collect();
    let mut again = Lots::new(seed, 1);
    for at in (0..1000).rev() {
        assert_eq!(again.of(&format!("c{at}")), before[at]);
    }
}
