//! Where a file's tests are found: the crate, and the modules that its path stands for.

/// The place of a Rust file in its crate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The crate, which has the name of its folder.
    pub(super) home: String,
    /// The modules as a test's name spells them. An integration test begins with the name of its program.
    pub(super) modules: Vec<String>,
    /// Whether it is a bench, whose functions carry no `#[test]`.
    pub(super) bench: bool,
}

/// The place of the file at `path`; `crates` are the folders that hold a manifest. Nothing if no crate holds it.
pub(super) fn of(path: &str, crates: &[&str]) -> Option<Place> {
    let inside = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let folder = crates.iter().copied().filter(|folder| inside(folder)).max_by_key(|folder| folder.len())?;
    let rest = path.strip_prefix(folder)?.trim_start_matches('/').strip_suffix(".rs")?;
    let bench = rest.starts_with("benches/");
    let rest = rest.strip_prefix("src/").or_else(|| rest.strip_prefix("tests/")).unwrap_or(rest);
    let mut modules: Vec<String> = rest.split('/').map(str::to_owned).collect();
    modules.pop_if(|last| matches!(last.as_str(), "lib" | "main" | "mod"));
    Some(Place { home: folder.rsplit('/').next()?.to_owned(), modules, bench })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRATES: [&str; 5] = ["", "crates/a", "tests", "tests/fuzz", "xtask"];

    #[track_caller]
    fn is(path: &str, home: &str, modules: &str) {
        let place = of(path, &CRATES).expect("it is in a crate");
        assert_eq!((place.home.as_str(), place.modules.join("::").as_str()), (home, modules), "{path}");
        assert_eq!(place.bench, path.contains("/benches/"), "{path}");
    }

    #[test]
    fn paths_become_modules() {
        is("crates/a/src/lib.rs", "a", "");
        is("crates/a/src/units.rs", "a", "units");
        is("crates/a/src/units/tests.rs", "a", "units::tests");
        is("crates/a/src/units/mod.rs", "a", "units");
        is("crates/a/tests/loom.rs", "a", "loom");
        is("crates/a/tests/it/main.rs", "a", "it");
        is("crates/a/tests/it/resets.rs", "a", "it::resets");
        is("crates/a/benches/step.rs", "a", "benches::step");
        is("tests/it/main.rs", "tests", "it");
        is("tests/fuzz/src/lib.rs", "fuzz", "");
        is("xtask/src/tidy/root.rs", "xtask", "tidy::root");
    }

    #[test]
    fn a_file_of_no_crate_has_no_place() {
        assert_eq!(of("docs/a.rs", &CRATES), None);
        assert_eq!(of("crates/abc/src/lib.rs", &CRATES), None);
    }
}
