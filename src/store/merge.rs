//! Changing a TOML file that a person may have edited: comments, layout and keys that this version
//! does not know stay.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

/// Which keys of a table are ours. A key of ours that is no longer there is removed from the file;
/// a key of somebody else's stays.
#[derive(Debug)]
pub(super) struct Schema {
    /// Our keys, with the schema of what is below them.
    pub(super) keys: &'static [(&'static str, &'static Schema)],
    /// Whether keys that are not listed are ours as well.
    pub(super) all: bool,
}

/// A value, or a table whose keys are all ours.
pub(super) const LEAF: &Schema = &Schema { keys: &[], all: true };

impl Schema {
    fn of(&self, key: &str) -> Option<&'static Schema> {
        let listed = self.keys.iter().find(|(name, _)| *name == key).map(|(_, schema)| *schema);
        listed.or(if self.all { Some(LEAF) } else { None })
    }
}

/// The text of `old` changed to say what `new` says. If `old` cannot be read it is `new` alone.
pub(super) fn merged(old: &str, new: DocumentMut, schema: &Schema) -> String {
    match old.parse::<DocumentMut>() {
        Ok(mut document) => {
            merge_table(document.as_table_mut(), new.into_table(), schema);
            document.to_string()
        }
        Err(_) => new.to_string(),
    }
}

fn merge_table(old: &mut Table, new: Table, schema: &Schema) {
    let gone: Vec<String> = old
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| schema.of(key).is_some() && !new.contains_key(key))
        .collect();
    for key in gone {
        old.remove(&key);
    }
    for (key, item) in new {
        let below = schema.of(&key).unwrap_or(LEAF);
        match old.get_mut(&key) {
            Some(place) => merge_item(place, item, below),
            None => drop(old.insert(&key, item)),
        }
    }
}

fn merge_item(old: &mut Item, new: Item, schema: &Schema) {
    match (old, new) {
        (Item::Table(old), Item::Table(new)) => merge_table(old, new, schema),
        (Item::ArrayOfTables(old), Item::ArrayOfTables(new)) => merge_list(old, new, schema),
        (Item::Value(old), Item::Value(new)) if same(old, &new) => {}
        (Item::Value(old), Item::Value(mut new)) => {
            // The comment behind the value stays.
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (old, new) => *old = new,
    }
}

/// Row by row: the first with the first and so on.
fn merge_list(old: &mut ArrayOfTables, new: ArrayOfTables, schema: &Schema) {
    while old.len() > new.len() {
        old.remove(old.len() - 1);
    }
    for (index, table) in new.into_iter().enumerate() {
        match old.get_mut(index) {
            Some(place) => merge_table(place, table, schema),
            None => old.push(table),
        }
    }
}

/// Whether two values say the same, however they are written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        (Value::Boolean(a), Value::Boolean(b)) => a.value() == b.value(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &Schema = &Schema {
        keys: &[
            ("name", LEAF),
            ("url", LEAF),
            ("list", &Schema { keys: &[("a", LEAF), ("b", LEAF)], all: false }),
            ("table", LEAF),
        ],
        all: false,
    };

    fn merge(old: &str, new: &str) -> String {
        merged(old, new.parse().unwrap(), SCHEMA)
    }

    #[test]
    fn what_a_person_wrote_stays() {
        let old = "# about\nname = 'x' # short\nurl = \"u\"\nfuture = [1,\n 2]\n\n[[list]]\na = 1\ntheirs = true\n\n[[list]]\na = 2\n\n[table]\nx = 1\n";
        assert_eq!(
            merge(old, "name = \"x\"\nurl = \"u\"\n[[list]]\na=1\n[[list]]\na=2\n[table]\nx=1"),
            old
        );
        let new = merge(old, "name = \"y\"\n[[list]]\nb = 5\n[table]\nz = 1\n");
        assert_eq!(
            new,
            "# about\nname = \"y\" # short\nfuture = [1,\n 2]\n\n[[list]]\ntheirs = true\nb = 5\n\n[table]\nz = 1\n"
        );
    }

    #[test]
    fn a_list_can_grow() {
        let new = merge("[[list]]\na = 1\n[[other]]\n", "[[list]]\na = 1\n[[list]]\na = 2\n");
        let table: toml::Table = toml::from_str(&new).unwrap();
        assert_eq!(table["list"].as_array().unwrap().len(), 2, "{new}");
        assert!(table.contains_key("other"));
    }
}
