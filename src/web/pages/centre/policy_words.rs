//! A policy in the words of the pages: section by section, one line for each thing a city may choose.

use std::fmt::Display;

use crate::domain::points::Points;
use crate::domain::policy::{
    Batch, Chances, Comparator, ExamRecord, Guidance, Placing, Policy, Precedence, Reversion, Rounding,
    SeatKinds, Subject,
};
use crate::domain::quota::{Cap, MatrixRounding, Per, QuotaRule, Weight};
use crate::web::pages::frame::Frame;

/// A part of the policy.
pub struct Section {
    pub title: String,
    /// What is chosen, and how.
    pub lines: Vec<(String, String)>,
}

/// The whole policy.
pub fn sections(frame: &Frame, policy: &Policy) -> Vec<Section> {
    let mut sections = vec![
        Section { title: frame.t("policy-score"), lines: score(frame, policy) },
        Section { title: frame.t("policy-ties"), lines: ties(frame, policy) },
    ];
    let quota = match &policy.quota {
        Some(rule) => quota(frame, rule),
        None => vec![(frame.t("policy-quota"), frame.t("policy-no-quota"))],
    };
    sections.push(Section { title: frame.t("policy-quota"), lines: quota });
    for shape in &policy.batches {
        let name = if shape.name.is_empty() { &shape.code } else { &shape.name };
        sections.push(Section { title: name.clone(), lines: batch(frame, policy, shape) });
    }
    let dates = [
        ("policy-line-announced", policy.dates.control_line_announced),
        ("policy-admission-starts", policy.dates.admission_starts),
        ("policy-admission-ends", policy.dates.admission_ends),
        ("policy-filed-on", policy.dates.filed_on),
    ];
    let dates = dates.into_iter().filter_map(|(key, date)| Some((frame.t(key), date?.to_string())));
    sections.push(Section { title: frame.t("policy-dates"), lines: dates.collect() });
    sections.push(Section { title: frame.t("policy-guidance"), lines: guidance(frame, &policy.guidance) });
    let roles =
        policy.roles.iter().map(|(act, roles)| (frame.of_kind("policy-act", act), signers(frame, roles)));
    sections.push(Section { title: frame.t("policy-roles"), lines: roles.collect() });
    sections
}

fn yes(frame: &Frame, is: bool) -> String {
    frame.t(if is { "policy-yes" } else { "policy-no" })
}

