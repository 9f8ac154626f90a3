//! Quota seats (指标到校): the rule of a season, the seats it gives, and the lines that prove them.

use std::fmt;

use serde::Deserialize;

use crate::domain::eligibility::EligibilityRule;
use crate::domain::points::Points;

/// The least share of a high-quality senior high's base that goes to quota (SX22 6.2: 60 %).
pub const FLOOR_SHARE: Points = Points::from_millionths(600_000);

/// The largest weight or number of seats that is read: 2^53, beyond which other programs lose digits.
pub const LARGEST: u64 = 1 << 53;

/// How seats are shared out in proportion to weights (DP9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Whole part for all, the seats left to the largest remainders (Hamilton; Guangzhou).
    #[default]
    LargestRemainder,
    /// Divisor method that rounds at one half (Webster): a larger pool never takes a seat away.
    SainteLague,
    /// Divisor method that rounds down (Jefferson).
    Dhondt,
    /// Every share rounded half up; the sum may differ (Shenzhen A/C, Bengbu, Huainan).
    HalfUp,
    /// Every share rounded down: a share below one gives no seat (Changsha).
    Floor,
    /// Whole part for all, the seats left by lot among those with a fraction (Harbin).
    IntegerPartThenLots,
}

impl Method {
    /// All methods, in the order of the manual.
    pub const ALL: [Method; 6] = [
        Method::LargestRemainder,
        Method::SainteLague,
        Method::Dhondt,
        Method::HalfUp,
        Method::Floor,
        Method::IntegerPartThenLots,
    ];

    /// The word in policy and apportion files.
    pub const fn word(self) -> &'static str {
        match self {
            Method::LargestRemainder => "largest_remainder",
            Method::SainteLague => "sainte_lague",
            Method::Dhondt => "dhondt",
            Method::HalfUp => "half_up",
            Method::Floor => "floor",
            Method::IntegerPartThenLots => "integer_part_then_lots",
        }
    }

    /// Whether the seats given may differ from the seats there are (DP9 a to c).
    pub const fn sum_may_differ(self) -> bool {
        matches!(self, Method::HalfUp | Method::Floor)
    }
}

/// What is shared out at a time (DP8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each programme by itself.
    #[default]
    Programme,
    /// All programmes of one scope together: first what each junior gets in all, then the cells.
    Matrix,
}

/// How the cells of the matrix are rounded once both margins stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatrixRounding {
    /// Controlled rounding, larger remainders first (minimum cost flow): no chance in it.
    #[default]
    Flow,
    /// Controlled rounding by random cycles: unbiased (Cox 1987), needs the public seed.
    Cycle,
    /// Biproportional Webster.
    Biproportional,
}

/// Which pupils of a junior high count (DP5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Graduates who may take quota seats.
    #[default]
    Eligible,
    /// All graduates of the year.
    Graduates,
    /// The grade-7 intake three years before.
    Intake,
}

/// What bounds the seats of a junior high from above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// Nothing.
    #[default]
    None,
    /// Its eligible pupils: per programme, or over all programmes in the matrix.
    Eligible,
}

/// The table `[quota]` of `season.toml`. Every key may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaRule {
    /// `share = "0.6"`: part of the base of a programme that goes to quota, where the programme
    /// names none itself (DP1).
    pub share: Points,
    /// `method = "largest_remainder"`: how a programme's seats are shared (DP9). The matrix shares
    /// its row totals by `sainte_lague` whatever stands here.
    pub method: Method,
    /// `per = "programme"` or `"matrix"` (DP8).
    pub per: Per,
    /// `matrix_rounding = "flow"`, `"cycle"` or `"biproportional"`; only with `per = "matrix"`.
    pub matrix_rounding: MatrixRounding,
    /// `weight = "eligible"`, `"graduates"` or `"intake"` (DP5).
    pub weight: Weight,
    /// `use_factor = true`: the weight is multiplied by the junior's evaluation factor (DP6).
    pub use_factor: bool,
    /// `minimum = 1`: seats for every junior with a weight above zero: in each programme of its
    /// scope, or over all programmes in the matrix (DP10).
    pub minimum: u32,
    /// `cap = "none"` or `"eligible"`.
    pub cap: Cap,
    /// `direct_divisor = 30`: juniors marked `direct` first get eligible / 30, half up (DP7).
    pub direct_divisor: Option<u32>,
    /// `pool_below = "0.5"`: juniors whose exact share in a programme is below this share seats,
    /// one pool per area, the pool's share rounded half up (DP10); only with `per = "programme"`.
    pub pool_below: Option<Points>,
    /// `[quota.eligibility]`: who may use quota seats (DP13 to DP16).
    pub eligibility: EligibilityRule,
}

