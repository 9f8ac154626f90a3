//! The ten prohibitions (十项严禁) as checks of an entry and its result, and honestly what no data could show.

use std::collections::BTreeMap;

use crate::domain::compulsory::arrival::ChildIdentity;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::prohibition::{Prohibition, Seen};
use crate::domain::compulsory::way::Way;
use crate::engine::compulsory::placed_entry::EntryRun;

/// Words that no free text may name as a ground.
const GROUNDS: &str = include_str!("forbidden_grounds.txt");
/// Words that no column of an export may hold.
const COLUMNS: &str = include_str!("score_columns.txt");

/// What a check beside the entry found: classes that were grouped, registers that were checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherCheck {
    pub rows: usize,
    pub breaches: Vec<String>,
}

/// Everything the checks read.
pub struct Looked<'l> {
    pub entry: &'l Entry,
    pub run: &'l EntryRun,
    /// By the child's number.
    pub identities: &'l BTreeMap<String, ChildIdentity>,
    /// Every exported sheet's name with its columns.
    pub exports: &'l [(String, Vec<String>)],
    /// Classes, where their results were given.
    pub classes: Option<OtherCheck>,
    /// Registers, where they were given.
    pub registers: Option<OtherCheck>,
}

/// All ten, in order.
///
/// Rule: SX22 8.2; reference.md section 6: *"Ten prohibitions"* (2018, with the wording of 2019).
///
/// # Complexity
/// O(n log n) over children, evidence and applications.
pub fn prohibitions(looked: &Looked<'_>) -> [Prohibition; 10] {
    let checked = |number, word, what, (rows, breaches)| Prohibition {
        number,
        word,
        what,
        seen: Seen::Checked { rows, breaches },
    };
    let unseen = |number, word, what| Prohibition { number, word, what, seen: Seen::NotInTheData };
    [
        checked(
            1,
            "plan",
            "children taken against the approved plan, per school and stage",
            over_plan(looked),
        ),
        checked(
            2,
            "selection_tests",
            "applications where children draw stand in the order of the draw alone (whether somebody was tested \
             besides, no sheet tells)",
            ordered_otherwise(looked),
        ),
        unseen(3, "early_enrolment", "no sheet holds the day on which a school promised a place"),
        checked(
            4,
            "mixed_enrolment",
            "places by ways that a private or a public school has not",
            mixed(looked),
        ),
        unseen(5, "rewards_and_advertising", "no sheet holds what schools advertise or promise"),
        unseen(6, "donation_fees", "no sheet holds money"),
        checked(
            7,
            "certificates_and_contests",
            "grounds are a closed list; names of categories and reasons of decisions name nothing forbidden",
            forbidden_grounds(looked),
        ),
        match &looked.classes {
            Some(found) => checked(
                8,
                "key_classes",
                "pupils in classes that can be grouped again and are as even as the policy asks",
                (found.rows, found.breaches.clone()),
            ),
            None => unseen(8, "key_classes", "no classes were grouped, or they were not given"),
        },
        checked(
            9,
            "ranking_by_scores",
            "columns of every exported sheet hold no score, no rank",
            scores(looked),
        ),
        match false_registers(looked) {
            (0, breaches) if breaches.is_empty() => unseen(
                10,
                "empty_and_false_registers",
                "no child has a number of identity, and no register was given",
            ),
            found => checked(
                10,
                "empty_and_false_registers",
                "numbers of identity stand once in the entry; registers, where given, hold one row a person",
                found,
            ),
        },
    ]
}

type Found = (usize, Vec<String>);

/// Heads against places; the last ticket of a round may be twins who need one more (DP52).
fn over_plan(looked: &Looked<'_>) -> Found {
    let (entry, run) = (looked.entry, looked.run);
    let mut taken = [vec![0_u32; entry.schools.len()], vec![0; entry.schools.len()]];
    let mut twins = taken.clone();
    for bundle in &run.bundles {
        if let Some(place) = run.places[bundle.children[0] as usize] {
            let heads = bundle.children.len() as u32;
            let (stage, school) = (bundle.stage.index(), place.school as usize);
            taken[stage][school] += heads;
            twins[stage][school] = twins[stage][school].max(heads - 1);
        }
    }
    let (mut rows, mut breaches) = (0, Vec::new());
    for stage in EntryStage::ALL.into_iter().filter(|stage| entry.policy.stage(*stage).is_some()) {
        for (at, school) in entry.schools.iter().enumerate().filter(|row| row.1.kind.has(stage)) {
            rows += 1;
            let (taken, seats) = (taken[stage.index()][at], school.plan(stage).seats);
            if taken > seats + 2 * twins[stage.index()][at] {
                breaches.push(format!(
                    "{}: {taken} children on {seats} places ({})",
                    school.code,
                    stage.word()
                ));
            }
        }
    }
    (rows, breaches)
}

