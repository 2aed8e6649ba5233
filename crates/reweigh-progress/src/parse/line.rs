//! Single lines: what one is by itself, wherever it stands.

use crate::block::{Field, Section, WaveHeading};
use crate::escape::{find_unescaped, unescape};
use crate::render::{HIDDEN_END, HIDDEN_FRACTION, MARKER};
use crate::stamp::Stamp;
use crate::task::Status;
use crate::wave::number;

/// How a file writes its texts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The file that this one replaces: texts are plain and end with their line.
    Old,
    /// Texts are Markdown and may go on in the next line.
    V1,
}

/// A heading and its level, 1 to 6.
pub(crate) fn heading(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let level = text.bytes().take_while(|&byte| byte == b'#').count();
    let rest = text.get(level..)?;
    let is_heading = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_heading.then(|| (level, rest.trim()))
}

/// The section that a heading of level 2 opens: an icon, the name, how many tasks.
pub(crate) fn section(heading: &str) -> Option<Section> {
    let words = heading.trim_start_matches(|c: char| !c.is_alphanumeric());
    Section::ALL.into_iter().find(|section| {
        let name = section.name();
        let Some((found, rest)) = words.split_at_checked(name.len()) else { return false };
        let counted = matches!(section, Section::Tasks(_)) && is_count(rest.trim());
        found.eq_ignore_ascii_case(name) && (rest.trim().is_empty() || counted)
    })
}

/// `(12 tasks)`. The number is not looked at: people add tasks without counting them.
fn is_count(text: &str) -> bool {
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let count = inner.and_then(|inner| inner.strip_suffix(" tasks").or_else(|| inner.strip_suffix(" task")));
    count.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `Wave 2` and what a person added after the number.
pub(crate) fn wave_heading(heading: &str) -> Option<WaveHeading> {
    let (word, rest) = heading.split_at_checked(5)?;
    if !word.eq_ignore_ascii_case("wave ") {
        return None;
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at(digits);
    if digits.is_empty() || rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    Some(WaveHeading { number: number(digits)?, rest: rest.to_owned() })
}

/// A line of the header and its value.
pub(crate) fn field(line: &str) -> Option<(Field, &str)> {
    let fields = [
        ("**Workflow ID:**", Field::Id),
        ("**Status:**", Field::Status),
        ("**Started:**", Field::Started),
        ("**Updated:**", Field::Updated),
    ];
    fields.into_iter().find_map(|(name, field)| Some((field, line.strip_prefix(name)?.trim())))
}

/// The comment of the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) version: u32,
    pub(crate) started: Option<Stamp>,
    pub(crate) updated: Option<Stamp>,
}

pub(crate) fn is_marker(line: &str) -> bool {
    line.starts_with(MARKER)
}

/// Reads the comment of the header; none if it is not as this crate writes it.
pub(crate) fn marker(line: &str) -> Option<Marker> {
    let mut words = line.strip_prefix(MARKER)?.trim_end().strip_suffix(HIDDEN_END)?.split(' ');
    let mut marker = Marker { version: number(words.next()?)?, ..Marker::default() };
    for word in words {
        match word.split_once('=')? {
            ("started", stamp) => marker.started = Some(stamp.parse().ok()?),
            ("updated", stamp) => marker.updated = Some(stamp.parse().ok()?),
            // A later program may say more and still mean the same version.
            _ => {}
        }
    }
    Some(marker)
}

/// What follows the bullet of a list's entry that is indented by at most `indent_max`.
pub(crate) fn bullet(line: &str, indent_max: usize) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > indent_max {
        return None;
    }
    let rest = text.strip_prefix(['-', '*', '+'])?;
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// A line with a box: what is in it and what follows.
pub(crate) struct Boxed<'a> {
    pub(crate) mark: &'a str,
    pub(crate) rest: &'a str,
}

/// `- [x] rest`. Several characters in the box count only before a bold id: else it is a link.
pub(crate) fn boxed(line: &str, indent_max: usize) -> Option<Boxed<'_>> {
    let (mark, rest) = bullet(line, indent_max)?.strip_prefix('[')?.split_once(']')?;
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix([' ', '\t'])?.trim() };
    (mark.chars().count() == 1 || rest.starts_with("**")).then_some(Boxed { mark, rest })
}

/// Whether a box may stand in the section of `status`.
pub(crate) fn mark_fits(mark: &str, status: Status) -> bool {
    match status {
        Status::Completed => matches!(mark, "x" | "X"),
        Status::InProgress => mark == "~",
        Status::Pending => mark == " ",
        Status::Failed => matches!(mark, "!" | " "),
    }
}

