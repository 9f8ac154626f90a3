//! Ring, first and difference, seats by heads: W17, W18 and brute force.

use proptest::prelude::*;
use zhaosheng::domain::ticket::Twins;
use zhaosheng::engine::draw::{NotADraw, Seating, first_and_difference, list_hash, ring, seat};

#[test]
fn w17_nanchang_2023() {
    let order = ring(20, 6, 3).unwrap();
    assert_eq!(order[..15], [6, 9, 12, 15, 18, 1, 4, 8, 13, 17, 2, 7, 14, 20, 10]);
    assert_eq!(order.len(), 20);
}

#[test]
fn w18_twins_at_the_last_seat() {
    use Seating::{Admitted, NoSeat, OverPlan, PassedOver};
    let heads = [1, 2, 1, 2, 1, 1];
    assert_eq!(
        seat(&heads, 5, Twins::AdmitBoth),
        [Admitted, Admitted, Admitted, OverPlan(1), NoSeat, NoSeat]
    );
    assert_eq!(
        seat(&heads, 5, Twins::NextSingle),
        [Admitted, Admitted, Admitted, PassedOver, Admitted, NoSeat]
    );
}

#[test]
fn a_progression_that_misses_numbers_is_refused() {
    assert_eq!(first_and_difference(7, 3, 5).unwrap(), [3, 1, 6, 4, 2, 7, 5]);
    let missed = first_and_difference(20, 1, 15).unwrap_err();
    assert_eq!(missed, NotADraw::MissesNumbers { difference: 15, tickets: 20, divisor: 5 });
    assert!(missed.to_string().contains("divisible by 5"));
    assert!(first_and_difference(20, 21, 1).is_err());
    assert!(first_and_difference(20, 0, 1).is_err());
    assert!(ring(20, 1, 0).is_err());
    assert!(ring(0, 0, 0).is_err());
}

#[test]
fn a_line_that_stands_twice_cannot_be_frozen() {
    assert!(list_hash(&["a,1", "b,1", "a,1"]).is_err());
    assert_eq!(list_hash(&["a,1", "b,1"]), list_hash(&["b,1", "a,1"]));
    assert_ne!(list_hash(&["a,1", "b,1"]), list_hash(&["a,1", "b,2"]));
}

proptest! {
    #[test]
    fn the_ring_is_the_ring_of_paper(tickets in 1_u32..60, start in 0_u32..60, interval in 0_u32..60) {
        let (start, interval) = (start % tickets + 1, interval % tickets + 1);
        let mut left: Vec<u32> = (1..=tickets).collect();
        let mut at = start as usize - 1;
        let mut paper = vec![left.remove(at)];
        while !left.is_empty() {
            at = (at + interval as usize - 1) % left.len();
            paper.push(left.remove(at));
        }
        prop_assert_eq!(ring(tickets, start, interval).unwrap(), paper);
    }

    #[test]
    fn a_progression_reaches_everyone_or_is_refused(tickets in 1_u32..200, first in 0_u32..200, step in 0_u32..200) {
        let (first, step) = (first % tickets + 1, step % tickets + 1);
        if let Ok(mut order) = first_and_difference(tickets, first, step) {
            prop_assert_eq!(order[0], first);
            order.sort_unstable();
            prop_assert_eq!(order, (1..=tickets).collect::<Vec<_>>());
        }
    }

    #[test]
    fn seats_are_never_exceeded_by_the_next_single(heads in prop::collection::vec(1_u32..4, 0..30), seats in 0_u32..40) {
        let given = seat(&heads, seats, Twins::NextSingle);
        let taken: u32 = given.iter().zip(&heads).filter(|(s, _)| s.admitted()).map(|(_, h)| h).sum();
        prop_assert!(taken <= seats);
        let both = seat(&heads, seats, Twins::AdmitBoth);
        prop_assert!(both.iter().filter(|s| matches!(s, Seating::OverPlan(_))).count() <= 1);
    }
}
