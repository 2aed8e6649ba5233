//! The format of the file, exactly, as the documentation of its version.

/// The version of the format that is written, and the latest that is read.
///
/// This is the format, exactly.
///
/// # A whole file
///
/// ```markdown
#[doc = include_str!("format/example.md")]
/// ```
///
/// # Grammar
///
/// The file is UTF-8. A byte order mark at the front and carriage returns at the ends of lines are read and not
/// written. Below, `·` is a blank, *text* and *name* are defined further down, `{ }` is zero or more times, `[ ]` is
/// optional, and a line in quotes stands as it is.
///
/// ```text
/// file      = head { section }                          each section exactly once
///
/// head      = "# Workflow: " name
///             [ "<!-- reweigh-progress 1 started=" instant " updated=" instant " -->" ]
///             "**Workflow ID:** `" name "`"
///             "**Status:** Wave " number "/" number          the first at most the second
///             "**Started:** " second
///             "**Updated:** " second                         not before Started
///             [ "---" ]
///             [ "**Progress:** `██████░░░░░░░░░░░░░░` 33%" ]     20 cells, rounded down
///
/// section   = "## ✅ Completed" [count] tasks               boxes: x X
///           | "## 🔄 In Progress" [count] tasks             boxes: ~
///           | "## 📋 Pending" [count] tasks                 boxes: a blank
///           | "## ❌ Failed" [count] tasks                  boxes: ! or a blank
///           | "## Notes" { note }
///           | "## Metadata" { entry }
/// count     = " (" number " tasks)"                         read, not believed
///
/// tasks     = { task } { "### Wave " number [rest] { task } }  from 1 to the number of waves
/// task      = bullet "[" box "] **" name "**" [ ": " text ] { detail }
/// detail    = "··- Commit: `" name "`"
///           | "··- Files: " list [ " (+" number " more)" ]
///           | "··<!-- files: " list " -->"
///           | "··- Error: " text
///           | lines indented by two blanks or a tab          a person's
/// note      = bullet second ":" [ " " text ] [ " <!-- ." 6 digits " -->" ]
/// entry     = bullet "**" name "**:" [ " " text ]
///
/// list      = text { ", " text }
/// bullet    = "- " | "* " | "+ "                            written as "- "
/// instant   = RFC 3339 in UTC, to the microsecond
/// second    = RFC 3339 in UTC; also read: an offset, a fraction, "YYYY-MM-DD HH:MM:SS" as UTC
/// ```
///
/// # Names and texts
///
/// A *name* is 1 to 1,024 bytes on one line, without control characters and without white space at its ends. A
/// *text* is anything. Both are inline Markdown:
///
/// - A backslash before ASCII punctuation stands for the punctuation. It is written only before what would else be
///   markup: `*` `_` `` ` `` `[` `<` `&` `~~` and, at the beginning of a line, `-` `+` `#` `>` `=` `|` `1.`; in a list
///   also before `,` and `(+`.
/// - A backslash at the end of a line is a line break. The next line is indented by two blanks (four for an error)
///   and is the rest of the text, unless it begins a list, a heading or a comment.
/// - `&#N;` stands for the character with that decimal number. It is written for control characters and for white
///   space at either end of a text.
/// - In a code span there are no escapes. One with more backticks, and a blank at either end, holds backticks.
///
/// A text that a person spelled in another way, say with `*stars*` for emphasis, is written back as they spelled it.
///
/// # What a comment holds
///
/// What the visible form can't carry exactly: instants to the microsecond, and the names of all files where a line
/// shows the first three. A comment is believed only if it would show exactly what the visible line shows. Else a
/// person has changed the line, and the line counts. Taking a comment away loses only what it alone held.
///
/// # What a person adds
///
/// Every line that is none of the above is a person's. It is kept byte for byte and in its place:
///
/// - indented below a task it belongs to the task and moves with it;
/// - elsewhere it stays where it is while tasks around it come and go;
/// - a heading `#` or `##` that is none of ours begins a part in which nothing is ours, up to the next section of
///   ours. Above the first section such a heading changes nothing;
/// - between a fence (three or more backticks or tildes) or `<!--` and its end nothing is ours. One without an
///   end is an error, because all below would be lost in it.
///
/// Between our own lines blank ones are set as in the example. A last line without a line feed gets one.
///
/// Below a heading of status, an entry with a box at the margin is a task. One without an id, or with a box that does
/// not fit the heading, is an error and never passed over.
///
/// # The older format
///
/// A file without the comment `<!-- reweigh-progress N` above its first section, and with a `Started` that has no
/// zone, is of the program before this one. It has the same lines, and differs in this:
///
/// - Texts and names are plain: a backslash is a backslash. A text ends with its line.
/// - Sections may be missing.
/// - Tasks that are not pending have no wave. A `(+2 more)` has no comment, so two names are not known.
/// - A note's instant may be bold or in brackets.
///
/// It is written in the present format from the first change on.
pub const FORMAT_VERSION: u32 = 1;
