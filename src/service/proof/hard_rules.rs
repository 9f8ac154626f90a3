//! What a supervisor asks first of a published result: counts that must be 0, from the published files alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::points::Points;
use crate::domain::policy::Policy;
use crate::domain::quota::FLOOR_SHARE;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::runs::published_result::Published;
use crate::storage::database::AnyConnection;

const POLICY: &str = "proof/input/season.toml";

/// The quota seats of a programme of a high-quality senior high.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloorLine {
    pub programme: String,
    /// The seats that the share is counted from.
    pub base: u64,
    pub quota_seats: u64,
    /// Whether they reach 60 % (SX22 6.2).
    pub reached: bool,
}

/// The four checks of the Shanxi rules, and what they were made on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HardRules {
    pub root: String,
    pub admitted: u64,
    /// By programme; empty where the policy has no quota seats.
    pub floor: Vec<FloorLine>,
    /// Admitted by a programme that does not recruit in their area (SX22 6.1).
    pub out_of_scope: u64,
    /// Admitted below the control line of their batch and area (SX22 6.8).
    pub below_line: u64,
    /// Admitted without a valid record of this year's exam (SX22 6.6).
    pub without_exam: u64,
    /// Admitted to what they had not filed on line (SX22 6.6).
    pub without_form: u64,
}

impl HardRules {
    /// Programmes whose quota seats do not reach the floor.
    pub fn below_floor(&self) -> usize {
        self.floor.iter().filter(|line| !line.reached).count()
    }
}

/// Checks the result that was published last.
///
/// # Errors
/// `Conflict` `not_published`; `Altered` when what lies there is not what was published.
pub async fn check_hard_rules(app: &App, caller: &Caller, code: String) -> Result<HardRules, ServiceError> {
    let door = app.clone();
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ShowReconciliation, &Whose::season(&code))?;
        let published = Published::latest(&door, transaction.connection, &code)?;
        let kept_as = format!("hard rules {}", published.root);
        if let Some(kept) = door.kept().get::<HardRules>(&kept_as) {
            return Ok(HardRules::clone(&kept));
        }
        let checked = Files::read(transaction.connection, &published)?.check(&published.root)?;
        door.kept().put(kept_as, Arc::new(checked.clone()));
        Ok(checked)
    })
    .await
}

