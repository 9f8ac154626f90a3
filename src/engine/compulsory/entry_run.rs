//! An entry from its sheets to its places: admission, then the transfer round, by two engines and the checker.

use std::collections::BTreeSet;

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_outcome::EntryPlace;
use crate::domain::compulsory::entry_policy::TransferSchools;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::way::Way;
use crate::domain::market::NONE;
use crate::domain::progress::Progress;
use crate::engine::compulsory::candidacy::{NO_FIGURE, Wish, candidacies, metres};
use crate::engine::compulsory::entry_check::breaches;
use crate::engine::compulsory::entry_market::{Round, bundles, entry_market, lots, unsafe_for_twins};
use crate::engine::compulsory::placed_entry::{EntryRun, PlacedRound};
use crate::engine::compulsory::school_draws::{order_by_draws, school_lists};
use crate::engine::draw::{list_hash, seed_of};
use crate::engine::{choice, cutoffs, deferred_acceptance, verification};

/// Places the children of an entry.
///
/// Rule: YC21 8-11: categories in order until full, private schools by draw, then the transfer round.
///
/// # Errors
/// What the engines, the checker or the hard rules find, in words.
pub fn run_entry(entry: &Entry, progress: &dyn Progress) -> Result<EntryRun, Vec<String>> {
    let children = entry.children.len() as u64;
    progress.stage("freeze the list and draw the lots", children);
    let bundles = bundles(entry);
    let lines: Vec<String> = bundles.iter().map(|bundle| bundle.line(entry)).collect();
    let list_hash = list_hash(&lines).map_err(|twice| {
        vec![format!("{}: stands twice on the frozen list", String::from_utf8_lossy(&twice.0))]
    })?;
    if entry.policy.lot.parts.iter().all(String::is_empty) {
        return Err(vec!["lot.parts must name at least one part: nothing was drawn yet".to_owned()]);
    }
    let parts: Vec<Vec<u8>> = entry.policy.lot.parts.iter().map(|part| part.clone().into_bytes()).collect();
    let seed = seed_of(list_hash, &parts);
    let lots = lots(entry, &bundles, seed);
    progress.stage("evidence, zones and categories", children);
    let candidacies = candidacies(entry);
    let unlike = bundles.iter().filter(|bundle| {
        let wishes = |child: &u32| &candidacies[*child as usize].wishes;
        bundle.children.iter().any(|child| wishes(child) != wishes(&bundle.children[0]))
    });
    let unlike: Vec<String> = unlike
        .map(|bundle| format!("{}: twins on one ticket must prove alike and apply alike", bundle.id(entry)))
        .collect();
    if !unlike.is_empty() {
        return Err(unlike);
    }
    let mut run = EntryRun {
        list_hash,
        seed,
        candidacies,
        bundles,
        lots,
        school_lists: Vec::new(),
        admission: PlacedRound::default(),
        transfer: PlacedRound::default(),
        places: vec![None; entry.children.len()],
    };
    let plan = |stage: EntryStage| entry.schools.iter().map(|school| school.plan(stage).seats).collect();
    run.admission.seats = EntryStage::ALL.map(plan);
    run.admission.wishes = run
        .bundles
        .iter()
        .map(|bundle| run.candidacies[bundle.children[0] as usize].wishes.clone())
        .collect();
    run.school_lists = school_lists(entry, &run.bundles, &run.admission.wishes);
    order_by_draws(entry, &run.school_lists, &mut run.admission.wishes)?;
    progress.stage("admission", children);
    run.admission.granted = place(entry, &run, &run.admission)?;
    run.transfer.seats = left(entry, &run);
    run.transfer.wishes = transfer_wishes(entry, &run);
    progress.stage("transfer round", children);
    run.transfer.granted = place(entry, &run, &run.transfer)?;
    for (at, bundle) in run.bundles.iter().enumerate() {
        let granted = [&run.admission, &run.transfer]
            .into_iter()
            .find_map(|round| round.granted[at].map(|wish| &round.wishes[at][wish as usize]));
        for &child in &bundle.children {
            run.places[child as usize] = granted.map(|wish| EntryPlace {
                school: wish.school,
                way: wish.way,
                category: wish.category,
            });
        }
    }
    progress.stage("hard rules", children);
    let wrong = breaches(entry, &run);
    if wrong.is_empty() { Ok(run) } else { Err(wrong) }
}

