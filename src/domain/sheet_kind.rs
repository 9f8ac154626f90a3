//! The kinds of sheet that a season is made of, their columns, and which must be there first.

/// A kind of sheet (`formats.md` section 3), in the order in which they are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SheetKind {
    /// Admission areas (招生区域).
    Areas,
    /// Junior highs (初中).
    JuniorSchools,
    /// Senior highs (高中).
    SeniorSchools,
    /// Programmes with their plans (招生计划).
    Programmes,
    /// Quota cells fixed by hand (指标到校).
    Quota,
    /// The roster with its register history (报名信息, 学籍).
    Candidates,
    /// Bonuses, one row each (照顾加分).
    Bonuses,
    /// Marks (成绩).
    Scores,
    /// Filed preferences (志愿).
    Preferences,
    /// Lines of past years (往年录取), which families are told and no result depends on.
    History,
}

use SheetKind::{
    Areas, Bonuses, Candidates, History, JuniorSchools, Preferences, Programmes, Quota, Scores, SeniorSchools,
};

impl SheetKind {
    /// Every kind, each after those it refers to.
    pub const ALL: [SheetKind; 10] = [
        Areas,
        JuniorSchools,
        SeniorSchools,
        Programmes,
        Quota,
        Candidates,
        Bonuses,
        Scores,
        Preferences,
        History,
    ];

    /// Its name in files and in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Areas => "areas",
            JuniorSchools => "junior_schools",
            SeniorSchools => "senior_schools",
            Programmes => "programmes",
            Quota => "quota",
            Candidates => "candidates",
            Bonuses => "bonuses",
            Scores => "scores",
            Preferences => "preferences",
            History => "history",
        }
    }

    /// Its name as offices call a sheet of a workbook.
    pub const fn title(self) -> &'static str {
        match self {
            Areas => "招生区域",
            JuniorSchools => "初中学校",
            SeniorSchools => "高中学校",
            Programmes => "招生计划",
            Quota => "指标到校",
            Candidates => "考生",
            Bonuses => "照顾加分",
            Scores => "成绩",
            Preferences => "志愿",
            History => "往年录取",
        }
    }

    /// What a workbook may call a sheet of it.
    pub const fn called(self) -> [&'static str; 2] {
        [self.word(), self.title()]
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<SheetKind> {
        SheetKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Columns that must be there. A score sheet has one more per subject of the policy.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Areas => &["area_code", "name"],
            JuniorSchools | SeniorSchools => &["school_code", "name", "area_code"],
            Programmes => &["programme_code", "school_code", "name", "batch", "seats"],
            Quota => &["programme_code", "junior_code", "seats", "reason"],
            Candidates => &["exam_no", "junior_code", "area_code"],
            Bonuses => &["exam_no", "bonus", "bonus_reason"],
            Scores => &["exam_no"],
            Preferences => &["exam_no", "batch", "position", "programme_code"],
            History => {
                &["year", "programme_code", "seat", "junior_code", "seats", "taken", "last_rank", "ranked"]
            }
        }
    }

    /// Columns that may be there.
    pub const fn optional(self) -> &'static [&'static str] {
        match self {
            Areas => &["divisions"],
            JuniorSchools => &["ownership", "nine_year", "graduates", "intake", "factor", "direct"],
            SeniorSchools => &["ownership", "high_quality"],
            Programmes => &["quota_share", "scope", "gate_open", "gate_quota", "quota_base"],
            Candidates => &[
                "register_from",
                "attended",
                "repeat",
                "local",
                "bonus",
                "quality_grade",
                "flags",
                "name",
                "sex",
                "id_no",
                "bonus_reason",
                "class",
                "phone",
            ],
            Quota | Bonuses | Scores | Preferences | History => &[],
        }
    }

    /// All columns in the order in which a sheet is written; subjects follow behind `exam_no`.
    pub fn columns(self) -> Vec<&'static str> {
        if self == Candidates {
            // People look for the name beside the number.
            return vec![
                "exam_no",
                "name",
                "sex",
                "id_no",
                "junior_code",
                "area_code",
                "register_from",
                "attended",
                "repeat",
                "local",
                "bonus",
                "bonus_reason",
                "quality_grade",
                "flags",
                "class",
                "phone",
            ];
        }
        [self.required(), self.optional()].concat()
    }

    /// The kinds a sheet's codes refer to, directly or through another: they must be there first.
    pub const fn needs(self) -> &'static [SheetKind] {
        match self {
            // Programmes and junior highs of past years need not be there any more.
            Areas | History => &[],
            JuniorSchools | SeniorSchools => &[Areas],
            Programmes => &[Areas, SeniorSchools],
            Quota => &[Areas, JuniorSchools, SeniorSchools, Programmes],
            Candidates => &[Areas, JuniorSchools],
            Bonuses | Scores => &[Areas, JuniorSchools, Candidates],
            Preferences => &[Areas, JuniorSchools, SeniorSchools, Programmes, Candidates],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_sheet_has_exactly_the_columns_that_are_read() {
        for kind in SheetKind::ALL {
            let mut written = kind.columns();
            let mut read = [kind.required(), kind.optional()].concat();
            written.sort_unstable();
            read.sort_unstable();
            assert_eq!(written, read, "{kind:?}");
            assert_eq!(SheetKind::from_word(kind.word()), Some(kind));
            assert!(
                kind.needs().iter().all(|needed| *needed < kind && needed.needs().len() < kind.needs().len())
            );
        }
    }
}
