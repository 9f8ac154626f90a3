//! The policy of a season: everything a city may choose, as `season.toml` writes it.
//!
//! Every key is documented at its field; `tests/cases/seasons/*/season.toml` are worked files, one
//! per city style. What no policy can switch off (`mechanism.md` section 3) has no key here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::chance::Margins;
use crate::domain::fault::Fault;
use crate::domain::points::Points;
use crate::domain::quota::QuotaRule;
use crate::domain::role::Roles;

/// No paper, no total and no bonus is above this: sums stay exact, and score segments printable.
pub const MOST_POINTS: Points = Points::whole(100_000);

/// No weight of a mark is above this.
const MOST_WEIGHT: Points = Points::whole(1_000);

/// At most so many batches, grades of a subject, quality grades: each is kept in one byte.
const MOST_OF_A_KIND: usize = 200;

/// A whole `season.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Always `"season/1"`.
    pub format: String,
    /// The season's name as families read it.
    pub name: String,
    /// The year of the exam.
    pub year: i16,
    /// How marks become a total (DP30, DP31, DP33, DP35).
    #[serde(default)]
    pub score: ScoreRule,
    /// `[[subject]]`: one per subject, in the order of the score sheet.
    #[serde(rename = "subject")]
    pub subjects: Vec<Subject>,
    /// `[[tie]]`: comparators for equal totals, in order (DP36). The lot always comes last (DP37).
    #[serde(rename = "tie", default)]
    pub ties: Vec<Comparator>,
    /// Quality grades, best first (DP16), for `quality_grade` in `candidates.csv`.
    #[serde(default)]
    pub quality_grades: Vec<String>,
    /// The verifiable lot behind the tie chain.
    #[serde(default)]
    pub lot: LotRule,
    /// Quota seats (指标到校); absent where the city has none.
    #[serde(default)]
    pub quota: Option<QuotaRule>,
    /// `[[batch]]`: the batches in the order they are placed.
    #[serde(rename = "batch")]
    pub batches: Vec<Batch>,
    /// Dates that the rules bound (DP43).
    #[serde(default)]
    pub dates: Dates,
    /// What families are told of past years and of their chances.
    #[serde(default)]
    pub guidance: Guidance,
    /// Which roles an act needs, by the act's name. The service enforces it; files only carry it.
    #[serde(default)]
    pub roles: Roles,
}

/// `[score]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreRule {
    /// `none` (default) or `half_up`, applied once, to the sum without the bonus (DP31).
    pub rounding: Rounding,
    /// Places kept by `half_up`: 0, 1 or 2.
    pub decimals: u32,
    /// The highest bonus alone counts, and never more than this (DP35); absent: no cap.
    pub bonus_cap: Option<Points>,
    /// What makes a valid record of this year's exam (SX22 6.6, DP33): `any` counting subject
    /// scored (default), or `all` of them scored or exempt.
    pub exam_record: ExamRecord,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    #[default]
    None,
    HalfUp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExamRecord {
    #[default]
    Any,
    All,
}

/// `[[subject]]` (DP30)
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The column of `scores.csv`; with parts the columns are `code.part`.
    pub code: String,
    /// The name families read.
    #[serde(default)]
    pub name: String,
    /// The full mark of the paper; with parts it is the sum that the parts can reach.
    pub full: Points,
    /// The mark is multiplied by this (default 1).
    #[serde(default = "one")]
    pub weight: Points,
    /// Places a mark may have (default 1).
    #[serde(default = "one_place")]
    pub decimals: u32,
    /// `false` for a subject that is only a gate (DP32).
    #[serde(default = "yes")]
    pub counts: bool,
    /// A candidate absent or void here has no valid exam record.
    #[serde(default)]
    pub required: bool,
    /// Points of an exempt candidate, as they enter the total; `exempt` is refused where absent.
    #[serde(default)]
    pub exempt: Option<Points>,
    /// Grade to points; the cell then holds a grade instead of a mark.
    #[serde(default)]
    pub grades: BTreeMap<String, Points>,
    /// `[[subject.part]]`: written, oral, lab, A and B papers.
    #[serde(rename = "part", default)]
    pub parts: Vec<Part>,
}

