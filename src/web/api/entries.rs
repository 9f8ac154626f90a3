//! Entries to compulsory schools, the offices' side: sheets in and out, zones, seat warnings, codes for families.

use actix_web::web::{Bytes, Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::evidence::Source;
use crate::domain::compulsory::prohibition::{Prohibition, Seen};
use crate::service::app::App;
use crate::service::compulsory::ask_registers::{WantedComparison, ask_registers};
use crate::service::compulsory::bring_entry_sheet::{BroughtSheet, bring_entry_sheet};
use crate::service::compulsory::compare_evidence::Compared;
use crate::service::compulsory::issue_child_codes::issue_child_codes;
use crate::service::compulsory::list_entry_sheets::{download_entry_sheet, list_entry_sheets};
use crate::service::compulsory::list_zones::{ZoneNotice, list_zones, post_seat_warnings, show_zone_board};
use crate::service::compulsory::show_prohibitions::show_prohibitions;
use crate::service::compulsory::stored_entry::ZONE_MAP;
use crate::web::caller::Authenticated;
use crate::web::page::PageQuery;
use crate::web::problem::Problem;
use crate::web::request_scope::RequestScope;
use crate::web::slips::CodeSlipView;
use crate::web::versions::IdempotencyKey;

/// A sheet of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntrySheetView {
    /// schools, zones, addresses, feeders, children, evidence, home_uses, draws, zone_map.
    #[schema(example = "zones")]
    sheet: String,
    rows: i64,
}

/// How a sheet is brought.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BringQuery {
    /// Its ending tells the kind of file: csv (unless given), xlsx, dbf.
    #[param(example = "zones.csv")]
    file_name: Option<String>,
    /// Only tell what is wrong.
    #[serde(default)]
    #[param(example = false)]
    check: bool,
}

/// What a sheet brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetBroughtView {
    rows: usize,
    /// Rows of the database that are not as before.
    changed: usize,
}

/// A corner of a zone or the place of a school, in degrees.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    #[schema(example = "112.2570000")]
    longitude: String,
    #[schema(example = "31.7190000")]
    latitude: String,
}

impl From<Coordinates> for PlaceView {
    fn from(at: Coordinates) -> PlaceView {
        let [longitude, latitude] = at.degrees();
        PlaceView { longitude, latitude }
    }
}

/// A school of a zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneSchoolView {
    #[schema(example = "S01")]
    code: String,
    name: String,
    classes: u32,
    seats: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceView>,
}

/// A zone as everybody may know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneView {
    #[schema(example = "Z01")]
    code: String,
    name: String,
    /// `primary` or `junior`.
    #[schema(example = "primary")]
    stage: &'static str,
    schools: Vec<ZoneSchoolView>,
    /// Streets and villages in words.
    text: String,
    /// Polygons: rings of corners, the outer one first.
    areas: Vec<Vec<Vec<PlaceView>>>,
    /// `enough`, `amber` or `red`, once the office posted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

impl From<ZoneNotice> for ZoneView {
    fn from(zone: ZoneNotice) -> ZoneView {
        let ring = |ring: Vec<Coordinates>| ring.into_iter().map(PlaceView::from).collect();
        let area = |rings: Vec<Vec<Coordinates>>| rings.into_iter().map(ring).collect();
        ZoneView {
            code: zone.code,
            name: zone.name,
            stage: zone.stage,
            schools: zone
                .schools
                .into_iter()
                .map(|school| ZoneSchoolView {
                    code: school.code,
                    name: school.name,
                    classes: school.classes,
                    seats: school.seats,
                    place: school.at.map(PlaceView::from),
                })
                .collect(),
            text: zone.text,
            areas: zone.areas.into_iter().map(area).collect(),
            warning: zone.warning,
        }
    }
}

/// Children of a zone against its places.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneLoadView {
    #[schema(example = "Z01")]
    zone: String,
    children: u32,
    /// Of those, who hold both household and home.
    first_category: u32,
    seats: u32,
    /// `enough`, `amber` or `red`.
    #[schema(example = "amber")]
    warning: &'static str,
}

/// What the zones lack.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneFindingView {
    /// `gap`, `overlap`, `list_and_map` or `school_without_zone`.
    #[schema(example = "gap")]
    kind: String,
    stage: String,
    /// Of the address or the school.
    code: String,
    /// Codes joined by `;`.
    zones: String,
}

/// What an office sees of its zones.
#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneBoardView {
    loads: Vec<ZoneLoadView>,
    findings: Vec<ZoneFindingView>,
}