/// A published sheet.
struct Sheet {
    columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Sheet {
    fn read(bytes: &[u8]) -> Result<Sheet, csv::Error> {
        let mut reader = csv::Reader::from_reader(bytes);
        let columns = reader.headers()?.iter().map(str::to_owned).collect();
        Ok(Sheet { columns, rows: reader.into_records().collect::<Result<_, _>>()? })
    }

    /// Some columns of every row; a column that the sheet does not have is empty, which no check lets pass.
    fn cells<const N: usize>(&self, names: [&str; N]) -> impl Iterator<Item = [&str; N]> {
        let at = names.map(|name| self.columns.iter().position(|column| column == name));
        self.rows.iter().map(move |row| at.map(|at| at.and_then(|at| row.get(at)).unwrap_or("")))
    }
}

/// The published sheets that the checks need.
struct Files {
    policy: Policy,
    seniors: Sheet,
    programmes: Sheet,
    /// Seats fixed by hand; absent where there are none.
    fixed: Option<Sheet>,
    quota: Sheet,
    candidates: Sheet,
    totals: Sheet,
    /// The longest sheet is read row by row.
    preferences: Vec<u8>,
    results: Sheet,
}

const PREFERENCES: &str = "proof/input/preferences.csv";

fn altered(path: &str) -> ServiceError {
    ServiceError::Altered(path.to_owned())
}

fn count(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

impl Files {
    fn read(connection: &mut AnyConnection, published: &Published) -> Result<Files, ServiceError> {
        let mut sheet = |path: &str| {
            let bytes = published.file(connection, path)?;
            Sheet::read(&bytes).map_err(|_| altered(path))
        };
        let seniors = sheet("proof/input/senior_schools.csv")?;
        let programmes = sheet("proof/input/programmes.csv")?;
        let quota = sheet("quota.csv")?;
        let candidates = sheet("proof/input/candidates.csv")?;
        let totals = sheet("proof/totals.csv")?;
        let results = sheet("results.csv")?;
        let fixed = match sheet("proof/input/quota.csv") {
            Err(ServiceError::NotFound) => None,
            found => Some(found?),
        };
        let preferences = published.file(connection, PREFERENCES)?;
        let policy = published.file(connection, POLICY)?;
        let policy = std::str::from_utf8(&policy).map_err(|_| altered(POLICY))?;
        let policy = Policy::parse(POLICY, policy).map_err(|_| altered(POLICY))?;
        Ok(Files { policy, seniors, programmes, fixed, quota, candidates, totals, preferences, results })
    }

    fn check(&self, root: &str) -> Result<HardRules, ServiceError> {
        let mut rules = HardRules { root: root.to_owned(), floor: self.floor(), ..HardRules::default() };
        let scopes: BTreeMap<&str, &str> =
            self.programmes.cells(["programme_code", "scope"]).map(|[code, scope]| (code, scope)).collect();
        let fixed = self.fixed.iter().flat_map(|sheet| sheet.cells(["programme_code", "junior_code"]));
        let fixed: BTreeSet<[&str; 2]> = fixed.collect();
        let mut unfiled = BTreeSet::new();
        // The three sheets hold everybody, in the order of exam numbers.
        let candidates = self.candidates.cells(["exam_no", "junior_code", "area_code"]);
        let totals = self.totals.cells(["exam_no", "total", "record"]);
        let results = self.results.cells(["exam_no", "batch", "programme_code", "seat", "position"]);
        for ((result, candidate), total) in results.zip(candidates).zip(totals) {
            let [exam_no, batch, code, seat, position] = result;
            let ([of_candidate, junior, area], [of_total, total, record]) = (candidate, total);
            if of_candidate != exam_no || of_total != exam_no {
                return Err(altered("results.csv"));
            }
            if code.is_empty() {
                continue;
            }
            rules.admitted += 1;
            let scope = scopes.get(code).copied().unwrap_or_default();
            let named = seat == "quota" && fixed.contains(&[code, junior]);
            if scope != "*" && !scope.split(';').any(|one| one == area) && !named {
                rules.out_of_scope += 1;
            }
            rules.below_line += u64::from(self.is_below_line(batch, area, total));
            rules.without_exam += u64::from(record != "1");
            unfiled.insert([exam_no, batch, position, code].map(str::to_owned));
        }
        for row in csv::Reader::from_reader(self.preferences.as_slice()).deserialize() {
            let row: [String; 4] = row.map_err(|_| altered(PREFERENCES))?;
            unfiled.remove(&row);
        }
        rules.without_form = unfiled.len() as u64;
        Ok(rules)
    }

    /// Whether a total is below the line of a batch in an area; where either is unknown it is.
    fn is_below_line(&self, batch: &str, area: &str, total: &str) -> bool {
        let shape = self.policy.batches.iter().find(|shape| shape.code == batch);
        let line = shape.map(|shape| *shape.control_line_by_area.get(area).unwrap_or(&shape.control_line));
        line.zip(Points::parse(total, 6).ok()).is_none_or(|(line, total)| total < line)
    }

    fn floor(&self) -> Vec<FloorLine> {
        if self.policy.quota.is_none() {
            return Vec::new();
        }
        let schools = self.seniors.cells(["school_code", "high_quality"]);
        let high: BTreeSet<&str> = schools.filter(|row| row[1] == "1").map(|row| row[0]).collect();
        let mut seats: BTreeMap<&str, u64> = BTreeMap::new();
        for [code, number] in self.quota.cells(["programme_code", "seats"]) {
            *seats.entry(code).or_default() += count(number);
        }
        let programmes = self.programmes.cells(["programme_code", "school_code", "seats", "quota_base"]);
        programmes
            .filter(|row| high.contains(row[1]))
            .map(|[code, _, plan, base]| {
                let base = count(if base.is_empty() { plan } else { base });
                let quota_seats = seats.get(code).copied().unwrap_or(0);
                let floor = u128::from(FLOOR_SHARE.millionths().unsigned_abs()) * u128::from(base);
                let reached = u128::from(quota_seats) * 1_000_000 >= floor;
                FloorLine { programme: code.to_owned(), base, quota_seats, reached }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        Sheet::read(text.as_bytes()).unwrap()
    }

    fn candidates_of(area: &str) -> Sheet {
        sheet(&format!("exam_no,junior_code,area_code\n260101,J01,{area}\n260102,J01,A01\n"))
    }

    fn results_on(seat: &str) -> Sheet {
        let rows = format!("260101,1,S0101,{seat},1\n260102,,,,\n");
        sheet(&format!("exam_no,batch,programme_code,seat,position\n{rows}"))
    }

    /// One high-quality programme of 10 seats, and one candidate who was admitted by every rule.
    fn sound() -> Files {
        let policy = include_str!("../../files/demonstration_season.toml");
        Files {
            policy: Policy::parse("season.toml", policy).unwrap(),
            seniors: sheet("school_code,high_quality\nS01,1\n"),
            programmes: sheet("programme_code,school_code,seats,scope,quota_base\nS0101,S01,10,A01;A02,\n"),
            fixed: None,
            quota: sheet("programme_code,junior_code,seats,reason\nS0101,J01,6,\n"),
            candidates: candidates_of("A01"),
            totals: sheet("exam_no,total,record\n260101,420,1\n260102,,0\n"),
            preferences: b"exam_no,batch,position,programme_code\n260101,1,1,S0101\n".to_vec(),
            results: results_on("open"),
        }
    }

    #[test]
    fn a_sound_result_has_nothing_to_count() {
        let rules = sound().check("root").unwrap();
        let floor = FloorLine { programme: "S0101".to_owned(), base: 10, quota_seats: 6, reached: true };
        let root = "root".to_owned();
        assert_eq!(rules, HardRules { root, admitted: 1, floor: vec![floor], ..HardRules::default() });
    }

    #[test]
    fn each_breach_is_counted_by_its_own_check() {
        let counts = |files: &Files| {
            let rules = files.check("root").unwrap();
            let floor = rules.below_floor() as u64;
            [floor, rules.out_of_scope, rules.below_line, rules.without_exam, rules.without_form]
        };
        let quota = sheet("programme_code,junior_code,seats,reason\nS0101,J01,5,\n");
        assert_eq!(counts(&Files { quota, ..sound() }), [1, 0, 0, 0, 0]);
        assert_eq!(counts(&Files { candidates: candidates_of("A09"), ..sound() }), [0, 1, 0, 0, 0]);
        let totals = sheet("exam_no,total,record\n260101,419.5,1\n260102,,0\n");
        assert_eq!(counts(&Files { totals, ..sound() }), [0, 0, 1, 0, 0]);
        let totals = sheet("exam_no,total,record\n260101,420,0\n260102,,0\n");
        assert_eq!(counts(&Files { totals, ..sound() }), [0, 0, 0, 1, 0]);
        let preferences = b"exam_no,batch,position,programme_code\n260101,1,2,S0101\n".to_vec();
        assert_eq!(counts(&Files { preferences, ..sound() }), [0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_cell_fixed_by_hand_opens_its_programme_to_its_junior_high_on_a_quota_seat_only() {
        let fixed = || Some(sheet("programme_code,junior_code,seats,reason\nS0101,J01,6,agreed\n"));
        let on_open = Files { candidates: candidates_of("A09"), fixed: fixed(), ..sound() };
        assert_eq!(on_open.check("root").unwrap().out_of_scope, 1);
        let on_quota = Files { results: results_on("quota"), ..on_open };
        assert_eq!(on_quota.check("root").unwrap().out_of_scope, 0);
    }

    #[test]
    fn sheets_of_different_people_are_refused() {
        let totals = sheet("exam_no,total,record\n260102,,0\n260101,420,1\n");
        assert_eq!(Files { totals, ..sound() }.check("root"), Err(altered("results.csv")));
    }
}
