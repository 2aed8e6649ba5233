//! A file in memory, so that a rule is a function of files and a test needs no disk.

/// A file of the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        self.ending() == "rs"
    }

    pub(crate) fn is_markdown(&self) -> bool {
        self.ending() == "md"
    }

    pub(crate) fn is_manifest(&self) -> bool {
        self.name() == "Cargo.toml"
    }

    /// Code that ships or checks, not tests, benches or examples.
    pub(crate) fn is_source(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        let in_source = matches!(parts.as_slice(), ["crates", _, "src", ..] | ["xtask", "src", ..]);
        in_source && self.is_rust() && self.name() != "tests.rs" && !parts.contains(&"tests")
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// What follows the last dot of the name; empty without one.
    fn ending(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// The folder it is in; empty for the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}
