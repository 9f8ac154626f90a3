//! What a candidate is told of the past: her own rank and all others as bands, chances to her and to no office.

use zhaosheng::domain::chance::Chance;
use zhaosheng::domain::rank_band::RankBand;
use zhaosheng::domain::role::Role;
use zhaosheng::engine::merit_order::MeritOrder;
use zhaosheng::engine::totals::totals;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::demonstration::cast::caller;
use zhaosheng::service::demonstration::stage_city::{SEASON, stage_city};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::forms::check_form::check_form;
use zhaosheng::service::forms::search_programmes::{FoundProgramme, Search, search_programmes};
use zhaosheng::service::forms::stored_form::FormName;
use zhaosheng::service::generate_city::{write_city, write_history};
use zhaosheng::service::people::show_own_scores::show_own_scores;

use crate::harness::on_each_database;

/// No finer than a hundredth of the ranked and than a hundred people.
fn is_coarse(band: RankBand) -> bool {
    let people = band.to - band.from + 1;
    people >= 100 && people * 100 >= band.ranked && band.from >= 1 && band.to <= band.ranked
}

#[test]
fn a_candidate_is_told_bands_and_chances_and_an_office_none() {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path(), 1_000, 17).unwrap();
    write_history(folder.path(), 1_000, 17).unwrap();
    let season = read_season(folder.path()).unwrap();
    let all = totals(&season);
    let order = MeritOrder::new(&all);
    on_each_database(|site| {
        let city = site.wait(stage_city(&site.app, folder.path())).unwrap();
        let call = |role: Role| site.wait(caller(&site.app, &city.parts[role.word()])).unwrap();
        let (candidate, centre) = (call(Role::Candidate), call(Role::MunicipalCentre));
        let own = |caller| {
            let scores = show_own_scores(&site.app, caller, SEASON.to_owned(), city.exam_no.clone());
            site.wait(scores)
        };
        // Her total is the engine's, her rank the band of the engine's rank; an office has no such page.
        let scores = own(&candidate).unwrap().unwrap();
        let at = season.candidates.exam_no.find(&city.exam_no, 0).unwrap();
        let merit = scores.merit.unwrap();
        assert_eq!(merit.total, all[at].total());
        assert_eq!(merit.band, RankBand::of(order.rank(all[at].total()), order.ranked()));
        assert!(is_coarse(merit.band.unwrap()));
        assert_eq!(scores.marks.len(), season.marks.columns);
        assert!(matches!(own(&centre), Err(ServiceError::NotFound)));
        // Programmes with their past.
        let search = |caller, batch: &str| -> Vec<FoundProgramme> {
            let wanted = Search { batch: Some(batch.to_owned()), ..Search::default() };
            site.wait(search_programmes(&site.app, caller, SEASON.to_owned(), wanted)).unwrap()
        };
        let found = search(&candidate, "1");
        let facts: Vec<_> = found.iter().flat_map(|one| &one.past.facts).collect();
        assert!(facts.iter().filter_map(|fact| fact.last).all(is_coarse));
        assert!(facts.iter().any(|fact| fact.last.is_some()));
        assert!(facts.iter().filter(|fact| fact.taken < 3).all(|fact| fact.last.is_none()));
        assert!(facts.iter().any(|fact| fact.seat.word() == "quota"), "her own junior high's past");
        assert!(found.iter().all(|one| one.past.chance.is_some()));
        // A supplementary round fills what is left, and offices are told nothing.
        assert!(
            search(&candidate, "3").iter().all(|one| one.past.chance.is_none() && one.past.facts.is_empty())
        );
        assert!(
            search(&centre, "1").iter().all(|one| one.past.chance.is_none() && one.past.facts.is_empty())
        );
        // A list is warned of exactly where something is known of it and nothing on it is safe.
        let both = [search(&candidate, "1"), search(&candidate, "2")];
        let mut seen = std::collections::BTreeSet::new();
        for (found, batch) in both.iter().zip(["1", "2"]) {
            for one in found {
                let form = FormName {
                    season: SEASON.to_owned(),
                    exam_no: city.exam_no.clone(),
                    batch: batch.to_owned(),
                };
                let checked = check_form(&site.app, &candidate, form, vec![one.code.clone()]);
                let warnings = site.wait(checked).unwrap().warnings;
                let warned = warnings.iter().any(|finding| finding.code == "all_reaches");
                let chance = one.past.chance.unwrap();
                assert_eq!(warned, matches!(chance, Chance::Likely | Chance::Reach), "{one:?}");
                seen.insert(chance);
            }
        }
        assert!(seen.len() > 1, "{seen:?}");
    });
}

#[test]
fn a_policy_tells_facts_without_chances_or_nothing_of_the_past() {
    let folder = tempfile::tempdir().unwrap();
    write_city(folder.path(), 1_000, 17).unwrap();
    write_history(folder.path(), 1_000, 17).unwrap();
    let file = folder.path().join("season.toml");
    let policy = std::fs::read_to_string(&file).unwrap();
    for word in ["facts", "off"] {
        let other = policy.replace("chances = \"bands\"", &format!("chances = \"{word}\""));
        assert_ne!(other, policy);
        std::fs::write(&file, other).unwrap();
        on_each_database(|site| {
            let city = site.wait(stage_city(&site.app, folder.path())).unwrap();
            let own = site.wait(caller(&site.app, &city.parts[Role::Candidate.word()])).unwrap();
            let wanted = Search { batch: Some("1".to_owned()), ..Search::default() };
            let found = search_programmes(&site.app, &own, SEASON.to_owned(), wanted);
            let found = site.wait(found).unwrap();
            assert!(found.iter().all(|one| one.past.chance.is_none()));
            assert_eq!(found.iter().any(|one| !one.past.facts.is_empty()), word == "facts");
            let form =
                FormName { season: SEASON.to_owned(), exam_no: city.exam_no.clone(), batch: "1".to_owned() };
            let checked = check_form(&site.app, &own, form, vec![found[0].code.clone()]);
            let warnings = site.wait(checked).unwrap().warnings;
            assert!(warnings.iter().all(|finding| finding.code != "all_reaches"), "{warnings:?}");
        });
    }
}
