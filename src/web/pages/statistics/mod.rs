//! Charts of a season, each with its numbers as a table beneath; drawn here, as SVG.

pub mod fill_bars;
pub mod flow_bands;
pub mod quota_heatmap;
pub mod score_histogram;
pub mod screen;
