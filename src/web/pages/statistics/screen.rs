//! The statistics of a season on one page, and the CSV of each table.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::service::app::App;
use crate::service::data_out::show_statistics::{RankTotal, Shown, show_statistics};
use crate::service::error::ServiceError;
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::pages::statistics::fill_bars::FillBars;
use crate::web::pages::statistics::flow_bands::FlowBands;
use crate::web::pages::statistics::quota_heatmap::QuotaHeatmap;
use crate::web::pages::statistics::score_histogram::ScoreHistogram;

/// What is shown.
#[derive(Deserialize)]
pub struct Asked {
    /// The area whose scores are drawn.
    #[serde(default)]
    area: String,
    /// `1` for the form that everybody sees.
    #[serde(default)]
    public: String,
}

#[derive(Template)]
#[template(path = "statistics/screen.html")]
struct StatisticsScreen {
    frame: Frame,
    head: SeasonHead,
    public: bool,
    admitted: Option<u64>,
    ranks: Vec<RankTotal>,
    areas: Vec<String>,
    area: String,
    histogram: ScoreHistogram,
    /// Control lines with the names of their batches.
    lines: Vec<(i64, String)>,
    fill: FillBars,
    heatmap: QuotaHeatmap,
    flow: FlowBands,
}

impl StatisticsScreen {
    /// A number, or the sign of a hidden one.
    fn number(&self, number: &Option<u64>) -> String {
        number.map_or_else(|| self.frame.t("statistics-hidden"), |number| number.to_string())
    }
}

/// Shows every chart with its table.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    query: Query<Asked>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let found = show_statistics(&app, &caller, season.into_inner(), query.public == "1").await;
    let Shown { public, statistics, segments } = found.map_err(refused)?;
    let policy = stored_policy(&head.row).map_err(refused)?;
    let areas: BTreeSet<String> = segments.iter().map(|band| band.area.clone()).collect();
    let area = if areas.contains(&query.area) {
        query.area.clone()
    } else {
        areas.first().cloned().unwrap_or_default()
    };
    let lines: Vec<(i64, String)> = policy
        .batches
        .iter()
        .map(|batch| {
            let line = batch.control_line_by_area.get(&area).unwrap_or(&batch.control_line);
            (line.floor(), policy.list_name(&batch.code))
        })
        .filter(|(line, _)| *line > 0)
        .collect();
    let of_area = segments.into_iter().filter(|band| band.area == area).collect();
    let screen = StatisticsScreen {
        public,
        admitted: statistics.admitted,
        ranks: statistics.ranks,
        histogram: ScoreHistogram::draw(of_area, &lines.iter().map(|(line, _)| *line).collect()),
        fill: FillBars::draw(statistics.fill),
        heatmap: QuotaHeatmap::draw(statistics.quota_use),
        flow: FlowBands::draw(statistics.flow),
        lines,
        areas: areas.into_iter().collect(),
        area,
        head,
        frame,
    };
    Ok(shown(&screen))
}
