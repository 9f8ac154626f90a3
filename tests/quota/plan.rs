//! The quota of a season: the floor, scopes, overrides, direct seats, the matrix, the proof sheet.

use std::collections::BTreeMap;

use zhaosheng::domain::points::Points;
use zhaosheng::domain::quota::{
    Cap, JuniorLine, MatrixRounding, Method, Per, ProgrammeLine, QuotaBreach, QuotaPlan, QuotaRule,
    SeatOverride, Weight,
};
use zhaosheng::engine::quota_plan::{Lots, plan};
use zhaosheng::files::quota_proof::{write_csv, write_page};

use crate::files::{chance, junior, points, programme};

fn high(code: &str, base: u32, share: &str, scope: &[u32]) -> ProgrammeLine {
    ProgrammeLine { high_quality: true, ..programme(code, base, share, scope) }
}

fn fixed(junior: u32, seats: u32, reason: &str) -> SeatOverride {
    SeatOverride { junior, seats, reason: reason.to_owned() }
}

/// Seats by (programme, junior) of single cells.
fn cells(plan: &QuotaPlan) -> BTreeMap<(u32, u32), u32> {
    plan.cells.iter().map(|cell| ((cell.programme, cell.juniors[0]), cell.seats)).collect()
}

fn row_sums(plan: &QuotaPlan, juniors: usize) -> Vec<u32> {
    let mut sums = vec![0; juniors];
    for cell in &plan.cells {
        sums[cell.juniors[0] as usize] += cell.seats;
    }
    sums
}

/// Five juniors in area 0, two in area 1; two city programmes, one for area 1 only.
fn town() -> (Vec<JuniorLine>, Vec<ProgrammeLine>) {
    let sizes = [(0, 320), (0, 210), (0, 145), (0, 88), (0, 37), (1, 60), (1, 15)];
    let line =
        |(index, &(area, eligible)): (usize, &(u32, u64))| junior(&format!("J{}", index + 1), area, eligible);
    let juniors = sizes.iter().enumerate().map(line).collect();
    let programmes =
        vec![high("H1", 101, "0.6", &[0, 1]), high("H2", 55, "0.65", &[0, 1]), high("H3", 25, "0.6", &[1])];
    (juniors, programmes)
}

#[test]
fn a_high_quality_school_below_sixty_percent_is_refused_by_name() {
    let (juniors, mut programmes) = town();
    programmes[1].share = points("0.599999");
    programmes.push(programme("H9", 10, "0.1", &[0]));
    let refused = plan(&juniors, &programmes, &QuotaRule::default(), Lots::InOrder).unwrap_err();
    assert_eq!(
        refused,
        [QuotaBreach::ShareBelowFloor { programme: "H2".to_owned(), share: points("0.599999") }]
    );
    let told = refused[0].to_string();
    assert!(told.contains("H2") && told.contains("0.599999") && told.contains("SX22 6.2"), "{told}");
}

#[test]
fn a_method_that_drops_seats_is_refused_when_all_together_fall_below_sixty_percent() {
    let (juniors, programmes) = town();
    let rule = QuotaRule { method: Method::Floor, ..QuotaRule::default() };
    let refused = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap_err();
    assert!(matches!(refused[..], [QuotaBreach::AggregateBelowFloor { base: 181, .. }]), "{refused:?}");
}

#[test]
fn seats_that_no_junior_can_take_are_reported_and_not_refused() {
    let (mut juniors, programmes) = town();
    juniors[5].eligible = 0;
    juniors[6].eligible = 0;
    let plan = plan(&juniors, &programmes, &QuotaRule::default(), Lots::InOrder).unwrap();
    assert_eq!((plan.floor.placed, plan.floor.unplaceable, plan.floor.base), (61 + 36, 15, 181));
    assert_eq!(plan.per_programme[2].unplaceable, 15);
}

#[test]
fn seats_due_are_rounded_up_and_all_placed() {
    let (juniors, programmes) = town();
    let plan = plan(&juniors, &programmes, &QuotaRule::default(), Lots::InOrder).unwrap();
    let due: Vec<(u64, u64)> = plan.per_programme.iter().map(|quota| (quota.due, quota.placed)).collect();
    assert_eq!(due, [(61, 61), (36, 36), (15, 15)]);
    assert_eq!(plan.floor.placed, 112);
}

