//! The opening of the register: whoever was admitted gets one row and one number that nobody else has or had.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use zhaosheng::domain::compulsory::arrival::{ArrivalRow, ChildIdentity, Documents, Leave};
use zhaosheng::domain::compulsory::entry::Entry;
use zhaosheng::domain::compulsory::entry_outcome::EntryPlace;
use zhaosheng::domain::compulsory::register_no::{RegisterKind, RegisterNo};
use zhaosheng::domain::compulsory::register_spell::{RegisterSpell, RegisterStatus};
use zhaosheng::domain::compulsory::way::Way;
use zhaosheng::engine::compulsory::register_opening::{OpenedRow, Opening, OpeningFault, open_register};

use crate::folders::Draft;

/// The division that new numbers are of.
const OWN: &str = "420684";
/// Few days, so that many children share one.
const DAYS: [Date; 3] = [date(2015, 3, 4), date(2015, 3, 5), date(2015, 8, 31)];

static COUNTY: LazyLock<Entry> = LazyLock::new(|| Draft::of("yicheng").place().unwrap().0);

/// One child as chance made her.
#[derive(Clone, Debug)]
struct Chance {
    admitted: bool,
    /// Of the list of children; else only her card tells it.
    born: Option<usize>,
    /// The serial of her card, and whether the card is of the own division.
    card: Option<(u32, bool)>,
    documents: Option<Documents>,
    /// `G`, `J` or `L` with a serial.
    brought: Option<(RegisterKind, u32)>,
    arrived: bool,
    leave: Option<Leave>,
    /// In one case of many her row is missing, or a row is there though nobody admitted her.
    slip: bool,
}

fn chance() -> impl Strategy<Value = Chance> {
    let kinds = prop::sample::select(RegisterKind::ALL.to_vec());
    let brought = prop::option::weighted(0.2, (kinds, 1_u32..25));
    (
        prop::bool::weighted(0.8),
        prop::option::weighted(0.9, 0..DAYS.len()),
        prop::option::weighted(0.4, (0_u32..6, prop::bool::weighted(0.7))),
        prop::option::weighted(0.8, prop::sample::select(Documents::ALL.to_vec())),
        brought,
        prop::bool::weighted(0.9),
        prop::option::weighted(0.1, prop::sample::select(Leave::ALL.to_vec())),
        prop::bool::weighted(0.01),
    )
        .prop_map(|(admitted, born, card, documents, brought, arrived, leave, slip)| Chance {
            admitted,
            born,
            card,
            documents,
            brought,
            arrived,
            leave,
            slip,
        })
}

/// The last sign by the weights of GB 11643, written apart from the program's way.
fn check_digit(digits: &str) -> char {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[sum as usize % 11])
}

fn number(kind: RegisterKind, division: &str, born: Date, serial: u32) -> RegisterNo {
    let front = format!("{division}{}", born.strftime("%Y%m%d"));
    let text = match kind {
        RegisterKind::Temporary => format!("L{front}{serial:04}"),
        _ => {
            let digits = format!("{front}{serial:03}");
            format!("{}{digits}{}", kind.letter(), check_digit(&digits))
        }
    };
    RegisterNo::parse(&text).unwrap()
}

/// What an opening is made of, owned.
struct Made {
    entry: Entry,
    places: Vec<Option<EntryPlace>>,
    identities: BTreeMap<String, ChildIdentity>,
    arrivals: Vec<ArrivalRow>,
    earlier: Vec<RegisterSpell>,
}