/// A share as a percentage.
fn percent(share: Points) -> String {
    format!("{} %", Points::from_millionths(share.millionths().saturating_mul(100)))
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// A subject's name; its code where it has none.
fn named(policy: &Policy, code: &str) -> String {
    let known = policy.subjects.iter().find(|subject| subject.code == code && !subject.name.is_empty());
    known.map_or(code, |subject| subject.name.as_str()).to_owned()
}

/// Roles that sign, one per signature: those of one role together.
fn signers(frame: &Frame, roles: &[String]) -> String {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for role in roles {
        match counted.iter_mut().find(|(known, _)| known == role) {
            Some((_, count)) => *count += 1,
            None => counted.push((role, 1)),
        }
    }
    let name = |(role, count): &(&str, usize)| match count {
        1 => frame.of_kind("role", role),
        count => frame.t2("policy-several", "role", frame.of_kind("role", role), "n", count),
    };
    counted.iter().map(name).collect::<Vec<_>>().join(&frame.t("policy-and"))
}

fn guidance(frame: &Frame, guidance: &Guidance) -> Vec<(String, String)> {
    let told = match guidance.chances {
        Chances::Off => "off",
        Chances::Facts => "facts",
        Chances::Bands => "bands",
    };
    let mut lines = vec![(frame.t("policy-chances"), frame.of_kind("chances-told", told))];
    if guidance.margins().is_some() {
        lines.extend([
            (frame.t("policy-safe"), or_dash(guidance.safe.map(percent))),
            (frame.t("policy-reach"), or_dash(guidance.reach.map(percent))),
            (frame.t("policy-backtested"), or_dash(guidance.backtested.as_ref())),
        ]);
    }
    lines
}

fn score(frame: &Frame, policy: &Policy) -> Vec<(String, String)> {
    let rule = &policy.score;
    let rounding = match rule.rounding {
        Rounding::None => frame.t("policy-not-rounded"),
        Rounding::HalfUp => frame.t1("policy-half-up", "n", rule.decimals),
    };
    let record = match rule.exam_record {
        ExamRecord::Any => frame.t("policy-record-any"),
        ExamRecord::All => frame.t("policy-record-all"),
    };
    let line = |one: &Subject| (named(policy, &one.code), subject(frame, one));
    let mut lines: Vec<(String, String)> = policy.subjects.iter().map(line).collect();
    lines.push((frame.t("policy-rounding"), rounding));
    lines.push((frame.t("policy-bonus-cap"), or_dash(rule.bonus_cap)));
    lines.push((frame.t("policy-record"), record));
    lines
}

fn subject(frame: &Frame, subject: &Subject) -> String {
    let mut told = vec![frame.t1("policy-full", "n", subject.full)];
    if subject.weight != Points::whole(1) {
        told.push(frame.t1("policy-weight", "n", subject.weight));
    }
    for part in &subject.parts {
        let mut text = frame.t2("policy-part", "part", &part.code, "n", part.full);
        if part.weight != Points::whole(1) {
            text = text + &frame.t("policy-comma") + &frame.t1("policy-weight", "n", part.weight);
        }
        told.push(text);
    }
    if !subject.grades.is_empty() {
        let grades: Vec<String> =
            subject.grades.iter().map(|(grade, points)| format!("{grade} {points}")).collect();
        told.push(frame.t1("policy-grades", "grades", grades.join(", ")));
    }
    if let Some(exempt) = subject.exempt {
        told.push(frame.t1("policy-exempt", "n", exempt));
    }
    if !subject.counts {
        told.push(frame.t("policy-gate-only"));
    }
    if subject.required {
        told.push(frame.t("policy-required"));
    }
    told.join(&frame.t("policy-semicolon"))
}

fn ties(frame: &Frame, policy: &Policy) -> Vec<(String, String)> {
    let name = |code: &str| named(policy, code);
    let link = |tie: &Comparator| match tie {
        Comparator::TotalWithoutBonus => frame.t("policy-tie-without-bonus"),
        Comparator::Subject { subject } => name(subject),
        Comparator::Sum { subjects } => {
            let names: Vec<String> = subjects.iter().map(|code| name(code)).collect();
            frame.t1("policy-tie-sum", "subjects", names.join(" + "))
        }
        Comparator::Grade => frame.t("policy-tie-grade"),
        Comparator::Flag { flag, last: false } => frame.t1("policy-tie-first", "flag", flag),
        Comparator::Flag { flag, last: true } => frame.t1("policy-tie-last", "flag", flag),
    };
    let links = policy.ties.iter().map(link).chain([frame.t("policy-tie-lot")]);
    (1..).zip(links).map(|(place, text)| (frame.t1("policy-tie", "n", place), text)).collect()
}

fn quota(frame: &Frame, rule: &QuotaRule) -> Vec<(String, String)> {
    let per = match rule.per {
        Per::Programme => "programme",
        Per::Matrix => "matrix",
    };
    let weight = match rule.weight {
        Weight::Eligible => "eligible",
        Weight::Graduates => "graduates",
        Weight::Intake => "intake",
    };
    let cap = match rule.cap {
        Cap::None => "none",
        Cap::Eligible => "eligible",
    };
    let mut lines = vec![
        (frame.t("policy-share"), percent(rule.share)),
        (frame.t("policy-method"), frame.of_kind("method", rule.method.word())),
        (frame.t("policy-per"), frame.of_kind("per", per)),
        (frame.t("policy-weight-of"), frame.of_kind("weight", weight)),
        (frame.t("policy-factor"), yes(frame, rule.use_factor)),
        (frame.t("policy-minimum"), rule.minimum.to_string()),
        (frame.t("policy-cap"), frame.of_kind("cap", cap)),
        (frame.t("policy-direct"), or_dash(rule.direct_divisor)),
        (frame.t("policy-pool-below"), or_dash(rule.pool_below)),
    ];
    if rule.per == Per::Matrix {
        let rounding = match rule.matrix_rounding {
            MatrixRounding::Flow => "flow",
            MatrixRounding::Cycle => "cycle",
            MatrixRounding::Biproportional => "biproportional",
        };
        lines.push((frame.t("policy-matrix-rounding"), frame.of_kind("matrix-rounding", rounding)));
    }
    let who = &rule.eligibility;
    lines.extend([
        (frame.t("policy-register-by"), or_dash(who.register_by)),
        (frame.t("policy-transfer-by"), or_dash(who.transfer_register_by)),
        (frame.t("policy-late-after"), or_dash(who.late_transfer_after)),
        (frame.t("policy-attended"), yes(frame, who.attended)),
        (frame.t("policy-no-repeat"), yes(frame, who.no_repeat)),
        (frame.t("policy-local-only"), yes(frame, who.local_only)),
        (
            frame.t("policy-refuse-flags"),
            or_dash(Some(who.refuse_flags.join(", ")).filter(|all| !all.is_empty())),
        ),
        (frame.t("policy-quality-least"), or_dash(who.quality_at_least.as_ref())),
    ]);
    lines
}

fn batch(frame: &Frame, policy: &Policy, batch: &Batch) -> Vec<(String, String)> {
    let seats = match batch.seats {
        SeatKinds::Integrated => "integrated",
        SeatKinds::Quota => "quota",
        SeatKinds::Pool => "pool",
        SeatKinds::Open => "open",
    };
    let placing = match batch.placing {
        Placing::Parallel => frame.t("placing-parallel"),
        Placing::Band { points, from } => frame.t2("placing-band", "points", points, "from", from),
        Placing::Sequential => frame.t("placing-sequential"),
        Placing::ChoiceBands { choices } => frame.t1("placing-choice-bands", "n", choices),
    };
    let mut lines = vec![
        (frame.t("policy-seats"), frame.of_kind("seats-of", seats)),
        (frame.t("policy-placing"), placing),
        (frame.t("policy-control-line"), batch.control_line.to_string()),
        (frame.t("policy-most"), batch.max_choices.to_string()),
    ];
    if batch.seats == SeatKinds::Integrated {
        let precedence = match batch.precedence {
            Precedence::QuotaFirst => "quota-first",
            Precedence::OpenFirst => "open-first",
        };
        let reversion = match batch.reversion {
            Reversion::Open => "open",
            Reversion::CountyPool => "county-pool",
            Reversion::None => "none",
        };
        lines.push((frame.t("policy-precedence"), frame.of_kind("precedence", precedence)));
        lines.push((frame.t("policy-reversion"), frame.of_kind("reversion", reversion)));
    }
    for (area, line) in &batch.control_line_by_area {
        lines.push((frame.t1("policy-control-line-of", "area", area), line.to_string()));
    }
    if let Some(distance) = batch.relative_gate {
        lines.push((frame.t("policy-relative-gate"), distance.to_string()));
    }
    if !batch.supplementary_of.is_empty() {
        lines.push((frame.t("policy-supplementary-of"), batch.supplementary_of.join(", ")));
    }
    if let Some(grade) = &batch.quality_at_least {
        lines.push((frame.t("policy-quality-least"), grade.clone()));
    }
    for gate in &batch.subject_gates {
        let subject = named(policy, &gate.subject);
        lines.push((frame.t1("policy-subject-gate", "subject", subject), gate.at_least.to_string()));
    }
    lines
}
