//! The check of one preference list: every fault, remarks that refuse nothing, and guidance that
//! claims no more than the mechanism gives.

use std::collections::BTreeMap;

use crate::domain::form_finding::{FormFinding, FormFindings, Named};
use crate::domain::policy::{Placing, SeatKinds};
use crate::engine::listing::{Applicant, ListTerms, Standing};

/// What a finding's sentence names.
type Places = Vec<(&'static str, Named)>;

/// At most so many programmes are named in one remark.
const MOST_NAMED: usize = 5;

/// Checks a list of programme codes, best first; an empty text is a blank slot, which keeps its
/// position. Without faults it may be submitted, and the season's reader and engine take it.
///
/// Rules: SX22 6.1 (scope), SX22 6.2 (quota), DP24 (length of lists), DP27 (supplementary rounds).
///
/// # Complexity
/// O((slots + programmes) log programmes).
pub fn check(
    terms: &ListTerms<'_>,
    applicant: &Applicant,
    list: &str,
    choices: &[impl AsRef<str>],
) -> FormFindings {
    let batches = terms.batches(list);
    match Form::new(terms, applicant, &batches, choices) {
        Some(form) => {
            FormFindings { faults: form.faults(), warnings: form.warnings(), guidance: form.guidance() }
        }
        None => FormFindings { faults: vec![no_list(terms, list)], ..FormFindings::default() },
    }
}

/// The faults of [`check`] alone, for which not every programme is looked at.
///
/// # Complexity
/// O(slots log programmes).
pub fn faults(
    terms: &ListTerms<'_>,
    applicant: &Applicant,
    list: &str,
    choices: &[impl AsRef<str>],
) -> Vec<FormFinding> {
    let batches = terms.batches(list);
    let form = Form::new(terms, applicant, &batches, choices);
    form.map_or_else(|| vec![no_list(terms, list)], |form| form.faults())
}

/// The programme behind a code.
fn index_of(terms: &ListTerms<'_>, code: &str) -> Option<u32> {
    let found = terms.city.programmes.binary_search_by(|programme| programme.code.as_str().cmp(code));
    found.ok().map(|index| index as u32)
}

/// The fault of a code under which no list is filed.
fn no_list(terms: &ListTerms<'_>, list: &str) -> FormFinding {
    let batch = terms.policy.batches.iter().position(|batch| batch.code == list);
    let (code, places) = match batch {
        Some(batch) => {
            let other = terms.policy.list_of(batch).to_owned();
            ("batch_without_list", vec![("list", Named::Text(other))])
        }
        None => ("unknown_batch", Vec::new()),
    };
    FormFinding { pointer: "/batch".to_owned(), code, programme: None, places }
}

/// A list under a check; the slots behind the last filled one are cut off.
struct Form<'a> {
    terms: &'a ListTerms<'a>,
    applicant: &'a Applicant,
    batches: &'a [u32],
    most: usize,
    choices: Vec<&'a str>,
    /// The programme in each slot, where its code is known.
    listed: Vec<Option<u32>>,
}

