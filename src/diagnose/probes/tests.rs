//! Plans, readings and weights, by value.