impl Subject {
    /// The most millionths it can add to a total.
    fn most(&self) -> i128 {
        let times = |points: Points, weight: Points| {
            i128::from(points.millionths()) * i128::from(weight.millionths()) / 1_000_000
        };
        let parts: i128 = self.parts.iter().map(|part| times(part.full, part.weight)).sum();
        let grades = self.grades.values().map(|grade| times(*grade, self.weight));
        let exempt = self.exempt.map(|points| i128::from(points.millionths()));
        let mark = if self.parts.is_empty() { times(self.full, self.weight) } else { parts };
        grades.chain(exempt).fold(mark, i128::max)
    }

    /// Points and weights beyond what is computed with.
    fn bound_breaches(&self, key: &impl Fn(&str) -> String, say: &mut impl FnMut(String, &str)) {
        let bounded = |points: Points| (Points::ZERO..=MOST_POINTS).contains(&points);
        let between = format!("must be between 0 and {MOST_POINTS} points");
        if !bounded(self.full) || self.parts.iter().any(|part| !bounded(part.full)) {
            say(key("full"), &between);
        }
        if self.exempt.is_some_and(|exempt| !bounded(exempt)) {
            say(key("exempt"), &between);
        }
        if self.grades.values().any(|grade| !bounded(*grade) || grade.millionths() % 1000 != 0) {
            say(key("grades"), &format!("{between}, with at most 3 places"));
        }
        if self.grades.len() > MOST_OF_A_KIND {
            say(key("grades"), &format!("must be at most {MOST_OF_A_KIND}"));
        }
        let mut weights = self.parts.iter().map(|part| part.weight).chain([self.weight]);
        if weights.any(|weight| weight > MOST_WEIGHT) {
            say(key("weight"), &format!("must be at most {MOST_WEIGHT}"));
        }
        if self.most() > i128::from(MOST_POINTS.millionths()) {
            say(key("weight"), &format!("the subject can give more than {MOST_POINTS} points"));
        }
    }
}

/// `[[subject.part]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The column is `subject.code`.
    pub code: String,
    /// The full mark of the part.
    pub full: Points,
    /// The part's mark is multiplied by this (default 1).
    #[serde(default = "one")]
    pub weight: Points,
    /// Places a mark may have (default 1).
    #[serde(default = "one_place")]
    pub decimals: u32,
}

/// `[[tie]]`: one link of the tie chain; more is better unless said otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Comparator {
    /// The total before the bonus.
    TotalWithoutBonus,
    /// Points of one subject.
    Subject { subject: String },
    /// Sum of the points of several subjects.
    Sum { subjects: Vec<String> },
    /// The quality grade (`quality_grades`, best first; no grade is worst).
    Grade,
    /// Candidates with this flag come first, or with `last = true` behind the others.
    Flag {
        flag: String,
        #[serde(default)]
        last: bool,
    },
}

impl Comparator {
    /// The name used in `tie_chain` and in reasons.
    pub fn name(&self) -> String {
        match self {
            Comparator::TotalWithoutBonus => "total_without_bonus".to_owned(),
            Comparator::Subject { subject } => subject.clone(),
            Comparator::Sum { subjects } => subjects.join("+"),
            Comparator::Grade => "quality_grade".to_owned(),
            Comparator::Flag { flag, .. } => flag.clone(),
        }
    }
}

/// `[lot]` (`mechanism.md` section 6)
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LotRule {
    /// Texts of the seed's sources, known only after the list was frozen: balls drawn in public,
    /// revealed secrets of two offices, an announced figure. At least one.
    pub parts: Vec<String>,
    /// The round the numbers are addressed by; a new season takes a new round.
    pub round: u32,
}

/// `[[batch]]`: one batch (批次).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The `batch` of `preferences.csv` and `programmes.csv`.
    pub code: String,
    #[serde(default)]
    pub name: String,
    /// Which seats are filled: `integrated` (default), `quota`, `pool`, `open`.
    #[serde(default)]
    pub seats: SeatKinds,
    /// The placing rule (DP23).
    #[serde(default)]
    pub placing: Placing,
    /// `quota_first` (default) or `open_first`; only an integrated batch asks.
    #[serde(default)]
    pub precedence: Precedence,
    /// Where unused quota goes inside the batch: `open` (default), `county_pool`, `none` (DP21).
    #[serde(default)]
    pub reversion: Reversion,
    /// "Not more than d points below the unified cut-off", by the event rule (DP20).
    #[serde(default)]
    pub relative_gate: Option<Points>,
    /// Nobody below it is admitted, public and private alike (SX22 6.5, 6.8; DP26).
    pub control_line: Points,
    /// Other lines for single areas, by area code.
    #[serde(default)]
    pub control_line_by_area: BTreeMap<String, Points>,
    /// Longest list (DP24).
    pub max_choices: u16,
    /// Takes the programmes and lists that the sheets file under this code, which is no batch of
    /// this policy: two batches over one list, or a policy compared with another on its data.
    #[serde(default)]
    pub uses: Option<String>,
    /// A supplementary round (征集志愿) on what the named batches left (DP27).
    #[serde(default)]
    pub supplementary_of: Vec<String>,
    /// Quality grade needed in this batch (DP32).
    #[serde(default)]
    pub quality_at_least: Option<String>,
    /// `[[batch.subject_gate]]`: points needed in single subjects (DP32).
    #[serde(rename = "subject_gate", default)]
    pub subject_gates: Vec<SubjectGate>,
}

