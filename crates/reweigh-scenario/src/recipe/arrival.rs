//! How readings reach the record: late, twice, in heaps, corrected.

use crate::amount::{Share, Span};

/// When deliveries arrive.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Readings that come late.
    pub late: Share,
    /// How late, in days.
    pub late_days: Span,
    /// People whose readings come in batches, shuffled, whenever their scale finds its network.
    pub batch_people: Share,
    /// The time from one batch to the next, in days; drawn once for each person.
    pub batch_days: Span,
    /// Deliveries that come a second time.
    pub duplicates: Share,
    /// How long after the first, in days.
    pub duplicate_days: Span,
    /// People whose whole history until some instant is sent again at that instant.
    pub resync_people: Share,
}

impl Arrival {
    /// Everything arrives at once, once.
    pub const PROMPT: Arrival = Arrival {
        late: Share::NEVER,
        late_days: Span::new(1.0, 10.0),
        batch_people: Share::NEVER,
        batch_days: Span::new(1.0, 14.0),
        duplicates: Share::NEVER,
        duplicate_days: Span::new(0.01, 2.0),
        resync_people: Share::NEVER,
    };

    /// 5 % late by 1 to 10 days, 1 % twice.
    pub const USUAL: Arrival = Arrival { late: Share(0.05), duplicates: Share(0.01), ..Arrival::PROMPT };

    /// 15 % late by 1 to 30 days, 5 % twice, a third of the people in batches, a tenth sent again as a whole.
    pub const DISORDERLY: Arrival = Arrival {
        late: Share(0.15),
        late_days: Span::new(1.0, 30.0),
        batch_people: Share(0.33),
        duplicates: Share(0.05),
        resync_people: Share(0.1),
        ..Arrival::PROMPT
    };
}

/// Whether the source names its readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// It does not: each fact's id is made from what it says.
    Made,
    /// It does: each reading has a number of its own.
    Given,
}

/// Facts about facts. Shares are of readings; each reading has at most one of them. Together they are at most 1 for
/// clean readings and at most 1 for gross ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrections {
    /// Clean readings that are amended by up to half a kilogram.
    pub amend_clean: Share,
    /// Gross readings that are amended to what the scale should have said.
    pub amend_gross: Share,
    /// Readings recorded at a wrong, earlier instant and amended to the true one.
    pub moved: Share,
    /// How wrong that instant is, in days.
    pub moved_days: Span,
    /// Clean readings that are retracted.
    pub retract_clean: Share,
    /// Gross readings that are retracted.
    pub retract_gross: Share,
    /// Corrections that arrive before what they correct.
    pub early: Share,
    /// Corrections whose reading never arrives.
    pub orphan: Share,
    /// Amendments that are amended once more.
    pub again: Share,
    /// Readings that are delivered with other content under the same id and revision too, or both amended and retracted
    /// under the same revision.
    pub conflict: Share,
    /// How long after the reading its correction is made, in days.
    pub after_days: Span,
    /// People who have a manual reset.
    pub reset_people: Share,
    /// People whose height is a fact of theirs, delivered before their first reading.
    pub height_people: Share,
}

impl Corrections {
    /// No corrections.
    pub const NONE: Corrections = Corrections {
        amend_clean: Share::NEVER,
        amend_gross: Share::NEVER,
        moved: Share::NEVER,
        moved_days: Span::new(0.2, 20.0),
        retract_clean: Share::NEVER,
        retract_gross: Share::NEVER,
        early: Share::NEVER,
        orphan: Share::NEVER,
        again: Share::NEVER,
        conflict: Share::NEVER,
        after_days: Span::new(0.02, 20.0),
        reset_people: Share::NEVER,
        height_people: Share::NEVER,
    };

    /// Gross errors are mended or taken back more often than not, clean readings now and then.
    pub const BUSY: Corrections = Corrections {
        amend_clean: Share(0.02),
        amend_gross: Share(0.4),
        moved: Share(0.01),
        retract_clean: Share(0.01),
        retract_gross: Share(0.3),
        early: Share(0.1),
        orphan: Share(0.05),
        again: Share(0.15),
        conflict: Share(0.004),
        reset_people: Share(0.05),
        height_people: Share(0.5),
        ..Corrections::NONE
    };
}

impl Corrections {
    /// Whether anything can come of it.
    pub(crate) fn has_any(&self) -> bool {
        let shares = [
            self.amend_clean,
            self.amend_gross,
            self.moved,
            self.retract_clean,
            self.retract_gross,
            self.conflict,
            self.reset_people,
            self.height_people,
        ];
        shares.into_iter().any(Share::possible)
    }
}