fn made(children: &[Chance], earlier: &[(RegisterKind, usize, u32)]) -> Made {
    let spell = |at: usize, (kind, day, serial): (RegisterKind, usize, u32)| RegisterSpell {
        number: number(kind, OWN, DAYS[day], serial),
        person: format!("earlier {at}"),
        school: "NJ".to_owned(),
        status: RegisterStatus::Graduated,
        from: date(2014, 9, 1),
        until: Some(date(2020, 7, 1)),
    };
    // Earlier registers give `G` to nobody here: those numbers are of cards.
    let earlier: Vec<RegisterSpell> = (0..)
        .zip(earlier)
        .filter(|(_, of)| of.0 != RegisterKind::Formal)
        .map(|(at, of)| spell(at, *of))
        .collect();
    let mut used: BTreeSet<String> = earlier.iter().map(|spell| spell.number.as_str().to_owned()).collect();
    let mut made = Made {
        entry: Entry { children: Vec::new(), ..COUNTY.clone() },
        places: Vec::new(),
        identities: BTreeMap::new(),
        arrivals: Vec::new(),
        earlier,
    };
    // Numbers that children bring are known before anybody's card is made up.
    let mut brought = Vec::new();
    for child in children {
        let of = child.brought.zip(child.born);
        let own = of.map(|((kind, serial), day)| {
            // Cards have other serials, so that nobody brings the number of somebody's card.
            number(kind, OWN, DAYS[day], if kind == RegisterKind::Formal { serial + 500 } else { serial })
        });
        brought.push(own.filter(|own| used.insert(own.as_str().to_owned())));
    }
    for ((at, child), own) in children.iter().enumerate().zip(brought) {
        let name = format!("K{at:02}");
        let mut row = COUNTY.children[0].clone();
        row.number.clone_from(&name);
        row.born = child.born.map(|day| DAYS[day]);
        made.entry.children.push(row);
        let place = EntryPlace { school: at as u32 % 3, way: Way::Zone, category: Some(0) };
        made.places.push(child.admitted.then_some(place));
        let born = DAYS[child.born.unwrap_or(at % DAYS.len())];
        let card = child.card.and_then(|(serial, own)| {
            let digits =
                format!("{}{}{serial:03}", if own { OWN } else { "110105" }, born.strftime("%Y%m%d"));
            let card = format!("{digits}{}", check_digit(&digits));
            let letters = ["G", "L"].map(|letter| format!("{letter}{card}"));
            // A card is one person's, and its number was given to nobody else.
            let free = letters.iter().all(|number| !used.contains(number));
            used.extend(letters);
            free.then_some(card)
        });
        if let Some(card) = card {
            made.identities.insert(name.clone(), ChildIdentity { card, born: Some(born) });
        }
        if child.admitted != child.slip {
            made.arrivals.push(ArrivalRow {
                row: 2 + at as u64,
                person: name.clone(),
                child: name,
                arrived: child.arrived,
                on: None,
                documents: child.documents,
                leave: child.leave,
                register_no: own,
                note: String::new(),
            });
        }
    }
    made
}

impl Made {
    fn open(&self, arrivals: &[ArrivalRow]) -> Result<Vec<OpenedRow>, Vec<OpeningFault>> {
        open_register(&Opening {
            entry: &self.entry,
            places: &self.places,
            identities: &self.identities,
            arrivals,
            division: Some(OWN),
            earlier: &self.earlier,
        })
    }

    fn card(&self, child: &str) -> &str {
        self.identities.get(child).map_or("", |identity| identity.card.as_str())
    }

    /// The faults that this opening must have, told child by child.
    fn faults(&self) -> BTreeSet<String> {
        let mut faults = BTreeSet::new();
        for (child, place) in self.entry.children.iter().zip(&self.places) {
            let row = self.arrivals.iter().find(|row| row.child == child.number);
            match (place, row) {
                (Some(_), None) => drop(faults.insert(format!("{} has no row", child.number))),
                (None, Some(_)) => drop(faults.insert(format!("{} was not admitted", child.number))),
                (Some(_), Some(row)) => {
                    let unknown = child.born.is_none() && self.card(&child.number).is_empty();
                    if unknown && row.register_no.is_none() {
                        faults.insert(format!("{} has no birthday", child.number));
                    }
                }
                (None, None) => {}
            }
        }
        faults
    }