#[test]
fn a_junior_out_of_scope_gets_nothing_unless_an_override_names_it() {
    let (juniors, mut programmes) = town();
    let rule = QuotaRule::default();
    let before = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap();
    assert!(cells(&before).keys().all(|&(programme, junior)| programme != 2 || junior >= 5));
    programmes[2].overrides = vec![fixed(0, 4, "agreed with the county"), fixed(6, 0, "closed")];
    for per in [Per::Programme, Per::Matrix] {
        let rule = QuotaRule { per, ..rule.clone() };
        let plan = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap();
        let seats = cells(&plan);
        assert_eq!(seats.get(&(2, 0)), Some(&4));
        assert_eq!(seats.get(&(2, 5)), Some(&11));
        assert_eq!(seats.get(&(2, 6)), None);
        assert_eq!((plan.per_programme[2].by_override, plan.per_programme[2].to_share), (4, 11));
    }
}

#[test]
fn overrides_need_a_reason_and_room() {
    let (juniors, mut programmes) = town();
    programmes[2].overrides = vec![fixed(0, 1, " "), fixed(5, 20, "x"), fixed(5, 1, "y")];
    let refused = plan(&juniors, &programmes, &QuotaRule::default(), Lots::InOrder).unwrap_err();
    assert_eq!(refused.len(), 3, "{refused:?}");
}

#[test]
fn direct_seats_come_first_and_the_junior_stays_in_the_split() {
    let (mut juniors, programmes) = town();
    juniors[3].direct = true; // 88 / 30 = 2.93 -> 3
    juniors[4].direct = true; // 37 / 30 = 1.23 -> 1
    let rule = QuotaRule { direct_divisor: Some(30), ..QuotaRule::default() };
    let plan = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap();
    assert_eq!(plan.direct.iter().map(|direct| direct.seats).collect::<Vec<_>>(), [3, 1]);
    // 4 seats over quotas 61 and 36: 2.52 and 1.48.
    let direct: Vec<u64> = plan.per_programme.iter().map(|quota| quota.direct).collect();
    assert_eq!(direct, [3, 1, 0]);
    assert!(plan.per_programme.iter().all(|quota| quota.placed == quota.due));
    assert!(row_sums(&plan, 7)[3] > 3);
}

#[test]
fn direct_seats_without_room_are_refused() {
    let mut juniors = vec![junior("J1", 0, 900)];
    juniors[0].direct = true;
    let rule = QuotaRule { direct_divisor: Some(30), ..QuotaRule::default() };
    let refused = plan(&juniors, &[programme("H", 20, "0.6", &[0])], &rule, Lots::InOrder).unwrap_err();
    assert_eq!(refused, [QuotaBreach::DirectAboveQuota { juniors: vec!["J1".to_owned()], seats: 30 }]);
}

#[test]
fn the_matrix_keeps_rows_by_sainte_lague_and_columns_exact() {
    let (juniors, programmes) = town();
    for matrix_rounding in [MatrixRounding::Flow, MatrixRounding::Cycle, MatrixRounding::Biproportional] {
        let rule = QuotaRule { per: Per::Matrix, matrix_rounding, minimum: 3, ..QuotaRule::default() };
        let mut random = chance(3);
        let plan = plan(&juniors, &programmes, &rule, Lots::Drawn(&mut random)).unwrap();
        assert!(plan.per_programme.iter().all(|quota| quota.placed == quota.due));
        let sums = row_sums(&plan, 7);
        // The group of area 1 comes first: 60 and 15 pupils share 15 seats, 12 and 3.
        assert_eq!(plan.groups[0].lines.iter().map(|line| line.share.seats).collect::<Vec<_>>(), [12, 3]);
        assert!(sums.iter().all(|&sum| sum >= 3), "{sums:?}");
        let shared: u64 = plan.groups[1].lines.iter().map(|line| line.share.seats).sum();
        assert_eq!(shared, 61 + 36);
    }
}