/// `[[batch.subject_gate]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectGate {
    pub subject: String,
    /// Points as they would enter the total (after weights, or of the grade).
    pub at_least: Points,
}

/// The kinds of seat a batch fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatKinds {
    /// Quota and open seats in one run and one list (the recommended default).
    #[default]
    Integrated,
    /// Quota seats only; what stays empty flows on.
    Quota,
    /// What is left of the quota, for every quota-eligible candidate whatever her junior high (W13).
    Pool,
    /// Open seats only; quota seats that a later batch offers stay reserved.
    Open,
}

/// What a candidate may claim at a programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// A seat filled by merit; in a pool batch, one of the pool.
    pub open: bool,
    /// A seat of her junior high's cell.
    pub quota: bool,
}

impl SeatKinds {
    /// What may be claimed in such a batch, marks and gates aside (`mechanism.md` sections 2 and 3):
    /// by scope (SX22 6.1), by eligibility for quota (SX22 6.2), or `named` by an override that
    /// gives her junior high seats there.
    pub fn claims(self, in_scope: bool, eligible: bool, named: impl FnOnce() -> bool) -> Claims {
        match self {
            SeatKinds::Integrated => Claims { open: in_scope, quota: eligible && (in_scope || named()) },
            SeatKinds::Quota => Claims { open: false, quota: eligible && (in_scope || named()) },
            // A pool batch fills its seats like open ones, by the claim on the pool.
            SeatKinds::Pool => Claims { open: eligible && in_scope, quota: false },
            SeatKinds::Open => Claims { open: in_scope, quota: false },
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precedence {
    #[default]
    QuotaFirst,
    OpenFirst,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversion {
    #[default]
    Open,
    CountyPool,
    None,
}

/// The placing rule: what comes first in the key of an application (`mechanism.md` section 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Placing {
    /// 平行志愿: the order of merit alone.
    #[default]
    Parallel,
    /// 段段清: bands of `points` downward from `from`; inside a band the position in the list first.
    Band { points: Points, from: Points },
    /// 梯度志愿: the position in the list first.
    Sequential,
    /// Chen & Kesten 2017: positions in groups of `choices`.
    ChoiceBands { choices: u32 },
}

/// `[dates]` (SX22 6.8, 6.9)
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dates {
    /// The control line is announced before admission starts.
    pub control_line_announced: Option<Date>,
    pub admission_starts: Option<Date>,
    /// Before 20 August.
    pub admission_ends: Option<Date>,
    /// The result is filed with the province: on 1 September.
    pub filed_on: Option<Date>,
}

/// `[guidance]`: what past years may tell families (`experience.md` 0.4).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guidance {
    pub chances: Chances,
    /// The share of the ranked by which a rank must stand above past lines to be called safe.
    pub safe: Option<Points>,
    /// The share by which it stands below them to be called a reach.
    pub reach: Option<Points>,
    /// The year whose backtest gave the margins.
    pub backtested: Option<String>,
}

/// How much of past years is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chances {
    /// Nothing.
    #[default]
    Off,
    /// Seats and last rank bands, and no word of what they mean.
    Facts,
    /// The facts, and safe, likely or a reach by margins that a backtest gave.
    Bands,
}

impl Guidance {
    /// The margins of the bands; none unless bands are told.
    pub fn margins(&self) -> Option<Margins> {
        let (safe, reach) = (self.safe?.millionths(), self.reach?.millionths());
        (self.chances == Chances::Bands).then_some(Margins { safe, reach })
    }