impl<'a> Form<'a> {
    /// None where no list is filed in these batches.
    fn new(
        terms: &'a ListTerms<'a>,
        applicant: &'a Applicant,
        batches: &'a [u32],
        choices: &'a [impl AsRef<str>],
    ) -> Option<Form<'a>> {
        let most = usize::from(terms.policy.most_choices(batches)?);
        let length = choices.iter().rposition(|code| !code.as_ref().is_empty()).map_or(0, |last| last + 1);
        let choices: Vec<&str> = choices[..length].iter().map(AsRef::as_ref).collect();
        let listed = choices.iter().map(|code| index_of(terms, code)).collect();
        Some(Form { terms, applicant, batches, most, choices, listed })
    }

    fn faults(&self) -> Vec<FormFinding> {
        let mut found = Vec::new();
        if self.choices.is_empty() {
            found.push(whole("empty_list", Vec::new()));
        }
        let mut first_at: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, &code) in self.choices.iter().enumerate() {
            if at == self.most {
                let places =
                    vec![("most", Named::Number(self.most)), ("n", Named::Number(self.choices.len()))];
                found.push(FormFinding {
                    pointer: slot(at),
                    code: "too_many_choices",
                    programme: None,
                    places,
                });
            }
            if code.is_empty() {
                continue;
            }
            let earlier = *first_at.entry(code).or_insert(at);
            if earlier < at {
                let places = vec![("place", Named::Number(earlier + 1))];
                found.push(in_slot(at, code, "duplicate_choice", places));
            }
            if let Some((stable, places)) = self.slot_fault(self.listed[at]) {
                found.push(in_slot(at, code, stable, places));
            }
        }
        found
    }

    /// Why a programme may not stand on this list.
    fn slot_fault(&self, programme: Option<u32>) -> Option<(&'static str, Places)> {
        let Some(programme) = programme else { return Some(("unknown_programme", Vec::new())) };
        match self.terms.standing(self.applicant, self.batches, programme) {
            Standing::Open { .. } => None,
            Standing::NotOffered => Some(("not_in_this_batch", Vec::new())),
            Standing::OutOfScope => Some(("out_of_scope", Vec::new())),
            Standing::NotEligible => {
                Some(("not_eligible_for_quota", vec![("why", Named::Refusals(self.applicant.refusals))]))
            }
            Standing::NoQuotaSeat => Some(("no_quota_seat", Vec::new())),
        }
    }

    fn warnings(&self) -> Vec<FormFinding> {
        let mut found = Vec::new();
        for (at, _) in self.choices.iter().enumerate().filter(|(_, code)| code.is_empty()) {
            let places = vec![("place", Named::Number(at + 1))];
            found.push(FormFinding { pointer: slot(at), code: "blank_slot", programme: None, places });
        }
        let filled = self.choices.iter().filter(|code| !code.is_empty()).count();
        let open = self.open_programmes();
        let room = self.most.min(open.len());
        if filled < room {
            let places = vec![("n", Named::Number(filled)), ("more", Named::Number(room - filled))];
            found.push(whole("short_list", places));
        }
        found.extend(self.unused_quota(&open));
        found
    }

    /// Every programme that may stand on this list, and whether she may use quota there.
    fn open_programmes(&self) -> Vec<(u32, bool)> {
        (0..self.terms.city.programmes.len() as u32)
            .filter_map(|programme| match self.terms.standing(self.applicant, self.batches, programme) {
                Standing::Open { quota } => Some((programme, quota)),
                _ => None,
            })
            .collect()
    }

    /// She could use quota seats on this list, and names no programme where she could.
    ///
    /// Only where the quota is published: before that nobody knows where the seats are. It is a
    /// remark, never an addition to the list: what is filed is what she filed.
    fn unused_quota(&self, open: &[(u32, bool)]) -> Option<FormFinding> {
        self.terms.quota?;
        let chances = || open.iter().filter(|(_, quota)| *quota).map(|&(programme, _)| programme);
        if chances().any(|programme| self.listed.contains(&Some(programme))) {
            return None;
        }
        let named: Vec<String> = chances()
            .take(MOST_NAMED)
            .map(|programme| {
                let shape = &self.terms.city.programmes[programme as usize];
                let school = &self.terms.city.seniors[shape.school as usize].name;
                format!("{} {school} {}", shape.code, shape.name)
            })
            .collect();
        if named.is_empty() {
            return None;
        }
        let more = chances().count().saturating_sub(MOST_NAMED);
        let places = vec![("programmes", Named::Texts(named)), ("more", Named::Number(more))];
        Some(whole("unused_quota", places))
    }

    /// How the list is read. Only one case carries a promise (`mechanism.md` section 4): a season
    /// of one parallel batch whose list has room for every programme she may name. Bands,
    /// sequential placing, several batches and short lists carry none.
    fn guidance(&self) -> Vec<FormFinding> {
        let mut found = Vec::new();
        let policy = self.terms.policy;
        for &batch in self.batches {
            let shape = &policy.batches[batch as usize];
            let (code, places) = match shape.placing {
                Placing::Parallel => ("placed_by_merit", Vec::new()),
                Placing::Band { points, .. } => {
                    ("placed_by_band", vec![("points", Named::Text(points.to_string()))])
                }
                Placing::Sequential => ("placed_by_position", Vec::new()),
                Placing::ChoiceBands { choices } => {
                    ("placed_by_choice_band", vec![("choices", Named::Number(choices as usize))])
                }
            };
            let remark = whole(code, places);
            if !found.contains(&remark) {
                found.push(remark);
            }
        }
        if policy.batches.len() == 1
            && policy.batches[0].placing == Placing::Parallel
            && self.open_programmes().len() <= self.most
        {
            found.push(whole("true_order_is_best", Vec::new()));
        } else {
            found.push(whole("no_promise", Vec::new()));
        }
        if self.batches.iter().any(|&batch| policy.batches[batch as usize].seats != SeatKinds::Open)
            && policy.quota.is_some()
            && !self.applicant.refusals.eligible()
        {
            found.push(whole("without_quota", vec![("why", Named::Refusals(self.applicant.refusals))]));
        }
        found
    }
}

/// What is said of a list on which, by the facts of past years, nothing is safe.
pub fn all_reaches() -> FormFinding {
    whole("all_reaches", Vec::new())
}

fn slot(at: usize) -> String {
    format!("/choices/{at}")
}

/// The slots hold what a client sent; long texts are cut.
fn in_slot(at: usize, programme: &str, code: &'static str, places: Places) -> FormFinding {
    let programme = programme.chars().take(60).collect();
    FormFinding { pointer: slot(at), code, programme: Some(programme), places }
}

fn whole(code: &'static str, places: Places) -> FormFinding {
    FormFinding { pointer: "/choices".to_owned(), code, programme: None, places }
}
