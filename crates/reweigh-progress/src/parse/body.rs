//! The lines of the sections: tasks and what stands below them, notes, metadata.

use super::line::{self, Dialect};
use super::{Parser, is_blank, short};
use crate::block::{Block, Entry, Note};
use crate::escape::{ends_in_break, read_code_span};
use crate::finding::Rule;
use crate::label::Label;
use crate::render::{HIDDEN_END, HIDDEN_FILES, more_files, shown_files};
use crate::task::{Detail, Files, Status, Task};
use crate::text::Text;

impl Parser<'_> {
    pub(super) fn task_line(&mut self, line: &str, status: Status) -> bool {
        // Right below a heading an indented entry still belongs to the section's own list.
        let first =
            is_blank(&self.gap) && matches!(self.blocks.last(), Some(Block::Section(_) | Block::Wave(_)));
        let indent_max = if first { 3 } else { 1 };
        let Some(boxed) = line::boxed(line, indent_max) else { return false };
        if !line::mark_fits(boxed.mark, status) {
            let (mark, name, right) = (short(boxed.mark), status.name(), status.mark());
            let message =
                format!("[{mark}] below \"{name}\", where [{right}] stands: move the task or mend its box");
            self.findings.add(self.at, Rule::Checkbox, message);
        }
        let Some((id, description)) = line::named(boxed.rest, self.dialect) else {
            self.findings.add(
                self.at,
                Rule::TaskId,
                "a box without an id: write `- [ ] **id**: what is to be done`",
            );
            return true;
        };
        let number = self.at;
        let markdown = self.value(description, 2);
        let Some(id) = self.plain_label(id, Rule::TaskId, "the task's id") else { return true };
        if let Some(before) = self.ids.insert(id.clone(), number) {
            let message = format!("the id `{id}` stands in line {before} already: ids are used once");
            self.findings.add(number, Rule::TaskId, message);
        }
        let mut task = Task::new(id, self.wave, self.text(&markdown));
        task.status = status;
        self.push(Block::Task(task));
        true
    }

    /// Reads on where a text goes on in the lines below, which are indented.
    fn value(&mut self, first: &str, indent: usize) -> String {
        let mut markdown = first.to_owned();
        while self.dialect == Dialect::V1 && ends_in_break(&markdown) {
            let next = self.lines.get(self.at).map_or("", |line| line.strip_suffix('\r').unwrap_or(line));
            let Some((blank, rest)) = next.split_at_checked(indent) else { break };
            if blank.bytes().any(|byte| byte != b' ') || line::begins_block(rest) {
                break;
            }
            self.at += 1;
            markdown.push('\n');
            markdown.push_str(rest);
        }
        markdown
    }

    fn text(&self, markdown: &str) -> Text {
        match self.dialect {
            Dialect::V1 => Text::from_markdown(markdown),
            Dialect::Old => Text::from_plain(markdown.trim()),
        }
    }

    /// A line of ours below a task.
    pub(super) fn detail_line(&mut self, line: &str) -> bool {
        if self.below_task.is_none() {
            return false;
        }
        let text = line.strip_prefix('\t').unwrap_or_else(|| line.trim_start_matches(' '));
        if !(2..=4).contains(&(line.len() - text.len())) && !line.starts_with('\t') {
            return false;
        }
        if let Some(hidden) =
            text.strip_prefix(HIDDEN_FILES).and_then(|hidden| hidden.strip_suffix(HIDDEN_END))
        {
            self.detail_begins();
            self.hidden_files(hidden);
            return true;
        }
        let Some(entry) = line::bullet(text, 0) else { return false };
        let fields = [("Commit:", Detail::Commit), ("Files:", Detail::Files), ("Error:", Detail::Error)];
        let found =
            fields.into_iter().find_map(|(name, detail)| Some((entry.strip_prefix(name)?.trim(), detail)));
        let Some((value, detail)) = found else { return false };
        self.detail_begins();
        let number = self.at;
        let value = if detail == Detail::Error { self.value(value, 4) } else { value.to_owned() };
        self.detail(number, &value, detail);
        true
    }

    /// Stores what a person wrote between the lines of ours below a task.
    fn detail_begins(&mut self) {
        if is_blank(&self.gap) {
            self.gap.clear();
        } else {
            self.push_detail_text();
        }
        self.below_task = Some(0);
    }

    fn detail(&mut self, number: usize, value: &str, detail: Detail) {
        let dialect = self.dialect;
        let text = self.text(value);
        let commit = read_code_span(value).to_owned();
        let Some(Block::Task(task)) = self.blocks.last_mut() else { return };
        if task.body.contains(&detail) {
            self.findings.add(number, Rule::Detail, "the task has this line twice: keep one of the two");
            return;
        }
        // An empty value is as good as none, and the line goes.
        match detail {
            _ if value.is_empty() => return,
            Detail::Commit => match Label::new(commit) {
                Ok(commit) => task.commit = Some(commit),
                Err(fault) => self.findings.add(number, Rule::Detail, format!("the commit: {fault}")),
            },
            Detail::Files => {
                let (names, unnamed) = line::files(value, dialect);
                task.files = Files { names, unnamed };
                if task.files.is_empty() {
                    return;
                }
            }
            Detail::Error => task.error = Some(text),
            Detail::Text(_) => return,
        }
        task.body.push(detail);
    }

    /// Takes all names from the comment if a reader would see what the visible line shows; else a person has
    /// changed the line, and it counts.
    fn hidden_files(&mut self, hidden: &str) {
        let Some(Block::Task(task)) = self.blocks.last_mut() else { return };
        let (names, _) = line::files(hidden, Dialect::V1);
        let all = Files { names, unnamed: 0 };
        let Some(unnamed) = u64::from(task.files.unnamed).checked_sub(more_files(&all)) else { return };
        let all = Files { unnamed: u32::try_from(unnamed).unwrap_or(u32::MAX), ..all };
        if !task.files.is_empty() && shown_files(&all) == shown_files(&task.files) {
            task.files = all;
        }
    }

    pub(super) fn note_line(&mut self, line: &str) -> bool {
        let Some((at, rest)) = line::bullet(line, 1).and_then(line::note) else { return false };
        let markdown = self.value(rest.trim_start(), 2);
        let (markdown, fraction) = line::split_fraction(&markdown);
        let at = match fraction {
            Some(fraction) if at.fraction() == 0 => at.with_fraction(fraction),
            _ => at,
        };
        let text = self.text(markdown);
        self.push(Block::Note(Note { at, text }));
        true
    }

    pub(super) fn entry_line(&mut self, line: &str) -> bool {
        let entry = line::bullet(line, 1);
        let named =
            entry.and_then(|text| line::named(text, self.dialect).or_else(|| line::plain_entry(text)));
        let Some((key, value)) = named else { return false };
        let number = self.at;
        let markdown = self.value(value, 2);
        let Some(key) = self.plain_label(key, Rule::Metadata, "the key") else { return true };
        if let Some(before) = self.keys.insert(key.clone(), number) {
            let message = format!("the key `{key}` stands in line {before} already: keep one of the two");
            self.findings.add(number, Rule::Metadata, message);
        }
        let value = self.text(&markdown);
        self.push(Block::Entry(Entry { key, value }));
        true
    }
}
