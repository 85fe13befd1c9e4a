//! Draws the model with ratatui and translates input; changes nothing.
