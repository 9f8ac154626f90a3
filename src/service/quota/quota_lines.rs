//! The lines of a quota's proof sheet, for screens that show how a number came about.

/// Seats of a junior high, or of several that share, in a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaLine {
    pub programme: String,
    /// Codes, several joined by `;`.
    pub juniors: String,
    pub weight: String,
    pub weight_total: String,
    pub seats_to_share: String,
    pub whole: String,
    pub remainder: String,
    pub seats: u64,
    /// The word of why it is this many, with its place where it has one: `remainder 3`.
    pub why: String,
    /// Why it was fixed by hand.
    pub reason: String,
}

impl QuotaLine {
    /// Whether it is about a junior high.
    pub fn names(&self, junior: &str) -> bool {
        self.juniors.split(';').any(|code| code == junior)
    }
}

/// The lines of `quota_proof.csv`, in its order; a sheet that this program did not write gives none.
pub fn quota_lines(proof: &str) -> Vec<QuotaLine> {
    let rows = csv::Reader::from_reader(proof.as_bytes()).into_records().flatten();
    let line = |row: csv::StringRecord| {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        QuotaLine {
            programme: cell(0),
            juniors: cell(1),
            weight: cell(2),
            weight_total: cell(3),
            seats_to_share: cell(4),
            whole: cell(7),
            remainder: cell(8),
            seats: cell(9).parse().unwrap_or(0),
            why: cell(10),
            reason: cell(11),
        }
    };
    rows.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_sheet_is_read_by_its_columns() {
        let sheet = "programme_code,junior_code,weight,weight_total,seats_to_share,share_numerator,\
            share_denominator,integer_part,remainder,seats,why,override_reason\n\
            S0101,J01;J02,30,90,10,10,3,3,30,4,remainder 1,\n";
        let lines = quota_lines(sheet);
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].whole.as_str(), lines[0].seats, lines[0].why.as_str()), ("3", 4, "remainder 1"));
        assert!(lines[0].names("J02") && !lines[0].names("J0"));
    }
}
