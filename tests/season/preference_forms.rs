//! A preference form that the check lets pass is one that the season's reader and engine take, and
//! the other way round.

use std::fmt::Write;

use zhaosheng::domain::language::Language;
use zhaosheng::domain::market::NONE;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::published_quota::PublishedQuota;
use zhaosheng::domain::season::Season;
use zhaosheng::engine::batch_placing::{Basis, Left, batch_market};
use zhaosheng::engine::eligibility::refusals;
use zhaosheng::engine::form_check::check;
use zhaosheng::engine::listing::{Applicant, ListTerms};
use zhaosheng::engine::programme_search::{ProgrammeIndex, ProgrammeQuery};
use zhaosheng::engine::ranking::ranks;
use zhaosheng::engine::season_quota::{SeasonQuota, season_quota};
use zhaosheng::engine::season_run::run_season;
use zhaosheng::engine::totals::totals;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::words::texts::Words;

use crate::drafts::{Chance, Draft, HEAD, PLAIN};

const PROGRAMMES: [&str; 6] = ["P1", "P2", "P3", "P4", "P5", "P6"];

/// A small season of random batches, scopes, overrides and people; nobody has filed anything.
fn season(chance: &mut Chance, batches: usize) -> Draft {
    let mut policy = format!("{HEAD}{PLAIN}[quota]\nmethod = \"floor\"\nshare = \"0.6\"\n");
    // Two batches may take one list, filed under a code of its own.
    let shared = chance.below(3) == 0;
    let mut codes: Vec<String> = Vec::new();
    for batch in 0..batches {
        let kinds = ["integrated", "quota", "pool", "open"][chance.below(4)];
        writeln!(policy, "[[batch]]\ncode = \"{batch}\"\nseats = \"{kinds}\"\ncontrol_line = 0").unwrap();
        writeln!(policy, "max_choices = {}", 1 + chance.below(6)).unwrap();
        if chance.below(4) == 0 {
            policy.push_str("placing = { kind = \"sequential\" }\n");
        }
        if shared && batch < 2 && batches > 1 {
            policy.push_str("uses = \"L\"\n");
            codes.push("L".to_owned());
        } else if batch > 0 && chance.below(4) == 0 {
            writeln!(policy, "supplementary_of = [\"{}\"]", chance.below(batch)).unwrap();
        } else {
            codes.push(batch.to_string());
        }
    }
    // A shared list may also be asked for by the code of one of its batches.
    codes.extend(shared.then(|| "0".to_owned()));
    let mut programmes = "programme_code,school_code,name,batch,seats,quota_share,scope\n".to_owned();
    let mut overrides = "programme_code,junior_code,seats,reason\n".to_owned();
    for code in PROGRAMMES {
        let batch = &codes[chance.below(codes.len())];
        let batch = format!("{batch};{}", codes[chance.below(codes.len())]);
        let scope = ["", "*", "A1", "A2", "A1;A2"][chance.below(5)];
        let share = ["", "0.6", "1"][chance.below(3)];
        let school = 1 + chance.below(2);
        writeln!(programmes, "{code},S{school},N{code},{batch},{},{share},{scope}", 1 + chance.below(2))
            .unwrap();
        if share == "1" && chance.below(2) == 0 {
            writeln!(overrides, "{code},J{},{},act 7", 1 + chance.below(2), chance.below(2)).unwrap();
        }
    }
    let mut candidates = "exam_no,junior_code,area_code,repeat\n".to_owned();
    let mut scores = "exam_no,s\n".to_owned();
    for number in 1..=8 {
        let junior = ["J1", "J1", "J2", "J2", ""][chance.below(5)];
        let area = 1 + chance.below(2);
        writeln!(candidates, "C{number},{junior},A{area},{}", usize::from(chance.below(4) == 0)).unwrap();
        writeln!(scores, "C{number},{}", 500 + chance.below(4)).unwrap();
    }
    Draft::new(&policy)
        .but("senior_schools.csv", "S1,One,A1,1", "S1,One,A1,0")
        .with("programmes.csv", programmes)
        .with("quota.csv", overrides)
        .with("candidates.csv", candidates)
        .with("scores.csv", scores)
}

