//! The check of one preference list: every fault, remarks that refuse nothing, and guidance that
//! claims no more than the mechanism gives.

use std::collections::BTreeMap;

use crate::domain::form_finding::{FormFinding, FormFindings};
use crate::domain::policy::{Placing, SeatKinds};
use crate::engine::listing::{Applicant, ListTerms, Standing};

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
    let Some(most) = terms.policy.most_choices(&batches) else {
        return FormFindings { faults: vec![no_list(terms, list)], ..FormFindings::default() };
    };
    let choices: Vec<&str> = choices.iter().map(AsRef::as_ref).collect();
    let length = choices.iter().rposition(|code| !code.is_empty()).map_or(0, |last| last + 1);
    let form = Form {
        terms,
        applicant,
        most: usize::from(most),
        listed: choices[..length].iter().map(|code| index_of(terms, code)).collect(),
        choices: &choices[..length],
        batches: &batches,
    };
    FormFindings { faults: form.faults(), warnings: form.warnings(), guidance: form.guidance() }
}

/// The programme behind a code.
fn index_of(terms: &ListTerms<'_>, code: &str) -> Option<u32> {
    let found = terms.city.programmes.binary_search_by(|programme| programme.code.as_str().cmp(code));
    found.ok().map(|index| index as u32)
}

/// The fault of a code under which no list is filed.
fn no_list(terms: &ListTerms<'_>, list: &str) -> FormFinding {
    let batch = terms.policy.batches.iter().position(|batch| batch.code == list);
    let (code, zh, en) = match batch {
        Some(batch) => {
            let other = terms.policy.list_of(batch);
            (
                "batch_without_list",
                format!("本批次不单独填报，请填写“{other}”的志愿表"),
                format!("this batch has no list of its own; it takes the list {other}"),
            )
        }
        None => ("unknown_batch", "没有这个批次".to_owned(), "there is no such batch".to_owned()),
    };
    FormFinding { pointer: "/batch".to_owned(), code, programme: None, zh, en }
}

/// A list under a check; the slots behind the last filled one are cut off.
struct Form<'a> {
    terms: &'a ListTerms<'a>,
    applicant: &'a Applicant,
    batches: &'a [u32],
    most: usize,
    choices: &'a [&'a str],
    /// The programme in each slot, where its code is known.
    listed: Vec<Option<u32>>,
}