impl Default for QuotaRule {
    fn default() -> QuotaRule {
        QuotaRule {
            share: FLOOR_SHARE,
            method: Method::default(),
            per: Per::default(),
            matrix_rounding: MatrixRounding::default(),
            weight: Weight::default(),
            use_factor: false,
            minimum: 0,
            cap: Cap::default(),
            direct_divisor: None,
            pool_below: None,
            eligibility: EligibilityRule::default(),
        }
    }
}

/// A junior high as the apportionment sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JuniorLine {
    /// The school code.
    pub code: String,
    /// Its area, as an index into the season's areas.
    pub area: u32,
    /// Graduates who may take quota seats (DP13 to DP16).
    pub eligible: u64,
    /// All graduates of the year.
    pub graduates: u64,
    /// The grade-7 intake three years before.
    pub intake: u64,
    /// The evaluation factor (DP6); 1 where there is none.
    pub factor: Points,
    /// Whether it gets direct seats before the split (DP7).
    pub direct: bool,
}

/// Seats fixed by hand for one junior in one programme: the override of `quota.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatOverride {
    /// Index of the junior; it may stand outside the programme's scope.
    pub junior: u32,
    /// The seats; zero is an answer too.
    pub seats: u32,
    /// Why; never empty.
    pub reason: String,
}

/// A programme of a senior high as the apportionment sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeLine {
    /// The programme code.
    pub code: String,
    /// All seats of the plan.
    pub seats: u32,
    /// The seats the policy counts the share of (DP2).
    pub base: u32,
    /// The part of the base that goes to quota (DP1).
    pub share: Points,
    /// Whether its school is designated high-quality, so that SX22 6.2 binds it.
    pub high_quality: bool,
    /// The areas whose juniors take part (SX22 6.1), as indices.
    pub scope: Vec<u32>,
    /// Cells fixed by hand.
    pub overrides: Vec<SeatOverride>,
}

/// An exact number, kept as it is computed and not reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// Above the line.
    pub numerator: u128,
    /// Below the line; never zero.
    pub denominator: u128,
}

/// Why a junior has the seats it has and not one more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The share is a whole number, or the seats left went to others with a fraction.
    WholeOnly,
    /// Got an extra seat: its remainder stands at this place (from 1), ties broken.
    Remainder { place: u32 },
    /// No extra seat: its remainder stands at this place, behind the last extra seat.
    LostRemainder { place: u32 },
    /// The fraction was a half or more and went up.
    HalfUp,
    /// The fraction was below a half and went down.
    BelowHalf,
    /// The fraction is dropped.
    Dropped,
    /// Drew an extra seat, at this place of the lot order among those with a fraction.
    Lot { place: u32 },
    /// Drew no extra seat.
    LostLot { place: u32 },
    /// Weight over the common divisor, rounded by the method.
    Divisor,
    /// Raised to the minimum.
    Minimum,
    /// Held at the cap.
    Cap,
    /// Weight zero: no seat, and no minimum.
    NoWeight,
    /// A cell of the matrix, rounded up so that both margins hold.
    MarginUp,
    /// A cell of the matrix, rounded down so that both margins hold.
    MarginDown,
    /// A cell of the matrix by its row's and column's multiplier.
    Biproportional,
    /// Its share is too small alone: it competes in the pool of its area.
    InPool,
    /// The pool of an area, half up.
    Pool,
    /// Direct seats, before the split.
    Direct,
    /// Fixed by hand.
    Override,
}

