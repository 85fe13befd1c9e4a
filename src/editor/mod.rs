//! Rope, cursor, selection and undo behind every input field.