#[test]
fn a_cap_counts_over_the_row_in_the_matrix_and_over_the_cell_otherwise() {
    let juniors = vec![junior("J1", 0, 4), junior("J2", 0, 100)];
    let programmes = vec![programme("A", 100, "0.6", &[0]), programme("B", 100, "0.6", &[0])];
    let with = |per| {
        let mut juniors = juniors.clone();
        juniors[0].graduates = 100;
        let rule = QuotaRule { per, cap: Cap::Eligible, weight: Weight::Graduates, ..QuotaRule::default() };
        row_sums(&plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap(), 2)
    };
    assert_eq!(with(Per::Programme), [8, 112]);
    assert_eq!(with(Per::Matrix), [4, 100]);
}

#[test]
fn in_the_matrix_what_nobody_can_take_is_kept_in_proportion() {
    let juniors = vec![junior("J1", 0, 4), junior("J2", 0, 8)];
    let programmes = vec![programme("A", 20, "0.5", &[0]), programme("B", 10, "0.5", &[0])];
    let rule = QuotaRule { per: Per::Matrix, cap: Cap::Eligible, ..QuotaRule::default() };
    let plan = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap();
    let kept: Vec<(u64, u64)> =
        plan.per_programme.iter().map(|quota| (quota.placed, quota.unplaceable)).collect();
    assert_eq!(kept, [(8, 2), (4, 1)]);
}

#[test]
fn the_evaluation_factor_multiplies_the_weight_exactly() {
    let mut juniors = vec![junior("J1", 0, 100), junior("J2", 0, 100)];
    juniors[0].factor = points("1.5");
    juniors[1].factor = points("0.75");
    let rule = QuotaRule { use_factor: true, ..QuotaRule::default() };
    let plan = plan(&juniors, &[programme("A", 50, "0.6", &[0])], &rule, Lots::InOrder).unwrap();
    assert_eq!(row_sums(&plan, 2), [20, 10]);
    assert_eq!(plan.per_programme[0].lines[0].share.weight, 15_000);
}

#[test]
fn a_lot_order_decides_the_rest_and_none_is_refused() {
    let juniors: Vec<JuniorLine> = (0..4).map(|index| junior(&format!("J{index}"), 0, 10)).collect();
    let programmes = [programme("A", 10, "0.6", &[0])];
    let rule = QuotaRule { method: Method::IntegerPartThenLots, ..QuotaRule::default() };
    let drawn = plan(&juniors, &programmes, &rule, Lots::Order(&[3, 1])).unwrap();
    assert_eq!(row_sums(&drawn, 4), [1, 2, 1, 2]);
    assert!(matches!(
        plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap_err()[..],
        [QuotaBreach::Rule(_)]
    ));
}

#[test]
fn the_minimum_names_the_programme_that_cannot_pay_it() {
    let (juniors, mut programmes) = town();
    programmes.push(programme("H4", 5, "0.6", &[0]));
    let rule = QuotaRule { minimum: 1, ..QuotaRule::default() };
    let refused = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap_err();
    assert_eq!(
        refused,
        [QuotaBreach::MinimumAboveSeats { programmes: vec!["H4".to_owned()], needed: 5, seats: 3 }]
    );
}

#[test]
fn the_rule_is_read_from_its_table() {
    let text = r#"
        share = "0.65"
        method = "integer_part_then_lots"
        per = "matrix"
        matrix_rounding = "cycle"
        weight = "graduates"
        use_factor = true
        minimum = 1
        cap = "eligible"
        direct_divisor = 30
        pool_below = "0.5"
    "#;
    let rule: QuotaRule = toml::from_str(text).unwrap();
    assert_eq!((rule.share, rule.method), (points("0.65"), Method::IntegerPartThenLots));
    assert_eq!((rule.per, rule.matrix_rounding), (Per::Matrix, MatrixRounding::Cycle));
    assert_eq!((rule.pool_below, rule.direct_divisor), (Some(points("0.5")), Some(30)));
    assert_eq!(toml::from_str::<QuotaRule>("").unwrap(), QuotaRule::default());
    assert!(toml::from_str::<QuotaRule>("minimun = 1").is_err());
}

