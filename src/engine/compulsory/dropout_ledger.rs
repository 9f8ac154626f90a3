//! The drop-out ledger (控辍保学台账): every primary graduate accounted for, or who must act next and by when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::compulsory::graduate_tracking::{Graduate, Outcome, OutcomeKind, Tracking, TrackingStep};

/// What must happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    pub step: TrackingStep,
    pub by: Date,
    /// The code of the school or county that acts.
    pub who: String,
}

/// Where a graduate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the register of a junior high: the arrival, by index.
    InJunior { arrival: u32 },
    /// Accounted for otherwise: the outcome, by index.
    Settled { outcome: u32 },
    /// Not accounted for: what is known, by index, and what comes next; none where every step was done.
    Unreported { known: Option<u32>, next: Option<NextStep> },
}

impl Standing {
    /// The word in files.
    pub const fn word(&self) -> &'static str {
        match self {
            Standing::InJunior { .. } => "in_junior",
            Standing::Settled { .. } => "settled",
            Standing::Unreported { .. } => "unreported",
        }
    }
}

/// A graduate's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// By index.
    pub graduate: u32,
    pub standing: Standing,
}

/// Lines of a primary school or a county.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub in_junior: u32,
    pub settled: u32,
    pub unreported: u32,
}

impl Tally {
    /// All of them.
    pub const fn graduates(self) -> u32 {
        self.in_junior + self.settled + self.unreported
    }

    fn count(&mut self, standing: &Standing) {
        match standing {
            Standing::InJunior { .. } => self.in_junior += 1,
            Standing::Settled { .. } => self.settled += 1,
            Standing::Unreported { .. } => self.unreported += 1,
        }
    }
}

/// Something about the lists that people must look at. Rows count from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedgerFinding {
    /// A person stands on several rows of graduates and has one line.
    GraduateTwice { rows: Vec<u32> },
    /// A person stands in several junior registers.
    ArrivedTwice { rows: Vec<u32> },
    /// A row of a junior register belongs to no graduate: from another county, or from an earlier year.
    ArrivalFromNowhere { row: u32 },
    /// An outcome belongs to no graduate.
    OutcomeFromNowhere { row: u32 },
    /// A step was done for no graduate.
    StepFromNowhere { row: u32 },
    /// An outcome without a note does not count.
    NoNote { row: u32 },
    /// She reported on the day of her recorded death or later.
    ArrivedAfterDeath { arrival: u32, outcome: u32 },
}

impl LedgerFinding {
    /// The word in files.
    pub const fn word(&self) -> &'static str {
        match self {
            LedgerFinding::GraduateTwice { .. } => "graduate_twice",
            LedgerFinding::ArrivedTwice { .. } => "arrived_twice",
            LedgerFinding::ArrivalFromNowhere { .. } => "arrival_from_nowhere",
            LedgerFinding::OutcomeFromNowhere { .. } => "outcome_from_nowhere",
            LedgerFinding::StepFromNowhere { .. } => "step_from_nowhere",
            LedgerFinding::NoNote { .. } => "no_note",
            LedgerFinding::ArrivedAfterDeath { .. } => "arrived_after_death",
        }
    }
}

/// The ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropoutLedger {
    /// One per person, in the order of person keys.
    pub lines: Vec<LedgerLine>,
    pub by_primary: BTreeMap<String, Tally>,
    pub by_county: BTreeMap<String, Tally>,
    /// In the order of kinds, then of rows.
    pub findings: Vec<LedgerFinding>,
}

