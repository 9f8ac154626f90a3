//! The public notice of zones: a map drawn on the server, and the same as a table.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::compulsory::coordinates::Coordinates;
use crate::service::app::App;
use crate::service::compulsory::list_zones::{ZoneNotice, list_zones};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// The map's longer side in its own units.
const SIDE: i64 = 1_000;
/// Kinds of shading, so that neighbours differ.
const SHADES: usize = 6;

/// A zone's shape.
struct Shape {
    name: String,
    /// An SVG path.
    path: String,
    shade: usize,
}

/// A school's mark.
struct Mark {
    x: i64,
    y: i64,
    name: String,
}

/// One stage's map.
struct Map {
    stage: &'static str,
    width: i64,
    height: i64,
    shapes: Vec<Shape>,
    marks: Vec<Mark>,
}

#[derive(Template)]
#[template(path = "entry/zones.html")]
struct Zones {
    frame: Frame,
    head: SeasonHead,
    maps: Vec<Map>,
    zones: Vec<ZoneNotice>,
}

/// Where places of a rectangle stand on the map: north above, whole units.
struct Projection {
    west: i64,
    north: i64,
    /// Ten-millionths of a degree per unit, east and north: a degree of longitude is shorter here than one of latitude.
    east_unit: i64,
    north_unit: i64,
}

impl Projection {
    /// Of these corners; `None` where they are fewer than two.
    fn of(corners: &[Coordinates]) -> Option<(Projection, i64, i64)> {
        let west = corners.iter().map(|at| at.longitude).min()?;
        let east = corners.iter().map(|at| at.longitude).max()?;
        let south = corners.iter().map(|at| at.latitude).min()?;
        let north = corners.iter().map(|at| at.latitude).max()?;
        let corner = Coordinates { longitude: west, latitude: south };
        let across = i64::from(corner.metres_to(Coordinates { longitude: east, latitude: south })).max(1);
        let up = i64::from(corner.metres_to(Coordinates { longitude: west, latitude: north })).max(1);
        let longer = across.max(up);
        let (width, height) = ((across * SIDE / longer).max(1), (up * SIDE / longer).max(1));
        let projection = Projection {
            west,
            north,
            east_unit: ((east - west) / width).max(1),
            north_unit: ((north - south) / height).max(1),
        };
        Some((projection, width, height))
    }

    fn place(&self, at: Coordinates) -> (i64, i64) {
        ((at.longitude - self.west) / self.east_unit, (self.north - at.latitude) / self.north_unit)
    }

    /// Rings as a path; holes by the even-odd rule.
    fn path(&self, areas: &[Vec<Vec<Coordinates>>]) -> String {
        let mut path = String::new();
        for ring in areas.iter().flatten() {
            for (at, corner) in ring.iter().enumerate() {
                let (x, y) = self.place(*corner);
                path += &format!("{}{x} {y}", if at == 0 { 'M' } else { 'L' });
            }
            path.push('Z');
        }
        path
    }
}

fn map(stage: &'static str, zones: &[ZoneNotice]) -> Option<Map> {
    let own: Vec<&ZoneNotice> =
        zones.iter().filter(|zone| zone.stage == stage && !zone.areas.is_empty()).collect();
    let schools = || own.iter().flat_map(|zone| &zone.schools);
    let mut corners: Vec<Coordinates> =
        own.iter().flat_map(|zone| zone.areas.iter().flatten().flatten().copied()).collect();
    corners.extend(schools().filter_map(|school| school.at));
    let (projection, width, height) = Projection::of(&corners)?;
    let shape = |(at, zone): (usize, &&ZoneNotice)| Shape {
        name: zone.name.clone(),
        path: projection.path(&zone.areas),
        shade: at % SHADES,
    };
    let mark = |(at, name): (Coordinates, &String)| {
        let (x, y) = projection.place(at);
        Mark { x, y, name: name.clone() }
    };
    let shapes = own.iter().enumerate().map(shape).collect();
    let marks = schools().filter_map(|school| Some((school.at?, &school.name))).map(mark).collect();
    Some(Map { stage, width, height, shapes, marks })
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let zones = list_zones(&app, &caller, season.into_inner()).await.map_err(|error| frame.refused(error))?;
    let maps = ["primary", "junior"].into_iter().filter_map(|stage| map(stage, &zones)).collect();
    Ok(shown(&Zones { frame, head, maps, zones }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_stands_upright_and_keeps_its_proportions() {
        let at = |longitude: &str, latitude: &str| Coordinates::parse(longitude, latitude).unwrap();
        // A square of a tenth of a degree at 60 degrees north is half as wide as high.
        let square = [at("10.0", "60.0"), at("10.1", "60.0"), at("10.1", "60.1"), at("10.0", "60.1")];
        let (projection, width, height) = Projection::of(&square).unwrap();
        assert!((495..=505).contains(&width) && height == SIDE, "{width} {height}");
        let (x, y) = projection.place(square[3]);
        assert_eq!((x, y), (0, 0), "north and west are above and left");
        let path = projection.path(&[vec![square.to_vec()]]);
        assert!(path.starts_with("M0 100") && path.ends_with('Z'), "{path}");
    }
}