/// `preferences.csv` with one list.
fn filed(draft: Draft, exam_no: &str, batch: &str, slots: &[&str]) -> Draft {
    let mut text = "exam_no,batch,position,programme_code\n".to_owned();
    for (position, code) in (1..).zip(slots).filter(|(_, code)| !code.is_empty()) {
        writeln!(text, "{exam_no},{batch},{position},{code}").unwrap();
    }
    draft.with("preferences.csv", text)
}

/// The quota as the season's own engine shares it out; none where its rule refuses it.
pub(crate) fn quota_of(season: &Season) -> Option<SeasonQuota> {
    season_quota(season, &refusals(season), zhaosheng::engine::draw::Seed([7; 32])).ok()
}

pub(crate) fn applicant(season: &Season, candidate: usize) -> Applicant {
    Applicant {
        area: season.candidates.area[candidate],
        junior: season.candidates.junior[candidate],
        refusals: refusals(season)[candidate],
    }
}

/// Whether every entry of the one list filed has, in the market of some batch, a claim that a seat
/// can answer.
fn every_entry_has_a_claim(season: &Season, quota: &SeasonQuota, candidate: usize) -> bool {
    let (totals, refusals) = (totals(season), refusals(season));
    let ranks = ranks(season, &totals, &vec![0; season.candidates.len()]);
    let basis = Basis { season, totals: &totals, ranks: &ranks, refusals: &refusals, quota };
    let left = Left::whole(season, quota);
    let mut answered = std::collections::BTreeSet::new();
    for batch in 0..season.policy.batches.len() {
        let Ok(shape) = batch_market(&basis, &left, batch) else { panic!("few positions") };
        let student = shape.student_of[candidate];
        if student == NONE {
            continue;
        }
        for entry in shape.market.list(student) {
            let application = shape.market.applications[entry];
            let cell = || shape.market.claimed_cell(student, application);
            if application.open() || application.quota() && cell().is_some() {
                answered.insert(shape.programmes[application.programme() as usize]);
            }
        }
    }
    let rows = season.preferences.rows(candidate);
    season.preferences.programme[rows].iter().all(|programme| answered.contains(programme))
}

#[test]
fn what_the_check_lets_pass_the_reader_and_the_engine_take_and_nothing_else() {
    let mut chance = Chance(20_260_622);
    let (mut passed, mut refused, mut out_of_reach) = (0, 0, 0);
    for _ in 0..200 {
        let batches = 1 + chance.below(3);
        let draft = season(&mut chance, batches);
        let folder = draft.write();
        let empty = read_season(folder.path()).unwrap_or_else(|faults| panic!("{faults:?}"));
        let Some(quota) = quota_of(&empty) else { continue };
        let published = quota.plan.as_ref().map(|plan| PublishedQuota::new(&plan.cells));
        let terms = ListTerms { policy: &empty.policy, city: &empty.city, quota: published.as_ref() };
        for _ in 0..6 {
            let candidate = chance.below(empty.candidates.len());
            let lists = empty.policy.lists();
            let list = match chance.below(8) {
                0 => ["L", "0", "1", "2", "9"][chance.below(5)],
                _ => lists[chance.below(lists.len())],
            };
            let pool = ["P1", "P2", "P3", "P4", "P5", "P6", "P7", ""];
            let mut slots: Vec<&str> = (0..chance.below(4)).map(|_| pool[chance.below(8)]).collect();
            if chance.below(3) > 0 {
                // Mostly a list of the search's own answers: those must pass.
                let query = ProgrammeQuery { list: Some(list), ..ProgrammeQuery::default() };
                let hits = ProgrammeIndex::new(&empty.city).search(
                    &terms,
                    Some(&applicant(&empty, candidate)),
                    &query,
                );
                slots = hits.iter().map(|hit| PROGRAMMES[hit.programme as usize]).collect();
                chance.shuffle(&mut slots);
                slots.truncate(1 + chance.below(4));
            }
            let found = check(&terms, &applicant(&empty, candidate), list, &slots);
            let unpublished = ListTerms { quota: None, ..terms };
            let before = check(&unpublished, &applicant(&empty, candidate), list, &slots);
            let exam_no = empty.candidates.exam_no.get(candidate);
            filed(draft.clone(), exam_no, list, &slots).write_to(folder.path());
            let no_list = found.faults.iter().any(|fault| fault.pointer == "/batch");
            let taken = read_season(folder.path());
            let expected = match &taken {
                // A code of a batch that takes another's list: the reader knows it, families do not.
                Ok(_) if no_list => false,
                Ok(season) => {
                    let claims = every_entry_has_a_claim(season, &quota, candidate);
                    out_of_reach += usize::from(!claims);
                    run_season(season, &Quiet).unwrap_or_else(|why| panic!("{why:?}"));
                    claims && !season.preferences.rows(candidate).is_empty()
                }
                Err(_) => false,
            };
            let context = || format!("{list} {slots:?}\n{found:?}\n{}", draft.text("season.toml"));
            assert_eq!(found.faults.is_empty(), expected, "{}", context());
            assert!(before.faults.is_empty() || !expected, "the published quota only narrows: {}", context());
            passed += usize::from(expected);
            refused += usize::from(!expected);
        }
    }
    println!("{passed} passed, {refused} refused, {out_of_reach} of them by the engine alone");
    assert!(passed > 300 && refused > 300 && out_of_reach > 30, "{passed} {refused} {out_of_reach}");
}