    fn told(&self, arrivals: &[ArrivalRow], faults: &[OpeningFault]) -> BTreeSet<String> {
        let told = |fault: &OpeningFault| match *fault {
            OpeningFault::NoRow { child } => {
                format!("{} has no row", self.entry.children[child as usize].number)
            }
            OpeningFault::NotAdmitted { arrival } => {
                format!("{} was not admitted", arrivals[arrival as usize].child)
            }
            OpeningFault::NoBirthday { arrival } => {
                format!("{} has no birthday", arrivals[arrival as usize].child)
            }
            other => format!("{other:?}"),
        };
        faults.iter().map(told).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn everybody_admitted_gets_one_row_and_a_number_of_her_own(
        children in prop::collection::vec(chance(), 1..45),
        earlier in prop::collection::vec(
            (prop::sample::select(RegisterKind::ALL.to_vec()), 0..DAYS.len(), 1_u32..25), 0..30
        ),
        turn in any::<prop::sample::Index>(),
    ) {
        let made = made(&children, &earlier);
        let opened = made.open(&made.arrivals);
        // The order in which rows are brought changes neither numbers nor faults.
        let mut mixed = made.arrivals.clone();
        mixed.reverse();
        if !mixed.is_empty() {
            let by = turn.index(mixed.len());
            mixed.rotate_left(by);
        }
        let again = made.open(&mixed);
        let rows = match (opened, again) {
            (Err(faults), Err(others)) => {
                prop_assert_eq!(made.told(&made.arrivals, &faults), made.faults());
                prop_assert_eq!(made.told(&mixed, &others), made.faults());
                return Ok(());
            }
            (Ok(rows), Ok(others)) => {
                let spells = |rows: &[OpenedRow]| rows.iter().map(|row| row.spell.clone()).collect::<Vec<_>>();
                prop_assert_eq!(spells(&rows), spells(&others));
                rows
            }
            _ => return Err(TestCaseError::fail("the order of rows decides whether there is a register")),
        };
        prop_assert_eq!(made.faults(), BTreeSet::new());
        let admitted: Vec<u32> =
            (0..).zip(&made.places).filter(|(_, place)| place.is_some()).map(|(at, _)| at).collect();
        prop_assert_eq!(rows.iter().map(|row| row.child).collect::<Vec<_>>(), admitted);
        let earlier: BTreeSet<&str> = made.earlier.iter().map(|spell| spell.number.as_str()).collect();
        let mut given = BTreeSet::new();
        for row in &rows {
            let child = &made.entry.children[row.child as usize];
            let arrival = &made.arrivals[row.arrival as usize];
            prop_assert_eq!(&arrival.child, &child.number);
            prop_assert_eq!(&row.spell.person, &arrival.person);
            prop_assert_eq!(Some(row.school), made.places[row.child as usize].map(|place| place.school));
            prop_assert_eq!(&row.spell.school, &made.entry.schools[row.school as usize].code);
            let stands = match (arrival.leave, arrival.arrived) {
                (Some(Leave::Deferred), _) => RegisterStatus::Deferred,
                (Some(Leave::Suspended), _) => RegisterStatus::Suspended,
                (None, true) => RegisterStatus::Enrolled,
                (None, false) => RegisterStatus::Dropped,
            };
            prop_assert_eq!(row.spell.status, stands);
            let text = row.spell.number.as_str();
            prop_assert!(given.insert(text), "{} stands twice", text);
            prop_assert!(!earlier.contains(text), "{} was another's before", text);
            if let Some(own) = &arrival.register_no {
                prop_assert_eq!(own.as_str(), text);
                continue;
            }
            let in_order = arrival.documents == Some(Documents::Ok);
            let card = made.card(&child.number);
            if !card.is_empty() {
                prop_assert_eq!(text, format!("{}{card}", if in_order { 'G' } else { 'L' }));
                continue;
            }
            let born = child.born.unwrap().strftime("%Y%m%d").to_string();
            prop_assert_eq!(&text[..1], if in_order { "J" } else { "L" });
            prop_assert_eq!(&text[1..15], format!("{OWN}{born}"));
            prop_assert_ne!(&text[15..18], if in_order { "000" } else { "" });
            if in_order {
                prop_assert_eq!(text.chars().last(), Some(check_digit(&text[1..18])));
            }
        }
    }
}