/// One round by both engines and the checker: the wish granted to each bundle.
fn place(entry: &Entry, run: &EntryRun, round: &PlacedRound) -> Result<Vec<Option<u32>>, Vec<String>> {
    let asked =
        Round { entry, bundles: &run.bundles, wishes: &round.wishes, lots: &run.lots, seats: &round.seats };
    if let Some(school) = unsafe_for_twins(&asked) {
        let code = &entry.schools[school as usize].code;
        return Err(vec![format!(
            "{code}: twins cannot be passed over (next_single) where a school stands below another on some list; \
             let both in (admit_both)"
        )]);
    }
    let market = entry_market(&asked)
        .map_err(|_| vec!["a school tells more than 65,534 orders of children apart".to_owned()])?;
    let placed = deferred_acceptance::place(&market);
    let seats = choice::seats(&market, &placed);
    let mut wrong: Vec<String> = verification::breaches(&market, &placed, &seats)
        .into_iter()
        .map(|breach| {
            let who = breach.student.map_or("", |student| run.bundles[student as usize].id(entry));
            format!("checker: {who} {}", breach.what)
        })
        .collect();
    if cutoffs::place(&market) != placed {
        wrong.push("the two engines disagree".to_owned());
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let schools = entry.schools.len() as u32;
    Ok(placed
        .iter()
        .zip(&round.wishes)
        .map(|(&programme, wishes)| {
            let school = (programme != NONE).then(|| programme % schools)?;
            wishes.iter().position(|wish| wish.school == school).map(|wish| wish as u32)
        })
        .collect())
}

/// Seats that the admission left.
fn left(entry: &Entry, run: &EntryRun) -> [Vec<u32>; 2] {
    let mut left = run.admission.seats.clone();
    for (bundle, (wishes, granted)) in
        run.bundles.iter().zip(run.admission.wishes.iter().zip(&run.admission.granted))
    {
        if let Some(wish) = granted {
            let seats = &mut left[bundle.stage.index()][wishes[*wish as usize].school as usize];
            *seats = seats.saturating_sub(bundle.children.len() as u32);
        }
    }
    for stage in EntryStage::ALL {
        let rule = entry.policy.stage(stage).and_then(|policy| policy.transfer.as_ref());
        for (seats, school) in left[stage.index()].iter_mut().zip(&entry.schools) {
            let takes = rule.is_some_and(|rule| {
                !school.private && (rule.schools == TransferSchools::Vacant || school.replacement)
            });
            if !takes {
                *seats = 0;
            }
        }
    }
    left
}

/// What those without a place apply for: schools as they like them, then the nearest first.
///
/// Rule: DP54: by category, distance and capacity, with named replacement schools.
fn transfer_wishes(entry: &Entry, run: &EntryRun) -> Vec<Vec<Wish>> {
    let of = |at: usize| -> Option<Vec<Wish>> {
        let bundle = &run.bundles[at];
        let child = &entry.children[bundle.children[0] as usize];
        let candidacy = &run.candidacies[bundle.children[0] as usize];
        let policy = entry.policy.stage(child.stage)?;
        let rule = policy.transfer.as_ref().filter(|_| run.admission.granted[at].is_none())?;
        let category = candidacy.category?;
        let code = &policy.categories[category as usize].code;
        if !rule.categories.is_empty() && !rule.categories.contains(code) {
            return None;
        }
        let far = |school: u32| candidacy.home.map_or(NO_FIGURE, |home| metres(entry, home.0, school));
        let open = |school: &u32| run.transfer.seats[child.stage.index()][*school as usize] > 0;
        let mut named: Vec<u32> = child.transfer_choices.iter().copied().filter(open).collect();
        let seen: BTreeSet<u32> = named.iter().copied().collect();
        let mut others: Vec<u32> =
            (0..entry.schools.len() as u32).filter(open).filter(|school| !seen.contains(school)).collect();
        others.sort_by_key(|school| (far(*school), *school));
        named.append(&mut others);
        let wish = |school: u32| Wish {
            school,
            way: Way::Transfer,
            category: Some(category),
            key: vec![category, far(school)],
        };
        Some(named.into_iter().map(wish).collect())
    };
    (0..run.bundles.len()).map(|at| of(at).unwrap_or_default()).collect()
}