/// Every order of every part of a list.
pub(crate) fn orders<T: Copy>(of: &[T]) -> Vec<Vec<T>> {
    let mut all = vec![Vec::new()];
    for (at, &first) in of.iter().enumerate() {
        let rest: Vec<T> = of[..at].iter().chain(&of[at + 1..]).copied().collect();
        all.extend(orders(&rest).into_iter().map(|tail| [vec![first], tail].concat()));
    }
    all
}

/// A finding as `pointer code`.
type Said = Vec<String>;

/// Faults, warnings and guidance of a list in a worked season, its quota published.
fn said(case: &str, exam_no: &str, list: &str, slots: &[&str]) -> [Said; 3] {
    let season = read_season(&crate::drafts::case(case)).unwrap();
    let published = PublishedQuota::new(&quota_of(&season).unwrap().plan.unwrap().cells);
    let terms = ListTerms { policy: &season.policy, city: &season.city, quota: Some(&published) };
    let candidate = season.candidates.exam_no.find(exam_no, 0).unwrap();
    let found = check(&terms, &applicant(&season, candidate), list, slots);
    [found.faults, found.warnings, found.guidance].map(|findings| {
        findings.iter().map(|finding| format!("{} {}", finding.pointer, finding.code)).collect()
    })
}

#[test]
fn every_fault_of_a_list_is_told_at_once() {
    let slots = ["P01", "", "P02", "P99", "P03", "P01", "", "", "P01", ""];
    let [faults, warnings, _] = said("shanxi", "260113", "1", &slots);
    assert_eq!(
        faults,
        [
            "/choices/2 out_of_scope",
            "/choices/3 unknown_programme",
            "/choices/4 not_in_this_batch",
            "/choices/5 duplicate_choice",
            "/choices/8 too_many_choices",
            "/choices/8 duplicate_choice",
        ]
    );
    assert_eq!(warnings, ["/choices/1 blank_slot", "/choices/6 blank_slot", "/choices/7 blank_slot"]);
    assert_eq!(said("shanxi", "260101", "1", &["", ""])[0], ["/choices empty_list"]);
    assert_eq!(said("shanxi", "260101", "9", &["P01"])[0], ["/batch unknown_batch"]);
}

