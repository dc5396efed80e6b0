//! The Cranelift IR of a few functions, as text. `UPDATE_EXPECT=1` rewrites what is expected.
