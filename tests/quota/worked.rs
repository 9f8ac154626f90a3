//! Worked examples W1 to W8 of the domain reference.

use zhaosheng::domain::quota::{Method, QuotaRule, Why};
use zhaosheng::engine::apportionment::{Impossible, Terms, apportion};
use zhaosheng::engine::quota_plan::{Lots, direct_seats, plan, seats_due};

use crate::files::{junior, points, programme, seats};

const W1: [u64; 5] = [320, 210, 145, 88, 37];
const W2: [u64; 5] = [45, 45, 10, 5, 1];

#[test]
fn w1_every_method_gives_its_own_answer() {
    assert_eq!(seats(Method::LargestRemainder, 60, &W1, 0), [24, 16, 11, 6, 3]);
    assert_eq!(seats(Method::HalfUp, 60, &W1, 0), [24, 16, 11, 7, 3]);
    assert_eq!(seats(Method::Floor, 60, &W1, 0), [24, 15, 10, 6, 2]);
    assert_eq!(seats(Method::SainteLague, 60, &W1, 0), [24, 16, 11, 6, 3]);
    assert_eq!(seats(Method::Dhondt, 60, &W1, 0), [25, 16, 11, 6, 2]);
}

#[test]
fn w1_the_proof_says_who_got_the_extra_seats() {
    let shared = apportion(Method::LargestRemainder, 60, &W1, &Terms::default()).unwrap();
    let whys: Vec<Why> = shared.lines.iter().map(|line| line.why).collect();
    assert_eq!(
        whys,
        [
            Why::WholeOnly,
            Why::Remainder { place: 3 },
            Why::Remainder { place: 1 },
            Why::LostRemainder { place: 4 },
            Why::Remainder { place: 2 },
        ]
    );
    assert_eq!((shared.lines[1].whole(), shared.lines[1].remainder()), (15, 600));
}

#[test]
fn w2_a_minimum_is_paid_by_the_large_and_a_tie_goes_by_order_or_lot() {
    assert_eq!(seats(Method::LargestRemainder, 10, &W2, 0), [4, 4, 1, 1, 0]);
    assert_eq!(seats(Method::HalfUp, 10, &W2, 0), [4, 4, 1, 0, 0]);
    assert_eq!(seats(Method::LargestRemainder, 10, &W2, 1), [4, 3, 1, 1, 1]);
    assert_eq!(seats(Method::SainteLague, 10, &W2, 1), [4, 3, 1, 1, 1]);
    let lots = [1, 0];
    for method in [Method::LargestRemainder, Method::SainteLague, Method::Dhondt] {
        let terms = Terms { minimum: 1, lots: Some(&lots), ..Terms::default() };
        assert_eq!(apportion(method, 10, &W2, &terms).unwrap().seats(), [3, 4, 1, 1, 1]);
    }
}

#[test]
fn w3_largest_remainder_can_take_seats_away_from_a_growing_pool_and_sainte_lague_does_not() {
    let weights = [53, 53, 53, 21, 20];
    assert_eq!(seats(Method::LargestRemainder, 24, &weights, 0), [6, 6, 6, 3, 3]);
    assert_eq!(seats(Method::LargestRemainder, 25, &weights, 0), [7, 7, 7, 2, 2]);
    let (before, after) =
        (seats(Method::SainteLague, 24, &weights, 0), seats(Method::SainteLague, 25, &weights, 0));
    assert!(before.iter().zip(&after).all(|(before, after)| after >= before));
}

#[test]
fn w4_direct_seats_are_a_thirtieth_half_up() {
    let eligible = [120, 135, 102, 166, 45, 14];
    assert_eq!(eligible.map(|eligible| direct_seats(eligible, 30)), [4, 5, 3, 6, 2, 0]);
}

#[test]
fn w6_published_products_come_out() {
    // Bengbu: the total is 7,668,543.4, so all weights are counted in tenths.
    let school = 800 * 300 * 10;
    let weights = [school, 76_685_434 - school];
    assert_eq!(seats(Method::HalfUp, 2960, &weights, 0)[0], 93);
    assert_eq!(seats(Method::HalfUp, 546, &[571, 13_671 - 571], 0)[0], 23);
    // Huainan: one seat for two rewarded students, a half goes up.
    assert_eq!(direct_seats(14 + 3, 2), 9);
    assert_eq!(seats_due(points("0.5"), 473), 237);
    assert_eq!(seats_due(points("0.55"), 658), 362);
}

