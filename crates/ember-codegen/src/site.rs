//! What a generic call says about itself.
//!
//! A call whose callee is not known passes its operands in an array and the address of a [`CallSite`], which lies behind the code: everything that is the same at each execution.
//! The function that calls also does what is due afterwards, so that a call site has no code for it: it drops the operands that end there, and looks whether native code may go on.

/// A call site. Operands are `callable, self or NULL, arguments…`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CallSite {
    /// The address of the site's profile, or 0.
    pub profile: u64,
    /// The address of the tuple of keyword names, or 0.
    pub names: u64,
    /// The address of the code unit to show while calling.
    pub position: u64,
    /// How many arguments there are, without `self`.
    pub arguments: u32,
    /// The operands whose references the call takes over, by bit.
    pub consumed: u32,
}

impl CallSite {
    /// Operands beyond these are never taken over.
    pub const MOST_CONSUMED: usize = 32;

    pub(crate) fn bytes(&self) -> [u8; size_of::<CallSite>()] {
        let mut bytes = [0; size_of::<CallSite>()];
        for (place, word) in bytes.chunks_exact_mut(8).zip([self.profile, self.names, self.position]) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes[24..28].copy_from_slice(&self.arguments.to_le_bytes());
        bytes[28..].copy_from_slice(&self.consumed.to_le_bytes());
        bytes
    }
}
