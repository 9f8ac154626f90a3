//! What the guidance promises holds in the engine, for every candidate and every other list; and where it promises
//! nothing, a list in another order can pay.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use zhaosheng::domain::preferences::Preferences;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::published_quota::PublishedQuota;
use zhaosheng::domain::season::Season;
use zhaosheng::engine::form_check::check;
use zhaosheng::engine::listing::{ListTerms, Standing};
use zhaosheng::engine::season_run::run_season;
use zhaosheng::files::season_folder::read_season;

use crate::drafts::{Chance, Draft, HEAD, PLAIN};
use crate::preference_forms::{applicant, orders, quota_of};

/// A rule of placing, as a policy writes it; the first word of its name says which property it stands for.
struct Rule {
    name: &'static str,
    batches: &'static [&'static str],
    /// Room for every programme, or for fewer.
    most: usize,
}

const fn rule(name: &'static str, batch: &'static [&'static str]) -> Rule {
    Rule { name, batches: batch, most: 9 }
}

/// One parallel batch in every form a policy can give it.
const PROMISED: [Rule; 11] = [
    rule("quota first, to open", &[""]),
    rule("quota first, to the pool", &["reversion = \"county_pool\""]),
    rule("quota first, stays empty", &["reversion = \"none\""]),
    rule("open first, to open", &["precedence = \"open_first\""]),
    rule("open first, stays empty", &["precedence = \"open_first\"\nreversion = \"none\""]),
    rule("event rule, quota first", &["relative_gate = 2"]),
    rule("event rule, open first", &["relative_gate = 2\nprecedence = \"open_first\""]),
    rule("control line", &["control_line = 503"]),
    rule("quota seats alone", &["seats = \"quota\""]),
    rule("pool alone", &["seats = \"pool\""]),
    rule("open seats alone", &["seats = \"open\""]),
];

/// What no promise can stand for (`mechanism.md` section 4).
const UNPROMISED: [Rule; 5] = [
    rule("bands", &["placing = { kind = \"band\", points = 4, from = 510 }"]),
    rule("sequential", &["placing = { kind = \"sequential\" }"]),
    rule("choice bands", &["placing = { kind = \"choice_bands\", choices = 2 }"]),
    Rule { name: "short list", batches: &[""], most: 2 },
    rule("two batches", &["seats = \"quota\"", "seats = \"open\""]),
];

/// A small season under a rule: scopes, gates, shares, overrides, two junior highs; nobody has filed anything.
fn market(chance: &mut Chance, rule: &Rule) -> Season {
    let mut policy = format!("{HEAD}{PLAIN}[quota]\nmethod = \"floor\"\nshare = \"0.6\"\n");
    for (number, keys) in rule.batches.iter().enumerate() {
        let line = if keys.contains("control_line") { "" } else { "control_line = 0\n" };
        writeln!(policy, "[[batch]]\ncode = \"{number}\"\n{line}max_choices = {}\n{keys}", rule.most)
            .unwrap();
    }
    let batches: Vec<String> = (0..rule.batches.len()).map(|number| number.to_string()).collect();
    let mut programmes =
        "programme_code,school_code,name,batch,seats,quota_share,scope,gate_open,gate_quota\n".to_owned();
    let mut overrides = "programme_code,junior_code,seats,reason\n".to_owned();
    for number in 1..=3 + chance.below(2) {
        let share = ["", "0.6", "0.6", "1"][chance.below(4)];
        let scope = ["*", "*", "*", "A1"][chance.below(4)];
        let gates = [",", ",", ",", "502,", ",501", "503,501"][chance.below(6)];
        let (school, batch, seats) = (1 + chance.below(2), batches.join(";"), 1 + chance.below(2));
        writeln!(programmes, "P{number},S{school},N{number},{batch},{seats},{share},{scope},{gates}")
            .unwrap();
        if share == "1" && chance.below(2) == 0 {
            writeln!(overrides, "P{number},J{},1,act 7", 1 + chance.below(2)).unwrap();
        }
    }
    let mut candidates = "exam_no,junior_code,area_code,repeat\n".to_owned();
    let mut scores = "exam_no,s\n".to_owned();
    for number in 1..=5 + chance.below(3) {
        let (junior, area) = (1 + chance.below(2), 1 + chance.below(2));
        writeln!(candidates, "C{number},J{junior},A{area},{}", usize::from(chance.below(5) == 0)).unwrap();
        writeln!(scores, "C{number},{}", 500 + chance.below(10)).unwrap();
    }
    let draft = Draft::new(&policy)
        .but("senior_schools.csv", "S1,One,A1,1", "S1,One,A1,0")
        .with("programmes.csv", programmes)
        .with("quota.csv", overrides)
        .with("candidates.csv", candidates)
        .with("scores.csv", scores);
    read_season(draft.write().path()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// Per candidate and batch: programmes, best first.
type Lists = Vec<Vec<Vec<u32>>>;

fn preferences(lists: &Lists) -> Preferences {
    let mut filed = Preferences { start: vec![0], ..Preferences::default() };
    for own in lists {
        for (batch, list) in (0..).zip(own) {
            for (position, &programme) in (1..).zip(list) {
                filed.batch.push(batch);
                filed.position.push(position);
                filed.programme.push(programme);
            }
        }
        filed.start.push(filed.programme.len() as u32);
    }
    filed
}

/// A market with what everybody likes, and the lists that say so as far as they have room.
struct Honest<'s> {
    season: &'s Season,
    terms: ListTerms<'s>,
    most: usize,
    /// Every programme of the city, best first.
    likes: Vec<Vec<u32>>,
    lists: Lists,
}

impl Honest<'_> {
    /// The programmes that a candidate may list in a batch, best first.
    fn open(&self, candidate: usize, batch: usize) -> Vec<u32> {
        let applicant = applicant(self.season, candidate);
        let stands = |programme: &u32| {
            let standing = self.terms.standing(&applicant, &[batch as u32], *programme);
            matches!(standing, Standing::Open { .. })
        };
        self.likes[candidate].iter().copied().filter(stands).collect()
    }

    /// Whether the guidance of any of her lists promises that the true order is best; one of the two is always told.
    fn is_promised(&self, candidate: usize) -> bool {
        let batches = 0..self.season.policy.batches.len();
        let mut told = batches.map(|batch| {
            let codes: Vec<&str> = self.lists[candidate][batch]
                .iter()
                .map(|&programme| self.season.city.programmes[programme as usize].code.as_str())
                .collect();
            let list = self.season.policy.list_of(batch);
            let found = check(&self.terms, &applicant(self.season, candidate), list, &codes);
            let says = |code: &str| found.guidance.iter().any(|finding| finding.code == code);
            assert_ne!(says("true_order_is_best"), says("no_promise"));
            says("true_order_is_best")
        });
        told.any(|promised| promised)
    }

    /// How far down her likes the place of a candidate stands when these lists are filed.
    fn place(&self, lists: &Lists, candidate: usize) -> usize {
        let season = Season { preferences: preferences(lists), ..self.season.clone() };
        let run = run_season(&season, &Quiet).unwrap_or_else(|why| panic!("{why:?}"));
        let likes = &self.likes[candidate];
        let got = run.left.admissions[candidate].map(|admission| admission.programme);
        got.map_or(likes.len(), |got| likes.iter().position(|&programme| programme == got).unwrap())
    }

    /// Other lists of a candidate that get her a place she likes better, if there are any.
    fn lie_that_pays(&self, candidate: usize, tried: &mut usize) -> Option<Vec<Vec<u32>>> {
        let honest = self.place(&self.lists, candidate);
        let mut ways: Vec<Vec<Vec<u32>>> = vec![Vec::new()];
        for batch in 0..self.season.policy.batches.len() {
            let mut orders = orders(&self.open(candidate, batch));
            orders.retain(|order| order.len() <= self.most);
            ways = ways
                .iter()
                .flat_map(|way| {
                    orders.iter().map(move |order| [way.as_slice(), std::slice::from_ref(order)].concat())
                })
                .collect();
        }
        ways.into_iter().find(|way| {
            let mut lists = self.lists.clone();
            lists[candidate].clone_from(way);
            *tried += 1;
            self.place(&lists, candidate) < honest
        })
    }
}

#[test]
fn the_guidance_promises_the_true_order_exactly_where_no_other_list_pays() {
    let mut chance = Chance(17);
    let (mut promised, mut paid, mut tried) = (BTreeMap::new(), BTreeSet::new(), 0);
    for (rule, markets) in
        PROMISED.iter().map(|rule| (rule, 8)).chain(UNPROMISED.iter().map(|rule| (rule, 40)))
    {
        for _ in 0..markets {
            let season = market(&mut chance, rule);
            let Some(quota) = quota_of(&season) else { continue };
            let published = quota.plan.as_ref().map(|plan| PublishedQuota::new(&plan.cells));
            let terms = ListTerms { policy: &season.policy, city: &season.city, quota: published.as_ref() };
            let programmes = season.city.programmes.len() as u32;
            let likes: Vec<Vec<u32>> = (0..season.candidates.len())
                .map(|_| {
                    let mut likes: Vec<u32> = (0..programmes).collect();
                    chance.shuffle(&mut likes);
                    likes
                })
                .collect();
            let mut honest = Honest { season: &season, terms, most: rule.most, likes, lists: Vec::new() };
            honest.lists = (0..season.candidates.len())
                .map(|candidate| {
                    let batches = 0..rule.batches.len();
                    let mut lists: Vec<Vec<u32>> =
                        batches.map(|batch| honest.open(candidate, batch)).collect();
                    lists.iter_mut().for_each(|list| list.truncate(rule.most));
                    lists
                })
                .collect();
            for candidate in 0..season.candidates.len() {
                if honest.is_promised(candidate) {
                    *promised.entry(rule.name).or_insert(0) += 1;
                    let lie = honest.lie_that_pays(candidate, &mut tried);
                    assert_eq!(lie, None, "{}: {:?}\n{}", rule.name, honest.lists, season.policy_text);
                } else if !paid.contains(rule.name) && honest.lie_that_pays(candidate, &mut tried).is_some() {
                    paid.insert(rule.name);
                }
            }
        }
    }
    println!("promised {promised:?}, {tried} other lists tried; a lie pays under {paid:?}");
    for rule in &PROMISED {
        assert!(promised.get(rule.name).is_some_and(|&times| times > 30), "{}: {promised:?}", rule.name);
        assert!(!paid.contains(rule.name));
    }
    for rule in &UNPROMISED {
        assert!(paid.contains(rule.name), "{}: {paid:?}", rule.name);
    }
}
