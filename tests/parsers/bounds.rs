//! Bounds that the mutants found missing: each was a panic, a number kept wrongly, or no end.

use std::fs;

use zhaosheng::domain::policy::Policy;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::quota::{Method, QuotaBreach, QuotaRule};
use zhaosheng::engine::quota_plan::{Lots, plan};
use zhaosheng::engine::season_run::run_season;
use zhaosheng::files::market_file::parse;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::files::sheet::read_sheet;

use crate::seasons::{copied, style};

/// The faults of the worked policy with one piece of it written otherwise.
fn faults(from: &str, to: &str) -> String {
    let text = fs::read_to_string(style("band").join("season.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    let faults = Policy::parse("season.toml", &text.replacen(from, to, 1)).err().unwrap_or_default();
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// i32::MIN has no absolute value in an i32.
#[test]
fn an_exponent_of_any_size_is_a_fault() {
    for exponent in ["e-2147483648", "e2147483647", "E+99999999999999999999", "e-31"] {
        let text = format!(
            r#"{{"format":"market/1","students":[{{"id":"a","score":1{exponent},"prefs":["H"]}}],
               "schools":[{{"id":"H","capacity":1}}]}}"#
        );
        let faults = parse(&text).unwrap_err();
        assert!(faults[0].to_string().contains("students[0].score"), "{faults:?}");
    }
}
