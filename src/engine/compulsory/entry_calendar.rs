//! Days of an entry that a rule forbids or that do not fit each other: flagged, for an office to account for.

use jiff::civil::Date;

use crate::domain::compulsory::entry_dates::EntryDates;

/// A rule about days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CalendarRule {
    /// Every day of an entry lies in its year.
    OtherYear,
    /// Zones and plans are recorded by 25 July (YC21 12).
    ZonesLate,
    /// Zones are announced in advance: before anybody applies (SX22 2.3).
    AppliedBeforeZones,
    /// Applications do not end before they begin.
    Backwards,
    /// Results are out by the end of August (YC21 12), so admission ends by then.
    EndsLate,
    /// Families are told by the last day of admission.
    NoticesLate,
    /// Nobody is admitted after the last day of admission (W20).
    AdmittedLate,
    /// The result is filed for the register by 1 September (W20).
    FiledLate,
}

impl CalendarRule {
    /// The rule in plain words.
    pub const fn told(self) -> &'static str {
        match self {
            CalendarRule::OtherYear => "lies in another year than the entry",
            CalendarRule::ZonesLate => "zones and plans are recorded by 25 July (YC21 12)",
            CalendarRule::AppliedBeforeZones => {
                "zones are announced before the first day of applications (SX22 2.3)"
            }
            CalendarRule::Backwards => "applications end before they begin",
            CalendarRule::EndsLate => "results are out by 31 August (YC21 12)",
            CalendarRule::NoticesLate => "notices are sent by the last day of admission",
            CalendarRule::AdmittedLate => "nobody is admitted after the last day of admission (W20)",
            CalendarRule::FiledLate => "the result is filed for the register by 1 September (W20)",
        }
    }
}

/// A flagged day: its key in `[dates]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarFlag {
    pub rule: CalendarRule,
    pub key: &'static str,
    pub day: Date,
}

/// Every flagged day of an entry of a year, by rule.
///
/// Rule: W20 (reference.md): *"result filing dated 1 Sep (late = flagged); admission event dated 21 Aug flagged"*;
/// YC21 12 for the days of compulsory entry. A county may let its admission last longer than 20 August, but says so.
///
/// # Complexity
/// O(1).
pub fn calendar_flags(year: i16, dates: &EntryDates) -> Vec<CalendarFlag> {
    // None in a year that no calendar has: then every day lies in another one.
    let on = |month: i8, day: i8| Date::new(year, month, day).ok();
    let ends = dates.admission_ends.or(on(8, 20));
    let keys = [
        ("zones_recorded", dates.zones_recorded),
        ("applications_from", dates.applications_from),
        ("applications_until", dates.applications_until),
        ("admission_ends", dates.admission_ends),
        ("notices_sent", dates.notices_sent),
        ("last_admission", dates.last_admission),
        ("registers_filed", dates.registers_filed),
    ];
    let mut flags: Vec<CalendarFlag> = keys
        .into_iter()
        .filter_map(|(key, day)| Some(CalendarFlag { rule: CalendarRule::OtherYear, key, day: day? }))
        .filter(|flag| flag.day.year() != year)
        .collect();
    let mut after = |rule: CalendarRule, key: &'static str, day: Option<Date>, last: Option<Date>| {
        flags.extend(day.filter(|day| last.is_some_and(|last| *day > last)).map(|day| CalendarFlag {
            rule,
            key,
            day,
        }));
    };
    let zones = dates.zones_recorded;
    after(CalendarRule::ZonesLate, "zones_recorded", zones, on(7, 25));
    // The same day is too late to be told in advance.
    let before = dates.applications_from.and_then(|first| first.yesterday().ok());
    after(CalendarRule::AppliedBeforeZones, "zones_recorded", zones, before);
    after(CalendarRule::Backwards, "applications_from", dates.applications_from, dates.applications_until);
    after(CalendarRule::EndsLate, "admission_ends", dates.admission_ends, on(8, 31));
    after(CalendarRule::NoticesLate, "notices_sent", dates.notices_sent, ends);
    after(CalendarRule::AdmittedLate, "last_admission", dates.last_admission, ends);
    after(CalendarRule::FiledLate, "registers_filed", dates.registers_filed, on(9, 1));
    flags
}
