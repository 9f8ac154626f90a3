//! Entries of four styles of county, worked by hand (`tests/cases/entries/*/expected.csv`), and examples W18 and W21.

use std::collections::BTreeMap;

use zhaosheng::domain::compulsory::entry_outcome::EntryRefusal;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::compulsory::seat_warning::{Tightness, zone_loads};
use zhaosheng::engine::compulsory::zone_check::{ZoneFinding, zone_findings};
use zhaosheng::service::compulsory::place_entry::place_entry;

use crate::folders::{Draft, case, schools};

#[test]
fn every_style_of_county_places_as_worked_by_hand() {
    for style in ["yicheng", "single_school", "multi_school", "feeder"] {
        let (entry, run) = place_entry(&case(style), &Quiet).unwrap();
        let text = std::fs::read_to_string(case(style).join("expected.csv")).unwrap();
        let expected: Vec<&str> = text.lines().skip(1).collect();
        let told: Vec<String> = (0..entry.children.len())
            .map(|at| {
                let (child, candidacy) = (&entry.children[at], &run.candidacies[at]);
                let policy = entry.policy.stage(child.stage).unwrap();
                let category = candidacy.category.map_or("", |at| &policy.categories[at as usize].code);
                let refusals: Vec<&str> =
                    candidacy.refusals.iter().copied().map(EntryRefusal::word).collect();
                let (school, way) = run.places[at].map_or(("", ""), |place| {
                    (entry.schools[place.school as usize].code.as_str(), place.way.word())
                });
                format!("{},{school},{way},{category},{}", child.number, refusals.join(";"))
            })
            .collect();
        assert_eq!(told, expected, "{style}");
    }
}

/// YC21 5, W21: six by 31 August.
#[test]
fn the_last_day_of_august_is_old_enough_and_the_first_of_september_is_not() {
    let (entry, run) = place_entry(&case("yicheng"), &Quiet).unwrap();
    let of = |number: &str| entry.children.iter().position(|child| child.number == number).unwrap();
    assert_eq!(run.candidacies[of("C08")].refusals, []);
    assert_eq!(run.candidacies[of("C07")].refusals, [EntryRefusal::Age]);
}

#[test]
fn gaps_and_zones_that_the_map_shows_otherwise_are_told_and_loads_warn() {
    let (entry, run) = place_entry(&case("single_school"), &Quiet).unwrap();
    let at = |code: &str| entry.addresses.iter().position(|row| row.code == code).unwrap() as u32;
    let findings = zone_findings(&entry);
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(matches!(findings[0], ZoneFinding::Gap { address, .. } if address == at("G1")));
    assert!(
        matches!(findings[1], ZoneFinding::ListAndMap { address, list: 1, map: 0, .. } if address == at("L1"))
    );
    let loads = zone_loads(&entry, &run.candidacies);
    assert_eq!((loads[0].children, loads[0].first_category, loads[0].seats), (8, 4, 4));
    assert_eq!((loads[0].tightness, loads[1].tightness), (Tightness::Red, Tightness::Enough));
    let of = |children, seats| Tightness::of(children, seats, entry.policy.seat_warning);
    assert_eq!(
        [of(89, 100), of(90, 100), of(99, 100), of(100, 100), of(1, 0), of(0, 0)],
        [
            Tightness::Enough,
            Tightness::Amber,
            Tightness::Amber,
            Tightness::Red,
            Tightness::Red,
            Tightness::Enough
        ]
    );
}

/// A private school with five places, tickets in an order that is known before.
const DRAW: &str = r#"
format = "entry/1"
name = "draw"
year = 2023
[lot]
parts = ["w18"]
round = 1
[[stage]]
code = "primary"
class_size = 45
[[stage.category]]
code = "1"
all = ["household"]
order = ["household_since"]
"#;

/// W18: five seats, single, twins, single, twins in this order: both twins in (plan + 1), or the next single.
#[test]
fn twins_at_the_last_seat_come_in_together_or_the_next_single_does() {
    let children = "child_no,stage,household_address,household_since,twins
n3,primary,A,2017-01-01,\n\
        n7a,primary,A,2017-01-02,t7\nn7b,primary,A,2017-01-02,t7\n\
        n1,primary,A,2017-01-03,\n\
        n9a,primary,A,2017-01-04,t9\nn9b,primary,A,2017-01-04,t9\n\
        n2,primary,A,2017-01-05,\n";
    let numbers = ["n3", "n7a", "n7b", "n1", "n9a", "n9b", "n2"];
    let evidence: String =
        numbers.iter().map(|number| format!("{number},household,police,match\n")).collect();
    let draft = Draft::new(DRAW)
        .with("schools.csv", "school_code,name,kind,primary_classes,primary_seats\nS,s,primary,1,5\n")
        .with("zones.csv", "zone_code,name,stage,schools\nZ,z,primary,S\n")
        .with("addresses.csv", "address_code,primary_zone\nA,Z\n")
        .with("children.csv", children)
        .with("evidence.csv", format!("child_no,fact,source,comparison\n{evidence}"));
    let admitted = |draft: &Draft| -> Vec<String> {
        let (entry, run) = draft.place().unwrap();
        let placed: BTreeMap<String, String> = schools(&entry, &run);
        numbers
            .iter()
            .filter(|number| !placed[**number].is_empty())
            .map(|number| (*number).to_owned())
            .collect()
    };
    assert_eq!(admitted(&draft), ["n3", "n7a", "n7b", "n1", "n9a", "n9b"], "plan + 1");
    let next = draft.change("entry.toml", "year = 2023", "year = 2023\ntwins = \"next_single\"");
    assert_eq!(admitted(&next), ["n3", "n7a", "n7b", "n1", "n2"]);
}

/// W17 (Nanchang 2023): 20 children, start 6, interval 3, 15 places.
#[test]
fn a_ring_drawn_in_public_decides_a_private_school() {
    let numbers: Vec<String> = (1..=20).map(|at| format!("n{at:02}")).collect();
    let children: String = numbers.iter().map(|number| format!("{number},primary,V\n")).collect();
    let draft = Draft::new(DRAW)
        .with(
            "schools.csv",
            "school_code,name,kind,ownership,primary_classes,primary_seats\nV,v,primary,private,1,15\n",
        )
        .with("children.csv", format!("child_no,stage,private_code\n{children}"))
        .with("draws.csv", "school_code,stage,protocol,first,step\nV,primary,ring,6,3\n");
    let (entry, run) = draft.place().unwrap();
    let placed = schools(&entry, &run);
    let left_out: Vec<&str> =
        numbers.iter().map(String::as_str).filter(|number| placed[*number].is_empty()).collect();
    // 6, 9, 12, 15, 18, 1, 4, 8, 13, 17, 2, 7, 14, 20, 10 are in.
    assert_eq!(left_out, ["n03", "n05", "n11", "n16", "n19"]);
    let told = draft.change("draws.csv", "6,3", "21,3").stopped();
    assert!(told.len() == 1 && told[0].contains("must be from 1 to 20"), "{told:?}");
}