impl Why {
    /// The word in the proof sheet, with its place where it has one.
    pub fn word(self) -> String {
        match self {
            Why::WholeOnly => "whole".to_owned(),
            Why::Remainder { place } => format!("remainder {place}"),
            Why::LostRemainder { place } => format!("lost remainder {place}"),
            Why::HalfUp => "half up".to_owned(),
            Why::BelowHalf => "below half".to_owned(),
            Why::Dropped => "fraction dropped".to_owned(),
            Why::Lot { place } => format!("lot {place}"),
            Why::LostLot { place } => format!("lost lot {place}"),
            Why::Divisor => "divisor".to_owned(),
            Why::Minimum => "minimum".to_owned(),
            Why::Cap => "cap".to_owned(),
            Why::NoWeight => "no weight".to_owned(),
            Why::MarginUp => "margins, up".to_owned(),
            Why::MarginDown => "margins, down".to_owned(),
            Why::Biproportional => "biproportional".to_owned(),
            Why::InPool => "in pool".to_owned(),
            Why::Pool => "pool".to_owned(),
            Why::Direct => "direct".to_owned(),
            Why::Override => "override".to_owned(),
        }
    }
}

/// One share worked out: `weight x seats_to_share / weight_total`, the seats given, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareLine {
    /// The weight of the junior (of the pool; the row total in the matrix).
    pub weight: u64,
    /// The weights it is measured against, itself among them.
    pub weight_total: u128,
    /// The seats those share.
    pub seats_to_share: u64,
    /// The seats it gets.
    pub seats: u64,
    /// Why not one more or less.
    pub why: Why,
}

impl ShareLine {
    /// The exact share; zero over one where nothing is shared.
    pub fn share(&self) -> Fraction {
        if self.weight_total == 0 {
            return Fraction { numerator: 0, denominator: 1 };
        }
        Fraction {
            numerator: u128::from(self.weight) * u128::from(self.seats_to_share),
            denominator: self.weight_total,
        }
    }

    /// The whole part of the share.
    pub fn whole(&self) -> u128 {
        let share = self.share();
        share.numerator / share.denominator
    }

    /// What the share leaves over the whole part, in parts of `weight_total`.
    pub fn remainder(&self) -> u128 {
        let share = self.share();
        share.numerator % share.denominator
    }
}

/// A line of the proof sheet: a share, whose it is, and the reason where a hand fixed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofLine {
    /// The junior; several where they share a pool.
    pub juniors: Vec<u32>,
    /// The share.
    pub share: ShareLine,
    /// The reason of an override.
    pub reason: Option<String>,
}

/// Seats of one programme that one junior (or one pool of juniors) may take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaCell {
    /// Index of the programme.
    pub programme: u32,
    /// Indices of the juniors: one, or all of a pool (DP10).
    pub juniors: Vec<u32>,
    /// The seats; never zero.
    pub seats: u32,
}

/// What one programme gives, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeQuota {
    /// `ceil(share x base)` (DP3).
    pub due: u64,
    /// Of these fixed by hand.
    pub by_override: u64,
    /// Of these direct (DP7).
    pub direct: u64,
    /// What was left to share out.
    pub to_share: u64,
    /// Seats in cells. Differs from `due` where the method's sum may differ or nobody can take them.
    pub placed: u64,
    /// Seats that no junior can take: none has a weight, or all are at their cap.
    pub unplaceable: u64,
    /// The common divisor, where the method has one.
    pub divisor: Option<Fraction>,
    /// Overrides, direct seats, then the split in file order.
    pub lines: Vec<ProofLine>,
}

/// What the juniors of one scope get over all its programmes (`per = "matrix"`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// The programmes.
    pub programmes: Vec<u32>,
    /// Their seats to share.
    pub seats: u64,
    /// The common divisor of the row totals.
    pub divisor: Option<Fraction>,
    /// One line per junior: its row total.
    pub lines: Vec<ProofLine>,
}

/// Direct seats of one junior over all programmes: `half_up(eligible / divisor)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectSeats {
    /// The junior.
    pub junior: u32,
    /// Its eligible graduates.
    pub eligible: u64,
    /// What they are divided by.
    pub divisor: u32,
    /// Its direct seats.
    pub seats: u64,
}

/// The sum over all high-quality programmes that SX22 6.2 looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FloorCheck {
    /// Their bases.
    pub base: u64,
    /// Their seats due.
    pub due: u64,
    /// Their seats in cells.
    pub placed: u64,
    /// Their seats that no junior can take.
    pub unplaceable: u64,
}

