//! Message types from `.proto` files or descriptor sets. A build without the feature `protobuf`
//! has the types, and can load none.

use std::fmt;

/// Why there is no schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaProblem {
    /// A file or an import of it is wrong or missing. The message names the file, and the place
    /// if it is known; it is escaped.
    #[error("the schema cannot be read: {0}")]
    Wrong(String),
    /// Not in this build.
    #[error("this build reads no schemas (it was built without the feature protobuf)")]
    NotBuilt,
}

/// Types of messages. Cloning is cheap.
#[derive(Clone)]
pub struct Schema {
    #[cfg(feature = "protobuf")]
    pool: prost_reflect::DescriptorPool,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

/// A type of messages.
#[derive(Clone, Debug)]
pub(super) struct Message {
    #[cfg(feature = "protobuf")]
    descriptor: prost_reflect::MessageDescriptor,
}

/// The names of an enumeration.
#[derive(Clone, Debug)]
pub(super) struct Names {
    #[cfg(feature = "protobuf")]
    descriptor: prost_reflect::EnumDescriptor,
}

/// The type of a field.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "protobuf"), expect(dead_code, reason = "no schema, no types"))]
pub(super) enum FieldKind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Message(Message),
    Enum(Names),
}

impl FieldKind {
    /// Bytes of a number of fixed size.
    pub fn width(&self) -> Option<usize> {
        match self {
            FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => Some(8),
            FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => Some(4),
            _ => None,
        }
    }
}

#[cfg(feature = "protobuf")]
mod loaded {
    use std::path::Path;

    use prost_reflect::{DescriptorPool, Kind};
    use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

    use super::{FieldKind, Message, Names, Schema, SchemaProblem};
    use crate::core::sanitize::escape_line;

    fn wrong(message: &impl ToString) -> SchemaProblem {
        SchemaProblem::Wrong(escape_line(&message.to_string()).into_owned())
    }

    /// Finds files by asking the caller.
    struct Asking<F>(F);

    impl<F: Fn(&str) -> Option<String>> FileResolver for Asking<F> {
        fn resolve_path(&self, path: &Path) -> Option<String> {
            path.to_str().map(str::to_owned)
        }

        fn open_file(&self, name: &str) -> Result<File, protox::Error> {
            match (self.0)(name) {
                Some(source) => File::from_source(name, &source),
                None => Err(protox::Error::file_not_found(name)),
            }
        }
    }

    impl Schema {
        /// From the source of `.proto` files: `names` are those to read, and `read` gives the text
        /// of one by its name, also of the files that they import. The well-known types of
        /// `google/protobuf` are there without being asked for.
        ///
        /// # Errors
        /// A file that is not there or not right; the message says which and where.
        pub fn from_protos(
            names: &[&str],
            read: impl Fn(&str) -> Option<String> + 'static,
        ) -> Result<Schema, SchemaProblem> {
            let mut resolver = ChainFileResolver::new();
            resolver.add(Asking(read));
            resolver.add(GoogleFileResolver::new());
            let mut compiler = protox::Compiler::with_file_resolver(resolver);
            compiler.open_files(names).map_err(|error| wrong(&error))?;
            Ok(Schema { pool: compiler.descriptor_pool() })
        }

        /// From a descriptor set, as `protoc --include_imports --descriptor_set_out` writes it.
        ///
        /// # Errors
        /// The bytes are no such set, or types that it uses are missing from it.
        pub fn from_descriptor_set(bytes: &[u8]) -> Result<Schema, SchemaProblem> {
            match DescriptorPool::decode(bytes) {
                Ok(pool) => Ok(Schema { pool }),
                Err(error) => Err(wrong(&error)),
            }
        }

        /// Full names of all message types, in order; without those that stand for the entries of
        /// maps and those of `google.protobuf`.
        #[must_use]
        pub fn message_types(&self) -> Vec<String> {
            let mut names: Vec<String> = self
                .pool
                .all_messages()
                .filter(|message| !message.is_map_entry())
                .map(|message| message.full_name().to_owned())
                .filter(|name| !name.starts_with("google.protobuf."))
                .collect();
            names.sort();
            names
        }

        pub(in super::super) fn message(&self, name: &str) -> Option<Message> {
            let descriptor = self.pool.get_message_by_name(name.trim_start_matches('.'))?;
            Some(Message { descriptor })
        }
    }

    impl Message {
        pub fn field(&self, number: u64) -> Option<(String, FieldKind)> {
            let field = self.descriptor.get_field(u32::try_from(number).ok()?)?;
            let kind = match field.kind() {
                Kind::Double => FieldKind::Double,
                Kind::Float => FieldKind::Float,
                Kind::Int32 => FieldKind::Int32,
                Kind::Int64 => FieldKind::Int64,
                Kind::Uint32 => FieldKind::Uint32,
                Kind::Uint64 => FieldKind::Uint64,
                Kind::Sint32 => FieldKind::Sint32,
                Kind::Sint64 => FieldKind::Sint64,
                Kind::Fixed32 => FieldKind::Fixed32,
                Kind::Fixed64 => FieldKind::Fixed64,
                Kind::Sfixed32 => FieldKind::Sfixed32,
                Kind::Sfixed64 => FieldKind::Sfixed64,
                Kind::Bool => FieldKind::Bool,
                Kind::String => FieldKind::String,
                Kind::Bytes => FieldKind::Bytes,
                Kind::Message(descriptor) => FieldKind::Message(Message { descriptor }),
                Kind::Enum(descriptor) => FieldKind::Enum(Names { descriptor }),
            };
            Some((field.name().to_owned(), kind))
        }
    }

    impl Names {
        pub fn name(&self, number: i32) -> Option<String> {
            Some(self.descriptor.get_value(number)?.name().to_owned())
        }
    }
}

#[cfg(not(feature = "protobuf"))]
mod loaded {
    use super::{FieldKind, Message, Names, Schema, SchemaProblem};

    impl Schema {
        /// Not in this build.
        ///
        /// # Errors
        /// Always.
        pub fn from_protos(
            _names: &[&str],
            _read: impl Fn(&str) -> Option<String> + 'static,
        ) -> Result<Schema, SchemaProblem> {
            Err(SchemaProblem::NotBuilt)
        }

        /// Not in this build.
        ///
        /// # Errors
        /// Always.
        pub fn from_descriptor_set(_bytes: &[u8]) -> Result<Schema, SchemaProblem> {
            Err(SchemaProblem::NotBuilt)
        }

        /// None in this build.
        #[must_use]
        pub fn message_types(&self) -> Vec<String> {
            Vec::new()
        }

        pub(in super::super) fn message(&self, _name: &str) -> Option<Message> {
            None
        }
    }

    impl Message {
        pub fn field(&self, _number: u64) -> Option<(String, FieldKind)> {
            None
        }
    }

    impl Names {
        pub fn name(&self, _number: i32) -> Option<String> {
            None
        }
    }
}
