//! Deferred acceptance with candidates proposing: the first engine.
//!
//! Rule: `mechanism.md` sections 1-3 (SX22 6.4: unified admission by on-line preferences). The
//! order of proposals changes nothing (substitutable choices, law of aggregate demand), so each
//! area is placed by whichever kernel is quickest for its shape, and areas in parallel.

use rayon::prelude::*;

use crate::domain::market::{Area, Market, NONE};
use crate::domain::policy::{Precedence, Reversion};
use crate::engine::bucket_kernel;
use crate::engine::worklist_kernel;

/// Places every student: the programme she gets, or `NONE`.
///
/// # Complexity
/// O(total list length) proposals at most; each is a few reads where cut-offs refuse it.
pub fn place(market: &Market) -> Vec<u32> {
    let mut placed = vec![NONE; market.students()];
    let mut tasks: Vec<(&Area, &mut [u32])> = Vec::with_capacity(market.areas.len());
    let mut rest = placed.as_mut_slice();
    for area in &market.areas {
        let (own, others) = rest.split_at_mut(area.students.len());
        tasks.push((area, own));
        rest = others;
    }
    // Largest first, so that the last task to finish is a small one.
    tasks.sort_by_key(|(area, _)| std::cmp::Reverse(area.students.len()));
    tasks.into_par_iter().with_max_len(1).for_each_init(
        bucket_kernel::Scratch::default,
        |scratch, (area, out)| {
            if bucketable(market, area) {
                bucket_kernel::place_area(market, area, out, scratch);
            } else {
                worklist_kernel::place_area(market, area, out);
            }
        },
    );
    placed
}

/// The bucket kernel serves the default rules, where its tables are small against the lists: levels
/// per programme, and rows as wide as the longest list.
fn bucketable(market: &Market, area: &Area) -> bool {
    let programmes = &market.programmes[area.programmes.start as usize..area.programmes.end as usize];
    let starts = &market.list_start[area.students.start as usize..=area.students.end as usize];
    let entries = (starts[starts.len() - 1] - starts[0]) as usize;
    let plain = market.heads.is_empty()
        && programmes.iter().all(|programme| {
            programme.cells.is_empty()
                || (programme.rule.precedence == Precedence::QuotaFirst
                    && programme.rule.reversion != Reversion::CountyPool
                    && programme.rule.relative_gate.is_none())
        });
    let longest = starts.windows(2).map(|list| list[1] - list[0]).max().unwrap_or(0) as usize;
    let table = programmes.len()
        * bucket_kernel::levels(market, area).max(bucket_kernel::cell_juniors(market, area).len());
    plain && table <= 2 * entries + (1 << 16) && area.students.len() * longest <= 4 * entries + (1 << 16)
}
