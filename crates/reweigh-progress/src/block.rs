//! The file as a list of blocks.
//!
//! What the program writes and what people write stand in one list, in the order of the file. So nothing needs to
//! remember where a remark belongs: it stays between its neighbours when they change or go.

use crate::label::Label;
use crate::stamp::Stamp;
use crate::task::{Detail, Status, Task};
use crate::text::Text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Title,
    /// The comment with the format's version and the exact instants.
    Marker,
    Field(Field),
    Rule,
    Bar,
    Section(Section),
    Wave(WaveHeading),
    Task(Task),
    Note(Note),
    Entry(Entry),
    /// Lines of a person, never only blank ones, kept verbatim.
    Text(String),
    /// A heading of a person's own and all that follows up to the next section of ours.
    Foreign(String),
}

/// The lines of the header. What they hold is in the `Progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Id,
    Status,
    Started,
    Updated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Tasks(Status),
    Notes,
    Metadata,
}

impl Section {
    /// The order of a new file.
    pub(crate) const ALL: [Self; 6] = [
        Self::Tasks(Status::Completed),
        Self::Tasks(Status::InProgress),
        Self::Tasks(Status::Pending),
        Self::Tasks(Status::Failed),
        Self::Notes,
        Self::Metadata,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tasks(status) => status.name(),
            Self::Notes => "Notes",
            Self::Metadata => "Metadata",
        }
    }
}

/// `### Wave 2`, and what a person may have added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaveHeading {
    pub(crate) number: u32,
    pub(crate) rest: String,
}

/// A remark with its instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub(crate) at: Stamp,
    pub(crate) text: Text,
}

impl Note {
    /// When it was made.
    pub fn at(&self) -> Stamp {
        self.at
    }

    /// What it says.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }
}

/// A line of the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Label,
    pub(crate) value: Text,
}

impl Block {
    /// Whether a blank line stands before it, whatever comes before.
    pub(crate) fn is_spaced(&self) -> bool {
        match self {
            Self::Title | Self::Rule | Self::Bar | Self::Section(_) | Self::Wave(_) | Self::Foreign(_) => {
                true
            }
            Self::Marker
            | Self::Field(_)
            | Self::Task(_)
            | Self::Note(_)
            | Self::Entry(_)
            | Self::Text(_) => false,
        }
    }

