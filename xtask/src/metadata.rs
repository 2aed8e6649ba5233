//! The part of `cargo metadata` that the layers need.

use serde_json::Value;

/// A member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The name of the folder that its manifest is in.
    pub(crate) folder: String,
    /// The manifest, relative to the root.
    pub(crate) manifest: String,
    /// `package.metadata.reweigh.layer`, if it is there and a number.
    pub(crate) layer: Option<u64>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The name of the package, whatever it is renamed to.
    pub(crate) name: String,
    /// For tests, benches and examples only.
    pub(crate) dev: bool,
}

/// The members in what `cargo metadata --no-deps` printed.
pub(crate) fn members(json: &[u8]) -> Result<Vec<Member>, String> {
    let metadata: Value =
        serde_json::from_slice(json).map_err(|error| format!("cargo metadata cannot be read: {error}"))?;
    let root = text(&metadata, "workspace_root")?;
    list(&metadata, "packages")?.iter().map(|package| member(package, root)).collect()
}

fn member(package: &Value, root: &str) -> Result<Member, String> {
    let manifest = text(package, "manifest_path")?.replace('\\', "/");
    let manifest =
        manifest.strip_prefix(&root.replace('\\', "/")).unwrap_or(&manifest).trim_start_matches('/');
    Ok(Member {
        name: text(package, "name")?.to_owned(),
        folder: manifest.rsplit('/').nth(1).unwrap_or_default().to_owned(),
        manifest: manifest.to_owned(),
        layer: package.pointer("/metadata/reweigh/layer").and_then(Value::as_u64),
        dependencies: list(package, "dependencies")?.iter().map(dependency).collect::<Result<_, _>>()?,
    })
}

fn dependency(value: &Value) -> Result<Dependency, String> {
    let dev = value.get("kind").and_then(Value::as_str) == Some("dev");
    Ok(Dependency { name: text(value, "name")?.to_owned(), dev })
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| format!("cargo metadata has no text `{key}`"))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, String> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| format!("cargo metadata has no list `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_read_with_its_layer_and_its_dependencies() {
        let json = br#"{
            "workspace_root": "/here",
            "packages": [{
                "name": "reweigh-filter",
                "manifest_path": "/here/crates/reweigh-filter/Cargo.toml",
                "metadata": {"reweigh": {"layer": 2}},
                "dependencies": [{"name": "libm", "kind": null}, {"name": "cc", "kind": "build"},
                                 {"name": "insta", "kind": "dev"}]
            }]
        }"#;
        let expected = Member {
            name: "reweigh-filter".to_owned(),
            folder: "reweigh-filter".to_owned(),
            manifest: "crates/reweigh-filter/Cargo.toml".to_owned(),
            layer: Some(2),
            dependencies: [("libm", false), ("cc", false), ("insta", true)]
                .map(|(name, dev)| Dependency { name: name.to_owned(), dev })
                .to_vec(),
        };
        assert_eq!(members(json), Ok(vec![expected]));
    }

    #[test]
    fn a_layer_that_is_not_there_or_not_a_number_is_none() {
        for metadata in [r"null", r#"{"reweigh": {}}"#, r#"{"reweigh": {"layer": "top"}}"#] {
            let json = format!(
                r#"{{"workspace_root": "/here", "packages": [{{"name": "a", "manifest_path": "/here/a/Cargo.toml",
                    "metadata": {metadata}, "dependencies": []}}]}}"#
            );
            let layers: Vec<_> =
                members(json.as_bytes()).expect("well formed").iter().map(|m| m.layer).collect();
            assert_eq!(layers, [None], "{metadata}");
        }
    }

    #[test]
    fn other_json_is_an_error() {
        assert!(members(b"{}").is_err_and(|said| said.contains("workspace_root")));
        assert!(members(b"no").is_err());
    }
}
