//! What schools and bureaus print, watch and hand out: forms to be signed, progress per school, new access by exam number.

use zhaosheng::domain::role::Role;
use zhaosheng::service::accounts::reset_access::reset_candidate_access;
use zhaosheng::service::app::Caller;
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::forms::list_confirmation_forms::{PupilForms, list_confirmation_forms};
use zhaosheng::service::forms::show_filling_progress::show_filling_progress;
use zhaosheng::service::season::windows::close_past;

use crate::forms::{form, pupil, submit};
use crate::harness::{Person, SEASON, Site, on_each_database};

/// Of class 1 of junior high J01 in area A01; her classmate has submitted nothing.
const PUPIL: &str = "260101";
const CLASSMATE: &str = "260102";

fn school(site: &Site, code: &str) -> Caller {
    site.caller(Role::JuniorHigh, Person { school: Some(code), area: Some("A01"), ..Person::default() })
}

fn printed(site: &Site, caller: &Caller) -> Result<Vec<PupilForms>, ServiceError> {
    site.wait(list_confirmation_forms(&site.app, caller, SEASON.to_owned(), "九（1）班".to_owned()))
}

fn code(error: ServiceError) -> &'static str {
    match error {
        ServiceError::Conflict { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

/// Acts that a candidate is told of.
fn looks(site: &Site, exam_no: &str) -> Vec<String> {
    let path = format!("/api/v1/seasons/{SEASON}/candidates/{exam_no}/readers");
    let told = site.get(&path, &pupil(site, exam_no)).is(200).json();
    let acts = told["items"].as_array().unwrap().iter();
    acts.map(|line| line["act"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_school_reads_lists_only_when_their_end_is_on_record() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        submit(site, &pupil(site, PUPIL), &form(PUPIL, "1"), 0, &["P01"]).is(201);
        let own = school(site, "J01");
        assert_eq!(code(printed(site, &own).unwrap_err()), "window_open");
        site.move_clock(&centre, site.season_now_ms() + 48 * 3_600_000);
        assert_eq!(code(printed(site, &own).unwrap_err()), "window_open", "an extension is still possible");
        assert!(looks(site, PUPIL).is_empty(), "nothing was read");
        site.wait(close_past(&site.app, SEASON.to_owned())).unwrap();
        let sheets = printed(site, &own).unwrap();
        assert!(sheets.iter().all(|sheet| sheet.candidate.junior_code == "J01"));
        let of = |exam_no: &str| sheets.iter().find(|sheet| sheet.candidate.exam_no == exam_no).unwrap();
        assert_eq!(of(PUPIL).forms.len(), 1);
        assert_eq!((of(PUPIL).forms[0].version, of(PUPIL).forms[0].choices.as_str()), (1, "[\"P01\"]"));
        assert!(of(CLASSMATE).forms.is_empty());
        // Whose list was read is told so, and nobody else.
        assert_eq!(looks(site, PUPIL), ["list_confirmation_forms"]);
        assert!(looks(site, CLASSMATE).is_empty());
        // No other office reads them, another school reads its own.
        for role in [Role::SeniorHigh, Role::CountyBureau, Role::MunicipalCentre, Role::Supervisor] {
            let person = Person { school: Some("J01"), area: Some("A01"), ..Person::default() };
            assert_eq!(printed(site, &site.caller(role, person)).unwrap_err(), ServiceError::Forbidden);
        }
        let others = printed(site, &school(site, "J02")).unwrap_or_default();
        assert!(others.iter().all(|sheet| sheet.candidate.junior_code == "J02"));
    });
}

#[test]
fn a_bureau_counts_who_has_submitted_in_its_own_area() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        submit(site, &pupil(site, PUPIL), &form(PUPIL, "1"), 0, &["P01"]).is(201);
        submit(site, &pupil(site, PUPIL), &form(PUPIL, "1"), 1, &["P02"]).is(201);
        let seen = |caller: &Caller| site.wait(show_filling_progress(&site.app, caller, SEASON.to_owned()));
        let bureau = |area| site.caller(Role::CountyBureau, Person { area: Some(area), ..Person::default() });
        let progress = seen(&bureau("A01")).unwrap();
        let hour = site.season_now_ms() / 3_600_000 * 3_600_000;
        let hours: Vec<(i64, u64)> = progress.hours.iter().map(|one| (one.from_ms, one.lists)).collect();
        assert_eq!(hours, [(hour, 1)], "the hour of the first version");
        let own = progress.schools.iter().find(|one| one.junior_code == "J01").unwrap();
        let counts: Vec<_> =
            own.lists.iter().map(|list| (list.batch.as_str(), list.submitted, list.confirmed)).collect();
        assert_eq!(counts[0], ("1", 1, 0), "two versions are one pupil");
        assert!(counts[1..].iter().all(|list| list.1 == 0));
        let elsewhere = seen(&bureau("A02")).unwrap();
        assert!(elsewhere.schools.iter().all(|one| one.junior_code != "J01") && elsewhere.hours.is_empty());
        assert_eq!(seen(&school(site, "J01")).unwrap_err(), ServiceError::Forbidden);
    });
}

#[test]
fn a_school_gives_new_access_to_its_own_pupils_by_exam_number() {
    on_each_database(|site| {
        site.with_city();
        let reset = |caller: &Caller, exam_no: &str, reason: &str| {
            let (exam_no, reason) = (exam_no.to_owned(), reason.to_owned());
            site.wait(reset_candidate_access(&site.app, caller, SEASON.to_owned(), exam_no, reason))
        };
        let own = school(site, "J01");
        assert_eq!(code(reset(&own, PUPIL, "本人到校申请").unwrap_err()), "no_account");
        let token = pupil(site, PUPIL);
        assert!(matches!(reset(&own, PUPIL, "x"), Err(ServiceError::Invalid(_))));
        let other = school(site, "J02");
        assert_eq!(reset(&other, PUPIL, "本人到校申请").unwrap_err(), ServiceError::NotFound);
        site.get("/api/v1/account", &token).is(200);
        let (account, _) = reset(&own, PUPIL, "本人到校申请").unwrap();
        assert_eq!(account.exam_no.as_deref(), Some(PUPIL));
        assert_eq!(site.get("/api/v1/account", &token).is(401).code(), "unauthenticated");
    });
}
