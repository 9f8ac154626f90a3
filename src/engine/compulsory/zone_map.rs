//! The map of zones: in which of them a place lies, exactly, in whole numbers.

use geo::coordinate_position::CoordPos;
use geo::{BoundingRect, Coord, CoordinatePosition, LineString, Polygon, Rect};

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::zone::Zone;

/// One area of a zone.
struct Piece {
    zone: u32,
    stage: EntryStage,
    bounds: Rect<i64>,
    area: Polygon<i64>,
}

/// The areas of all zones.
pub struct ZoneMap {
    pieces: Vec<Piece>,
}

fn corner(at: Coordinates) -> Coord<i64> {
    Coord { x: at.longitude, y: at.latitude }
}

/// Gives every address that the list leaves open the one zone in which the map shows it.
///
/// # Complexity
/// O(addresses x zones that may hold them).
pub fn zones_from_map(entry: &mut Entry) {
    let map = ZoneMap::of(&entry.zones);
    for address in &mut entry.addresses {
        let Some(at) = address.at else { continue };
        for stage in EntryStage::ALL {
            if let (zone @ None, [shown]) =
                (&mut address.zones[stage.index()], map.zones_at(stage, at).as_slice())
            {
                *zone = Some(*shown);
            }
        }
    }
}

impl ZoneMap {
    /// The map of these zones.
    pub fn of(zones: &[Zone]) -> ZoneMap {
        let ring =
            |places: &Vec<Coordinates>| -> LineString<i64> { places.iter().copied().map(corner).collect() };
        let pieces = (0..).zip(zones).flat_map(|(at, zone)| {
            zone.areas.iter().filter_map(move |rings| {
                let (outer, holes) = rings.split_first()?;
                let area = Polygon::new(ring(outer), holes.iter().map(ring).collect());
                Some(Piece { zone: at, stage: zone.stage, bounds: area.bounding_rect()?, area })
            })
        });
        ZoneMap { pieces: pieces.collect() }
    }

    /// The zones of a stage in which a place lies, by index, each once. A place on a common border belongs to the
    /// zone whose inside it touches no other way: to all of them if it is inside none.
    ///
    /// # Complexity
    /// O(zones + corners of those whose bounds hold the place).
    pub fn zones_at(&self, stage: EntryStage, at: Coordinates) -> Vec<u32> {
        let place = corner(at);
        let near = self.pieces.iter().filter(|piece| {
            let (low, high) = (piece.bounds.min(), piece.bounds.max());
            piece.stage == stage && (low.x..=high.x).contains(&place.x) && (low.y..=high.y).contains(&place.y)
        });
        let (mut inside, mut border) = (Vec::new(), Vec::new());
        for piece in near {
            match piece.area.coordinate_position(&place) {
                CoordPos::Inside => inside.push(piece.zone),
                CoordPos::OnBoundary => border.push(piece.zone),
                CoordPos::Outside => {}
            }
        }
        let mut found = if inside.is_empty() { border } else { inside };
        found.sort_unstable();
        found.dedup();
        found
    }
}
