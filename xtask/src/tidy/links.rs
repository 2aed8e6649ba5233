//! A relative link in a Markdown file leads to a file or a folder of the repository.

use crate::file::File;
use crate::finding::Finding;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_markdown())
        .flat_map(|file| {
            targets(file).into_iter().filter(|(_, target)| !leads_somewhere(file, target, files)).map(
                |(number, target)| {
                    let what = format!("the link to `{target}` leads nowhere");
                    Finding::new(&file.path, number, what, "mend its path, relative to this file")
                },
            )
        })
        .collect()
}

/// The relative links of a file, with their lines; code is not looked at.
fn targets(file: &File) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced {
            let line = without_code(line);
            found.extend(inline(&line).chain(definition(&line)).filter_map(relative).map(|to| (number, to)));
        }
    }
    found
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// `[text](target)` and `![text](target)`.
fn inline(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// `[name]: target`.
fn definition(line: &str) -> Option<&str> {
    let (name, target) = line.trim_start().split_once("]: ")?;
    name.starts_with('[').then_some(target)
}

/// The path of a relative link, without title and fragment; nothing for a link into this file or out of the repository.
fn relative(target: &str) -> Option<String> {
    let target = target.split_whitespace().next()?.trim_matches(['<', '>']);
    let path = target.split('#').next().unwrap_or_default();
    let leaves = target.contains("://") || target.starts_with("mailto:");
    (!leaves && !path.is_empty()).then(|| path.to_owned())
}

fn leads_somewhere(from: &File, target: &str, files: &[File]) -> bool {
    let Some(path) = resolve(from.folder(), target) else { return false };
    let folder = format!("{path}/");
    path.is_empty() || files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
}

/// The path from the root; nothing if the link leaves it.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if target.starts_with('/') {
        return None;
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    const TREE: [(&str, &str); 2] = [("README.md", ""), ("crates/a/src/lib.rs", "")];

    #[track_caller]
    fn rejects(text: &str, expected: &[&str]) {
        let [readme, lib] = TREE;
        assert_eq!(said(check, &[readme, lib, ("docs/a.md", text)]), expected, "{text}");
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        rejects("[up](../README.md), [code](../crates/a/src/lib.rs#L3), [itself](a.md \"title\")", &[]);
        rejects("[folder](../crates/a), [the same](../crates/a/), [root](..)", &[]);
        rejects("[here](#heading) [web](https://example.org/a.md) <mailto:a@example.org>", &[]);
        rejects("[name]: ../README.md", &[]);
    }

    #[test]
    fn links_that_lead_nowhere_are_rejected() {
        rejects(
            "\n[no](b.md) and [no](../c.md)",
            &[
                "docs/a.md:2: the link to `b.md` leads nowhere",
                "docs/a.md:2: the link to `../c.md` leads nowhere",
            ],
        );
        rejects("![picture](a.png)", &["docs/a.md:1: the link to `a.png` leads nowhere"]);
        rejects("[name]: b.md", &["docs/a.md:1: the link to `b.md` leads nowhere"]);
        rejects("[prefix](../crat)", &["docs/a.md:1: the link to `../crat` leads nowhere"]);
    }

    #[test]
    fn links_out_of_the_repository_are_rejected() {
        rejects("[out](../../a.md)", &["docs/a.md:1: the link to `../../a.md` leads nowhere"]);
        rejects("[disk](/etc/a.md)", &["docs/a.md:1: the link to `/etc/a.md` leads nowhere"]);
    }

    #[test]
    fn code_is_not_looked_at() {
        rejects("`[no](b.md)` and\n```text\n[no](b.md)\n```\n", &[]);
    }
}
