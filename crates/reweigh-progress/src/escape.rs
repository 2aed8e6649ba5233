//! Plain text as inline Markdown, and back.
//!
//! Only what a Markdown reader, or the parser of this crate, would take for more than text gets a backslash, so
//! that `a < b`, `snake_case` and `C:\new` stay as they are. A line break becomes a backslash at the end of the
//! line, which is Markdown's own hard break. What has no visible form (control characters, white space at the
//! ends) becomes a numeric reference such as `&#9;`.

/// What a line break becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// A backslash at the end of the line.
    Hard,
    /// `&#10;`: the text has to stay on its line.
    Reference,
}

/// Writes `plain` as inline Markdown. [`unescape`] gives it back exactly.
pub(crate) fn escape(plain: &str, breaks: Breaks) -> String {
    if is_ordinary(plain) { plain.to_owned() } else { escape_also(plain, breaks, |_, _| false) }
}

/// Writes one entry of a list that is separated by commas and may end in `(+2 more)`.
pub(crate) fn escape_entry(plain: &str) -> String {
    escape_also(plain, Breaks::Reference, |c, next| c == ',' || (c == '(' && next == Some('+')))
}

/// Writes a name that stands in `**name**:`; a colon at its end would read as the one outside.
pub(crate) fn escape_name(plain: &str) -> String {
    if is_ordinary(plain) && !plain.ends_with(':') {
        return plain.to_owned();
    }
    escape_also(plain, Breaks::Reference, |c, next| c == ':' && next.is_none())
}

/// Writes `plain` for the inside of a comment: no `>` is left that could end it.
pub(crate) fn escape_hidden(plain: &str) -> String {
    escape_entry(plain).replace('>', "&#62;")
}

/// Whether no character of `text` can need more than itself, wherever it stands on its line. Most texts are so.
pub(crate) fn is_ordinary(text: &str) -> bool {
    let ordinary = |byte: u8| {
        matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')
            || matches!(
                byte,
                b' ' | b'.'
                    | b','
                    | b':'
                    | b';'
                    | b'-'
                    | b'/'
                    | b'\''
                    | b'"'
                    | b'?'
                    | b'%'
                    | b'='
                    | b'('
                    | b')'
            )
    };
    text.bytes().all(ordinary) && !text.starts_with(' ') && !text.ends_with(' ')
}

fn escape_also(plain: &str, breaks: Breaks, also: impl Fn(char, Option<char>) -> bool) -> String {
    let inner = plain.trim_start().len();
    let start = plain.len() - inner;
    let end = start + plain.trim().len();
    let links_end = link_marks_end(plain);
    let mut out = String::with_capacity(plain.len() + plain.len() / 8 + 8);
    let mut line = LineStart::Passed;
    let mut previous = None;
    let mut rest = plain.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|&(_, next)| next);
        if at < start || at >= end || needs_reference(c) || (c == '\n' && breaks == Breaks::Reference) {
            push_reference(&mut out, c);
        } else if c == '\n' {
            out.push_str("\\\n");
            line = LineStart::Before;
        } else {
            let tail = plain.get(at..).unwrap_or_default();
            let last = at + c.len_utf8() == end;
            let special = match c {
                '\\' => {
                    last || next.is_none_or(|next| escapable(next) || next == '\n' || needs_reference(next))
                }
                '`' => true,
                '*' => line != LineStart::Passed || !both(previous, next, char::is_whitespace),
                '_' => {
                    !both(previous, next, char::is_alphanumeric) && !both(previous, next, char::is_whitespace)
                }
                '~' => previous == Some('~') || next == Some('~'),
                '<' => next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
                '&' => looks_like_reference(tail),
                '[' => at < links_end || next == Some('^') || line != LineStart::Passed,
                '#' => last || line == LineStart::Before,
                '-' | '+' | '=' | '>' | '|' => line == LineStart::Before,
                '.' | ')' => line == LineStart::Digits,
                _ => false,
            };
            if special || also(c, next) {
                out.push('\\');
            }
            out.push(c);
            line = line.after(c);
        }
        previous = Some(c);
    }
    out
}