    fn breaches(&self, say: &mut impl FnMut(String, &str)) {
        for (key, margin) in [("safe", self.safe), ("reach", self.reach)] {
            if margin.is_some_and(|margin| !(Points::ZERO..=Points::whole(1)).contains(&margin)) {
                say(format!("guidance.{key}"), "must be a share from 0 to 1");
            }
            if margin.is_none() && self.chances == Chances::Bands {
                say(format!("guidance.{key}"), "bands need the margin that a backtest gave");
            }
        }
        if self.backtested.as_deref().unwrap_or_default().is_empty() && self.chances == Chances::Bands {
            say("guidance.backtested".into(), "bands need the year of the backtest that gave their margins");
        }
    }
}

fn one() -> Points {
    Points::whole(1)
}

fn one_place() -> u32 {
    1
}

fn yes() -> bool {
    true
}

impl Policy {
    /// Reads `season.toml`.
    ///
    /// # Errors
    /// Every fault found: those of the writing alone, or else all of those against the rules.
    pub fn parse(file: &str, text: &str) -> Result<Policy, Vec<Fault>> {
        let policy: Policy =
            toml::from_str(text).map_err(|error| vec![Fault::at(file, error.to_string().trim_end())])?;
        let faults: Vec<Fault> = policy
            .breaches()
            .into_iter()
            .map(|(key, rule)| Fault::at(format!("{file} {key}"), rule))
            .collect();
        if faults.is_empty() { Ok(policy) } else { Err(faults) }
    }

    /// The subject of a code, by its place.
    pub fn subject(&self, code: &str) -> Option<usize> {
        self.subjects.iter().position(|subject| subject.code == code)
    }

    /// The batches that a code of the sheets stands for, by index.
    pub fn batches_of(&self, code: &str) -> Vec<u32> {
        (0..)
            .zip(&self.batches)
            .filter(|(_, batch)| batch.code == code || batch.uses.as_deref() == Some(code))
            .map(|(index, _)| index)
            .collect()
    }

