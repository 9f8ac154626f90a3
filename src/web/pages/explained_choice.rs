//! The choices of a published result in words: what became of each, and why.

use std::collections::BTreeMap;

use crate::service::runs::show_own_result::{LeafChoice, OwnResult};
use crate::web::pages::frame::Frame;

/// A choice and what became of it.
pub struct ExplainedChoice {
    pub batch: String,
    pub position: u32,
    pub code: String,
    pub name: String,
    pub reason: String,
    pub detail: String,
}

/// Every choice of a result, with the names of programmes by code.
pub fn explained_choices(
    frame: &Frame,
    names: &BTreeMap<String, String>,
    result: &OwnResult,
) -> Vec<ExplainedChoice> {
    let explain = |choice: &LeafChoice| ExplainedChoice {
        batch: choice.batch.clone(),
        position: choice.position,
        code: choice.programme.clone(),
        name: names.get(&choice.programme).cloned().unwrap_or_default(),
        reason: frame.of_kind("reason", &choice.reason),
        detail: explained(frame, &choice.reason, &choice.detail),
    };
    result.choices.iter().map(explain).collect()
}

/// The detail of a reason in words (`src/files/proof_readme.md`, section 9).
fn explained(frame: &Frame, reason: &str, detail: &str) -> String {
    let kind = |word: &str| frame.of_kind("seat", word);
    match reason {
        "admitted" => kind(detail),
        "below_cutoff" => {
            let parts = detail.split(' ').map(|part| {
                let mut cells = part.splitn(3, ':');
                let (seat, component, by) =
                    (cells.next().unwrap_or(""), cells.next().unwrap_or(""), cells.next().unwrap_or(""));
                match component {
                    "none" => frame.t1("behind-none", "seat", kind(seat)),
                    "lot" => frame.t1("behind-lot", "seat", kind(seat)),
                    "total" => frame.t2("behind-total", "seat", kind(seat), "by", by),
                    component => {
                        let by = format!("{component} {by}");
                        frame.t2("behind-other", "seat", kind(seat), "by", by)
                    }
                }
            });
            parts.collect::<Vec<_>>().join(" ")
        }
        "below_gate" => {
            let (gate, by) = detail.split_once(':').unwrap_or((detail, ""));
            frame.t1(&format!("gate-{}", gate.replace('_', "-")), "by", by)
        }
        "not_eligible_for_quota" => {
            let each = detail.split(';').filter(|word| !word.is_empty());
            each.map(|word| frame.of_kind("refusal", word)).collect::<Vec<_>>().join(" ")
        }
        _ => detail.to_owned(),
    }
}
