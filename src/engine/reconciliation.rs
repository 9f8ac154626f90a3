//! Who came, held against who was admitted: every difference of one, and the counts of every school.

use std::collections::BTreeMap;

/// What a senior high reported of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'r> {
    pub exam_no: &'r str,
    /// The school that reported.
    pub school: &'r str,
    pub came: bool,
}

/// How a candidate differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Has a place at the school, and the school reported nothing.
    NotReported,
    /// Has a place at the school and did not come, as the school says.
    NoShow,
    /// Came, as the school says, and has no place there, or no longer.
    EnrolledWithoutPlace,
}

impl What {
    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            What::NotReported => "not_reported",
            What::NoShow => "no_show",
            What::EnrolledWithoutPlace => "enrolled_without_place",
        }
    }
}

/// A candidate who is not both admitted to a school and enrolled there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub exam_no: String,
    pub school: String,
    pub what: What,
}

/// The counts of a school: `admitted` = `enrolled` + `no_shows` + `not_reported`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchoolCounts {
    pub admitted: u64,
    /// Admitted and reported enrolled.
    pub enrolled: u64,
    pub no_shows: u64,
    pub not_reported: u64,
    pub enrolled_without_place: u64,
}

/// Admitted and enrolled, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    pub schools: BTreeMap<String, SchoolCounts>,
    /// By exam number; somebody who came to one school and has a place at another stands twice.
    pub differences: Vec<Difference>,
}

impl Reconciliation {
    /// Differences that nobody has explained: a no-show was told by the school that knows.
    pub fn open(&self) -> usize {
        self.differences.iter().filter(|difference| difference.what != What::NoShow).count()
    }
}

/// Compares places (exam number to school, of those who have one) with what the schools reported.
///
/// # Complexity
/// O((places + reports) log places).
pub fn reconcile(places: &BTreeMap<&str, &str>, reports: &[Report<'_>]) -> Reconciliation {
    let mut reconciled = Reconciliation::default();
    let by_candidate: BTreeMap<&str, &Report<'_>> =
        reports.iter().map(|report| (report.exam_no, report)).collect();
    let mut differ = |counts: &mut SchoolCounts, exam_no: &str, school: &str, what: What| {
        match what {
            What::NotReported => counts.not_reported += 1,
            What::NoShow => counts.no_shows += 1,
            What::EnrolledWithoutPlace => counts.enrolled_without_place += 1,
        }
        let (exam_no, school) = (exam_no.to_owned(), school.to_owned());
        reconciled.differences.push(Difference { exam_no, school, what });
    };
    for (exam_no, school) in places {
        let counts = reconciled.schools.entry((*school).to_owned()).or_default();
        counts.admitted += 1;
        match by_candidate.get(exam_no).filter(|report| report.school == *school) {
            Some(report) if report.came => counts.enrolled += 1,
            Some(_) => differ(counts, exam_no, school, What::NoShow),
            None => differ(counts, exam_no, school, What::NotReported),
        }
    }
    for report in by_candidate.values().filter(|report| report.came) {
        if places.get(report.exam_no) != Some(&report.school) {
            let counts = reconciled.schools.entry(report.school.to_owned()).or_default();
            differ(counts, report.exam_no, report.school, What::EnrolledWithoutPlace);
        }
    }
    reconciled.differences.sort();
    reconciled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report<'r>(exam_no: &'r str, school: &'r str, came: bool) -> Report<'r> {
        Report { exam_no, school, came }
    }

    #[test]
    fn a_difference_of_one_is_listed_and_counted() {
        let places = BTreeMap::from([("1", "S01"), ("2", "S01"), ("3", "S01"), ("4", "S02"), ("5", "S02")]);
        let reports = [
            report("1", "S01", true),
            report("2", "S01", false),
            // Came to S01 and was then given a place at S02, or lost hers.
            report("4", "S01", true),
            report("6", "S01", true),
            // Did not come to S01, and has no place anywhere now: nobody is missing.
            report("7", "S01", false),
            report("5", "S02", true),
        ];
        let reconciled = reconcile(&places, &reports);
        let told: Vec<(&str, &str, &str)> = reconciled
            .differences
            .iter()
            .map(|one| (one.exam_no.as_str(), one.school.as_str(), one.what.word()))
            .collect();
        let expected = [
            ("2", "S01", "no_show"),
            ("3", "S01", "not_reported"),
            ("4", "S01", "enrolled_without_place"),
            ("4", "S02", "not_reported"),
            ("6", "S01", "enrolled_without_place"),
        ];
        assert_eq!(told, expected);
        assert_eq!(reconciled.open(), 4);
        let first = SchoolCounts {
            admitted: 3,
            enrolled: 1,
            no_shows: 1,
            not_reported: 1,
            enrolled_without_place: 2,
        };
        assert_eq!(reconciled.schools["S01"], first);
        let second = SchoolCounts { admitted: 2, enrolled: 1, not_reported: 1, ..SchoolCounts::default() };
        assert_eq!(reconciled.schools["S02"], second);
    }

    #[test]
    fn where_all_came_nothing_differs() {
        let places = BTreeMap::from([("1", "S01")]);
        let reconciled = reconcile(&places, &[report("1", "S01", true)]);
        assert_eq!((reconciled.differences.len(), reconciled.open()), (0, 0));
    }
}