/// Where children draw, the key of an application is the place of the way and, at most, the number drawn.
fn ordered_otherwise(looked: &Looked<'_>) -> Found {
    let (entry, run) = (looked.entry, looked.run);
    let (mut rows, mut breaches) = (0, Vec::new());
    for (bundle, wishes) in run.bundles.iter().zip(&run.admission.wishes) {
        for wish in wishes.iter().filter(|wish| matches!(wish.way, Way::Private | Way::Direct)) {
            rows += 1;
            let drawn =
                entry.draws.iter().any(|draw| (draw.school, draw.stage) == (wish.school, bundle.stage));
            if wish.key.len() != 1 + usize::from(drawn) {
                let code = &entry.schools[wish.school as usize].code;
                breaches.push(format!("{} at {code}: is ordered by more than the draw", bundle.id(entry)));
            }
        }
    }
    (rows, breaches)
}

/// Zones, feeders and transfers lead into public schools, the private choice into private ones.
fn mixed(looked: &Looked<'_>) -> Found {
    let entry = looked.entry;
    let (mut rows, mut breaches) = (0, Vec::new());
    for (child, place) in entry.children.iter().zip(&looked.run.places) {
        let Some(place) = place else { continue };
        rows += 1;
        let school = &entry.schools[place.school as usize];
        let fits = match place.way {
            Way::Private => school.private,
            Way::Feeder | Way::Zone | Way::Transfer => !school.private,
            // A place named by the county, and her own school, may be either.
            Way::Case | Way::Direct => true,
        };
        if !fits {
            breaches.push(format!("{}: came to {} by {}", child.number, school.code, place.way.word()));
        }
    }
    (rows, breaches)
}

/// Names of categories and reasons of decisions.
fn forbidden_grounds(looked: &Looked<'_>) -> Found {
    let entry = looked.entry;
    let categories = entry.policy.stages.iter().flat_map(|stage| &stage.categories);
    let names = categories.map(|category| (format!("category {}", category.code), category.name.as_str()));
    let reasons = entry.evidence.iter().map(|row| {
        let child = &entry.children[row.child as usize].number;
        (format!("{child}: {}", row.fact.word()), row.reason.as_str())
    });
    let texts: Vec<(String, &str)> = names.chain(reasons).collect();
    let named = |(place, text): &(String, &str)| {
        word_of(GROUNDS, text).map(|word| format!("{place}: names {word:?} as a ground"))
    };
    (texts.len(), texts.iter().filter_map(named).collect())
}

fn scores(looked: &Looked<'_>) -> Found {
    let columns: Vec<(&String, &String)> = looked
        .exports
        .iter()
        .flat_map(|(file, columns)| columns.iter().map(move |name| (file, name)))
        .collect();
    let named = |(file, name): &(&String, &String)| {
        word_of(COLUMNS, name).map(|word| format!("{file}: the column {name} tells of {word:?}"))
    };
    (columns.len(), columns.iter().filter_map(named).collect())
}

/// The first word of a list that a text holds.
fn word_of(list: &'static str, text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    list.lines().filter(|line| !line.starts_with('#')).find(|word| text.contains(word))
}

/// The same card at two children, and what the registers that were given break.
fn false_registers(looked: &Looked<'_>) -> Found {
    let mut of_card: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (child, identity) in looked.identities.iter().filter(|row| !row.1.card.is_empty()) {
        of_card.entry(&identity.card).or_default().push(child);
    }
    let rows: usize = of_card.values().map(Vec::len).sum();
    let twice = of_card.values().filter(|children| children.len() > 1);
    let mut breaches: Vec<String> =
        twice.map(|children| format!("{}: one number of identity", children.join(", "))).collect();
    let registers = looked.registers.clone().unwrap_or_default();
    breaches.extend(registers.breaches);
    (rows + registers.rows, breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_words_are_found_in_either_language_and_letter_case() {
        assert_eq!(word_of(GROUNDS, "小学奥数一等奖"), Some("奥数"));
        assert_eq!(word_of(GROUNDS, "Contest winner"), Some("contest"));
        assert_eq!(word_of(GROUNDS, "房产证书原件已核"), None);
        assert_eq!(word_of(COLUMNS, "school_rank"), Some("rank"));
        assert_eq!(word_of(COLUMNS, "last_lot"), None);
    }
}
