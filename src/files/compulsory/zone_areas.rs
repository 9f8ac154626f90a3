//! The map of zones as GeoJSON (RFC 7946): polygons by zone code, their corners read as decimals.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::fault::Fault;

/// Corners of a file at most.
const MOST_CORNERS: usize = 2_000_000;

/// Areas by zone code: each a list of rings, the outer one first.
pub type Areas = BTreeMap<String, Vec<Vec<Vec<Coordinates>>>>;

/// Reads a feature collection whose features name their zone in the property `zone_code`.
///
/// # Errors
/// Every fault: no JSON, no polygon, a ring that is open or too short, a place outside the globe.
pub fn read_areas(file: &str, bytes: &[u8]) -> Result<Areas, Vec<Fault>> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| vec![Fault { row: Some(error.line() as u64), ..Fault::at(file, "is no JSON") }])?;
    let mut areas = Areas::new();
    let mut faults = Vec::new();
    let mut corners = 0;
    let features = value["features"].as_array().filter(|_| value["type"] == "FeatureCollection");
    let Some(features) = features else {
        return Err(vec![Fault::at(file, "must be a FeatureCollection of GeoJSON (RFC 7946)")]);
    };
    for (at, feature) in features.iter().enumerate() {
        let place = format!("{file}/features[{at}]");
        let code = feature["properties"]["zone_code"].as_str().unwrap_or_default().trim();
        if code.is_empty() {
            faults.push(Fault::at(format!("{place}.properties.zone_code"), "must name a zone"));
        }
        let shape = &feature["geometry"];
        let polygons: Vec<&Value> = match shape["type"].as_str() {
            Some("Polygon") => vec![&shape["coordinates"]],
            Some("MultiPolygon") => shape["coordinates"].as_array().into_iter().flatten().collect(),
            _ => {
                faults.push(Fault::at(format!("{place}.geometry"), "must be a Polygon or a MultiPolygon"));
                continue;
            }
        };
        if polygons.is_empty() {
            faults.push(Fault::at(format!("{place}.geometry"), "has no ring"));
        }
        for polygon in polygons {
            let rings: Result<Vec<Vec<Coordinates>>, &str> =
                polygon.as_array().into_iter().flatten().map(|corners| ring(corners)).collect();
            match rings {
                Ok(rings) if !rings.is_empty() => {
                    corners += rings.iter().map(Vec::len).sum::<usize>();
                    areas.entry(code.to_owned()).or_default().push(rings);
                }
                Ok(_) => faults.push(Fault::at(format!("{place}.geometry"), "has no ring")),
                Err(rule) => faults.push(Fault::at(format!("{place}.geometry"), rule)),
            }
        }
    }
    if corners > MOST_CORNERS {
        faults.push(Fault::at(file, format!("has more than {MOST_CORNERS} corners")));
    }
    if faults.is_empty() { Ok(areas) } else { Err(faults) }
}

/// A closed ring of four corners at least.
fn ring(corners: &Value) -> Result<Vec<Coordinates>, &'static str> {
    let corner = |corner: &Value| {
        // Printed as they were written, so that no binary fraction moves a border.
        let decimal = |at: usize| corner.get(at).filter(|value| value.is_number()).map(Value::to_string);
        let (longitude, latitude) = decimal(0).zip(decimal(1))?;
        Coordinates::parse(&longitude, &latitude)
    };
    let places: Option<Vec<Coordinates>> = corners.as_array().into_iter().flatten().map(corner).collect();
    let places = places.ok_or("a corner must be longitude and latitude in degrees")?;
    if places.len() < 4 || places.first() != places.last() {
        return Err("a ring must have four corners at least and end where it begins");
    }
    Ok(places)
}
