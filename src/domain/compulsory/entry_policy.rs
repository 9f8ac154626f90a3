//! The policy of an entry: everything a county may choose, as `entry.toml` writes it.
//!
//! Every key is documented at its field; `tests/cases/entries/*/entry.toml` are worked files, one per style of
//! county. What no policy can switch off has no key: nobody of an earlier category is left out while a later one is
//! in, no plan is exceeded but by twins on one ticket, no class above 55, no ground outside the closed list of facts.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::compulsory::entry_dates::EntryDates;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::fact::{Fact, Facts};
use crate::domain::compulsory::school_place::LARGEST_CLASS;
use crate::domain::compulsory::way::Way;
use crate::domain::fault::Fault;
use crate::domain::policy::LotRule;
use crate::domain::policy_toml::read_policy;
use crate::domain::role::Roles;
use crate::domain::ticket::Twins;

/// A whole `entry.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryPolicy {
    /// Always `"entry/1"`.
    pub format: String,
    /// The entry's name as families read it.
    pub name: String,
    /// The year of entry.
    pub year: i16,
    /// The admission area whose bureau runs the entry and to whom every child of it belongs.
    #[serde(default = "whole_county")]
    pub area: String,
    /// Which roles an act needs, by the act's name. The service enforces it; files only carry it.
    #[serde(default)]
    pub roles: Roles,
    /// Which address decides the zone, the first that is proved (YC21 7: household decides the county, property
    /// the school).
    #[serde(default = "property_first")]
    pub zone_by: Vec<Ground>,
    /// The verifiable lot: one number per child for all schools. Its parts are known only after the list was frozen.
    #[serde(default)]
    pub lot: LotRule,
    /// Twins on one ticket at the last seat: `admit_both` (default, plan + 1) or `next_single` (DP52).
    #[serde(default)]
    pub twins: Twins,
    /// The six-year rule; absent where the county has none (DP56).
    #[serde(default)]
    pub home_rule: Option<HomeRule>,
    /// Seat warnings before registration (DP55).
    #[serde(default)]
    pub seat_warning: SeatWarning,
    /// The days of the entry; those that a rule forbids are flagged (YC21 12, W20).
    #[serde(default)]
    pub dates: EntryDates,
    /// `[[stage]]`: the stages that are entered.
    #[serde(rename = "stage")]
    pub stages: Vec<StagePolicy>,
}

/// `zone_by`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    Property,
    Household,
    Residence,
}

impl Ground {
    /// The facts of which one proves that the child belongs to this address.
    pub const fn proved_by(self) -> &'static [Fact] {
        match self {
            Ground::Property => {
                &[Fact::Property, Fact::Replacement, Fact::SelfBuilt, Fact::LimitedTitle, Fact::PublicRental]
            }
            Ground::Household => &[Fact::Household],
            Ground::Residence => &[Fact::ResidencePermit, Fact::Tenancy],
        }
    }
}

/// `[home_rule]`: one seat per home in so many years; children of the same parents are exempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeRule {
    /// Years between two primary entries (6).
    pub primary_years: i16,
    /// Years between two junior entries (3).
    pub junior_years: i16,
    /// Entries before this year lock no home.
    pub since: i16,
}

impl HomeRule {
    /// Years of a stage.
    pub const fn years(self, stage: EntryStage) -> i16 {
        match stage {
            EntryStage::Primary => self.primary_years,
            EntryStage::Junior => self.junior_years,
        }
    }
}

/// `[seat_warning]`: registered children of a zone against its plan, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeatWarning {
    /// From here on red (default 100).
    pub red_percent: u32,
    /// From here on amber (default 90).
    pub amber_percent: u32,
}

impl Default for SeatWarning {
    fn default() -> SeatWarning {
        SeatWarning { red_percent: 100, amber_percent: 90 }
    }
}

/// `[[stage]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagePolicy {
    /// `primary` or `junior`.
    pub code: EntryStage,
    /// Born on this day at the earliest; absent: no bound.
    #[serde(default)]
    pub born_from: Option<Date>,
    /// Born on this day at the latest (DP57: six by 31 August).
    #[serde(default)]
    pub born_until: Option<Date>,
    /// Children of a class at most; the norm is 45 and 50, and 55 is never exceeded (DP58).
    pub class_size: u32,
    /// The ways into public schools, whose children come in this order: `direct`, `feeder`, `zone`. Cases stand
    /// before all of them, private schools beside them.
    #[serde(default = "by_zone")]
    pub ways: Vec<Way>,
    /// Years without a break in the school that direct promotion asks (DP53: six).
    #[serde(default = "six")]
    pub direct_years: i16,
    /// `[[stage.category]]`: the categories of the zone in order (DP48).
    #[serde(rename = "category", default)]
    pub categories: Vec<Category>,
    /// The transfer round; absent: none.
    #[serde(default)]
    pub transfer: Option<TransferRule>,
}

