//! The recorded sets: one reader each, from text to series.

pub(crate) mod change_points;
pub(crate) mod growth;
pub(crate) mod healthkit;
pub(crate) mod household;
pub(crate) mod krone;
pub(crate) mod zawodny;