/// How many zones a posting is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Posted {
    zones: usize,
}

/// Slips for families.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildCodes {
    items: Vec<CodeSlipView>,
}

/// Lists the sheets of an entry.
#[utoipa::path(tag = "entries", operation_id = "list_entry_sheets",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "Every sheet an entry may have", body = Vec<EntrySheetView>)))]
#[get("/seasons/{season}/entry-sheets")]
pub(crate) async fn sheets(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<EntrySheetView>>, Problem> {
    let rows = list_entry_sheets(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(rows.into_iter().map(|row| EntrySheetView { sheet: row.sheet, rows: row.rows }).collect()))
}

/// Downloads a sheet as CSV in our column names, or the map as GeoJSON.
#[utoipa::path(tag = "entries", operation_id = "download_entry_sheet",
    params(("season" = String, Path, example = "2026"), ("sheet" = String, Path, example = "zones")),
    responses((status = 200, description = "The sheet as it stands", content(
        (String = "text/csv"), (String = "application/geo+json")))))]
#[get("/seasons/{season}/entry-sheets/{sheet}")]
pub(crate) async fn download(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, sheet) = path.into_inner();
    let bytes = download_entry_sheet(&app, &caller.0, season, sheet.clone()).await?;
    let (kind, ending) = if sheet == ZONE_MAP {
        ("application/geo+json", "geojson")
    } else {
        ("text/csv; charset=utf-8", "csv")
    };
    Ok(HttpResponse::Ok()
        .insert_header(("Content-Type", kind))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{sheet}.{ending}\"")))
        .body(bytes))
}

/// Brings a sheet in the place of the one that is there, checked with all others.
#[utoipa::path(tag = "entries", operation_id = "bring_entry_sheet",
    params(("season" = String, Path, example = "2026"), ("sheet" = String, Path, example = "zones"), BringQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "What it brought", body = SheetBroughtView)))]
#[put("/seasons/{season}/entry-sheets/{sheet}")]
pub(crate) async fn bring(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    query: Query<BringQuery>,
    body: Result<Bytes, actix_web::Error>,
) -> Result<Json<SheetBroughtView>, Problem> {
    let bytes = body.map_err(|_| Problem::of("too_large"))?.to_vec();
    let (season, sheet) = path.into_inner();
    let BringQuery { file_name, check } = query.into_inner();
    let file_name = file_name.unwrap_or_else(|| format!("{sheet}.csv"));
    let brought = BroughtSheet { season, sheet, file_name, bytes, only_check: check };
    let done = bring_entry_sheet(&app, &caller.0, brought).await?;
    Ok(Json(SheetBroughtView { rows: done.rows, changed: done.changed }))
}

/// About whom registers are asked.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparisonRequest {
    /// One child; without her every child of the entry.
    #[serde(default)]
    #[schema(example = "260101")]
    exam_no: Option<String>,
}

/// Answers of a register, counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterCountView {
    #[schema(example = "police")]
    source: &'static str,
    #[serde(rename = "match")]
    same: u64,
    mismatch: u64,
    not_found: u64,
    /// The register was down, slow or not understood: a person decides by papers.
    unavailable: u64,
}

/// What registers answered, in numbers: of nobody in particular.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonView {
    registers: Vec<RegisterCountView>,
    /// Not asked, because a person decided.
    decided: u64,
    /// Not asked, because name or ID number are missing.
    unasked: u64,
    /// Answers of an earlier time that stay, because their register was not to be had.
    earlier: u64,
    /// Answers that do not count, because the child's row changed while the registers were asked.
    dropped: u64,
}

impl From<Compared> for ComparisonView {
    fn from(compared: Compared) -> ComparisonView {
        let count = |(source, [same, mismatch, not_found, unavailable]): (Source, [u64; 4])| {
            RegisterCountView { source: source.word(), same, mismatch, not_found, unavailable }
        };
        ComparisonView {
            registers: compared.counts.into_iter().map(count).collect(),
            decided: compared.decided,
            unasked: compared.unasked,
            earlier: compared.earlier,
            dropped: compared.dropped,
        }
    }
}

/// Asks the registers of other departments what the policy needs of the children.
#[utoipa::path(tag = "entries", operation_id = "ask_registers",
    params(("season" = String, Path, example = "2026"),
        ("Idempotency-Key" = Option<String>, Header, example = "0190f3a2-7c1e-7000-8000-000000000001",
            description = "Required: the same key tells what came of it, and asks nobody again")),
    request_body = ComparisonRequest,
    responses((status = 200, description = "What they answered", body = ComparisonView),
        (status = 202, description = "They are still asked: send the same again for the answer")))]