    /// How many blank lines stand between `self` and `next`, beside those that a text holds itself.
    pub(crate) fn blank_lines_before(&self, next: &Self) -> usize {
        if next.is_spaced() {
            return 1;
        }
        match (self, next) {
            (_, Self::Text(_))
            | (Self::Text(_), _)
            | (Self::Marker | Self::Field(_), Self::Marker | Self::Field(_))
            | (Self::Task(_), Self::Task(_))
            | (Self::Note(_), Self::Note(_))
            | (Self::Entry(_), Self::Entry(_)) => 0,
            _ => 1,
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    pub(crate) fn as_task_mut(&mut self) -> Option<&mut Task> {
        if let Self::Task(task) = self { Some(task) } else { None }
    }

    pub(crate) fn as_entry(&self) -> Option<&Entry> {
        if let Self::Entry(entry) = self { Some(entry) } else { None }
    }

    pub(crate) fn as_entry_mut(&mut self) -> Option<&mut Entry> {
        if let Self::Entry(entry) = self { Some(entry) } else { None }
    }

    pub(crate) fn as_task(&self) -> Option<&Task> {
        if let Self::Task(task) = self { Some(task) } else { None }
    }
}

/// The blocks of a file, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocks(pub(crate) Vec<Block>);

impl Blocks {
    /// A header and the six sections, all empty.
    pub(crate) fn new() -> Self {
        use Field::{Id, Started, Status, Updated};
        let mut blocks = vec![Block::Title, Block::Marker];
        blocks.extend([Id, Status, Started, Updated].map(Block::Field));
        blocks.extend([Block::Rule, Block::Bar]);
        blocks.extend(Section::ALL.map(Block::Section));
        Self(blocks)
    }

    /// Adds what an older file, or a person, left out and a new file has.
    pub(crate) fn complete(&mut self) {
        if !self.0.contains(&Block::Marker) {
            self.insert_after(|block| *block == Block::Title, Block::Marker);
        }
        if !self.0.contains(&Block::Rule) {
            self.insert_after(|block| matches!(block, Block::Field(_)), Block::Rule);
        }
        if !self.0.contains(&Block::Bar) {
            self.insert_after(|block| matches!(block, Block::Field(_) | Block::Rule), Block::Bar);
        }
        for (order, section) in Section::ALL.into_iter().enumerate() {
            if !self.0.contains(&Block::Section(section)) {
                let later = Section::ALL.get(order..).unwrap_or_default();
                let at =
                    self.0.iter().position(|block| matches!(block, Block::Section(s) if later.contains(s)));
                self.0.insert(at.unwrap_or(self.0.len()), Block::Section(section));
            }
        }
    }

    /// Inserts behind the last block that `is_anchor`.
    fn insert_after(&mut self, is_anchor: impl Fn(&Block) -> bool, block: Block) {
        let at = self.0.iter().rposition(is_anchor);
        self.0.insert(at.map_or(0, |at| at + 1), block);
    }

    /// From the heading of `section` to what is no longer in it.
    fn range(&self, section: Section) -> std::ops::Range<usize> {
        let start = self.0.iter().position(|block| *block == Block::Section(section)).unwrap_or(self.0.len());
        let inside = self.0.iter().skip(start + 1);
        let length =
            inside.take_while(|block| !matches!(block, Block::Section(_) | Block::Foreign(_))).count();
        start..(start + 1 + length).min(self.0.len())
    }

    /// Lists a block at the end of its section, below what people wrote there.
    pub(crate) fn append(&mut self, section: Section, block: Block) {
        let end = self.range(section).end;
        self.insert_apart(end, block);
    }

    /// Inserts an entry of a list, with a blank line between it and a paragraph above.
    fn insert_apart(&mut self, at: usize, block: Block) {
        if let Some(Block::Text(text)) = at.checked_sub(1).and_then(|before| self.0.get_mut(before)) {
            let last = text.lines().next_back().unwrap_or_default();
            if !text.ends_with('\n') && !last.starts_with([' ', '\t', '-', '*', '+']) {
                text.push('\n');
            }
        }
        self.0.insert(at, block);
    }

    /// Lists a task as the last of its wave in the section of its status.
    pub(crate) fn insert_task(&mut self, task: Task) {
        let range = self.range(Section::Tasks(task.status));
        let mut wave = None;
        let mut group_end = None;
        let mut last_task = None;
        let mut next_wave = range.end;
        for (at, block) in self.0.iter().enumerate().take(range.end).skip(range.start) {
            if let Block::Wave(heading) = block {
                wave = Some(heading.number);
                if task.wave.is_some_and(|own| heading.number > own) {
                    next_wave = next_wave.min(at);
                }
            }
            if wave == task.wave {
                group_end = Some(at + 1);
                if matches!(block, Block::Task(_)) {
                    last_task = Some(at + 1);
                }
            }
        }
        match (last_task.or(group_end), task.wave) {
            (Some(at), _) => self.insert_apart(at, Block::Task(task)),
            (None, Some(number)) => {
                let heading = Block::Wave(WaveHeading { number, rest: String::new() });
                self.0.splice(next_wave..next_wave, [heading, Block::Task(task)]);
            }
            (None, None) => self.insert_apart(range.end, Block::Task(task)),
        }
    }

    /// Takes a task off the list, and the heading of its wave if nothing is left below it.
    pub(crate) fn take_task(&mut self, id: &str) -> Option<Task> {
        let at =
            self.0.iter().position(|block| block.as_task().is_some_and(|task| task.id.as_str() == id))?;
        let Block::Task(task) = self.0.remove(at) else { return None };
        self.drop_empty_wave(at);
        self.join_texts(at);
        Some(task)
    }

    fn drop_empty_wave(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1) else { return };
        let bare = matches!(self.0.get(before), Some(Block::Wave(heading)) if heading.rest.is_empty());
        let empty = !matches!(self.0.get(at), Some(Block::Task(_) | Block::Text(_)));
        if bare && empty {
            self.0.remove(before);
        }
    }

    /// Two texts that come to touch are one.
    fn join_texts(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1) else { return };
        if !(self.0.get(before).is_some_and(Block::is_text) && self.0.get(at).is_some_and(Block::is_text)) {
            return;
        }
        if let Block::Text(second) = self.0.remove(at)
            && let Some(Block::Text(first)) = self.0.get_mut(before)
        {
            first.push('\n');
            first.push_str(&second);
        }
    }

    pub(crate) fn tasks(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.0.iter().filter_map(Block::as_task)
    }

    pub(crate) fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        self.0.iter_mut().filter_map(Block::as_task_mut).find(|task| task.id.as_str() == id)
    }

    /// What people added, in the order of the file.
    pub(crate) fn added(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|block| {
            let below = block.as_task().map_or(&[][..], |task| &task.body);
            let below = below.iter().filter_map(|detail| match detail {
                Detail::Text(text) => Some(text.as_str()),
                Detail::Commit | Detail::Files | Detail::Error => None,
            });
            let own =
                if let Block::Text(text) | Block::Foreign(text) = block { Some(text.as_str()) } else { None };
            own.into_iter().chain(below)
        })
    }
}
