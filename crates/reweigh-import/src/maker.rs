//! From the texts of a row to a fact: one way for every format.

use reweigh_reading::{
    Action, ActionKind, DecimalMark, Fact, Height, Instant, InstantForm, InstantFormat, InstantRead,
    InstantReader, Limits, MadeId, Measure, MeasureError, MeasureReader, ReadingId, ResetReason, Revision,
    Source, Unit, UnitError, UserId, admit,
};

use crate::batch::Tally;
use crate::names::Names;
use crate::refusal::Refusal;
use crate::settings::{Content, Settings};

/// The texts of a row. What is missing or blank is `None`, after [`present`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row<'a> {
    pub(crate) user: Option<&'a str>,
    pub(crate) at: Option<&'a str>,
    pub(crate) weight: Option<&'a str>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) source: Option<&'a str>,
    pub(crate) id: Option<&'a str>,
    pub(crate) revision: Option<&'a str>,
    pub(crate) action: Option<&'a str>,
    pub(crate) received: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) height: Option<&'a str>,
    /// What the header says about the unit of the weight.
    pub(crate) weight_unit: Option<Unit>,
    /// What the header says about the unit of the height.
    pub(crate) height_unit: Option<&'a str>,
    /// Whether numbers have a point before their fraction, whatever the settings say.
    pub(crate) has_point: bool,
}

/// A text, unless it is blank.
pub(crate) fn present(text: &str) -> Option<&str> {
    let is_blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
    (!is_blank).then_some(text)
}

/// The parts that a fact has in every format.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) user: UserId,
    pub(crate) at: InstantRead,
    pub(crate) source: Source,
    pub(crate) id: Option<&'a str>,
    pub(crate) revision: Revision,
}

/// Makes facts of what rows say, and lets them in or not.
#[derive(Debug)]
pub(crate) struct Maker {
    instants: InstantReader,
    /// For formats that write dates in one way.
    dates: InstantReader,
    measures: MeasureReader,
    /// For formats that write numbers in one way.
    points: MeasureReader,
    decimal: DecimalMark,
    unit: Option<Unit>,
    user: Option<UserId>,
    content: Content,
    received: Instant,
    limits: Limits,
    users: Names<UserId>,
    sources: Names<Source>,
    unknown: Source,
}

impl Maker {
    pub(crate) fn new(settings: &Settings, content: Content) -> Self {
        Self {
            instants: InstantReader::new(settings.zone.clone(), settings.date_format.clone()),
            dates: InstantReader::new(settings.zone.clone(), InstantFormat::Standard),
            measures: MeasureReader::new(settings.decimal, settings.aliases.clone()),
            points: MeasureReader::new(DecimalMark::Point, settings.aliases.clone()),
            decimal: settings.decimal,
            unit: settings.unit,
            user: settings.user.clone(),
            content,
            received: settings.received,
            limits: settings.limits,
            users: Names::new(),
            sources: Names::new(),
            unknown: Source::unknown(),
        }
    }

    /// When the file was received.
    pub(crate) fn file_received(&self) -> Instant {
        self.received
    }

    /// The fact of a row, let in; what was assumed for it is counted.
    pub(crate) fn fact(&mut self, row: &Row<'_>, tally: &mut Tally) -> Result<Fact, Refusal> {
        let user = self.user(row.user)?;
        let received = self.received(row.received)?;
        let kind = match row.action {
            Some(text) => text.parse()?,
            None if self.content == Content::Heights => ActionKind::Height,
            None => ActionKind::Add,
        };
        let at = match row.at {
            None if self.content == Content::Heights => {
                InstantRead { at: Instant::MIN, form: InstantForm::Absolute }
            }
            at => self.instants.read(at.unwrap_or_default())?,
        };
        let source = self.source(row.source)?;
        let revision = row.revision.map_or(Ok(Revision::FIRST), str::parse)?;
        let parts = Parts { user, at, source, id: row.id, revision };
        let action = match kind {
            ActionKind::Add => Action::Add(self.weight(row)?),
            ActionKind::Amend => Action::Amend(self.weight(row)?),
            ActionKind::Retract => Action::Retract,
            ActionKind::Reset => Action::Reset { reason: ResetReason::new(row.reason.unwrap_or_default())? },
            ActionKind::Height => Action::Height(self.height(row)?),
        };
        self.admit(parts, action, received, tally)
    }