/// Makes the ledger.
///
/// Rule: SX22 5.2: primary graduates tracked, junior highs report who did not come, the county of domicile
/// investigates and informs in writing; 5.3: deferral and suspension recorded. The latest fact about a person counts,
/// on the same day the arrival.
///
/// # Complexity
/// O(n log n) over all lists.
pub fn dropout_ledger(tracking: &Tracking) -> DropoutLedger {
    let mut findings = BTreeSet::new();
    let graduates = rows_by(&tracking.graduates, |row| &row.person);
    let arrivals = rows_by(&tracking.arrivals, |row| &row.person);
    let mut outcomes = rows_by(&tracking.outcomes, |row| &row.person);
    let mut done: BTreeMap<&str, BTreeSet<TrackingStep>> = BTreeMap::new();
    for (row, step) in (0..).zip(&tracking.steps) {
        done.entry(&step.person).or_default().insert(step.step);
        if !graduates.contains_key(step.person.as_str()) {
            findings.insert(LedgerFinding::StepFromNowhere { row });
        }
    }
    for (person, rows) in &arrivals {
        if !graduates.contains_key(person) {
            findings.extend(rows.iter().map(|&row| LedgerFinding::ArrivalFromNowhere { row }));
        }
        if rows.len() > 1 {
            findings.insert(LedgerFinding::ArrivedTwice { rows: sorted(rows) });
        }
    }
    let outcome = |row: u32| &tracking.outcomes[row as usize];
    for (person, rows) in &mut outcomes {
        if !graduates.contains_key(person) {
            findings.extend(rows.iter().map(|&row| LedgerFinding::OutcomeFromNowhere { row }));
        }
        let without = |row: &u32| outcome(*row).note.trim().is_empty();
        findings.extend(rows.iter().copied().filter(without).map(|row| LedgerFinding::NoNote { row }));
        rows.retain(|row| !without(row));
    }
    let mut ledger = DropoutLedger {
        lines: Vec::with_capacity(graduates.len()),
        by_primary: BTreeMap::new(),
        by_county: BTreeMap::new(),
        findings: Vec::new(),
    };
    let none = Vec::new();
    for (person, rows) in &graduates {
        if rows.len() > 1 {
            findings.insert(LedgerFinding::GraduateTwice { rows: sorted(rows) });
        }
        let arrived = arrivals.get(person).and_then(|rows| rows.last().copied());
        let known = outcomes.get(person).unwrap_or(&none);
        if let Some(arrival) = arrived {
            let day = tracking.arrivals[arrival as usize].on;
            let death = |row: &&u32| outcome(**row).kind == OutcomeKind::Deceased && outcome(**row).on <= day;
            let death = known.iter().find(death);
            findings.extend(death.map(|&outcome| LedgerFinding::ArrivedAfterDeath { arrival, outcome }));
        }
        let graduate = rows[0];
        let row = &tracking.graduates[graduate as usize];
        let latest = known.last().map(|&row| (row, outcome(row)));
        let standing = standing(tracking, row, arrived, latest, done.get(person));
        ledger.by_primary.entry(row.primary.clone()).or_default().count(&standing);
        ledger.by_county.entry(row.county.clone()).or_default().count(&standing);
        ledger.lines.push(LedgerLine { graduate, standing });
    }
    ledger.findings = findings.into_iter().collect();
    ledger
}

fn standing(
    tracking: &Tracking,
    graduate: &Graduate,
    arrived: Option<u32>,
    latest: Option<(u32, &Outcome)>,
    done: Option<&BTreeSet<TrackingStep>>,
) -> Standing {
    let day = arrived.map(|row| tracking.arrivals[row as usize].on);
    match (arrived, latest) {
        (Some(arrival), latest) if latest.is_none_or(|(_, outcome)| Some(outcome.on) <= day) => {
            Standing::InJunior { arrival }
        }
        (_, Some((row, outcome))) if outcome.kind.settles() => Standing::Settled { outcome: row },
        (_, latest) => {
            let open =
                TrackingStep::ALL.into_iter().find(|step| !done.is_some_and(|done| done.contains(step)));
            let next = open.map(|step| NextStep {
                step,
                by: tracking.policy.due(step),
                who: match step {
                    // Where no junior high expects her, the school that she left is the only one to know.
                    TrackingStep::Report => {
                        graduate.expected_at.as_ref().unwrap_or(&graduate.primary).clone()
                    }
                    TrackingStep::Investigate | TrackingStep::Write => graduate.county.clone(),
                },
            });
            Standing::Unreported { known: latest.map(|(row, _)| row), next }
        }
    }
}