/// How much of a line's beginning has gone by: there a `-` or `1.` would begin a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineStart {
    Before,
    Digits,
    Passed,
}

impl LineStart {
    fn after(self, c: char) -> Self {
        match self {
            Self::Before if c == ' ' || c == '\t' => Self::Before,
            Self::Before | Self::Digits if c.is_ascii_digit() => Self::Digits,
            Self::Before | Self::Digits | Self::Passed => Self::Passed,
        }
    }
}

fn both(previous: Option<char>, next: Option<char>, kind: impl Fn(char) -> bool) -> bool {
    previous.is_some_and(&kind) && next.is_some_and(kind)
}

fn escapable(c: char) -> bool {
    c.is_ascii_punctuation()
}

fn needs_reference(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn push_reference(out: &mut String, c: char) {
    out.push_str("&#");
    out.push_str(&u32::from(c).to_string());
    out.push(';');
}

/// Brackets make a link only where one of these follows; beyond the last a `[` is only a bracket.
fn link_marks_end(plain: &str) -> usize {
    ["](", "][", "]:"].iter().filter_map(|mark| plain.rfind(mark)).max().unwrap_or(0)
}

/// `&#62;`, `&amp;` and the like.
fn looks_like_reference(tail: &str) -> bool {
    let name: String =
        tail.chars().skip(1).take(40).take_while(|&c| c.is_ascii_alphanumeric() || c == '#').collect();
    !name.is_empty() && tail.get(name.len() + 1..).is_some_and(|rest| rest.starts_with(';'))
}

/// Reads inline Markdown as plain text: the inverse of [`escape`], and lenient about what a person writes.
pub(crate) fn unescape(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find(['\\', '&']) {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        let (c, length) = take_special(special);
        out.push(c);
        rest = special.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The character that the front of `text` stands for, and how many bytes it took.
fn take_special(text: &str) -> (char, usize) {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), Some(next)) if escapable(next) || next == '\n' => (next, 2),
        (Some('&'), Some('#')) => take_reference(text).unwrap_or(('&', 1)),
        (Some(first), _) => (first, first.len_utf8()),
        (None, _) => ('\u{fffd}', text.len()),
    }
}

fn take_reference(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix("&#")?;
    let digits = body.bytes().take(8).take_while(u8::is_ascii_digit).count();
    let number = body.get(..digits)?.parse().ok()?;
    if body.as_bytes().get(digits) == Some(&b';') {
        Some((char::from_u32(number)?, digits + 3))
    } else {
        None
    }
}

/// Whether an odd number of backslashes ends the line, so that the text goes on in the next one.
pub(crate) fn ends_in_break(line: &str) -> bool {
    line.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

/// Where `mark` first stands in `markdown` without a backslash before it.
pub(crate) fn find_unescaped(markdown: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in markdown.char_indices() {
        if c == mark && !escaped {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// Writes `text` as a code span with as many backticks as it takes.
pub(crate) fn code_span(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Reads a whole value that is a code span, or bare text.
pub(crate) fn read_code_span(markdown: &str) -> &str {
    let ticks = markdown.bytes().take_while(|&byte| byte == b'`').count();
    let Some(body) = markdown.get(ticks..) else { return markdown };
    if ticks >= 2 && body.is_empty() {
        return "";
    }
    if ticks == 0 || body.len() < ticks {
        return markdown;
    }
    let (inner, close) = body.split_at_checked(body.len() - ticks).unwrap_or((body, ""));
    if !close.bytes().all(|byte| byte == b'`') || close.len() != ticks || inner.ends_with('`') {
        return markdown;
    }
    match inner.strip_prefix(' ').and_then(|inner| inner.strip_suffix(' ')) {
        Some(padded) if !padded.trim().is_empty() => padded,
        _ => inner,
    }
}

#[cfg(test)]
pub(crate) mod tests;