    /// Puts a fact together and lets it in.
    pub(crate) fn admit(
        &self,
        parts: Parts<'_>,
        action: Action,
        received: Instant,
        tally: &mut Tally,
    ) -> Result<Fact, Refusal> {
        let Parts { user, at: InstantRead { at, form }, source, id, revision } = parts;
        let id: ReadingId = match (id, &action) {
            (Some(id), _) => id.parse()?,
            (None, Action::Add(measure)) => MadeId::of_reading(&user, &source, at, *measure).into(),
            (None, Action::Reset { reason }) => MadeId::of_reset(&user, &source, at, reason).into(),
            (None, Action::Height(height)) => MadeId::of_height(&user, &source, at, *height).into(),
            (None, Action::Amend(_) | Action::Retract) => return Err(Refusal::missing_id()),
        };
        let fact = admit(Fact::new(user, id, revision, at, source, action), received, &self.limits)?;
        match form {
            InstantForm::Absolute => {}
            InstantForm::Local => tally.local_times += 1,
            InstantForm::DateAlone => tally.dates_alone += 1,
        }
        Ok(fact)
    }

    /// The user that a row names, or else the file's.
    pub(crate) fn user(&mut self, text: Option<&str>) -> Result<UserId, Refusal> {
        match (text, &self.user) {
            (Some(text), _) => Ok(self.users.get(text)?),
            (None, Some(user)) => Ok(user.clone()),
            (None, None) => Err(Refusal::missing_user()),
        }
    }

    /// The source that a row names, or `unknown`.
    pub(crate) fn source(&mut self, text: Option<&str>) -> Result<Source, Refusal> {
        match text {
            Some(text) => Ok(self.sources.get(text)?),
            None => Ok(self.unknown.clone()),
        }
    }

    /// When a row was received: what it says, but never after the file itself.
    pub(crate) fn received(&self, text: Option<&str>) -> Result<Instant, Refusal> {
        match text {
            None => Ok(self.received),
            Some(text) => {
                let read = self.instants.read(text).map_err(Refusal::Received)?;
                Ok(read.at.min(self.received))
            }
        }
    }

    /// A date in one of the forms that are understood without a hint.
    pub(crate) fn date(&self, text: Option<&str>) -> Result<InstantRead, Refusal> {
        Ok(self.dates.read(text.unwrap_or_default())?)
    }

    /// A weight with a point in it, of a unit that the row names or else the settings.
    pub(crate) fn plain_weight(&self, text: Option<&str>, unit: Option<&str>) -> Result<Measure, Refusal> {
        self.weight(&Row { weight: text, unit, has_point: true, ..Row::default() })
    }

    /// A height with a point in it.
    pub(crate) fn plain_height(&self, text: Option<&str>, unit: Option<&str>) -> Result<Height, Refusal> {
        self.height(&Row { height: text, unit, has_point: true, ..Row::default() })
    }

    fn weight(&self, row: &Row<'_>) -> Result<Measure, Refusal> {
        let measures = if row.has_point { &self.points } else { &self.measures };
        let told = match row.unit {
            Some(text) => Some(measures.unit(text)?),
            None => None,
        };
        let said = match (told, row.weight_unit) {
            (Some(row), Some(header)) if row != header => {
                return Err(Refusal::UnitAgainstHeader { row, header });
            }
            (told, header) => told.or(header),
        };
        let text = row.weight.unwrap_or_default();
        match measures.read(text, said) {
            // Only now is the default asked: a text such as `176 lb` says its unit itself.
            Err(MeasureError::Unit(UnitError::Missing)) if said.is_none() => {
                Ok(measures.read(text, self.unit)?)
            }
            measure => Ok(measure?),
        }
    }

    fn height(&self, row: &Row<'_>) -> Result<Height, Refusal> {
        let text = row.height.or(row.weight).unwrap_or_default();
        let decimal = if row.has_point { DecimalMark::Point } else { self.decimal };
        Ok(Height::read(text, row.unit.or(row.height_unit), decimal)?)
    }
}