#[test]
fn a_list_of_quota_seats_asks_for_eligibility() {
    // 26009 repeats the year; her junior high has seats at both.
    let [faults, _, guidance] = said("quota_then_unified", "26009", "quota", &["P01", "P02"]);
    assert_eq!(faults, ["/choices/0 not_eligible_for_quota", "/choices/1 not_eligible_for_quota"]);
    assert_eq!(guidance, ["/choices placed_by_merit", "/choices no_promise", "/choices without_quota"]);
    let [faults, warnings, _] = said("quota_then_unified", "26001", "quota", &["P01"]);
    assert_eq!((faults.as_slice(), warnings.as_slice()), (&[][..], &["/choices short_list".to_owned()][..]));
}

#[test]
fn an_unused_chance_at_quota_is_a_remark_that_names_the_programmes() {
    // An override gives 260101's junior high a seat at P02, which is out of her area.
    assert_eq!(
        said("shanxi", "260101", "1", &["P02"])[..2],
        [vec![], vec!["/choices short_list".to_owned()]]
    );
    let season = read_season(&crate::drafts::case("shanxi")).unwrap();
    let published = PublishedQuota::new(&quota_of(&season).unwrap().plan.unwrap().cells);
    let terms = ListTerms { policy: &season.policy, city: &season.city, quota: Some(&published) };
    let found = check(&terms, &applicant(&season, 0), "1", &[""]);
    let remark = found.warnings.iter().find(|finding| finding.code == "unused_quota").unwrap();
    let told = Words(Language::Chinese).finding(remark);
    assert!(told.ends_with("：P01 云岭高级中学 云岭高级中学、P02 松原高级中学 松原高级中学"), "{told}");
    // One who is not eligible is not told of seats that are not for her.
    let candidate = season.candidates.exam_no.find("260103", 0).unwrap();
    let found = check(&terms, &applicant(&season, candidate), "1", &["P01"]);
    assert!(found.warnings.iter().all(|finding| finding.code != "unused_quota"), "{found:?}");
}

#[test]
fn a_search_finds_what_the_candidate_may_list_with_its_quota() {
    let season = read_season(&crate::drafts::case("shanxi")).unwrap();
    let published = PublishedQuota::new(&quota_of(&season).unwrap().plan.unwrap().cells);
    let terms = ListTerms { policy: &season.policy, city: &season.city, quota: Some(&published) };
    let index = ProgrammeIndex::new(&season.city);
    let hits = |exam_no: Option<&str>, query: ProgrammeQuery<'_>| -> Said {
        let candidate = exam_no.map(|exam_no| season.candidates.exam_no.find(exam_no, 0).unwrap());
        let applicant = candidate.map(|candidate| applicant(&season, candidate));
        let word = |hit: &zhaosheng::engine::programme_search::ProgrammeHit| {
            let code = &season.city.programmes[hit.programme as usize].code;
            format!("{code} {} {:?} {}", hit.lists.join(";"), hit.quota_seats, hit.quota)
        };
        index.search(&terms, applicant.as_ref(), &query).iter().map(word).collect()
    };
    let text = |text| ProgrammeQuery { text, ..ProgrammeQuery::default() };
    assert_eq!(
        hits(Some("260101"), text("")),
        ["P01 1;3 Some(2) true", "P02 1 Some(1) true", "P03 2;3 Some(0) false"]
    );
    assert_eq!(hits(Some("260103"), text("")), ["P01 1;3 Some(2) false", "P03 2;3 Some(0) false"]);
    assert_eq!(hits(Some("260101"), text("yunling dsgj")), ["P03 2;3 Some(0) false"]);
    assert_eq!(hits(Some("260101"), text("yl")), hits(Some("260101"), text("云岭")));
    assert_eq!(hits(None, text("wgy")), ["P04 2;3 None false"]);
    let quota_only = ProgrammeQuery { quota_only: true, list: Some("1"), ..text("") };
    assert_eq!(hits(None, quota_only), ["P01 1 None true", "P02 1 None true"]);
    let area = ProgrammeQuery { area: Some(2), ..text("") };
    assert_eq!(hits(None, area), ["P04 2;3 None false"]);
    assert!(hits(None, text(&"y".repeat(61))).is_empty());
}
