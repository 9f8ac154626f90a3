//! From the rank of a choice to the school that admitted: bands as broad as they have people.

use std::collections::BTreeMap;

use crate::service::data_out::show_statistics::Flow;

/// Height of the drawing for the bands.
const HEIGHT: u64 = 420;
/// Between two blocks of a column.
const GAP: u64 = 6;
/// The two columns.
const LEFT: u64 = 90;
const RIGHT: u64 = 540;

/// A block of a column.
pub struct Block {
    pub x: u64,
    pub y: u64,
    pub height: u64,
    pub text_y: u64,
    pub name: String,
    pub people: u64,
}

/// A band between two blocks, as the path of an SVG.
pub struct Ribbon {
    pub path: String,
    pub shade: u64,
}

/// The chart.
pub struct FlowBands {
    pub height: u64,
    pub ranks: Vec<Block>,
    pub schools: Vec<Block>,
    pub ribbons: Vec<Ribbon>,
    pub rows: Vec<Flow>,
}

impl FlowBands {
    /// Draws the rows whose number is not hidden.
    pub fn draw(rows: Vec<Flow>) -> FlowBands {
        let known: Vec<(u32, &str, u64)> = rows
            .iter()
            .filter_map(|row| {
                Some((row.rank, row.school.as_str(), row.admitted.filter(|&people| people > 0)?))
            })
            .collect();
        let people: u64 = known.iter().map(|(.., people)| people).sum();
        let mut ranks: BTreeMap<u32, u64> = BTreeMap::new();
        let mut schools: BTreeMap<&str, u64> = BTreeMap::new();
        for (rank, school, people) in &known {
            *ranks.entry(*rank).or_default() += people;
            *schools.entry(school).or_default() += people;
        }
        let scaled = |number: u64| number * HEIGHT / people.max(1);
        let mut height = 0;
        let mut column = |blocks: Vec<(String, u64)>, x: u64| -> Vec<Block> {
            let mut y = 0;
            let mut drawn = Vec::new();
            for (name, people) in blocks {
                let tall = scaled(people).max(1);
                drawn.push(Block { x, y, height: tall, text_y: y + tall / 2 + 4, name, people });
                y += tall + GAP;
            }
            height = height.max(y + 10);
            drawn
        };
        let rank_blocks =
            column(ranks.iter().map(|(rank, people)| (rank.to_string(), *people)).collect(), LEFT);
        let school_blocks =
            column(schools.iter().map(|(school, people)| ((*school).to_owned(), *people)).collect(), RIGHT);
        // Where the next ribbon leaves and arrives.
        let mut leaves: BTreeMap<u32, u64> =
            ranks.keys().copied().zip(rank_blocks.iter().map(|block| block.y)).collect();
        let mut arrives: BTreeMap<&str, u64> =
            schools.keys().copied().zip(school_blocks.iter().map(|block| block.y)).collect();
        let mut ribbons = Vec::new();
        for (rank, school, people) in known {
            let broad = scaled(people).max(1);
            let (from, to) = (leaves[&rank], arrives[school]);
            let (x1, x2) = (LEFT + 14, RIGHT);
            let middle = x1.midpoint(x2);
            let path = format!(
                "M{x1} {from}C{middle} {from} {middle} {to} {x2} {to}V{}C{middle} {} {middle} {} {x1} {}Z",
                to + broad,
                to + broad,
                from + broad,
                from + broad,
            );
            ribbons.push(Ribbon { path, shade: u64::from(rank % 5) });
            leaves.insert(rank, from + broad);
            arrives.insert(school, to + broad);
        }
        FlowBands { height, ranks: rank_blocks, schools: school_blocks, ribbons, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_ranks_arrives_at_the_schools() {
        let row = |rank, school: &str, admitted| Flow { rank, school: school.into(), admitted };
        let drawn = FlowBands::draw(vec![
            row(1, "S01", Some(60)),
            row(1, "S02", Some(20)),
            row(2, "S02", Some(20)),
            row(3, "S03", None),
            row(4, "S03", Some(0)),
        ]);
        let sum = |blocks: &[Block]| blocks.iter().map(|block| block.people).sum::<u64>();
        assert_eq!((sum(&drawn.ranks), sum(&drawn.schools)), (100, 100));
        assert_eq!((drawn.ranks.len(), drawn.schools.len(), drawn.ribbons.len()), (2, 2, 3));
        assert_eq!(drawn.ranks[0].height, HEIGHT * 80 / 100);
        assert!(drawn.height >= HEIGHT + GAP, "{}", drawn.height);
        assert!(FlowBands::draw(Vec::new()).ribbons.is_empty());
    }
}