/// The whole apportionment of a season.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaPlan {
    /// One per programme, in the order of the input.
    pub per_programme: Vec<ProgrammeQuota>,
    /// Row totals, with `per = "matrix"`.
    pub groups: Vec<RowGroup>,
    /// Direct seats per junior.
    pub direct: Vec<DirectSeats>,
    /// All cells with seats, by programme, then juniors.
    pub cells: Vec<QuotaCell>,
    /// The check of SX22 6.2 in aggregate.
    pub floor: FloorCheck,
}

/// Why a rule refuses an apportionment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuotaBreach {
    /// A high-quality programme gives less than 60 % (SX22 6.2).
    ShareBelowFloor { programme: String, share: Points },
    /// A share beyond the whole, or below nothing.
    ShareNotAPart { programme: String, share: Points },
    /// The base counts more seats than the plan has (DP2).
    BaseAbovePlan { programme: String, base: u32, seats: u32 },
    /// An override without its reason.
    OverrideWithoutReason { programme: String, junior: String },
    /// The same junior fixed twice in one programme.
    OverrideTwice { programme: String, junior: String },
    /// Overrides beyond the quota of the programme.
    OverridesAboveQuota { programme: String, overrides: u64, due: u64 },
    /// Direct seats that the programmes open to a junior cannot hold.
    DirectAboveQuota { juniors: Vec<String>, seats: u64 },
    /// The minimum of all juniors asks for more seats than there are.
    MinimumAboveSeats { programmes: Vec<String>, needed: u64, seats: u64 },
    /// Rounding up gives more quota seats than the plan has seats (DP9).
    AbovePlan { programme: String, placed: u64, seats: u32 },
    /// All high-quality programmes together fall below 60 % (SX22 6.2).
    AggregateBelowFloor { placed: u64, unplaceable: u64, base: u64 },
    /// A weight that cannot be computed with exactly.
    WeightTooLarge { junior: String },
    /// An evaluation factor below zero.
    FactorBelowZero { junior: String },
    /// The rule itself cannot be applied; in plain words.
    Rule(&'static str),
}

impl fmt::Display for QuotaBreach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuotaBreach::ShareBelowFloor { programme, share } => write!(
                f,
                "programme {programme}: quota share {share} is below {FLOOR_SHARE} for a high-quality school (SX22 6.2)"
            ),
            QuotaBreach::ShareNotAPart { programme, share } => {
                write!(f, "programme {programme}: quota share {share} must lie between 0 and 1 (DP1)")
            }
            QuotaBreach::BaseAbovePlan { programme, base, seats } => {
                write!(
                    f,
                    "programme {programme}: the base of {base} seats is above the plan of {seats} (DP2)"
                )
            }
            QuotaBreach::OverrideWithoutReason { programme, junior } => {
                write!(f, "programme {programme}, junior {junior}: an override needs a reason (DP4)")
            }
            QuotaBreach::OverrideTwice { programme, junior } => {
                write!(f, "programme {programme}, junior {junior}: overridden twice (DP4)")
            }
            QuotaBreach::OverridesAboveQuota { programme, overrides, due } => write!(
                f,
                "programme {programme}: overrides fix {overrides} seats, the quota has only {due} (DP3, DP4)"
            ),
            QuotaBreach::DirectAboveQuota { juniors, seats } => write!(
                f,
                "juniors {}: {seats} direct seats find no room in the programmes open to them (DP7)",
                juniors.join(", ")
            ),
            QuotaBreach::MinimumAboveSeats { programmes, needed, seats } => write!(
                f,
                "programmes {}: the minimum needs {needed} seats, there are {seats} to share (DP10)",
                programmes.join(", ")
            ),
            QuotaBreach::AbovePlan { programme, placed, seats } => write!(
                f,
                "programme {programme}: the shares rounded give {placed} quota seats, the plan has {seats} (DP9)"
            ),
            QuotaBreach::AggregateBelowFloor { placed, unplaceable, base } => write!(
                f,
                "all high-quality programmes: {placed} quota seats placed and {unplaceable} that nobody can take are below {FLOOR_SHARE} of {base} (SX22 6.2)"
            ),
            QuotaBreach::WeightTooLarge { junior } => {
                write!(f, "junior {junior}: the weight is above 2^53 (DP5, DP6)")
            }
            QuotaBreach::FactorBelowZero { junior } => {
                write!(f, "junior {junior}: the evaluation factor is below zero (DP6)")
            }
            QuotaBreach::Rule(words) => f.write_str(words),
        }
    }
}