#[test]
fn the_proof_sheet_can_be_followed_with_a_pocket_calculator() {
    let mut juniors: Vec<JuniorLine> = [320, 210, 145, 88, 37]
        .iter()
        .zip(1..)
        .map(|(&size, index)| junior(&format!("J{index}"), 0, size))
        .collect();
    juniors.push(junior("J6", 1, 50));
    let mut programmes = vec![high("H1", 105, "0.6", &[0])];
    programmes[0].overrides = vec![fixed(5, 3, "moved, \"by hand\"")];
    let plan = plan(&juniors, &programmes, &QuotaRule::default(), Lots::InOrder).unwrap();
    let mut sheet = Vec::new();
    write_csv(&plan, &juniors, &programmes, &mut sheet).unwrap();
    let expected = "\
programme_code,junior_code,weight,weight_total,seats_to_share,share_numerator,share_denominator,integer_part,remainder,seats,why,override_reason
H1,J6,50,0,0,0,1,0,0,3,override,\"moved, \"\"by hand\"\"\"
H1,J1,320,800,60,19200,800,24,0,24,whole,
H1,J2,210,800,60,12600,800,15,600,16,remainder 3,
H1,J3,145,800,60,8700,800,10,700,11,remainder 1,
H1,J4,88,800,60,5280,800,6,480,6,lost remainder 4,
H1,J5,37,800,60,2220,800,2,620,3,remainder 2,
";
    assert_eq!(String::from_utf8(sheet).unwrap(), expected);
    let mut page = Vec::new();
    write_page(&plan, &juniors, &programmes, &mut page).unwrap();
    let expected = "\
Quota seats: how every number was computed
A share is weight x seats / total of the weights = whole part + remainder / total.

Programme H1: base 105 x share 0.6 = 63, rounded up 63
  fixed by hand 3, direct 0, left to share 60
  J6: 3 (fixed by hand: moved, \"by hand\")
  J1: 320 x 60 / 800 = 24 + 0/800 -> 24 (the whole part)
  J2: 210 x 60 / 800 = 15 + 600/800 -> 16 (one more: remainder in place 3)
  J3: 145 x 60 / 800 = 10 + 700/800 -> 11 (one more: remainder in place 1)
  J4: 88 x 60 / 800 = 6 + 480/800 -> 6 (no more: remainder in place 4)
  J5: 37 x 60 / 800 = 2 + 620/800 -> 3 (one more: remainder in place 2)
  extra seats in order: J3, J5, J2
  placed 63 of 63

Floor for high-quality senior highs (SX22 6.2): at least 60.00 %
  H1: due 63 of 105 = 60.00 %; placed 63 = 60.00 %
  together: due 63 of 105 = 60.00 %; placed 63 = 60.00 %; 0 that nobody can take
";
    assert_eq!(String::from_utf8(page).unwrap(), expected);
}

#[test]
fn the_matrix_proof_shows_row_totals_first() {
    let (juniors, programmes) = town();
    let rule = QuotaRule { per: Per::Matrix, ..QuotaRule::default() };
    let plan = plan(&juniors, &programmes, &rule, Lots::InOrder).unwrap();
    let (mut sheet, mut page) = (Vec::new(), Vec::new());
    write_csv(&plan, &juniors, &programmes, &mut sheet).unwrap();
    write_page(&plan, &juniors, &programmes, &mut page).unwrap();
    let (sheet, page) = (String::from_utf8(sheet).unwrap(), String::from_utf8(page).unwrap());
    assert!(sheet.contains("\ngroup 1,J6,60,75,15,900,75,12,0,12,divisor,\n"), "{sheet}");
    assert!(page.contains("Group 2: programmes H1, H2, 97 seats to share"), "{page}");
}

#[test]
fn the_same_season_gives_the_same_plan() {
    let (juniors, programmes) = town();
    let rule = QuotaRule {
        per: Per::Matrix,
        matrix_rounding: MatrixRounding::Cycle,
        share: Points::whole(1),
        ..QuotaRule::default()
    };
    let once = |seed| plan(&juniors, &programmes, &rule, Lots::Drawn(&mut chance(seed))).unwrap();
    assert_eq!(once(5), once(5));
}
