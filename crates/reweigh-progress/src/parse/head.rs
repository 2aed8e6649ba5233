//! The lines above the first section.

use super::{Parser, Part, Region, line, short};
use crate::block::{Block, Field};
use crate::escape::read_code_span;
use crate::finding::Rule;
use crate::format::FORMAT_VERSION;
use crate::stamp::Stamp;
use crate::wave::Wave;

impl Parser<'_> {
    pub(super) fn title(&mut self, name: &str) {
        if !self.first(Part::Title, Rule::Title, "the title") {
            return;
        }
        self.region = Region::Head;
        self.push(Block::Title);
        self.head.workflow = self.label(name, Rule::Title, "the workflow's name");
    }

    pub(super) fn head_line(&mut self, line: &str) -> bool {
        let aside = self.region == Region::HeadAside;
        if let Some((field, value)) = line::field(line.trim()) {
            if aside && self.line_of(Part::Field(field)).is_some() {
                return false;
            }
            self.field(field, value);
            return true;
        }
        if line::is_marker(line) {
            self.marker(line);
            return true;
        }
        let block = match line.trim_end() {
            "---" => Block::Rule,
            bar if bar.starts_with("**Progress:**") => Block::Bar,
            _ => {
                if !aside && line::boxed(line, 1).is_some_and(|boxed| boxed.rest.starts_with("**")) {
                    let advice = "a task above the first section: move it below the heading of its status";
                    self.findings.add(self.at, Rule::Section, advice);
                }
                return false;
            }
        };
        if self.blocks.contains(&block) {
            return false;
        }
        self.push(block);
        true
    }

    fn field(&mut self, field: Field, value: &str) {
        let rule = match field {
            Field::Id => Rule::WorkflowId,
            Field::Status => Rule::Status,
            Field::Started | Field::Updated => Rule::Timestamp,
        };
        if !self.first(Part::Field(field), rule, "this line of the header") {
            return;
        }
        self.push(Block::Field(field));
        match field {
            Field::Id => {
                let id = read_code_span(value).to_owned();
                self.head.id = self.plain_label(id, rule, "the workflow's id");
            }
            Field::Status => {
                self.head.wave = Wave::parse(value);
                if self.head.wave.is_none() {
                    let message = format!("`{}` is not `Wave X/Y` with X at most Y", short(value));
                    self.findings.add(self.at, rule, message);
                }
            }
            Field::Started => self.head.started = self.stamp(value),
            Field::Updated => self.head.updated = self.stamp(value),
        }
    }

    fn stamp(&mut self, value: &str) -> Option<Stamp> {
        value.parse().map_err(|fault| self.findings.add(self.at, Rule::Timestamp, format!("{fault}"))).ok()
    }

    fn marker(&mut self, line: &str) {
        if !self.first(Part::Marker, Rule::Version, "the comment with the version") {
            return;
        }
        self.push(Block::Marker);
        match line::marker(line) {
            Some(marker) if marker.version == FORMAT_VERSION => self.head.marker = marker,
            _ => self.findings.add(
                self.at,
                Rule::Version,
                "this comment is damaged: take the line away, it is written again (instants lose what is finer than a second)",
            ),
        }
    }
}
