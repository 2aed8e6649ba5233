//! `cargo xtask layers`: every crate says its layer, and a dependency goes strictly down.
//!
//! Dev-dependencies are exempt: a test may look up.

use std::collections::BTreeMap;

use crate::cargo;
use crate::checkout::Checkout;
use crate::finding::{Finding, none_or_all};
use crate::metadata::{Member, members};
use crate::task::{Outcome, no_words};

pub(crate) fn run(checkout: &Checkout, words: &[String]) -> Outcome {
    no_words(words)?;
    let json = cargo::read(checkout, &["metadata", "--format-version", "1", "--no-deps", "--locked"])?;
    let members = members(&json)?;
    none_or_all(&check(&members), || format!("{} crates", members.len()))
}

fn check(members: &[Member]) -> Vec<Finding> {
    let layers: BTreeMap<&str, Option<u64>> =
        members.iter().map(|member| (member.name.as_str(), member.layer)).collect();
    members
        .iter()
        .flat_map(|member| folder(member).into_iter().chain(layer(member)).chain(edges(member, &layers)))
        .collect()
}

fn folder(member: &Member) -> Option<Finding> {
    (member.folder != member.name).then(|| {
        let what = format!("crate `{}` is in folder `{}`", member.name, member.folder);
        Finding::new(&member.manifest, 1, what, "give both one name")
    })
}

fn layer(member: &Member) -> Option<Finding> {
    member.layer.is_none().then(|| {
        let what = format!("crate `{}` does not say its layer", member.name);
        Finding::new(&member.manifest, 1, what, "add `[package.metadata.reweigh]` with `layer = N`")
    })
}

/// The dependencies that do not go down. A crate without a layer is reported by itself, not once per edge.
fn edges(member: &Member, layers: &BTreeMap<&str, Option<u64>>) -> Vec<Finding> {
    let Some(from) = member.layer else { return Vec::new() };
    let built = member.dependencies.iter().filter(|dependency| !dependency.dev);
    built
        .filter_map(|dependency| {
            let to = layers.get(dependency.name.as_str()).copied().flatten()?;
            (to >= from).then(|| {
                let what =
                    format!("`{}` (layer {from}) depends on `{}` (layer {to})", member.name, dependency.name);
                Finding::new(
                    &member.manifest,
                    1,
                    what,
                    "turn the edge round, or move what both need further down",
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    fn member(name: &str, layer: Option<u64>, dependencies: &[(&str, bool)]) -> Member {
        Member {
            name: name.to_owned(),
            folder: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            layer,
            dependencies: dependencies
                .iter()
                .map(|&(name, dev)| Dependency { name: name.to_owned(), dev })
                .collect(),
        }
    }

    #[track_caller]
    fn rejects(members: &[Member], expected: &[&str]) {
        let said: Vec<String> = check(members).iter().map(|f| format!("{}: {}", f.path, f.what)).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn edges_that_go_down_pass() {
        let (low, high) =
            (member("low", Some(0), &[("libm", false)]), member("high", Some(2), &[("low", false)]));
        rejects(&[low, high], &[]);
    }

    #[test]
    fn an_equal_layer_is_rejected() {
        let (a, b) = (member("a", Some(1), &[]), member("b", Some(1), &[("a", false)]));
        rejects(&[a, b], &["crates/b/Cargo.toml: `b` (layer 1) depends on `a` (layer 1)"]);
    }

    #[test]
    fn an_upward_edge_is_rejected() {
        let (a, b) = (member("a", Some(3), &[]), member("b", Some(1), &[("a", false)]));
        rejects(&[a, b], &["crates/b/Cargo.toml: `b` (layer 1) depends on `a` (layer 3)"]);
    }

    #[test]
    fn a_dev_dependency_may_look_up() {
        let (a, b) = (member("a", Some(3), &[]), member("b", Some(1), &[("a", true)]));
        rejects(&[a, b], &[]);
    }

    #[test]
    fn a_crate_without_a_layer_is_rejected_once() {
        let (a, b) = (member("a", None, &[]), member("b", Some(1), &[("a", false)]));
        rejects(&[a, b], &["crates/a/Cargo.toml: crate `a` does not say its layer"]);
    }

    #[test]
    fn a_folder_of_another_name_is_rejected() {
        let moved = Member { folder: "weights".to_owned(), ..member("a", Some(0), &[]) };
        rejects(&[moved], &["crates/a/Cargo.toml: crate `a` is in folder `weights`"]);
    }

    #[test]
    fn all_findings_are_listed() {
        let (a, b) = (member("a", Some(0), &[("b", false)]), member("b", Some(0), &[("a", false)]));
        assert_eq!(check(&[a, b, member("c", None, &[])]).len(), 3);
    }
}
