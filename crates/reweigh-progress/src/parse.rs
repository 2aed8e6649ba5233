//! Reading the file: line by line, all findings at once.

mod body;
mod head;
mod line;

use std::collections::BTreeMap;

use crate::block::{Block, Blocks, Field, Section};
use crate::escape::unescape;
use crate::finding::{Collected, Findings, Rule};
use crate::format::FORMAT_VERSION;
use crate::label::Label;
use crate::progress::Progress;
use crate::stamp::Stamp;
use crate::task::Detail;
use crate::wave::Wave;
use line::{Dialect, Enclosure, Marker};

/// Reads a whole file.
pub(crate) fn parse(bytes: &[u8]) -> Result<Progress, Findings> {
    let mut findings = Collected::default();
    match std::str::from_utf8(bytes).map(split_lines) {
        Err(fault) => {
            let before = bytes.get(..fault.valid_up_to()).unwrap_or_default();
            let line = before.split(|&byte| byte == b'\n').count();
            findings.add(
                line,
                Rule::Content,
                "this line is not UTF-8: it is no text, or of another encoding",
            );
        }
        Ok(lines) if is_blank(&lines) => {
            findings.add(1, Rule::Content, "the file is empty: there should be a `# Workflow: NAME`");
        }
        Ok(lines) => match dialect_of(&lines) {
            Ok(dialect) => return Parser::new(&lines, dialect, findings).run(),
            Err((line, version)) => findings.add(
                line,
                Rule::Version,
                format!(
                    "written by a newer program as version {version}; this one reads up to {FORMAT_VERSION}"
                ),
            ),
        },
    }
    Err(findings.into_findings_or(1, Rule::Content, "nothing to read"))
}

fn split_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

/// The header's comment tells the present format. Where somebody took it away, the form of the instants does.
fn dialect_of(lines: &[&str]) -> Result<Dialect, (usize, u32)> {
    let mut dialect = Dialect::V1;
    for (at, line) in lines.iter().enumerate() {
        if line::heading(line).is_some_and(|(level, text)| level == 2 && line::section(text).is_some()) {
            break;
        }
        if let Some(marker) = line::marker(line) {
            return if marker.version > FORMAT_VERSION {
                Err((at + 1, marker.version))
            } else {
                Ok(Dialect::V1)
            };
        }
        if let Some((Field::Started, value)) = line::field(line.trim())
            && Stamp::take(value).is_some()
            && !value.get(19..).unwrap_or_default().contains(['Z', 'z', '+', '-'])
        {
            dialect = Dialect::Old;
        }
    }
    Ok(dialect)
}

/// What the lines at hand belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    Head,
    /// Below a heading of a person's own in the header: only fields not yet seen count.
    HeadAside,
    Section(Section),
    Foreign,
}

/// What a file has once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Marker,
    Field(Field),
    Section(Section),
}

/// The header's values as they are found.
#[derive(Default)]
struct Head {
    workflow: Option<Label>,
    id: Option<Label>,
    wave: Option<Wave>,
    started: Option<Stamp>,
    updated: Option<Stamp>,
    marker: Marker,
}

struct Parser<'a> {
    lines: &'a [&'a str],
    dialect: Dialect,
    findings: Collected,
    /// The index of the next line.
    at: usize,
    region: Region,
    wave: Option<u32>,
    head: Head,
    /// What of the frame was met already, and in which line.
    seen: Vec<(Part, usize)>,
    /// The ids of tasks and the keys of the metadata, and their lines.
    ids: BTreeMap<Label, usize>,
    keys: BTreeMap<Label, usize>,
    blocks: Vec<Block>,
    /// Lines of a person since the last block.
    gap: Vec<&'a str>,
    /// How many of them belong to the task above; none if no task is open.
    below_task: Option<usize>,
    enclosure: Option<(usize, Enclosure)>,
}

