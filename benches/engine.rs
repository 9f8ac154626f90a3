//! Single algorithms on the demonstration city of 30,000 candidates (criterion).
//!
//! `cargo bench --bench engine`; criterion prints the change against the last run.

use std::hint::black_box;
use std::path::Path;

use criterion::Criterion;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::draw::Lots;
use zhaosheng::engine::eligibility::refusals;
use zhaosheng::engine::listing::{Applicant, ListTerms};
use zhaosheng::engine::programme_search::{ProgrammeIndex, ProgrammeQuery};
use zhaosheng::engine::ranking::ranks;
use zhaosheng::engine::season_quota::season_quota;
use zhaosheng::engine::season_run::run_season;
use zhaosheng::engine::totals::totals;
use zhaosheng::engine::{choice, cutoffs, deferred_acceptance, verification};
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::generate_city::write_city;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine-city");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    write_city(&folder, 30_000, 2026).expect("the city can be written");
    let season = read_season(&folder).expect("the generator writes sound seasons");
    let run = run_season(&season, &Quiet).expect("the season runs");
    let market = &run.batches[0].shape.market;
    let placed = deferred_acceptance::place(market);
    let seats = choice::seats(market, &placed);
    let mut bench = Criterion::default().configure_from_args().sample_size(20);
    bench.bench_function("read the season folder", |b| b.iter(|| read_season(black_box(&folder))));
    bench.bench_function("lots", |b| {
        let mut lots = Lots::new(run.seed, season.policy.lot.round);
        b.iter(|| {
            (0..season.candidates.len()).fold(0, |all, at| all ^ lots.of(season.candidates.exam_no.get(at)))
        });
    });
    bench.bench_function("totals", |b| b.iter(|| totals(black_box(&season))));
    bench.bench_function("order of merit", |b| b.iter(|| ranks(&season, &run.totals, &run.lots)));
    bench.bench_function("eligibility", |b| b.iter(|| refusals(black_box(&season))));
    bench.bench_function("quota", |b| b.iter(|| season_quota(&season, &run.refusals, run.seed).is_ok()));
    bench.bench_function("first engine", |b| b.iter(|| deferred_acceptance::place(black_box(market))));
    bench.bench_function("second engine", |b| b.iter(|| cutoffs::place(black_box(market))));
    bench.bench_function("checker", |b| b.iter(|| verification::breaches(market, &placed, &seats).len()));
    let mut large = season.city.clone();
    large.programmes = season.city.programmes.iter().cycle().take(2_000).cloned().collect();
    let index = ProgrammeIndex::new(&large);
    let terms = ListTerms { policy: &season.policy, city: &large, quota: None };
    let applicant = Applicant {
        area: season.candidates.area[0],
        junior: season.candidates.junior[0],
        refusals: run.refusals[0],
    };
    for text in ["", "gjzx", "第一", "sfsdygjzx"] {
        let query = ProgrammeQuery { text, ..ProgrammeQuery::default() };
        let name = format!("search {text:?} in 2,000 programmes");
        bench.bench_function(&name, |b| b.iter(|| index.search(&terms, Some(&applicant), &query).len()));
    }
    bench.bench_function("index of 2,000 programmes", |b| b.iter(|| ProgrammeIndex::new(black_box(&large))));
    bench.final_summary();
}