/// `**name**: value`, also with the colon inside; the name as plain text.
pub(crate) fn named(text: &str, dialect: Dialect) -> Option<(String, &str)> {
    let body = text.strip_prefix("**")?;
    let mut from = 0;
    let close = loop {
        let tail = body.get(from..)?;
        let at = from
            + match dialect {
                Dialect::V1 => find_unescaped(tail, '*')?,
                Dialect::Old => tail.find('*')?,
            };
        let run = body.get(at..)?.bytes().take_while(|&byte| byte == b'*').count();
        if run >= 2 {
            break at + run - 2;
        }
        from = at + run;
    };
    let (name, rest) = body.split_at_checked(close)?;
    let rest = rest.strip_prefix("**")?;
    let value = rest.strip_prefix(':');
    let colon_inside =
        dialect == Dialect::Old || find_unescaped(name, ':') == Some(name.len().saturating_sub(1));
    let name = if value.is_none() && colon_inside { name.strip_suffix(':').unwrap_or(name) } else { name };
    let name = if dialect == Dialect::V1 { unescape(name) } else { name.to_owned() };
    Some((name, value.unwrap_or(rest).trim()))
}

/// `key: value` without bold, as a person may write it: the key is one plain word.
pub(crate) fn plain_entry(text: &str) -> Option<(String, &str)> {
    let (key, value) = text.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let apart = value.is_empty() || value.starts_with(' ');
    (!key.is_empty() && key.chars().all(plain) && apart).then(|| (key.to_owned(), value.trim()))
}

/// The instant at the front of a note, bare, bold or in brackets, and what follows it.
pub(crate) fn note(text: &str) -> Option<(Stamp, &str)> {
    let (bold, text) = text.strip_prefix("**").map_or((false, text), |text| (true, text));
    let (square, text) = text.strip_prefix('[').map_or((false, text), |text| (true, text));
    let (at, mut rest) = Stamp::take(text)?;
    if square {
        rest = rest.strip_prefix(']')?;
    }
    if bold {
        rest = rest.strip_prefix("**").or_else(|| rest.strip_prefix(":**"))?;
    }
    let apart = rest.is_empty() || rest.starts_with([':', ' ']);
    apart.then(|| (at, rest.strip_prefix(':').unwrap_or(rest)))
}

/// Takes the hidden fraction of the second off the end of a note. If there are several, the last one counts.
pub(crate) fn split_fraction(markdown: &str) -> (&str, Option<i64>) {
    let mut text = markdown.trim_end();
    let mut fraction = None;
    while let Some((before, found)) = last_fraction(text) {
        text = before.trim_end();
        fraction = fraction.or(Some(found));
    }
    (text, fraction)
}

fn last_fraction(text: &str) -> Option<(&str, i64)> {
    let open = text.strip_suffix(HIDDEN_END)?;
    let at = open.rfind(HIDDEN_FRACTION)?;
    let (before, digits) = (open.get(..at)?, open.get(at + HIDDEN_FRACTION.len()..)?);
    let apart = before.is_empty() || before.ends_with(char::is_whitespace);
    if apart && digits.len() == 6 { Some((before, i64::from(number(digits)?))) } else { None }
}

/// No more files than this, named or not, so that their number can always be written and read.
const MORE_MAX: u32 = 1_000_000_000;

/// Splits `a, b, c (+2 more)` into its names and the number.
pub(crate) fn files(markdown: &str, dialect: Dialect) -> (Vec<String>, u32) {
    let (list, more) = split_more(markdown.trim()).unwrap_or((markdown, 0));
    let mut names: Vec<String> = Vec::new();
    let mut rest = list;
    loop {
        let comma = if dialect == Dialect::V1 { find_unescaped(rest, ',') } else { rest.find(',') };
        let (name, tail) =
            comma.map_or((rest, None), |at| (rest.get(..at).unwrap_or(""), rest.get(at + 1..)));
        let name = name.trim();
        if !name.is_empty() {
            names.push(if dialect == Dialect::V1 { unescape(name) } else { name.to_owned() });
        }
        let Some(tail) = tail else { break };
        rest = tail;
    }
    let room = MORE_MAX.saturating_sub(u32::try_from(names.len()).unwrap_or(MORE_MAX));
    (names, more.min(room))
}

fn split_more(text: &str) -> Option<(&str, u32)> {
    let open = text.strip_suffix(" more)")?;
    let at = open.rfind("(+")?;
    let (list, digits) = (open.get(..at)?, open.get(at + 2..)?);
    if list.is_empty() || list.ends_with(' ') { Some((list, number(digits)?)) } else { None }
}

/// A stretch of lines in which nothing is ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enclosure {
    Fence { mark: char, length: usize },
    Comment,
}

impl Enclosure {
    /// What `line` opens and does not close itself.
    pub(crate) fn opened_by(line: &str) -> Option<Self> {
        let text = line.trim_start();
        if text.starts_with("<!--") {
            return (!text.contains("-->")).then_some(Self::Comment);
        }
        let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let length = text.chars().take_while(|&c| c == mark).count();
        let info = text.get(length..)?;
        (length >= 3 && !(mark == '`' && info.contains('`'))).then_some(Self::Fence { mark, length })
    }

    pub(crate) fn closed_by(self, line: &str) -> bool {
        match self {
            Self::Comment => line.contains("-->"),
            Self::Fence { mark, length } => {
                let text = line.trim();
                text.len() >= length && text.chars().all(|c| c == mark)
            }
        }
    }
}

/// Whether a line begins something of its own, so that it can't be the rest of a text.
pub(crate) fn begins_block(text: &str) -> bool {
    text.starts_with('#') || text.starts_with("<!--") || bullet(text, usize::MAX).is_some()
}
