//! The sheets of a result folder: one function each, in one table (`src/files/proof_readme.md`).

use std::io;
use std::ops::Range;

use rayon::prelude::*;

use crate::domain::candidates::fact;
use crate::domain::city::CellOverride;
use crate::domain::market::NONE;
use crate::domain::marks::{Mark, mark_columns};
use crate::domain::points::Points;
use crate::domain::policy::SeatKinds;
use crate::domain::reason::{BatchGate, Component, Reason, Where};
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::admission_lines::Line;
use crate::engine::batch_placing::{Basis, PlacedBatch};
use crate::engine::explanation::{Explainer, tie_chain};
use crate::engine::ranking::TieChain;
use crate::engine::score_segments::segments;
use crate::engine::season_quota::SeasonQuota;
use crate::engine::season_run::SeasonRun;
use crate::faults::planted_bug::planted;
use crate::files::csv_bytes::{date, number, points, text};
use crate::files::quota_proof;

/// Takes the bytes of a sheet, piece by piece, in order.
pub type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

/// A season and its run, as the sheets see them.
pub struct Sheets<'s> {
    pub season: &'s Season,
    pub run: &'s SeasonRun,
}

/// Writes one sheet.
pub type SheetWriter<S> = fn(&S, &mut Sink<'_>) -> io::Result<()>;

/// The page that tells an outsider how to recompute a result.
pub const README: &str = include_str!("../files/proof_readme.md");

/// Candidates whose rows one task writes.
const CHUNK: usize = 8_192;

impl Sheets<'_> {
    /// Every file of a result folder but the manifest, by path.
    const SHEETS: [(&'static str, SheetWriter<Self>); 19] = [
        ("cutoffs.csv", Self::cutoffs),
        ("proof/README.md", Self::readme),
        ("proof/eligibility.csv", Self::eligibility),
        ("proof/input/areas.csv", Self::areas),
        ("proof/input/candidates.csv", Self::candidates),
        ("proof/input/junior_schools.csv", Self::junior_schools),
        ("proof/input/preferences.csv", Self::preferences),
        ("proof/input/programmes.csv", Self::programmes),
        ("proof/input/quota.csv", Self::overrides),
        ("proof/input/scores.csv", Self::scores),
        ("proof/input/season.toml", Self::policy),
        ("proof/input/senior_schools.csv", Self::senior_schools),
        ("proof/quota_proof.csv", Self::quota_proof),
        ("proof/quota_proof.txt", Self::quota_page),
        ("proof/totals.csv", Self::totals),
        ("quota.csv", Self::quota),
        ("reasons.csv", Self::reasons),
        ("results.csv", Self::results),
        ("segments.csv", Self::segments),
    ];

    /// The sheets this season has, sorted by path.
    pub fn all(&self) -> Vec<(&'static str, SheetWriter<Self>)> {
        let present = |path: &str| match path {
            "proof/input/quota.csv" => !self.season.city.overrides.is_empty(),
            "proof/quota_proof.csv" | "proof/quota_proof.txt" => self.run.quota.plan.is_some(),
            _ => true,
        };
        Self::SHEETS.into_iter().filter(|(path, _)| present(path)).collect()
    }

    fn basis(&self) -> Basis<'_> {
        self.run.basis(self.season)
    }

    /// Writes rows of candidates in parallel waves, in order.
    fn by_candidate(
        &self,
        header: &str,
        rows: impl Fn(Range<usize>, &mut Vec<u8>) + Sync,
        sink: &mut Sink<'_>,
    ) -> io::Result<()> {
        sink(header.as_bytes())?;
        let count = self.season.candidates.len();
        if planted("bug-hash-order") {
            let unordered: std::collections::HashSet<usize> = (0..count).collect();
            let mut bytes = Vec::new();
            unordered.into_iter().for_each(|at| rows(at..at + 1, &mut bytes));
            return sink(&bytes);
        }
        let wave = CHUNK * 4 * rayon::current_num_threads();
        for from in (0..count).step_by(wave) {
            let chunks: Vec<Vec<u8>> = (from..count.min(from + wave))
                .into_par_iter()
                .step_by(CHUNK)
                .map(|start| {
                    let mut bytes = Vec::with_capacity(CHUNK * 64);
                    rows(start..count.min(start + CHUNK), &mut bytes);
                    bytes
                })
                .collect();
            for chunk in chunks {
                sink(&chunk)?;
            }
        }
        Ok(())
    }

    fn readme(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        sink(README.as_bytes())
    }

    fn policy(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        sink(self.season.policy_text.as_bytes())
    }

    fn areas(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = b"area_code,name,divisions\n".to_vec();
        for area in &self.season.city.areas {
            text(&mut out, &area.code);
            out.push(b',');
            text(&mut out, &area.name);
            out.push(b',');
            text(&mut out, &area.divisions.join(";"));
            out.push(b'\n');
        }
        sink(&out)
    }

    fn area_code(&self, area: u32) -> &str {
        &self.season.city.areas[area as usize].code
    }

    fn junior_schools(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out =
            b"school_code,name,area_code,ownership,nine_year,graduates,intake,factor,direct\n".to_vec();
        for school in &self.season.city.juniors {
            text(&mut out, &school.code);
            out.push(b',');
            text(&mut out, &school.name);
            out.push(b',');
            text(&mut out, self.area_code(school.area));
            out.extend_from_slice(ownership(school.private));
            out.push(b'0' + u8::from(school.nine_year));
            for optional in [school.graduates, school.intake] {
                out.push(b',');
                if let Some(value) = optional {
                    number(&mut out, value);
                }
            }
            out.push(b',');
            points(&mut out, school.factor);
            out.extend_from_slice(if school.direct { b",1\n" } else { b",0\n" });
        }
        sink(&out)
    }

    fn senior_schools(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = b"school_code,name,area_code,ownership,high_quality\n".to_vec();
        for school in &self.season.city.seniors {
            text(&mut out, &school.code);
            out.push(b',');
            text(&mut out, &school.name);
            out.push(b',');
            text(&mut out, self.area_code(school.area));
            out.extend_from_slice(ownership(school.private));
            out.extend_from_slice(if school.high_quality { b"1\n" } else { b"0\n" });
        }
        sink(&out)
    }

    fn programmes(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let header =
            "programme_code,school_code,name,batch,seats,quota_share,scope,gate_open,gate_quota,quota_base\n";
        let mut out = header.as_bytes().to_vec();
        for programme in &self.season.city.programmes {
            let batches: Vec<&str> = programme
                .batches
                .iter()
                .map(|&batch| self.season.policy.batches[batch as usize].code.as_str())
                .collect();
            let scope: Vec<&str> = programme.scope.iter().map(|&area| self.area_code(area)).collect();
            text(&mut out, &programme.code);
            out.push(b',');
            text(&mut out, &self.season.city.seniors[programme.school as usize].code);
            out.push(b',');
            text(&mut out, &programme.name);
            out.push(b',');
            text(&mut out, &batches.join(";"));
            out.push(b',');
            number(&mut out, u64::from(programme.seats));
            out.push(b',');
            points(&mut out, programme.quota_share);
            out.push(b',');
            text(&mut out, if programme.scope_all { "*".to_owned() } else { scope.join(";") }.as_str());
            out.push(b',');
            points(&mut out, programme.gate_open);
            out.push(b',');
            points(&mut out, programme.gate_quota);
            out.push(b',');
            if let Some(base) = programme.quota_base {
                number(&mut out, u64::from(base));
            }
            out.push(b'\n');
        }
        sink(&out)
    }

    fn programme_code(&self, programme: u32) -> &str {
        &self.season.city.programmes[programme as usize].code
    }

    fn overrides(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = b"programme_code,junior_code,seats,reason\n".to_vec();
        for fixed in &self.season.city.overrides {
            text(&mut out, self.programme_code(fixed.programme));
            out.push(b',');
            text(&mut out, &self.season.city.juniors[fixed.junior as usize].code);
            out.push(b',');
            number(&mut out, u64::from(fixed.seats));
            out.push(b',');
            text(&mut out, &fixed.reason);
            out.push(b'\n');
        }
        sink(&out)
    }

    fn candidates(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let header =
            "exam_no,junior_code,area_code,register_from,attended,repeat,local,bonus,quality_grade,flags\n";
        let candidates = &self.season.candidates;
        let rows = |range: Range<usize>, out: &mut Vec<u8>| {
            for at in range {
                text(out, candidates.exam_no.get(at));
                out.push(b',');
                if candidates.junior[at] != NONE {
                    text(out, &self.season.city.juniors[candidates.junior[at] as usize].code);
                }
                out.push(b',');
                text(out, self.area_code(candidates.area[at]));
                out.push(b',');
                date(out, candidates.register_from[at]);
                for fact in [fact::ATTENDED, fact::REPEAT, fact::LOCAL] {
                    out.extend_from_slice(if candidates.facts[at] & fact != 0 { b",1" } else { b",0" });
                }
                out.push(b',');
                let bonuses = candidates.bonuses.get(&(at as u32)).map_or(&[][..], Vec::as_slice);
                for (place, bonus) in bonuses.iter().enumerate() {
                    if place > 0 {
                        out.push(b';');
                    }
                    bonus.write_to(out);
                }
                out.push(b',');
                if let Some(grade) =
                    self.season.policy.quality_grades.get(usize::from(candidates.quality[at]))
                {
                    text(out, grade);
                }
                out.push(b',');
                let flags = candidates.flags[at];
                let names = (0..).zip(&candidates.flag_names).filter(|(bit, _)| flags & (1 << bit) != 0);
                let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
                text(out, &names.join(";"));
                out.push(b'\n');
            }
        };
        self.by_candidate(header, rows, sink)
    }

    fn scores(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let columns = mark_columns(&self.season.policy);
        let mut header = b"exam_no".to_vec();
        for (_, name) in &columns {
            header.push(b',');
            text(&mut header, name);
        }
        header.push(b'\n');
        let grades: Vec<Vec<&String>> =
            self.season.policy.subjects.iter().map(|subject| subject.grades.keys().collect()).collect();
        let rows = |range: Range<usize>, out: &mut Vec<u8>| {
            for at in range {
                let row = self.season.marks.row(at);
                if row.iter().all(|cell| cell.mark() == Mark::Missing) {
                    continue;
                }
                text(out, self.season.candidates.exam_no.get(at));
                for (cell, (column, _)) in row.iter().zip(&columns) {
                    out.push(b',');
                    match cell.mark() {
                        Mark::Scored(points) => points.write_to(out),
                        Mark::Graded(place) => text(out, grades[column.subject][usize::from(place)]),
                        Mark::Absent => out.extend_from_slice(b"absent"),
                        Mark::Void => out.extend_from_slice(b"void"),
                        Mark::Exempt => out.extend_from_slice(b"exempt"),
                        Mark::Missing => {}
                    }
                }
                out.push(b'\n');
            }
        };
        self.by_candidate(&String::from_utf8_lossy(&header), rows, sink)
    }

    /// `exam_no,batch,position,programme_code` of one filed row, without the line end.
    fn filed(&self, candidate: usize, row: usize, out: &mut Vec<u8>) {
        let preferences = &self.season.preferences;
        text(out, self.season.candidates.exam_no.get(candidate));
        out.push(b',');
        text(out, &self.season.policy.batches[usize::from(preferences.batch[row])].code);
        out.push(b',');
        number(out, u64::from(preferences.position[row]));
        out.push(b',');
        text(out, self.programme_code(preferences.programme[row]));
    }

    fn preferences(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let rows = |range: Range<usize>, out: &mut Vec<u8>| {
            for candidate in range {
                for row in self.season.preferences.rows(candidate) {
                    self.filed(candidate, row, out);
                    out.push(b'\n');
                }
            }
        };
        self.by_candidate("exam_no,batch,position,programme_code\n", rows, sink)
    }

    fn totals_row(&self, at: usize, out: &mut Vec<u8>) {
        let total = &self.run.totals[at];
        text(out, self.season.candidates.exam_no.get(at));
        for points in [total.without_bonus, total.bonus, total.total()] {
            out.push(b',');
            points.write_to(out);
        }
        out.extend_from_slice(if total.record { b",1," } else { b",0," });
        number(out, self.run.lots[at]);
        out.push(b',');
        if total.record {
            number(out, u64::from(self.run.ranks[at]) + 1);
        }
        out.push(b'\n');
    }

    fn totals(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let rows = |range: Range<usize>, out: &mut Vec<u8>| range.for_each(|at| self.totals_row(at, out));
        self.by_candidate("exam_no,total_without_bonus,bonus,total,record,lot,rank\n", rows, sink)
    }

    fn eligibility_row(&self, at: usize, out: &mut Vec<u8>) {
        text(out, self.season.candidates.exam_no.get(at));
        match self.run.refusals.get(at) {
            Some(refusals) if refusals.eligible() => out.extend_from_slice(b",1,"),
            Some(refusals) => {
                out.extend_from_slice(b",0,");
                out.extend_from_slice(refusals.words().as_bytes());
            }
            None => out.extend_from_slice(b",0,"),
        }
        out.push(b'\n');
    }

    fn eligibility(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let rows =
            |range: Range<usize>, out: &mut Vec<u8>| range.for_each(|at| self.eligibility_row(at, out));
        self.by_candidate("exam_no,eligible,refusals\n", rows, sink)
    }

    fn quota(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        sink(&quota_sheet(self.season, &self.run.quota))
    }

    /// Codes of a cell's junior highs, joined by `;`.
    fn cell_juniors(&self, juniors: &[u32]) -> String {
        cell_juniors(self.season, juniors)
    }

    fn quota_proof(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = Vec::new();
        let quota = &self.run.quota;
        if let Some(plan) = &quota.plan {
            quota_proof::write_csv(plan, &quota.juniors, &quota.programmes, &mut out)?;
        }
        sink(&out)
    }

    fn quota_page(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = Vec::new();
        let quota = &self.run.quota;
        if let Some(plan) = &quota.plan {
            quota_proof::write_page(plan, &quota.juniors, &quota.programmes, &mut out)?;
        }
        sink(&out)
    }

    fn results_row(&self, at: usize, out: &mut Vec<u8>) {
        text(out, self.season.candidates.exam_no.get(at));
        out.push(b',');
        match &self.run.left.admissions[at] {
            Some(admission) => {
                text(out, &self.season.policy.batches[usize::from(admission.batch)].code);
                out.push(b',');
                text(out, self.programme_code(admission.programme));
                out.push(b',');
                out.extend_from_slice(admission.seat.word().as_bytes());
                out.push(b',');
                number(out, u64::from(admission.position));
            }
            None => out.extend_from_slice(b",,,"),
        }
        out.push(b',');
        if self.run.totals[at].record {
            self.run.totals[at].total().write_to(out);
        }
        out.push(b'\n');
    }

    fn results(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let rows = |range: Range<usize>, out: &mut Vec<u8>| range.for_each(|at| self.results_row(at, out));
        self.by_candidate("exam_no,batch,programme_code,seat,position,total\n", rows, sink)
    }

    fn reasons_rows(&self, explainer: &Explainer<'_>, candidate: usize, out: &mut Vec<u8>) {
        for row in self.season.preferences.rows(candidate) {
            let reason = explainer.reason(candidate, row);
            self.filed(candidate, row, out);
            out.push(b',');
            out.extend_from_slice(reason.word().as_bytes());
            out.push(b',');
            self.detail(usize::from(self.season.preferences.batch[row]), &reason, out);
            out.push(b'\n');
        }
    }

    fn reasons(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let basis = self.basis();
        let explainer = Explainer::new(&basis, &self.run.batches, &self.run.left.admissions);
        let rows = |range: Range<usize>, out: &mut Vec<u8>| {
            range.for_each(|candidate| self.reasons_rows(&explainer, candidate, out));
        };
        self.by_candidate("exam_no,batch,position,programme_code,reason,detail\n", rows, sink)
    }

    /// Own rows of the result of each of these candidates: of every sheet its path, then her rows as they stand
    /// there.
    pub fn each_leaf(&self, candidates: &[usize], mut tell: impl FnMut(&str, Vec<u8>)) {
        let basis = self.basis();
        let explainer = Explainer::new(&basis, &self.run.batches, &self.run.left.admissions);
        let leaf = |&at: &usize| {
            let mut leaf = b"results.csv\n".to_vec();
            self.results_row(at, &mut leaf);
            leaf.extend_from_slice(b"proof/totals.csv\n");
            self.totals_row(at, &mut leaf);
            leaf.extend_from_slice(b"proof/eligibility.csv\n");
            self.eligibility_row(at, &mut leaf);
            leaf.extend_from_slice(b"reasons.csv\n");
            self.reasons_rows(&explainer, at, &mut leaf);
            leaf
        };
        for chunk in candidates.chunks(CHUNK) {
            let leaves: Vec<Vec<u8>> = chunk.par_iter().with_min_len(64).map(leaf).collect();
            for (&at, leaf) in chunk.iter().zip(leaves) {
                tell(self.season.candidates.exam_no.get(at), leaf);
            }
        }
    }

    fn detail(&self, batch: usize, reason: &Reason, out: &mut Vec<u8>) {
        let policy = &self.season.policy;
        let rule = &policy.batches[batch];
        let gate = |word: &str, gate: &Points, out: &mut Vec<u8>| {
            out.extend_from_slice(word.as_bytes());
            gate.write_to(out);
        };
        match reason {
            Reason::Admitted(seat) => out.extend_from_slice(seat.word().as_bytes()),
            Reason::AdmittedAbove { batch, position } => {
                text(out, &policy.batches[*batch as usize].code);
                out.push(b'/');
                number(out, u64::from(*position));
            }
            Reason::OutOfScope => {}
            Reason::BelowBatchGate(BatchGate::ExamRecord) => out.extend_from_slice(b"exam_record"),
            Reason::BelowBatchGate(BatchGate::ControlLine(line)) => gate("control_line:", line, out),
            Reason::BelowBatchGate(BatchGate::Quality) => {
                out.extend_from_slice(b"quality_grade:");
                text(out, rule.quality_at_least.as_deref().unwrap_or_default());
            }
            Reason::BelowBatchGate(BatchGate::Subject(place)) => {
                let missed = &rule.subject_gates[*place];
                gate(&format!("subject:{}:", missed.subject), &missed.at_least, out);
            }
            Reason::BelowOpenGate(points) => gate("gate_open:", points, out),
            Reason::BelowQuotaGate(points) => gate("gate_quota:", points, out),
            Reason::NotEligible(refusals) if refusals.eligible() && policy.quota.is_some() => {
                out.extend_from_slice(b"no_quota_seat");
            }
            Reason::NotEligible(refusals) => out.extend_from_slice(refusals.words().as_bytes()),
            Reason::BelowCutoff(kinds) => self.behind(kinds, out),
        }
    }

    fn behind(&self, kinds: &[Where; 3], out: &mut Vec<u8>) {
        let mut first = true;
        for (word, kind) in [Seat::Quota, Seat::Pool, Seat::Open].map(Seat::word).iter().zip(kinds) {
            if *kind == Where::NotClaimed {
                continue;
            }
            if !first {
                out.push(b' ');
            }
            first = false;
            out.extend_from_slice(word.as_bytes());
            let Where::Behind(short) = kind else {
                out.extend_from_slice(b":none");
                continue;
            };
            let mut name = |name: &str| {
                out.push(b':');
                out.extend_from_slice(name.as_bytes());
            };
            let in_points = match short.component {
                Component::Band => {
                    name("band");
                    false
                }
                Component::Choice => {
                    name("choice");
                    false
                }
                Component::Total => {
                    name("total");
                    true
                }
                Component::Tie(link) => {
                    use crate::domain::policy::Comparator;
                    let tie = &self.season.policy.ties[link as usize];
                    name(&tie.name());
                    !matches!(tie, Comparator::Grade | Comparator::Flag { .. })
                }
                Component::Lot => {
                    name("lot");
                    continue;
                }
            };
            out.push(b':');
            if in_points {
                Points::from_millionths(short.difference).write_to(out);
            } else {
                number(out, short.difference.unsigned_abs());
            }
        }
    }

    fn cutoffs(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = b"programme_code,batch,seat,junior_code,total,tie_chain,taken,seats\n".to_vec();
        let basis = self.basis();
        let chain = TieChain::new(self.season);
        for batch in &self.run.batches {
            for programme in 0..self.season.city.programmes.len() as u32 {
                self.programme_lines(&basis, &chain, batch, programme, &mut out);
            }
        }
        sink(&out)
    }

    fn programme_lines(
        &self,
        basis: &Basis<'_>,
        chain: &TieChain<'_>,
        batch: &PlacedBatch,
        programme: u32,
        out: &mut Vec<u8>,
    ) {
        let local = batch.shape.programme_of[programme as usize];
        if local == NONE || batch.shape.market.programmes[local as usize].seats == 0 {
            return;
        }
        let shape = &batch.shape.market.programmes[local as usize];
        let rule = &self.season.policy.batches[batch.shape.batch];
        let mut row = |seat: &str, juniors: &str, line: &Line| {
            text(out, self.programme_code(programme));
            out.push(b',');
            text(out, &rule.code);
            out.push(b',');
            out.extend_from_slice(seat.as_bytes());
            out.push(b',');
            text(out, juniors);
            out.push(b',');
            if let Some(last) = line.binding() {
                let candidate = batch.shape.candidates[last as usize] as usize;
                let entry = batch.shape.market.entry(last, local).expect("holders are on their lists");
                let filed = batch.shape.row(self.season, last, entry);
                let position = self.season.preferences.position[filed];
                self.run.totals[candidate].total().write_to(out);
                out.push(b',');
                text(out, &tie_chain(basis, chain, &self.run.lots, rule.placing, candidate, position));
            } else {
                out.push(b',');
            }
            out.push(b',');
            number(out, u64::from(line.taken));
            out.push(b',');
            number(out, u64::from(line.seats));
            out.push(b'\n');
        };
        let open = &batch.lines.open[local as usize];
        match rule.seats {
            SeatKinds::Integrated | SeatKinds::Open => row("open", "", open),
            SeatKinds::Pool => row("pool", "", open),
            SeatKinds::Quota => {}
        }
        if rule.seats == SeatKinds::Integrated
            && rule.reversion == crate::domain::policy::Reversion::CountyPool
            && !shape.cells.is_empty()
        {
            row("pool", "", &batch.lines.pool[local as usize]);
        }
        let plan_cells = self.run.quota.cells_of(programme);
        let plan = self.run.quota.plan.as_ref();
        let mut cells: Vec<(String, &Line)> = shape
            .cells
            .clone()
            .zip(plan_cells)
            .map(|(cell, planned)| {
                let juniors = plan.map_or(&[][..], |plan| &plan.cells[planned].juniors);
                (self.cell_juniors(juniors), &batch.lines.quota[cell as usize])
            })
            .filter(|(_, line)| line.seats > 0)
            .collect();
        cells.sort_by(|a, b| a.0.cmp(&b.0));
        for (juniors, line) in cells {
            row("quota", &juniors, line);
        }
    }

    fn segments(&self, sink: &mut Sink<'_>) -> io::Result<()> {
        let mut out = b"area_code,score,count,cumulative\n".to_vec();
        for segment in segments(self.season, &self.run.totals) {
            text(&mut out, self.area_code(segment.area));
            out.push(b',');
            out.extend_from_slice(itoa::Buffer::new().format(segment.score).as_bytes());
            out.push(b',');
            number(&mut out, segment.count);
            out.push(b',');
            number(&mut out, segment.cumulative);
            out.push(b'\n');
        }
        sink(&out)
    }
}

