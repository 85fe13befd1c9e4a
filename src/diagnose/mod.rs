//! Pure rules over a record of evidence: what went wrong, why, and what to try.
