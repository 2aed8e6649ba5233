//! One task of a workflow.

use crate::label::Label;
use crate::text::Text;

/// Where a task stands. Its box in the file says so, and the section it is listed in; nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Done: `[x]`.
    Completed,
    /// Under way: `[~]`.
    InProgress,
    /// Not begun: `[ ]`.
    Pending,
    /// Given up: `[!]`, with its error if there is a text.
    Failed,
}

impl Status {
    /// All of them, in the order of the file.
    pub const ALL: [Self; 4] = [Self::Completed, Self::InProgress, Self::Pending, Self::Failed];

    /// The character in the box.
    pub(crate) fn mark(self) -> char {
        match self {
            Self::Completed => 'x',
            Self::InProgress => '~',
            Self::Pending => ' ',
            Self::Failed => '!',
        }
    }

    /// The heading of its section, without what comes before and after the words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::InProgress => "In Progress",
            Self::Pending => "Pending",
            Self::Failed => "Failed",
        }
    }
}

/// A task: read from the file, changed through [`Progress`](crate::Progress).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub(crate) id: Label,
    pub(crate) status: Status,
    pub(crate) wave: Option<u32>,
    pub(crate) description: Text,
    pub(crate) commit: Option<Label>,
    pub(crate) files: Files,
    pub(crate) error: Option<Text>,
    /// What stands below the task's own line, in the order of the file. A `Commit`, `Files` or `Error` is here if
    /// and only if the field holds something.
    pub(crate) body: Vec<Detail>,
}

/// A line, or several, below a task's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    Commit,
    Files,
    Error,
    /// Indented lines that a person wrote.
    Text(String),
}

/// The files that a task touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) names: Vec<String>,
    /// How many more there are whose names an older file did not keep.
    pub(crate) unnamed: u32,
}

impl Files {
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.unnamed == 0
    }
}

impl Task {
    pub(crate) fn new(id: Label, wave: Option<u32>, description: Text) -> Self {
        Self {
            id,
            status: Status::Pending,
            wave,
            description,
            commit: None,
            files: Files::default(),
            error: None,
            body: Vec::new(),
        }
    }

    /// The name that no other task of the file has.
    pub fn id(&self) -> &Label {
        &self.id
    }

    /// Where it stands.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Its wave, counted from 1; none where an older file does not say.
    pub fn wave(&self) -> Option<u32> {
        self.wave
    }

    /// What is to be done.
    pub fn description(&self) -> &str {
        self.description.as_str()
    }

    /// The commit that completed it.
    pub fn commit(&self) -> Option<&Label> {
        self.commit.as_ref()
    }

    /// The files it touched, all of them.
    pub fn files(&self) -> &[String] {
        &self.files.names
    }

    /// How many more files there are whose names an older file did not keep.
    pub fn unnamed_files(&self) -> u32 {
        self.files.unnamed
    }

    /// Why it failed, or why it failed before.
    pub fn error(&self) -> Option<&str> {
        self.error.as_ref().map(Text::as_str)
    }

    pub(crate) fn set_commit(&mut self, commit: Option<Label>) {
        self.list(Detail::Commit, commit.is_some());
        self.commit = commit;
    }

    pub(crate) fn set_files(&mut self, files: Files) {
        self.list(Detail::Files, !files.is_empty());
        self.files = files;
    }

    pub(crate) fn set_error(&mut self, error: Option<Text>) {
        self.list(Detail::Error, error.is_some());
        self.error = error;
    }

    /// Lists a field below the task, above what people wrote there unless they wrote it further up; or takes it
    /// off the list.
    fn list(&mut self, detail: Detail, present: bool) {
        let at = self.body.iter().position(|listed| *listed == detail);
        match (at, present) {
            (Some(at), false) => {
                self.body.remove(at);
                join_texts(&mut self.body, at);
            }
            (None, true) => {
                let own = self.body.iter().rposition(|listed| !matches!(listed, Detail::Text(_)));
                self.body.insert(own.map_or(0, |own| own + 1), detail);
            }
            (Some(_), true) | (None, false) => {}
        }
    }
}

/// Two texts that come to touch are one.
fn join_texts(body: &mut Vec<Detail>, at: usize) {
    let Some(before) = at.checked_sub(1) else { return };
    if let (Some(Detail::Text(_)), Some(Detail::Text(second))) = (body.get(before), body.get(at)) {
        let second = second.clone();
        body.remove(at);
        if let Some(Detail::Text(first)) = body.get_mut(before) {
            first.push('\n');
            first.push_str(&second);
        }
    }
}

/// What completing a task leaves behind.
///
/// ```
/// use reweigh_progress::{Completion, Label};
///
/// let done = Completion::new().commit(Label::new("4f2a9c1")?).file("src/fold.rs").file("src/step.rs");
/// # Ok::<(), reweigh_progress::InvalidLabel>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Completion {
    pub(crate) commit: Option<Label>,
    pub(crate) files: Vec<String>,
}

impl Completion {
    /// Done, and nothing more to say.
    pub fn new() -> Self {
        Self::default()
    }

    /// The commit that did it.
    pub fn commit(mut self, commit: Label) -> Self {
        self.commit = Some(commit);
        self
    }

    /// A file it touched. An empty name is left out.
    pub fn file(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !name.is_empty() {
            self.files.push(name);
        }
        self
    }

    /// More files it touched. Empty names are left out.
    pub fn files<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        names.into_iter().fold(self, Self::file)
    }
}