fn ownership(private: bool) -> &'static [u8] {
    if private { b",private," } else { b",public," }
}

/// `quota.csv`: the seats of every cell, with the reason of those that were fixed by hand.
pub fn quota_sheet(season: &Season, quota: &SeasonQuota) -> Vec<u8> {
    let mut out = b"programme_code,junior_code,seats,reason\n".to_vec();
    let city = &season.city;
    for (programme, offered) in (0..).zip(&city.programmes) {
        let cells = quota.plan.as_ref().map_or(&[][..], |plan| &plan.cells[quota.cells_of(programme)]);
        let fixed = |juniors: &[u32]| {
            let is = |fixed: &&CellOverride| fixed.programme == programme && *juniors == [fixed.junior];
            city.overrides.iter().find(is).map_or("", |fixed| fixed.reason.as_str())
        };
        let mut rows: Vec<(String, u32, &str)> = cells
            .iter()
            .map(|cell| (cell_juniors(season, &cell.juniors), cell.seats, fixed(&cell.juniors)))
            .collect();
        rows.sort();
        for (juniors, seats, reason) in rows {
            text(&mut out, &offered.code);
            out.push(b',');
            text(&mut out, &juniors);
            out.push(b',');
            number(&mut out, u64::from(seats));
            out.push(b',');
            text(&mut out, reason);
            out.push(b'\n');
        }
    }
    out
}

fn cell_juniors(season: &Season, juniors: &[u32]) -> String {
    let codes: Vec<&str> =
        juniors.iter().map(|&junior| season.city.juniors[junior as usize].code.as_str()).collect();
    codes.join(";")
}
