//! What holds of every entry: the literal rule, the same result whatever the order of the sheets, everyone accounted for.

use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::compulsory::entry_run::run_entry;

use crate::county::{Chance, county};
use crate::folders::Draft;
use crate::literal::literal;

/// A county whose schools have few places, some many: every rule is felt.
pub(crate) fn tight(children: usize, seed: u64) -> Draft {
    let mut draft = Draft::new("");
    for (name, text) in county(children, 12, seed) {
        draft = draft.with(name, text);
    }
    let chance = &mut Chance::new(seed + 1000);
    let row = |row: &str| {
        let (few, more) = (1 + chance.below(30), 1 + chance.below(60));
        row.replace(",5,200,", &format!(",5,{few},"))
            .replace(",12,590,", &format!(",12,{more},"))
            .replace(",1,40", &format!(",1,{}", 1 + few / 4))
    };
    let schools: Vec<String> = draft.files["schools.csv"].lines().map(row).collect();
    draft.with("schools.csv", schools.join("\n"))
}

#[test]
fn random_counties_are_placed_as_a_clerk_would() {
    let (mut over, mut transferred, mut ways) = (0, 0, std::collections::BTreeSet::new());
    for seed in 1..=25 {
        let (entry, run) = tight(400, seed).place().unwrap();
        assert_eq!(run.admission.granted, literal(&entry, &run, &run.admission), "county {seed}");
        assert_eq!(run.transfer.granted, literal(&entry, &run, &run.transfer), "county {seed}");
        assert_eq!(run.places.len(), entry.children.len());
        transferred += run.transfer.granted.iter().flatten().count();
        ways.extend(run.places.iter().flatten().map(|place| place.way));
        for (at, school) in entry.schools.iter().enumerate() {
            for stage in zhaosheng::domain::compulsory::entry_stage::EntryStage::ALL {
                let heads = entry.children.iter().zip(&run.places).filter(|(child, place)| {
                    child.stage == stage && place.is_some_and(|place| place.school as usize == at)
                });
                over += u32::from(heads.count() as u32 > school.plan(stage).seats);
            }
        }
    }
    // The counties are tight enough to show it all.
    assert!(over > 0 && transferred > 100 && ways.len() == 5, "{over} {transferred} {ways:?}");
}

#[test]
fn the_order_of_rows_and_coming_later_change_nothing() {
    for seed in 1..=6 {
        let draft = tight(200, seed);
        let (_, run) = draft.place().unwrap();
        let mut mixed = draft.clone();
        let chance = &mut Chance::new(seed + 100);
        for (name, text) in &mut mixed.files {
            // The order inside feeders.csv is a rule; a policy is no sheet.
            if name.ends_with(".csv") && name != "feeders.csv" {
                let mut rows: Vec<&str> = text.lines().skip(1).collect();
                for last in (1..rows.len()).rev() {
                    rows.swap(last, chance.below(last + 1));
                }
                *text = format!("{}\n{}\n", text.lines().next().unwrap(), rows.join("\n"));
            }
        }
        let (entry, again) = mixed.place().unwrap();
        assert_eq!((&again.places, &again.lots, again.seed), (&run.places, &run.lots, run.seed));
        let third = run_entry(&entry, &Quiet).unwrap();
        assert_eq!(third.places, run.places);
    }
}