#[post("/seasons/{season}/evidence-comparisons")]
pub(crate) async fn ask(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    key: IdempotencyKey,
    body: Json<ComparisonRequest>,
) -> Result<HttpResponse, Problem> {
    let wanted = WantedComparison { season: season.into_inner(), exam_no: body.into_inner().exam_no };
    let once = key.required("ask_registers", &wanted)?;
    Ok(match ask_registers(&app, &caller.0, wanted, once).await? {
        Some(compared) => HttpResponse::Ok().json(ComparisonView::from(compared)),
        None => HttpResponse::Accepted().finish(),
    })
}

/// One of the ten prohibitions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProhibitionView {
    /// Its place among the ten.
    #[schema(example = 1)]
    number: u32,
    #[schema(example = "plan")]
    word: &'static str,
    /// What was checked, or why nothing could be.
    what: String,
    /// Rows that were looked at; absent where no data could show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
    /// What breaks it, in words.
    breaches: Vec<String>,
}

impl From<Prohibition> for ProhibitionView {
    fn from(found: Prohibition) -> ProhibitionView {
        let words = RequestScope::words();
        let (rows, breaches) = match found.seen {
            Seen::Checked { rows, breaches } => (Some(rows), breaches),
            Seen::NotInTheData => (None, Vec::new()),
        };
        let breaches = breaches.iter().map(|breach| words.rule(breach)).collect();
        let (number, word, what) = (found.number, found.word, words.rule(found.what));
        ProhibitionView { number, word, what, rows, breaches }
    }
}

/// Checks the ten prohibitions on the published result, the classes and the register, with counts.
#[utoipa::path(tag = "entries", operation_id = "show_prohibitions",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "All ten in order", body = Vec<ProhibitionView>)))]
#[get("/seasons/{season}/prohibitions")]
pub(crate) async fn prohibitions(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<ProhibitionView>>, Problem> {
    let found = show_prohibitions(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(found.into_iter().map(ProhibitionView::from).collect()))
}

/// Lists the zones with their schools, streets and shapes: the public notice.
#[utoipa::path(tag = "entries", operation_id = "list_zones",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "Every zone", body = Vec<ZoneView>)))]
#[get("/seasons/{season}/zones")]
pub(crate) async fn notice(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<ZoneView>>, Problem> {
    let zones = list_zones(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(zones.into_iter().map(ZoneView::from).collect()))
}

/// Shows children against places zone by zone, gaps and overlaps.
#[utoipa::path(tag = "entries", operation_id = "show_zone_board",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "Loads and findings", body = ZoneBoardView)))]
#[get("/seasons/{season}/zone-board")]
pub(crate) async fn board(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<ZoneBoardView>, Problem> {
    let board = show_zone_board(&app, &caller.0, season.into_inner()).await?;
    let loads = board.loads.into_iter().map(|(zone, load)| ZoneLoadView {
        zone,
        children: load.children,
        first_category: load.first_category,
        seats: load.seats,
        warning: load.tightness.word(),
    });
    let findings = board.findings.into_iter().map(|[kind, stage, code, zones]| ZoneFindingView {
        kind,
        stage,
        code,
        zones,
    });
    Ok(Json(ZoneBoardView { loads: loads.collect(), findings: findings.collect() }))
}

/// Posts how tight every zone is, for families to know before they register.
#[utoipa::path(tag = "entries", operation_id = "post_seat_warnings",
    params(("season" = String, Path, example = "2026")),
    responses((status = 201, description = "How many zones", body = Posted)))]
#[post("/seasons/{season}/seat-warnings")]
pub(crate) async fn warn(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<HttpResponse, Problem> {
    let zones = post_seat_warnings(&app, &caller.0, season.into_inner()).await?;
    Ok(HttpResponse::Created().json(Posted { zones }))
}

/// Issues one-time codes for families whose children have no password yet, at most 3000 behind the cursor.
#[utoipa::path(tag = "entries", operation_id = "issue_child_codes",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 201, description = "Slips, told once", body = ChildCodes)))]
#[post("/seasons/{season}/child-codes")]
pub(crate) async fn codes(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let slips = issue_child_codes(&app, &caller.0, season.into_inner(), query.after()?).await?;
    let items = slips.into_iter().map(Into::into).collect();
    Ok(HttpResponse::Created().json(ChildCodes { items }))
}