#[test]
fn w7_a_share_below_one_gives_no_seat_by_floor() {
    assert_eq!(seats(Method::Floor, 90, &[40, 3960], 0), [0, 89]);
    assert_eq!(seats(Method::Floor, 90, &[45, 3955], 0)[0], 1);
}

#[test]
fn w8_small_juniors_of_an_area_share_one_seat() {
    // 10,000 pupils share 100 seats: 30, 40 and 35 pupils have 0.3, 0.4 and 0.35 of a seat.
    let juniors = [
        junior("D1", 1, 30),
        junior("D2", 1, 40),
        junior("D3", 1, 35),
        junior("A1", 0, 5000),
        junior("A2", 0, 4895),
    ];
    let programmes = [programme("H", 200, "0.5", &[0, 1])];
    for method in [Method::Floor, Method::HalfUp, Method::LargestRemainder] {
        let rule = QuotaRule { method, pool_below: Some(points("1")), ..QuotaRule::default() };
        let plan = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap();
        let cells: Vec<(&[u32], u32)> =
            plan.cells.iter().map(|cell| (&cell.juniors[..], cell.seats)).collect();
        let last = if method == Method::Floor { 48 } else { 49 };
        assert_eq!(cells, [(&[0, 1, 2][..], 1), (&[3], 50), (&[4], last)], "{method:?}");
    }
}

#[test]
fn zero_weights_get_nothing_and_no_minimum() {
    assert_eq!(seats(Method::LargestRemainder, 5, &[0, 10, 1], 1), [0, 4, 1]);
    assert_eq!(seats(Method::SainteLague, 5, &[0, 10, 1], 1), [0, 4, 1]);
}

#[test]
fn what_cannot_be_is_refused() {
    let terms = Terms { minimum: 3, ..Terms::default() };
    let minimum = Impossible::Minimum { needed: 6, seats: 5 };
    assert_eq!(apportion(Method::LargestRemainder, 5, &[3, 2, 0], &terms), Err(minimum));
    let none = Err(Impossible::NoWeight { seats: 5 });
    assert_eq!(apportion(Method::HalfUp, 5, &[0, 0], &Terms::default()), none);
    let no_lots = Err(Impossible::NoLots);
    assert_eq!(apportion(Method::IntegerPartThenLots, 5, &[1, 2], &Terms::default()), no_lots);
}

#[test]
fn caps_pass_seats_on_and_leave_seats_over_only_when_all_are_full() {
    for method in [Method::LargestRemainder, Method::SainteLague, Method::Dhondt] {
        let terms = Terms { caps: Some(&[2, 100, 100]), ..Terms::default() };
        let shared = apportion(method, 10, &[80, 10, 10], &terms).unwrap();
        assert_eq!((shared.seats(), shared.beyond_caps), (vec![2, 4, 4], 0));
        assert_eq!(shared.lines[0].why, Why::Cap);
        let terms = Terms { caps: Some(&[2, 3, 4]), ..Terms::default() };
        let shared = apportion(method, 10, &[80, 10, 10], &terms).unwrap();
        assert_eq!((shared.seats(), shared.beyond_caps), (vec![2, 3, 4], 1));
    }
}

#[test]
fn the_lots_give_the_rest_only_to_those_with_a_fraction() {
    let lots = [0, 4, 3, 2, 1];
    let terms = Terms { lots: Some(&lots), ..Terms::default() };
    let shared = apportion(Method::IntegerPartThenLots, 60, &W1, &terms).unwrap();
    assert_eq!(shared.seats(), [24, 15, 11, 7, 3]);
    assert_eq!(shared.lines[1].why, Why::LostLot { place: 4 });
}

#[test]
fn the_largest_numbers_are_still_exact() {
    let most = 1 << 53;
    assert_eq!(seats(Method::LargestRemainder, most, &[most, most, 1], 0), [most / 2, most / 2, 0]);
    assert_eq!(seats(Method::SainteLague, most, &[most, most, 1], 0), [most / 2, most / 2, 0]);
    assert_eq!(seats(Method::Dhondt, most, &[most, most - 1], 0).iter().sum::<u64>(), most);
}
