//! Attribute sites that have their receiver from the same local variable.
//!
//! A guard that fails leaves the function, so the sites after it are not reached: what is learnt at one site would have to be learnt anew at each following one, a
//! version each. Most of them are about the same object, `self` above all, and so sites that take their receiver from the same local share what is learnt of it.

use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::CodeSnapshot;
use rustc_hash::FxHashMap;

/// The locals from which attribute sites take their receivers, by code unit; sites with other receivers are left out.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    by_site: FxHashMap<u32, u32>,
}

impl Owners {
    /// Finds the sites of a code object.
    pub fn of(snapshot: &CodeSnapshot) -> Owners {
        let mut by_site = FxHashMap::default();
        let mut loaded = None;
        for instr in decode::instrs(&snapshot.units, &snapshot.adaptive) {
            if let (op::LOAD_ATTR | op::STORE_ATTR, Some(local)) = (instr.opcode, loaded) {
                by_site.insert(instr.unit, local);
            }
            loaded = match instr.opcode {
                op::LOAD_FAST | op::LOAD_FAST_BORROW | op::LOAD_FAST_CHECK => Some(instr.arg),
                op::LOAD_FAST_LOAD_FAST | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW | op::STORE_FAST_LOAD_FAST => {
                    Some(instr.arg & 15)
                }
                _ => None,
            };
        }
        Owners { by_site }
    }

    /// The other sites with the receiver of this one.
    pub fn siblings(&self, site: u32) -> Vec<u32> {
        let Some(local) = self.by_site.get(&site) else { return Vec::new() };
        self.by_site
            .iter()
            .filter(|&(other, owner)| owner == local && *other != site)
            .map(|(other, _)| *other)
            .collect()
    }
}
