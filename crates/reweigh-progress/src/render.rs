//! Writing the file.

use std::fmt::Write;

use crate::block::{Block, Entry, Field, Note, Section, WaveHeading};
use crate::escape::{Breaks, code_span, escape, escape_entry, escape_hidden, escape_name};
use crate::format::FORMAT_VERSION;
use crate::progress::Progress;
use crate::task::{Detail, Files, Status, Task};

/// How a comment begins that holds the version and the exact instants.
pub(crate) const MARKER: &str = "<!-- reweigh-progress ";
/// How a comment begins that holds all files of a task.
pub(crate) const HIDDEN_FILES: &str = "<!-- files: ";
/// How a comment begins that holds the fraction of a note's second.
pub(crate) const HIDDEN_FRACTION: &str = "<!-- .";
/// How every comment ends.
pub(crate) const HIDDEN_END: &str = " -->";

const FILES_SHOWN: usize = 3;
const BAR_CELLS: usize = 20;

/// Writes the whole file, in the order of its blocks.
pub(crate) fn render(progress: &Progress) -> String {
    let blocks = &progress.blocks.0;
    let mut out = String::with_capacity(1_024 + blocks.len() * 96);
    let last_field = blocks.iter().rposition(|block| matches!(block, Block::Field(_))).unwrap_or(0);
    for (at, block) in blocks.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).and_then(|before| blocks.get(before)) {
            out.extend(std::iter::repeat_n('\n', before.blank_lines_before(block)));
        }
        push_block(&mut out, progress, block);
        // Two blanks keep the lines of the header apart where the Markdown is shown.
        if at < last_field && matches!(block, Block::Field(_)) {
            out.push_str("  ");
        }
        out.push('\n');
    }
    out
}

fn push_block(out: &mut String, progress: &Progress, block: &Block) {
    match block {
        Block::Title => {
            put(out, format_args!("# Workflow: {}", escape(progress.workflow.as_str(), Breaks::Reference)));
        }
        Block::Marker => put(
            out,
            format_args!(
                "{MARKER}{FORMAT_VERSION} started={} updated={}{HIDDEN_END}",
                progress.started, progress.updated
            ),
        ),
        Block::Field(field) => push_field(out, progress, *field),
        Block::Rule => out.push_str("---"),
        Block::Bar => push_bar(out, progress.percent()),
        Block::Section(section) => push_section(out, progress, *section),
        Block::Wave(WaveHeading { number, rest }) => put(out, format_args!("### Wave {number}{rest}")),
        Block::Task(task) => push_task(out, task),
        Block::Note(note) => push_note(out, note),
        Block::Entry(Entry { key, value }) => {
            put(out, format_args!("- **{}**:", escape_name(key.as_str())));
            push_value(out, &value.markdown(), 2);
        }
        Block::Text(text) | Block::Foreign(text) => out.push_str(text),
    }
}

fn push_field(out: &mut String, progress: &Progress, field: Field) {
    match field {
        Field::Id => put(out, format_args!("**Workflow ID:** {}", code_span(progress.id.as_str()))),
        Field::Status => put(out, format_args!("**Status:** {}", progress.wave)),
        Field::Started => put(out, format_args!("**Started:** {}", progress.started.whole_second())),
        Field::Updated => put(out, format_args!("**Updated:** {}", progress.updated.whole_second())),
    }
}

fn push_bar(out: &mut String, percent: usize) {
    let full = BAR_CELLS * percent / 100;
    let (full, empty) = ("█".repeat(full), "░".repeat(BAR_CELLS.saturating_sub(full)));
    put(out, format_args!("**Progress:** `{full}{empty}` {percent}%"));
}

fn push_section(out: &mut String, progress: &Progress, section: Section) {
    let icon = match section {
        Section::Tasks(Status::Completed) => "✅ ",
        Section::Tasks(Status::InProgress) => "🔄 ",
        Section::Tasks(Status::Pending) => "📋 ",
        Section::Tasks(Status::Failed) => "❌ ",
        Section::Notes | Section::Metadata => "",
    };
    put(out, format_args!("## {icon}{}", section.name()));
    if let Section::Tasks(status) = section {
        match progress.counts().of(status) {
            1 => out.push_str(" (1 task)"),
            several => put(out, format_args!(" ({several} tasks)")),
        }
    }
}

fn push_task(out: &mut String, task: &Task) {
    put(out, format_args!("- [{}] **{}**", task.status.mark(), escape_name(task.id.as_str())));
    let description = task.description.markdown();
    if !description.is_empty() {
        out.push(':');
        push_value(out, &description, 2);
    }
    for detail in &task.body {
        out.push('\n');
        match detail {
            Detail::Commit => {
                let commit = task.commit.as_ref().map_or("", |commit| commit.as_str());
                put(out, format_args!("  - Commit: {}", code_span(commit)));
            }
            Detail::Files => push_files(out, &task.files),
            Detail::Error => {
                out.push_str("  - Error:");
                push_value(out, &task.error.as_ref().map(|error| error.markdown()).unwrap_or_default(), 4);
            }
            Detail::Text(text) => out.push_str(text),
        }
    }
}

/// The first few by name and how many more; all of them in a comment if the line can't hold them.
fn push_files(out: &mut String, files: &Files) {
    out.push_str("  - Files: ");
    out.push_str(&shown_files(files));
    if files.names.len() > FILES_SHOWN {
        let all: Vec<_> = files.names.iter().map(|name| escape_hidden(name)).collect();
        put(out, format_args!("\n  {HIDDEN_FILES}{}{HIDDEN_END}", all.join(", ")));
    }
}

/// What a reader sees of `files`. A comment is believed only if it would show the same.
pub(crate) fn shown_files(files: &Files) -> String {
    let shown: Vec<_> = files.names.iter().take(FILES_SHOWN).map(|name| escape_entry(name)).collect();
    let mut line = shown.join(", ");
    let more = more_files(files);
    if more > 0 {
        let blank = if line.is_empty() { "" } else { " " };
        put(&mut line, format_args!("{blank}(+{more} more)"));
    }
    line
}

/// How many files the line doesn't name.
pub(crate) fn more_files(files: &Files) -> u64 {
    let hidden = u64::try_from(files.names.len().saturating_sub(FILES_SHOWN)).unwrap_or(u64::MAX);
    hidden.saturating_add(u64::from(files.unnamed))
}

fn push_note(out: &mut String, note: &Note) {
    put(out, format_args!("- {}:", note.at.whole_second()));
    push_value(out, &note.text.markdown(), 2);
    if note.at.fraction() != 0 {
        put(out, format_args!(" {HIDDEN_FRACTION}{:06}{HIDDEN_END}", note.at.fraction()));
    }
}

/// A blank and the value, its further lines indented.
fn push_value(out: &mut String, markdown: &str, indent: usize) {
    let mut lines = markdown.split('\n');
    if let Some(first) = lines.next().filter(|first| !first.is_empty()) {
        out.push(' ');
        out.push_str(first);
    }
    for line in lines {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(line);
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = out.write_fmt(text);
}