/// Rows of each person, in the order of what stands in them.
fn rows_by<'t, T: Ord>(rows: &'t [T], person: impl Fn(&'t T) -> &'t String) -> BTreeMap<&'t str, Vec<u32>> {
    let mut order: Vec<(&T, u32)> = rows.iter().zip(0..).collect();
    order.sort_unstable();
    let mut found: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (row, at) in order {
        found.entry(person(row)).or_default().push(at);
    }
    found
}

fn sorted(rows: &[u32]) -> Vec<u32> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows
}

/// What is wrong with a ledger, in words, by counting alone: every graduate has one line, the counts are those of
/// the lines, and whoever stands in a junior register without being a graduate is listed.
///
/// # Complexity
/// O(n log n).
pub fn ledger_breaches(tracking: &Tracking, ledger: &DropoutLedger) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut lines: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut by_primary, mut by_county) = (BTreeMap::<&str, u32>::new(), BTreeMap::<&str, u32>::new());
    for line in &ledger.lines {
        let Some(graduate) = tracking.graduates.get(line.graduate as usize) else {
            wrong.push(format!(
                "the ledger has a line for row {} of the graduates, which is not there",
                line.graduate
            ));
            continue;
        };
        *lines.entry(&graduate.person).or_default() += 1;
        *by_primary.entry(&graduate.primary).or_default() += 1;
        *by_county.entry(&graduate.county).or_default() += 1;
    }
    for (row, graduate) in tracking.graduates.iter().enumerate() {
        let count = lines.get(graduate.person.as_str()).copied().unwrap_or(0);
        if count != 1 {
            wrong.push(format!("row {row} of the graduates has {count} lines in the ledger"));
        }
    }
    for (counted, told) in [(by_primary, &ledger.by_primary), (by_county, &ledger.by_county)] {
        if !counted.into_iter().eq(told.iter().map(|(code, tally)| (code.as_str(), tally.graduates()))) {
            wrong.push("the counts are not those of the lines".to_owned());
        }
    }
    let findings: BTreeSet<&LedgerFinding> = ledger.findings.iter().collect();
    for (row, arrival) in (0..).zip(&tracking.arrivals) {
        let listed = findings.contains(&LedgerFinding::ArrivalFromNowhere { row });
        if listed == lines.contains_key(arrival.person.as_str()) {
            wrong.push(format!("row {row} of the arrivals is neither a graduate's nor listed, or both"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::graduate_tracking::{Arrival, StepDone, TrackingPolicy};

    fn day(day: i8) -> Date {
        Date::constant(2022, 9, day)
    }

    /// Graduates of two schools; what is known is given.
    fn tracking(
        graduates: &[&str],
        arrivals: &[(&str, i8)],
        outcomes: &[(&str, OutcomeKind, i8)],
    ) -> Tracking {
        let graduate = |person: &&str| Graduate {
            person: (*person).to_owned(),
            primary: format!("primary {}", person.len()),
            county: "140105".to_owned(),
            expected_at: (*person != "x").then(|| "junior".to_owned()),
        };
        let arrival = |&(person, on): &(&str, i8)| Arrival {
            person: person.to_owned(),
            on: day(on),
            junior: "junior".to_owned(),
        };
        let outcome = |&(person, kind, on): &(&str, OutcomeKind, i8)| Outcome {
            person: person.to_owned(),
            on: day(on),
            kind,
            note: "seen".to_owned(),
        };
        Tracking {
            policy: TrackingPolicy {
                reporting_ends: day(5),
                report_days: 10,
                investigate_days: 20,
                write_days: 5,
            },
            graduates: graduates.iter().map(graduate).collect(),
            arrivals: arrivals.iter().map(arrival).collect(),
            outcomes: outcomes.iter().map(outcome).collect(),
            steps: vec![],
        }
    }

    fn unreported(known: Option<u32>, step: TrackingStep, by: &str, who: &str) -> Standing {
        Standing::Unreported {
            known,
            next: Some(NextStep { step, by: by.parse().unwrap(), who: who.to_owned() }),
        }
    }

    #[test]
    fn everybody_is_accounted_for_or_somebody_must_act() {
        let outcomes = [
            ("b", OutcomeKind::MovedAway, 3),
            ("d", OutcomeKind::Sought, 9),
            ("e", OutcomeKind::Deferred, 1),
            ("gg", OutcomeKind::HomeSchoolingRefused, 2),
            ("b", OutcomeKind::Sought, 1),
        ];
        let mut tracking =
            tracking(&["gg", "e", "d", "c", "b", "a", "x"], &[("a", 1), ("d", 2), ("e", 1)], &outcomes);
        let step = |person: &str, step| StepDone { person: person.to_owned(), step, on: day(12) };
        tracking.steps = vec![step("d", TrackingStep::Report), step("gg", TrackingStep::Report)];
        tracking.steps.extend([step("gg", TrackingStep::Write), step("gg", TrackingStep::Investigate)]);
        let ledger = dropout_ledger(&tracking);
        let standings: Vec<Standing> = ledger.lines.iter().map(|line| line.standing.clone()).collect();
        assert_eq!(
            standings,
            [
                Standing::InJunior { arrival: 0 },
                Standing::Settled { outcome: 0 },
                unreported(None, TrackingStep::Report, "2022-09-15", "junior"),
                unreported(Some(1), TrackingStep::Investigate, "2022-10-05", "140105"),
                Standing::InJunior { arrival: 2 },
                Standing::Unreported { known: Some(3), next: None },
                unreported(None, TrackingStep::Report, "2022-09-15", "primary 1"),
            ]
        );
        assert_eq!(tracking.policy.due(TrackingStep::Write), Date::constant(2022, 10, 10));
        assert_eq!(ledger.by_primary["primary 1"], Tally { in_junior: 2, settled: 1, unreported: 3 });
        assert_eq!(ledger.by_county["140105"].graduates(), 7);
        assert_eq!(
            (ledger.findings.as_slice(), ledger_breaches(&tracking, &ledger)),
            ([].as_slice(), vec![])
        );
    }

    #[test]
    fn what_does_not_fit_is_listed() {
        let outcomes =
            [("a", OutcomeKind::Deceased, 1), ("n", OutcomeKind::Sought, 1), ("b", OutcomeKind::Deferred, 1)];
        let mut tracking = tracking(&["a", "b", "b"], &[("a", 1), ("m", 1), ("a", 3)], &outcomes);
        tracking.outcomes[2].note = " ".to_owned();
        tracking.steps.push(StepDone { person: "o".to_owned(), step: TrackingStep::Report, on: day(9) });
        let ledger = dropout_ledger(&tracking);
        assert_eq!(
            ledger.findings,
            [
                LedgerFinding::GraduateTwice { rows: vec![1, 2] },
                LedgerFinding::ArrivedTwice { rows: vec![0, 2] },
                LedgerFinding::ArrivalFromNowhere { row: 1 },
                LedgerFinding::OutcomeFromNowhere { row: 1 },
                LedgerFinding::StepFromNowhere { row: 0 },
                LedgerFinding::NoNote { row: 2 },
                LedgerFinding::ArrivedAfterDeath { arrival: 2, outcome: 0 },
            ]
        );
        assert_eq!(ledger.lines[0].standing, Standing::InJunior { arrival: 2 });
        assert_eq!(ledger.lines[1].standing.word(), "unreported");
        assert_eq!((ledger.lines.len(), ledger_breaches(&tracking, &ledger)), (2, vec![]));
    }

    #[test]
    fn a_forged_ledger_is_seen() {
        let tracking = tracking(&["a", "b"], &[("a", 1), ("m", 1)], &[]);
        let honest = dropout_ledger(&tracking);
        let forge = |change: &dyn Fn(&mut DropoutLedger)| {
            let mut ledger = honest.clone();
            change(&mut ledger);
            ledger_breaches(&tracking, &ledger).len()
        };
        assert_eq!(forge(&|_| {}), 0);
        assert_eq!(forge(&|ledger| drop(ledger.lines.pop())), 3, "a line and two counts");
        assert_eq!(forge(&|ledger| ledger.lines[1].graduate = 0), 2, "one twice, one never");
        assert_eq!(forge(&|ledger| ledger.lines[1].graduate = 9), 4, "no such row, a line and two counts");
        assert_eq!(forge(&|ledger| ledger.findings.clear()), 1, "a hidden arrival");
    }
}
