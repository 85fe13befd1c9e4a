//! Types of Protobuf, read from the files that the user named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{path_of, read_some};
use crate::app::update::LoadedSchema;
use crate::payload::lens::Schema;

/// Largest file of types that is read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads `.proto` files, or one descriptor set. What a file imports is looked for beside it, in the
/// folders above, and where wsdeck was started.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn load(typed: &[String]) -> Result<LoadedSchema, String> {
    let (protos, sets): (Vec<&String>, Vec<&String>) =
        typed.iter().partition(|path| path.ends_with(".proto"));
    let schema = match (protos.as_slice(), sets.as_slice()) {
        ([], [set]) => {
            let bytes =
                read(&path_of(set)).map_err(|why| format!("{set} cannot be read: {why}."))?;
            Schema::from_descriptor_set(&bytes)
        }
        (protos, []) => {
            let paths: Vec<PathBuf> = protos.iter().map(|path| path_of(path)).collect();
            for (typed, path) in protos.iter().zip(&paths) {
                if let Err(why) = std::fs::metadata(path) {
                    return Err(format!("{typed} cannot be read: {why}."));
                }
            }
            let names: Vec<String> = paths
                .iter()
                .map(|path| {
                    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into())
                })
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Schema::from_protos(&names, move |name| find(&paths, name))
        }
        _ => {
            return Err("Either files that end with .proto, or one descriptor set (as protoc \
                        --include_imports --descriptor_set_out writes it)."
                .into());
        }
    };
    let schema = schema.map_err(|problem| capital(&problem.to_string()))?;
    let types = schema.message_types();
    Ok((Arc::new(schema), types))
}

/// The text of a file that was named or is imported.
fn find(named: &[PathBuf], name: &str) -> Option<String> {
    let of_name = |path: &&PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy() == name);
    let own = named.iter().find(of_name).cloned();
    let around = named.iter().flat_map(|path| path.ancestors().skip(1)).map(|dir| dir.join(name));
    let bytes = own.into_iter().chain(around).find_map(|path| read(&path).ok())?;
    String::from_utf8(bytes).ok()
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    match read_some(&path.to_string_lossy(), LARGEST)? {
        (bytes, false) => Ok(bytes),
        (_, true) => Err(std::io::Error::other("it is larger than 16 MiB")),
    }
}

/// A phrase as a sentence.
fn capital(phrase: &str) -> String {
    let mut chars = phrase.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

#[cfg(all(test, feature = "protobuf"))]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_beside_the_file_and_what_is_missing_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        let a = "syntax = \"proto3\"; package t; import \"sub/b.proto\"; message A { B b = 1; }";
        std::fs::write(path("a.proto"), a).unwrap();
        let error = load(&[path("a.proto")]).unwrap_err();
        assert!(error.contains("sub/b.proto"), "{error}");
        std::fs::create_dir(path("sub")).unwrap();
        let b = "syntax = \"proto3\"; package t; message B { int32 n = 1; }";
        std::fs::write(path("sub/b.proto"), b).unwrap();
        assert_eq!(load(&[path("a.proto")]).unwrap().1, ["t.A", "t.B"]);
        assert!(load(&[path("none.proto")]).unwrap_err().contains("none.proto"));
        assert!(load(&[path("a.proto"), path("x.bin")]).is_err());
    }
}
