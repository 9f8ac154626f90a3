//! The rules of E8 as a clerk would carry them out, against the engines: whole rounds of proposals, nothing clever.

use zhaosheng::domain::compulsory::entry::Entry;
use zhaosheng::domain::compulsory::entry_stage::EntryStage;
use zhaosheng::domain::ticket::Twins;
use zhaosheng::engine::compulsory::placed_entry::{EntryRun, PlacedRound};

/// Everyone stands at her first application; every school keeps whom it takes, those refused move on; until nobody
/// is refused. Returns the place in each ticket's list.
pub(crate) fn literal(entry: &Entry, run: &EntryRun, round: &PlacedRound) -> Vec<Option<u32>> {
    let count = run.bundles.len();
    let mut at = vec![0; count];
    loop {
        let mut refused = Vec::new();
        for stage in EntryStage::ALL {
            for school in 0..entry.schools.len() as u32 {
                let mut queue: Vec<usize> = (0..count)
                    .filter(|ticket| run.bundles[*ticket].stage == stage)
                    .filter(|ticket| {
                        round.wishes[*ticket].get(at[*ticket]).is_some_and(|wish| wish.school == school)
                    })
                    .collect();
                queue.sort_by_key(|ticket| {
                    let key = &round.wishes[*ticket][at[*ticket]].key;
                    (key, run.lots[*ticket], run.bundles[*ticket].id(entry))
                });
                let mut left = i64::from(round.seats[stage.index()][school as usize]);
                for ticket in queue {
                    let heads = run.bundles[ticket].children.len() as i64;
                    let takes = match entry.policy.twins {
                        Twins::AdmitBoth => left > 0,
                        Twins::NextSingle => left >= heads,
                    };
                    if takes { left -= heads } else { refused.push(ticket) }
                }
            }
        }
        if refused.is_empty() {
            let granted =
                |ticket: usize| (at[ticket] < round.wishes[ticket].len()).then_some(at[ticket] as u32);
            return (0..count).map(granted).collect();
        }
        for ticket in refused {
            at[ticket] += 1;
        }
    }
}