/// `[[stage.category]]`: who proves all of `all` and, where it names any, one of `any`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub code: String,
    /// The name families read.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub all: Vec<Fact>,
    #[serde(default)]
    pub any: Vec<Fact>,
    /// The household must be registered inside the zone, not only in the county.
    #[serde(default)]
    pub household_in_zone: bool,
    /// The order inside the category before the lot.
    #[serde(default)]
    pub order: Vec<OrderBy>,
}

impl Category {
    /// Whether somebody with these facts belongs to it.
    pub fn holds(&self, facts: Facts, household_in_zone: bool) -> bool {
        self.all.iter().all(|fact| facts.has(*fact))
            && (self.any.is_empty() || self.any.iter().any(|fact| facts.has(*fact)))
            && (!self.household_in_zone || household_in_zone)
    }
}

/// `order`: the smaller comes first; whoever lacks the figure comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderBy {
    /// Metres from home to school.
    Distance,
    /// The day of household registration.
    HouseholdSince,
    /// The day the home was theirs.
    PropertySince,
    /// Whether a brother or sister is there already: those first.
    Sibling,
}

/// `[stage.transfer]` (DP54)
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferRule {
    /// `named`: the replacement schools of the sheet; `vacant` (default): every public school with places left.
    #[serde(default)]
    pub schools: TransferSchools,
    /// Categories that take part; absent: everyone who has one.
    #[serde(default)]
    pub categories: Vec<String>,
}

/// `schools` of a transfer round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferSchools {
    #[default]
    Vacant,
    Named,
}

fn whole_county() -> String {
    "county".to_owned()
}

fn property_first() -> Vec<Ground> {
    vec![Ground::Property, Ground::Household, Ground::Residence]
}

fn by_zone() -> Vec<Way> {
    vec![Way::Zone]
}

const fn six() -> i16 {
    6
}

impl EntryPolicy {
    /// Reads `entry.toml`, with every fault of its meaning.
    pub fn read(file: &str, text: &str) -> Result<EntryPolicy, Vec<Fault>> {
        let policy: EntryPolicy = read_policy(file, text)?;
        let faults = policy.faults(file);
        if faults.is_empty() { Ok(policy) } else { Err(faults) }
    }

    /// The policy of a stage that is entered.
    pub fn stage(&self, stage: EntryStage) -> Option<&StagePolicy> {
        self.stages.iter().find(|policy| policy.code == stage)
    }

    fn faults(&self, file: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut say = |key: String, rule: &str| {
            faults.push(Fault { column: Some(key), ..Fault::at(file, rule) });
        };
        if self.format != "entry/1" {
            say("format".to_owned(), "must be \"entry/1\"");
        }
        let code = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
        if self.area.is_empty() || self.area.len() > 40 || !self.area.chars().all(code) {
            say("area".to_owned(), "must be 1 to 40 letters, digits, '-' or '_'");
        }
        if self.zone_by.is_empty() {
            say("zone_by".to_owned(), "must name an address that decides the zone");
        }
        if self.stages.is_empty() {
            say("stage".to_owned(), "must be there: no stage is entered");
        }
        let mut seen = BTreeSet::new();
        for stage in &self.stages {
            let key = |name: &str| format!("stage.{}.{name}", stage.code.word());
            if !seen.insert(stage.code) {
                say(key("code"), "stands twice");
            }
            if stage.class_size == 0 || stage.class_size > LARGEST_CLASS {
                say(key("class_size"), "must be from 1 to 55: larger classes are forbidden");
            }
            let own = |way: &Way| matches!(way, Way::Direct | Way::Feeder | Way::Zone);
            let distinct: BTreeSet<&Way> = stage.ways.iter().collect();
            if stage.ways.is_empty() || !stage.ways.iter().all(own) || distinct.len() < stage.ways.len() {
                say(key("ways"), "must be direct, feeder and zone in some order, each at most once");
            }
            if stage.code == EntryStage::Primary && stage.ways != [Way::Zone] {
                say(key("ways"), "must be zone alone: nobody is promoted into a primary school");
            }
            if stage.ways.contains(&Way::Zone) && stage.categories.is_empty() {
                say(key("category"), "must be there: the zone has no category");
            }
            if let (Some(from), Some(until)) = (stage.born_from, stage.born_until)
                && from > until
            {
                say(key("born_from"), "must not be after born_until");
            }
            let mut codes = BTreeSet::new();
            for category in &stage.categories {
                if category.code.is_empty() || !codes.insert(category.code.as_str()) {
                    say(key("category.code"), "must be there and stand once");
                }
            }
            for named in stage.transfer.iter().flat_map(|transfer| &transfer.categories) {
                if !codes.contains(named.as_str()) {
                    say(key("transfer.categories"), "names a category that is not there");
                }
            }
        }
        faults
    }
}