impl Form<'_> {
    fn faults(&self) -> Vec<FormFinding> {
        let mut found = Vec::new();
        if self.choices.is_empty() {
            found.push(whole(
                "empty_list",
                "志愿表是空的，至少填写一个志愿",
                "the list is empty: name at least one programme",
            ));
        }
        let mut first_at: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, &code) in self.choices.iter().enumerate() {
            if at == self.most {
                found.push(FormFinding {
                    pointer: slot(at),
                    code: "too_many_choices",
                    programme: None,
                    zh: format!("最多填报{}个志愿，表中有{}个", self.most, self.choices.len()),
                    en: format!("at most {} choices, the list has {}", self.most, self.choices.len()),
                });
            }
            if code.is_empty() {
                continue;
            }
            let earlier = *first_at.entry(code).or_insert(at);
            if earlier < at {
                found.push(in_slot(
                    at,
                    code,
                    "duplicate_choice",
                    format!("与第{}志愿重复", earlier + 1),
                    format!("is already choice {}", earlier + 1),
                ));
            }
            if let Some((stable, zh, en)) = self.slot_fault(self.listed[at]) {
                found.push(in_slot(at, code, stable, zh, en));
            }
        }
        found
    }

    /// Why a programme may not stand on this list.
    fn slot_fault(&self, programme: Option<u32>) -> Option<(&'static str, String, String)> {
        let Some(programme) = programme else {
            return Some(("unknown_programme", "没有这个招生代码".to_owned(), "is no programme".to_owned()));
        };
        let said = |code, zh: &str, en: &str| Some((code, zh.to_owned(), en.to_owned()));
        match self.terms.standing(self.applicant, self.batches, programme) {
            Standing::Open { .. } => None,
            Standing::NotOffered => {
                said("not_in_this_batch", "不在本批次招生", "is not offered in this batch")
            }
            Standing::OutOfScope => {
                said("out_of_scope", "不面向你所在的区域招生", "does not recruit in your area")
            }
            Standing::NotEligible => {
                let refusals = self.applicant.refusals;
                let zh: Vec<&str> = refusals.listed().map(|(refusal, _)| refusal.zh()).collect();
                let en: Vec<&str> = refusals.listed().map(|(refusal, _)| refusal.en()).collect();
                let zh = format!("本批次只有指标名额，你不具备指标资格：{}", zh.join("；"));
                let en = format!("only quota seats here, and you are not eligible: {}", en.join("; "));
                Some(("not_eligible_for_quota", zh, en))
            }
            Standing::NoQuotaSeat => said(
                "no_quota_seat",
                "本批次只有指标名额，你的毕业初中在此没有指标",
                "only quota seats here, and your junior high has none",
            ),
        }
    }

    fn warnings(&self) -> Vec<FormFinding> {
        let mut found = Vec::new();
        for (at, _) in self.choices.iter().enumerate().filter(|(_, code)| code.is_empty()) {
            let zh = format!("第{}志愿空着，后面的志愿保持原来的序号", at + 1);
            let en = format!("choice {} is blank; the choices behind it keep their positions", at + 1);
            found.push(FormFinding { pointer: slot(at), code: "blank_slot", programme: None, zh, en });
        }
        let filled = self.choices.iter().filter(|code| !code.is_empty()).count();
        let open = self.open_programmes();
        let room = self.most.min(open.len());
        if filled < room {
            found.push(whole(
                "short_list",
                &format!("已填{filled}个志愿，还可以再填{}个", room - filled),
                &format!("{filled} choices, room for {} more", room - filled),
            ));
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
        let more = chances().count().saturating_sub(MOST_NAMED);
        let (zh_more, en_more) = match more {
            0 => (String::new(), String::new()),
            more => (format!("等，另有{more}个"), format!(", and {more} more")),
        };
        (!named.is_empty()).then(|| {
            whole(
                "unused_quota",
                &format!("你可以使用指标名额的学校，表中一个也没有填：{}{zh_more}", named.join("、")),
                &format!(
                    "the list names no programme where you may use a quota seat: {}{en_more}",
                    named.join(", ")
                ),
            )
        })
    }

    /// How the list is read. Only one case carries a promise (`mechanism.md` section 4): a season
    /// of one parallel batch whose list has room for every programme she may name. Bands,
    /// sequential placing, several batches and short lists carry none.
    fn guidance(&self) -> Vec<FormFinding> {
        let mut found = Vec::new();
        let policy = self.terms.policy;
        for &batch in self.batches {
            let shape = &policy.batches[batch as usize];
            let (code, zh, en) = match shape.placing {
                Placing::Parallel => (
                    "placed_by_merit",
                    "各校按成绩排名录取；你的结果是志愿表从前往后第一所你够得上录取线的学校。".to_owned(),
                    "Schools admit by merit; your place is the first choice on your list whose line you reach.".to_owned(),
                ),
                Placing::Band { points, .. } => (
                    "placed_by_band",
                    format!("以{points}分为一段：段与段之间高分段优先；同一段内先看志愿顺序，再看成绩。"),
                    format!("Bands of {points} points: a higher band first; inside a band the position in the list, then merit."),
                ),
                Placing::Sequential => (
                    "placed_by_position",
                    "先看志愿顺序：各校先录取把它填在前面的考生，再看成绩。".to_owned(),
                    "The position in the list comes first, merit second.".to_owned(),
                ),
                Placing::ChoiceBands { choices } => (
                    "placed_by_choice_band",
                    format!("每{choices}个志愿为一组：先看在第几组，同组内看成绩。"),
                    format!("Positions in groups of {choices}: the group first, then merit."),
                ),
            };
            let known = found.iter().any(|finding: &FormFinding| finding.zh == zh);
            if !known {
                found.push(whole(code, &zh, &en));
            }
        }
        if policy.batches.len() == 1
            && policy.batches[0].placing == Placing::Parallel
            && self.open_programmes().len() <= self.most
        {
            found.push(whole(
                "true_order_is_best",
                "按你真正喜欢的顺序填写全部愿意去的学校，不会吃亏：把更喜欢的排在前面，不会减少后面志愿的机会。",
                "Name every programme you would accept, in the order you like them: naming a better-liked one first never costs you a later one.",
            ));
        } else {
            found.push(whole(
                "no_promise",
                "本次志愿有批次先后、志愿数量或投档规则的限制，系统不能保证哪一种填法最有利，请结合规则慎重填写。",
                "Batches, the length of the list or the placing rule limit it: no way of filling it in can be promised to be the best.",
            ));
        }
        if self.batches.iter().any(|&batch| policy.batches[batch as usize].seats != SeatKinds::Open)
            && policy.quota.is_some()
            && !self.applicant.refusals.eligible()
        {
            let reasons: Vec<_> = self.applicant.refusals.listed().map(|(refusal, _)| refusal).collect();
            let zh: Vec<&str> = reasons.iter().map(|refusal| refusal.zh()).collect();
            let en: Vec<&str> = reasons.iter().map(|refusal| refusal.en()).collect();
            found.push(whole(
                "without_quota",
                &format!("你不具备指标资格，不参加指标名额的录取：{}", zh.join("；")),
                &format!("You are not eligible for quota seats: {}", en.join("; ")),
            ));
        }
        found
    }
}

/// What is said of a list on which, by the facts of past years, nothing is safe.
pub fn all_reaches() -> FormFinding {
    whole(
        "all_reaches",
        "按往年录取情况，表中没有一个“保”的志愿，有可能全部落空。可以在后面再加一两个把握大的学校。",
        "By past years no choice on this list is safe: it may bring you no place. You can add one or two safer programmes behind.",
    )
}

fn slot(at: usize) -> String {
    format!("/choices/{at}")
}

/// The slots hold what a client sent; long texts are cut.
fn in_slot(at: usize, programme: &str, code: &'static str, zh: String, en: String) -> FormFinding {
    let programme = programme.chars().take(60).collect();
    FormFinding { pointer: slot(at), code, programme: Some(programme), zh, en }
}

fn whole(code: &'static str, zh: &str, en: &str) -> FormFinding {
    FormFinding {
        pointer: "/choices".to_owned(),
        code,
        programme: None,
        zh: zh.to_owned(),
        en: en.to_owned(),
    }
}
