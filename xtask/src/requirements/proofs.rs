//! The claims in the Rust files, each with the test or bench that makes it.
//!
//! Files are read as tokens, not as lines: what stands in a string is no claim, and a test inside `proptest! { … }` is
//! found like any other.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::claim;
use super::place::{self, Place};
use crate::file::File;
use crate::finding::Finding;

/// A test or bench that claims to prove something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) ids: Vec<String>,
    /// `crate: path::of::the_test`.
    pub(super) name: String,
    /// Where the claim stands.
    pub(super) path: String,
    pub(super) line: usize,
}

/// The claims of all files, and the faults among them.
pub(super) fn collect(files: &[File]) -> (Vec<Proof>, Vec<Finding>) {
    let crates: Vec<&str> = files.iter().filter(|file| file.is_manifest()).map(File::folder).collect();
    let (mut proofs, mut findings) = (Vec::new(), Vec::new());
    // Most files claim nothing, and need not be read as tokens.
    for file in files.iter().filter(|file| file.is_rust() && file.text.contains("Proves ")) {
        let Some(place) = place::of(&file.path, &crates) else { continue };
        match file.text.parse::<TokenStream>() {
            Ok(tokens) => {
                let mut reader = Reader { file, place, proofs: &mut proofs, findings: &mut findings };
                reader.items(tokens);
            }
            Err(error) => {
                let line = error.span().start().line;
                findings.push(Finding::new(&file.path, line, "is not Rust", "make it compile"));
            }
        }
    }
    (proofs, findings)
}

/// Reads one file; `place` follows the modules it is in.
struct Reader<'a> {
    file: &'a File,
    place: Place,
    proofs: &'a mut Vec<Proof>,
    findings: &'a mut Vec<Finding>,
}

/// The attributes above an item, doc comments among them.
#[derive(Default)]
struct Above {
    ids: Vec<String>,
    /// Of the first claim.
    line: usize,
    test: bool,
}

impl Reader<'_> {
    /// Reads what stands at one level: a file, or the inside of a pair of brackets.
    fn items(&mut self, tokens: TokenStream) {
        let mut above = Above::default();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    let inner =
                        tokens.next_if(|next| matches!(next, TokenTree::Punct(p) if p.as_char() == '!'));
                    if let Some(TokenTree::Group(group)) = tokens.next() {
                        self.attribute(&group, inner.is_some(), &mut above);
                    }
                }
                TokenTree::Ident(word) if word == "fn" => {
                    let above = std::mem::take(&mut above);
                    match tokens.peek() {
                        Some(TokenTree::Ident(name)) => self.function(name, above),
                        _ => self.drop(&above),
                    }
                }
                TokenTree::Ident(word) if word == "mod" => {
                    self.drop(&std::mem::take(&mut above));
                    let Some(TokenTree::Ident(name)) = tokens.next() else { continue };
                    let Some(TokenTree::Group(body)) = tokens.next() else { continue };
                    self.place.modules.push(name.to_string());
                    self.items(body.stream());
                    self.place.modules.pop();
                }
                // What may stand between a doc comment and its `fn`.
                TokenTree::Ident(word) if ["pub", "const", "async"].iter().any(|q| word == q) => {}
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && above.waits() => {}
                TokenTree::Group(group) => {
                    self.drop(&std::mem::take(&mut above));
                    self.items(group.stream());
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.drop(&std::mem::take(&mut above));
                }
            }
        }
        self.drop(&above);
    }

    fn attribute(&mut self, group: &Group, inner: bool, above: &mut Above) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        match tokens.as_slice() {
            [TokenTree::Ident(name), _, TokenTree::Literal(text)] if name == "doc" => {
                let line = text.span().start().line;
                match claim::parse(unquoted(&text.to_string())) {
                    None => {}
                    Some(Ok(_)) if inner => {
                        self.fault(line, "a claim stands on a module", "put it on a test");
                    }
                    Some(Ok(ids)) => {
                        above.line = if above.waits() { above.line } else { line };
                        above.ids.extend(ids);
                    }
                    Some(Err(())) => {
                        self.fault(
                            line,
                            "this claim cannot be read",
                            "write `/// Proves A1, W3.` and nothing else",
                        );
                    }
                }
            }
            [.., TokenTree::Ident(name)] if name == "test" => above.test = true,
            _ => {}
        }
    }

    fn function(&mut self, name: &Ident, above: Above) {
        if !above.waits() {
            return;
        }
        if !above.test && !self.place.bench {
            let what = format!("`{name}` claims a proof and is no test");
            self.fault(above.line, &what, "put the claim on the test that calls it");
            return;
        }
        let path: Vec<String> = self.place.modules.iter().cloned().chain([name.to_string()]).collect();
        self.proofs.push(Proof {
            ids: above.ids,
            name: format!("{}: {}", self.place.home, path.join("::")),
            path: self.file.path.clone(),
            line: above.line,
        });
    }

    /// An item that is no function came after these attributes.
    fn drop(&mut self, above: &Above) {
        if above.waits() {
            self.fault(above.line, "no test follows this claim", "put it on a test");
        }
    }

    fn fault(&mut self, line: usize, what: &str, mend: &str) {
        self.findings.push(Finding::new(&self.file.path, line, what, mend));
    }
}

impl Above {
    /// Whether a claim waits for its test.
    fn waits(&self) -> bool {
        !self.ids.is_empty()
    }
}

/// The inside of a string literal, escapes as they stand: an id needs none.
fn unquoted(literal: &str) -> &str {
    literal.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map_or("", |(text, _)| text)
}

#[cfg(test)]
mod tests;
