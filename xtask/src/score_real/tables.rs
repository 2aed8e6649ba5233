//! The tables: one file each.

pub(crate) mod alarms;
pub(crate) mod daily;
pub(crate) mod growth;
pub(crate) mod household;
pub(crate) mod spikes;
pub(crate) mod steps;

use super::judged::Judgement;
use super::series::Series;

/// Series that belong together, and what the judge made of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set<'a> {
    pub(crate) name: &'a str,
    pub(crate) series: &'a [Series],
    pub(crate) judged: &'a [Vec<Judgement>],
}