    /// The batches whose programmes a batch offers, by index: its own, or for a supplementary round
    /// those it is for (DP27).
    pub fn offers(&self, batch: usize) -> Vec<u32> {
        let shape = &self.batches[batch];
        if shape.supplementary_of.is_empty() {
            return vec![batch as u32];
        }
        (0..)
            .zip(&self.batches)
            .filter(|(_, other)| shape.supplementary_of.contains(&other.code))
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether all of these batches are supplementary rounds (DP27).
    pub fn only_supplementary(&self, batches: &[u32]) -> bool {
        batches.iter().all(|&batch| !self.batches[batch as usize].supplementary_of.is_empty())
    }

    /// The code that candidates file a batch's list under: its own, or the one it `uses`.
    pub fn list_of(&self, batch: usize) -> &str {
        let shape = &self.batches[batch];
        shape.uses.as_deref().unwrap_or(&shape.code)
    }

    /// The codes of all lists that candidates file, each once, in the order of the batches.
    pub fn lists(&self) -> Vec<&str> {
        let mut lists = Vec::new();
        for batch in 0..self.batches.len() {
            let list = self.list_of(batch);
            if !lists.contains(&list) {
                lists.push(list);
            }
        }
        lists
    }

    /// The name of a list's batch, or its code.
    pub fn list_name(&self, list: &str) -> String {
        let named = self.batches.iter().find(|batch| batch.code == list).map(|batch| batch.name.clone());
        named.filter(|name| !name.is_empty()).unwrap_or_else(|| list.to_owned())
    }

    /// The longest list that may be filed for these batches (DP24): one list for several batches
    /// has the room of the longest.
    pub fn most_choices(&self, batches: &[u32]) -> Option<u16> {
        batches.iter().map(|&batch| self.batches[batch as usize].max_choices).max()
    }

    /// The place of a quality grade; 0 is best.
    pub fn quality_place(&self, grade: &str) -> Option<usize> {
        self.quality_grades.iter().position(|known| known == grade)
    }

    /// The columns of the score sheet that stand there twice.
    fn columns_twice(&self) -> Vec<String> {
        let columns = self.subjects.iter().flat_map(|subject| {
            let whole = subject.parts.is_empty().then(|| subject.code.clone());
            whole
                .into_iter()
                .chain(subject.parts.iter().map(|part| format!("{}.{}", subject.code, part.code)))
        });
        let mut seen = BTreeSet::from(["exam_no".to_owned()]);
        columns.filter(|column| !seen.insert(column.clone())).collect()
    }

    /// Every code and name by which sheets, forms and results call something, with its key.
    fn codes(&self) -> Vec<(String, &str)> {
        let mut codes = Vec::new();
        for (place, subject) in self.subjects.iter().enumerate() {
            codes.push((format!("subject[{place}].code"), subject.code.as_str()));
            codes.extend(subject.grades.keys().map(|grade| (format!("subject[{place}].grades"), &**grade)));
            for (part_place, part) in subject.parts.iter().enumerate() {
                codes.push((format!("subject[{place}].part[{part_place}].code"), &part.code));
            }
        }
        codes.extend(self.quality_grades.iter().map(|grade| ("quality_grades".to_owned(), &**grade)));
        for (place, tie) in self.ties.iter().enumerate() {
            if let Comparator::Flag { flag, .. } = tie {
                codes.push((format!("tie[{place}].flag"), flag));
            }
        }
        for (place, batch) in self.batches.iter().enumerate() {
            codes.push((format!("batch[{place}].code"), &batch.code));
            codes.extend(batch.uses.iter().map(|code| (format!("batch[{place}].uses"), &**code)));
            let areas = batch.control_line_by_area.keys();
            codes.extend(areas.map(|area| (format!("batch[{place}].control_line_by_area"), &**area)));
        }
        codes
    }

    /// What the file says against itself or against a rule: key and rule.
    fn breaches(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut say = |key: String, rule: &str| found.push((key, rule.to_owned()));
        if self.format != "season/1" {
            say("format".into(), "must be \"season/1\"");
        }
        if self.subjects.is_empty() {
            say("subject".into(), "at least one subject is needed");
        }
        if self.score.decimals > 2 {
            say("score.decimals".into(), "must be 0, 1 or 2 (DP31)");
        }
        if self.score.bonus_cap.is_some_and(|cap| cap < Points::ZERO) {
            say("score.bonus_cap".into(), "must not be negative");
        }
        let most = self.subjects.iter().filter(|subject| subject.counts).map(Subject::most).sum::<i128>();
        if most > i128::from(MOST_POINTS.millionths()) {
            say("subject".into(), &format!("the total can be above {MOST_POINTS} points"));
        }
        // The lines under a form's hash (domain/form.rs) and the rows of results end where a code does.
        for (key, _) in self.codes().into_iter().filter(|(_, code)| code.contains(char::is_control)) {
            say(key, "must not hold line breaks or other control characters");
        }
        for column in self.columns_twice() {
            say("subject".into(), &format!("the score sheet would have two columns {column:?}"));
        }
        if self.quality_grades.len() > MOST_OF_A_KIND {
            say("quality_grades".into(), &format!("must be at most {MOST_OF_A_KIND}"));
        }
        if self.batches.len() > MOST_OF_A_KIND {
            say("batch".into(), &format!("must be at most {MOST_OF_A_KIND}"));
        }
        if self.lot.parts.is_empty() {
            say("lot.parts".into(), "at least one source of the seed is needed");
        }
        for (place, subject) in self.subjects.iter().enumerate() {
            let key = |field: &str| format!("subject[{place}].{field}");
            if self.subject(&subject.code) != Some(place) {
                say(key("code"), "stands twice");
            }
            if subject.decimals > 3 || subject.parts.iter().any(|part| part.decimals > 3) {
                say(key("decimals"), "a mark has at most 3 places");
            }
            subject.bound_breaches(&key, &mut say);
            let weights = subject.parts.iter().map(|part| part.weight).chain([subject.weight]);
            if weights.clone().any(|weight| weight < Points::ZERO || weight.millionths() % 1000 != 0) {
                say(key("weight"), "a weight is not negative and has at most 3 places");
            }
            if !subject.parts.is_empty() && (subject.weight != one() || !subject.grades.is_empty()) {
                say(key("part"), "a subject with parts has its weights on the parts, and no grades");
            }
        }
        for (place, tie) in self.ties.iter().enumerate() {
            let unknown: Vec<&str> = match tie {
                Comparator::Subject { subject } => vec![subject.as_str()],
                Comparator::Sum { subjects } => subjects.iter().map(String::as_str).collect(),
                _ => vec![],
            };
            for code in unknown.into_iter().filter(|code| self.subject(code).is_none()) {
                say(format!("tie[{place}]"), &format!("no subject {code:?}"));
            }
            if matches!(tie, Comparator::Grade) && self.quality_grades.is_empty() {
                say(format!("tie[{place}]"), "needs quality_grades");
            }
        }
        if self.batches.is_empty() {
            say("batch".into(), "at least one batch is needed");
        }
        for (place, batch) in self.batches.iter().enumerate() {
            self.batch_breaches(place, batch, &mut say);
        }
        self.date_breaches(&mut say);
        self.guidance.breaches(&mut say);
        if let Some(quota) = &self.quota
            && let Some(grade) = &quota.eligibility.quality_at_least
            && self.quality_place(grade).is_none()
        {
            say("quota.eligibility.quality_at_least".into(), "is no grade of quality_grades");
        }
        found
    }

    fn batch_breaches(&self, place: usize, batch: &Batch, say: &mut impl FnMut(String, &str)) {
        let key = |field: &str| format!("batch[{place}].{field}");
        if self.batches.iter().position(|other| other.code == batch.code) != Some(place) {
            say(key("code"), "stands twice");
        }
        if batch.code.is_empty() || batch.code.contains(';') {
            say(key("code"), "must not be empty nor hold ';'");
        }
        if batch.max_choices == 0 || batch.max_choices > 200 {
            say(key("max_choices"), "must be between 1 and 200");
        }
        match batch.placing {
            Placing::Band { points, .. } if points <= Points::ZERO => {
                say(key("placing.points"), "must be above 0");
            }
            Placing::ChoiceBands { choices: 0 } => say(key("placing.choices"), "must be at least 1"),
            _ => {}
        }
        if let Some(distance) = batch.relative_gate {
            if distance < Points::ZERO {
                say(key("relative_gate"), "must not be negative");
            }
            if batch.placing != Placing::Parallel {
                say(key("relative_gate"), "the event rule goes by totals: it needs parallel placing");
            }
            if batch.reversion != Reversion::Open || batch.seats != SeatKinds::Integrated {
                say(key("relative_gate"), "needs an integrated batch with reversion \"open\"");
            }
        }
        if batch.reversion == Reversion::CountyPool && batch.precedence == Precedence::OpenFirst {
            say(key("reversion"), "county_pool goes with quota_first only");
        }
        if batch.seats != SeatKinds::Open && self.quota.is_none() && batch.seats != SeatKinds::Integrated {
            say(key("seats"), "needs a [quota] table");
        }
        if let Some(code) = &batch.uses
            && self.batches.iter().any(|other| other.code == *code)
        {
            say(key("uses"), "names a batch of its own; it is for codes that only the sheets have");
        }
        for code in &batch.supplementary_of {
            if !self.batches[..place].iter().any(|earlier| earlier.code == *code) {
                say(key("supplementary_of"), &format!("{code:?} is no earlier batch"));
            }
        }
        if let Some(grade) = &batch.quality_at_least
            && self.quality_place(grade).is_none()
        {
            say(key("quality_at_least"), "is no grade of quality_grades");
        }
        for gate in batch.subject_gates.iter().filter(|gate| self.subject(&gate.subject).is_none()) {
            say(key("subject_gate"), &format!("no subject {:?}", gate.subject));
        }
    }

    /// SX22 6.8 and 6.9, DP43.
    fn date_breaches(&self, say: &mut impl FnMut(String, &str)) {
        let dates = &self.dates;
        let all = [
            ("control_line_announced", dates.control_line_announced),
            ("admission_starts", dates.admission_starts),
            ("admission_ends", dates.admission_ends),
            ("filed_on", dates.filed_on),
        ];
        for (key, _) in all.into_iter().filter(|(_, date)| date.is_some_and(|date| date.year() != self.year))
        {
            say(format!("dates.{key}"), "must lie in the season's year");
        }
        if let (Some(line), Some(start)) = (dates.control_line_announced, dates.admission_starts)
            && line > start
        {
            say("dates.control_line_announced".into(), "the line is announced before admission (SX22 6.8)");
        }
        if let Some(end) = dates.admission_ends
            && (end.year(), end.month(), end.day()) >= (self.year, 8, 20)
        {
            say("dates.admission_ends".into(), "admission ends before 20 August (SX22 6.9)");
        }
        if let Some(filed) = dates.filed_on
            && (filed.year(), filed.month(), filed.day()) > (self.year, 9, 1)
        {
            say("dates.filed_on".into(), "results are filed on 1 September (SX22 6.9)");
        }
    }
}