impl<'a> Parser<'a> {
    fn new(lines: &'a [&'a str], dialect: Dialect, findings: Collected) -> Self {
        Self {
            lines,
            dialect,
            findings,
            at: 0,
            region: Region::Head,
            wave: None,
            head: Head::default(),
            seen: Vec::new(),
            ids: BTreeMap::new(),
            keys: BTreeMap::new(),
            blocks: Vec::new(),
            gap: Vec::new(),
            below_task: None,
            enclosure: None,
        }
    }

    fn run(mut self) -> Result<Progress, Findings> {
        while let Some(raw) = self.lines.get(self.at).copied() {
            self.at += 1;
            let line = raw.strip_suffix('\r').unwrap_or(raw);
            if let Some((_, enclosure)) = self.enclosure {
                self.keep(raw, true);
                if enclosure.closed_by(line) {
                    self.enclosure = None;
                }
            } else if !self.recognise(line.trim_end()) {
                let opened = Enclosure::opened_by(line);
                self.enclosure = opened.map(|enclosure| (self.at, enclosure));
                self.keep(raw, false);
            }
        }
        if let Some((line, enclosure)) = self.enclosure {
            let what = if enclosure == Enclosure::Comment { "comment (`<!--`)" } else { "fenced block" };
            self.findings.add(
                line,
                Rule::Unclosed,
                format!("this {what} has no end, so all below would be part of it"),
            );
        }
        self.close_gap(None);
        self.finish()
    }

    /// Keeps a line of a person.
    fn keep(&mut self, raw: &'a str, enclosed: bool) {
        self.gap.push(raw);
        let Some(count) = &mut self.below_task else { return };
        let indented = raw.starts_with("  ") || raw.starts_with('\t');
        if raw.trim().is_empty() && !enclosed {
            return;
        }
        // An enclosed line goes where the line went that opened it.
        let follows = enclosed && *count + 1 == self.gap.len();
        if indented && !enclosed || follows {
            *count = self.gap.len();
        } else if !enclosed {
            self.end_task();
        }
    }

    /// No line further down is a detail of the task above; those kept so far stay with it.
    fn end_task(&mut self) {
        let count = self.below_task.take().unwrap_or(0);
        if count > 0 {
            let rest = self.gap.split_off(count);
            self.push_detail_text();
            self.gap = rest;
        }
    }

    fn push_detail_text(&mut self) {
        let text = std::mem::take(&mut self.gap).join("\n");
        if let Some(Block::Task(task)) = self.blocks.last_mut() {
            task.body.push(Detail::Text(text));
        }
    }

    /// Stores the lines kept since the last block; `next` is what comes after them.
    fn close_gap(&mut self, next: Option<&Block>) {
        let foreign = self.region == Region::Foreign;
        if next.is_some_and(Block::is_spaced)
            && (foreign || !is_blank(&self.gap))
            && self.gap.last().is_some_and(|last| last.trim().is_empty())
        {
            self.gap.pop();
        }
        let below = self.below_task.take().unwrap_or(0);
        if below > 0 {
            let rest = self.gap.get(below..).unwrap_or_default();
            if is_blank(rest) {
                self.push_detail_text();
            } else {
                self.below_task = Some(below);
                self.end_task();
            }
        }
        let gap = std::mem::take(&mut self.gap);
        if foreign {
            self.blocks.push(Block::Foreign(gap.join("\n")));
        } else if !is_blank(&gap) {
            self.blocks.push(Block::Text(gap.join("\n")));
        }
    }

    fn push(&mut self, block: Block) {
        self.close_gap(Some(&block));
        if let Block::Task(_) = block {
            self.below_task = Some(0);
        }
        self.blocks.push(block);
    }

    /// Notes that a part of the frame was met; reports a second time.
    fn first(&mut self, part: Part, rule: Rule, what: &str) -> bool {
        let line = self.at;
        let before = self.line_of(part);
        match before {
            Some(before) => {
                let message = format!("{what} stands in line {before} already: keep one of the two");
                self.findings.add(line, rule, message);
            }
            None => self.seen.push((part, line)),
        }
        before.is_none()
    }

    /// The line in which a part of the frame was met.
    fn line_of(&self, part: Part) -> Option<usize> {
        self.seen.iter().find_map(|(seen, line)| (*seen == part).then_some(*line))
    }

    /// Takes a line that is ours; false if it is a person's.
    fn recognise(&mut self, line: &str) -> bool {
        if let Some((level, text)) = line::heading(line)
            && let Some(taken) = self.heading(level, text)
        {
            return taken;
        }
        match self.region {
            Region::Head | Region::HeadAside => self.head_line(line),
            Region::Section(Section::Tasks(status)) => self.task_line(line, status) || self.detail_line(line),
            Region::Section(Section::Notes) => self.note_line(line),
            Region::Section(Section::Metadata) => self.entry_line(line),
            Region::Foreign => false,
        }
    }

    /// Takes a heading; none if it is no more than a line of its region.
    fn heading(&mut self, level: usize, text: &str) -> Option<bool> {
        if level == 2
            && let Some(section) = line::section(text)
        {
            self.push(Block::Section(section));
            self.region = Region::Section(section);
            self.wave = None;
            self.first(Part::Section(section), Rule::Section, "this section");
            return Some(true);
        }
        match self.region {
            Region::Head | Region::HeadAside if level <= 2 => {
                if level == 1
                    && let Some(name) = text.strip_prefix("Workflow:")
                {
                    self.title(name.trim());
                    return Some(true);
                }
                self.region = Region::HeadAside;
                Some(false)
            }
            Region::Section(_) if level <= 2 => {
                self.close_gap(Some(&Block::Foreign(String::new())));
                self.region = Region::Foreign;
                Some(false)
            }
            Region::Section(Section::Tasks(_)) if level == 3 => {
                let heading = line::wave_heading(text)?;
                self.wave = Some(heading.number);
                self.push(Block::Wave(heading));
                Some(true)
            }
            Region::Head | Region::HeadAside | Region::Section(_) | Region::Foreign => None,
        }
    }

    /// Reads a name of the file; reports one that is none.
    fn label(&mut self, markdown: &str, rule: Rule, what: &str) -> Option<Label> {
        let plain = if self.dialect == Dialect::V1 { unescape(markdown) } else { markdown.to_owned() };
        self.plain_label(plain, rule, what)
    }

    fn plain_label(&mut self, plain: String, rule: Rule, what: &str) -> Option<Label> {
        Label::new(plain).map_err(|fault| self.findings.add(self.at, rule, format!("{what}: {fault}"))).ok()
    }

    /// Checks what only the whole file can say, and puts the parts together.
    fn finish(mut self) -> Result<Progress, Findings> {
        self.report_missing();
        let mut blocks = Blocks(self.blocks);
        let Head { workflow, id, wave, started, updated, marker } = self.head;
        if let Some(wave) = wave {
            for task in blocks.tasks() {
                if task.wave.is_some_and(|own| own == 0 || own > wave.total()) {
                    let line = self.ids.get(&task.id).copied().unwrap_or(1);
                    let own = task.wave.unwrap_or_default();
                    let message = format!("the task is in wave {own}, but there are 1 to {}", wave.total());
                    self.findings.add(line, Rule::Wave, message);
                }
            }
        }
        let exact = |shown: Option<Stamp>, hidden: Option<Stamp>| {
            shown.map(|shown| hidden.filter(|hidden| hidden.whole_second() == shown).unwrap_or(shown))
        };
        let (started, updated) = (exact(started, marker.started), exact(updated, marker.updated));
        if let (Some(started), Some(updated)) = (started, updated)
            && updated < started
        {
            let updated = Part::Field(Field::Updated);
            let line =
                self.seen.iter().find_map(|(part, line)| (*part == updated).then_some(*line)).unwrap_or(1);
            self.findings.add(line, Rule::Timestamp, format!("updated before it was started ({started})"));
        }
        Result::from(self.findings)?;
        blocks.complete();
        match (workflow, id, wave, started, updated) {
            (Some(workflow), Some(id), Some(wave), Some(started), Some(updated)) => {
                Ok(Progress { workflow, id, wave, started, updated, blocks })
            }
            _ => Err(Collected::default().into_findings_or(1, Rule::Title, "the header is not complete")),
        }
    }

    fn report_missing(&mut self) {
        let head_end = Section::ALL
            .iter()
            .filter_map(|section| self.line_of(Part::Section(*section)))
            .min()
            .unwrap_or(self.lines.len());
        let head = [
            (Part::Title, Rule::Title, "no `# Workflow: NAME` above the first section"),
            (Part::Field(Field::Id), Rule::WorkflowId, "no `**Workflow ID:**` above the first section"),
            (Part::Field(Field::Status), Rule::Status, "no `**Status:** Wave X/Y` above the first section"),
            (Part::Field(Field::Started), Rule::Timestamp, "no `**Started:**` above the first section"),
            (Part::Field(Field::Updated), Rule::Timestamp, "no `**Updated:**` above the first section"),
        ];
        for (part, rule, message) in head {
            if self.line_of(part).is_none() {
                self.findings.add(head_end, rule, message);
            }
        }
        for section in Section::ALL {
            let missing = self.line_of(Part::Section(section)).is_none();
            // The older format left out what was empty; in the present one it means that lines were lost.
            if missing && self.dialect == Dialect::V1 {
                let message = format!("no section \"## {}\": a part of the file is lost", section.name());
                self.findings.add(self.lines.len(), Rule::Section, message);
            }
        }
    }
}

fn is_blank(lines: &[&str]) -> bool {
    lines.iter().all(|line| line.trim().is_empty())
}

/// The beginning of a value, for a message.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
