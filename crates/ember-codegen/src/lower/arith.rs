//! Boxing and machine arithmetic.

use super::{Lower, Result};
use crate::env::Objects;
use crate::exits::ExitKind;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, types};
use ember_hir as hir;
use ember_hir::Op;
use ember_hir::ops::Cc;

/// `lv_tag` of an `int` of at most one digit is below this.
const COMPACT_BELOW: i64 = 16;

impl Lower<'_, '_> {
    // --- boxing -----------------------------------------------------------------------------------------------------

    pub(super) fn boxing(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        let value = self.arg(inst, 0)?;
        Ok(match self.func.insts[inst].op {
            Op::UnboxInt | Op::EnterInt => self.unbox_int(inst, value)?,
            Op::UnboxDouble => self.load(types::F64, value, self.env.layout.float_value),
            Op::UnboxBool => self.b.ins().icmp_imm_s(IntCC::Equal, value, self.env.objects.true_ as i64),
            Op::BoxInt => self.box_int(self.operand(inst, 0), value),
            Op::BoxDouble => self.call_for(self.env.functions.float_from_double, &[value], types::I64),
            Op::BoxBool => {
                let (yes, no) = (self.address(self.env.objects.true_), self.address(self.env.objects.false_));
                self.b.ins().select(value, yes, no)
            }
            Op::IntToDouble => self.b.ins().fcvt_from_sint(types::F64, value),
            _ => self.b.ins().uextend(types::I64, value),
        })
    }

    /// Compact ints inline; others by a call, which may find that the value does not fit.
    fn unbox_int(&mut self, inst: hir::Inst, object: ir::Value) -> Result<ir::Value> {
        if let Some(Op::Const { id }) = self.func.def_op(self.root(self.operand(inst, 0)))
            && let Some(value) = self.func.consts[*id].int
        {
            return Ok(self.int(value));
        }
        let layout = &self.env.layout;
        let (large, join) = (self.cold_block(), self.new_block());
        let result = self.b.append_block_param(join, types::I64);
        let tag = self.load(types::I64, object, layout.long_tag);
        let compact = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, tag, COMPACT_BELOW);
        self.leave_unless(compact, large);
        let digit = self.b.ins().uload32(cranelift_codegen::ir::MemFlagsData::trusted(), object, layout.long_digit);
        // The sign is the tag's low two bits: 0 positive, 1 zero, 2 negative.
        let bits = self.b.ins().band_imm_u(tag, 3);
        let one = self.int(1);
        let sign = self.b.ins().isub(one, bits);
        let value = self.b.ins().imul(sign, digit);
        self.b.ins().jump(join, &[BlockArg::Value(value)]);

        self.b.switch_to_block(large);
        // The first word is where the call's own answer goes.
        let slot = self.args.need(2);
        let out = self.slot_address(slot, 8);
        let fits = self.call_rarely(self.env.functions.long_as_i64_checked, object, out, types::I32);
        let exit = self.exit(inst, ExitKind::Deopt)?;
        let fitting = self.cold_block();
        self.b.ins().brif(fits, fitting, &[], exit, &[]);
        self.b.switch_to_block(fitting);
        let value = self.load(types::I64, out, 0);
        self.b.ins().jump(join, &[BlockArg::Value(value)]);

        self.b.switch_to_block(join);
        Ok(result)
    }

    fn box_int(&mut self, operand: hir::Value, value: ir::Value) -> ir::Value {
        let make = self.env.functions.long_from_i64;
        if let Some(known) = self.known_int(operand)
            && let Some(address) = self.env.small_int(known)
        {
            return self.address(address);
        }
        let table = self.env.objects.small_ints;
        if table == 0 {
            return self.call_for(make, &[value], types::I64);
        }
        let (small, large, join) = (self.new_block(), self.new_block(), self.new_block());
        let result = self.b.append_block_param(join, types::I64);
        let index = self.b.ins().iadd_imm_s(value, -Objects::SMALL_INT_MIN);
        let count = Objects::SMALL_INT_MAX - Objects::SMALL_INT_MIN + 1;
        let in_table = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, index, count);
        self.b.ins().brif(in_table, small, &[], large, &[]);
        self.b.switch_to_block(large);
        let object = self.call_for(make, &[value], types::I64);
        self.b.ins().jump(join, &[BlockArg::Value(object)]);
        self.b.switch_to_block(small);
        let offset = self.b.ins().ishl_imm_u(index, i64::from(Objects::SMALL_INT_STRIDE.trailing_zeros()));
        let base = self.address(table);
        let object = self.b.ins().iadd(base, offset);
        self.b.ins().jump(join, &[BlockArg::Value(object)]);
        self.b.switch_to_block(join);
        result
    }

    // --- integers ---------------------------------------------------------------------------------------------------

    pub(super) fn integer(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        let a = self.arg(inst, 0)?;
        let op = self.func.insts[inst].op;
        match op {
            Op::INeg => {
                let lowest = self.b.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
                self.deopt_if(inst, lowest)?;
                return Ok(self.b.ins().ineg(a));
            }
            Op::INot => return Ok(self.b.ins().bnot(a)),
            _ => {}
        }
        let b = self.arg(inst, 1)?;
        Ok(match op {
            Op::IAdd => match self.known_int(self.operand(inst, 1)) {
                Some(addend) => self.add_known(inst, a, b, addend >= 0)?,
                None => {
                    let (sum, overflow) = self.b.ins().sadd_overflow(a, b);
                    self.deopt_if(inst, overflow)?;
                    sum
                }
            },
            Op::ISub => {
                let (difference, overflow) = match self.known_int(self.operand(inst, 1)) {
                    Some(subtrahend) => {
                        // With a constant, overflow shows in the order of operand and result: one fused compare and branch.
                        let difference = self.b.ins().isub(a, b);
                        let cc = if subtrahend >= 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                        let overflow = self.b.ins().icmp(cc, difference, a);
                        (difference, overflow)
                    }
                    None => self.b.ins().ssub_overflow(a, b),
                };
                self.deopt_if(inst, overflow)?;
                difference
            }
            Op::IMul => {
                let (product, overflow) = self.b.ins().smul_overflow(a, b);
                self.deopt_if(inst, overflow)?;
                product
            }
            Op::IFloorDiv | Op::IMod => self.divide(inst, a, b)?,
            Op::IShl => {
                let in_range = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, b, 64);
                self.deopt_unless(inst, in_range)?;
                let shifted = self.b.ins().ishl(a, b);
                let back = self.b.ins().sshr(shifted, b);
                let same = self.b.ins().icmp(IntCC::Equal, back, a);
                self.deopt_unless(inst, same)?;
                shifted
            }
            Op::IShr => {
                let count = match self.known_int(self.operand(inst, 1)) {
                    Some(known) if known >= 0 => self.int(known.min(63)),
                    _ => {
                        let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, b, 0);
                        self.deopt_if(inst, negative)?;
                        let most = self.int(63);
                        let beyond = self.b.ins().icmp(IntCC::SignedGreaterThan, b, most);
                        self.b.ins().select(beyond, most, b)
                    }
                };
                self.b.ins().sshr(a, count)
            }
            Op::IAddWrap => self.b.ins().iadd(a, b),
            Op::ISubWrap => self.b.ins().isub(a, b),
            Op::IMulWrap => self.b.ins().imul(a, b),
            Op::IAnd => self.b.ins().band(a, b),
            Op::IOr => self.b.ins().bor(a, b),
            Op::IXor => self.b.ins().bxor(a, b),
            Op::ICmp { cc } => self.b.ins().icmp(int_cc(cc), a, b),
            op => return Err(self.unsupported(op.name())),
        })
    }

    fn add_known(&mut self, inst: hir::Inst, a: ir::Value, b: ir::Value, upwards: bool) -> Result<ir::Value> {
        let sum = self.b.ins().iadd(a, b);
        let cc = if upwards { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
        let overflow = self.b.ins().icmp(cc, sum, a);
        self.deopt_if(inst, overflow)?;
        Ok(sum)
    }

    /// Floor division and the remainder that goes with it.
    fn divide(&mut self, inst: hir::Inst, a: ir::Value, b: ir::Value) -> Result<ir::Value> {
        let quotient_wanted = self.func.insts[inst].op == Op::IFloorDiv;
        let known = self.known_int(self.operand(inst, 1));
        if let Some(divisor) = known
            && divisor > 0
            && divisor.count_ones() == 1
        {
            return Ok(if quotient_wanted {
                self.b.ins().sshr_imm_u(a, i64::from(divisor.trailing_zeros()))
            } else {
                self.b.ins().band_imm_s(a, divisor - 1)
            });
        }
        if !known.is_some_and(|divisor| divisor != 0 && divisor != -1) {
            let zero = self.b.ins().icmp_imm_s(IntCC::Equal, b, 0);
            self.deopt_if(inst, zero)?;
            // The one quotient that does not fit: the interpreter has it.
            let minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, b, -1);
            let lowest = self.b.ins().icmp_imm_s(IntCC::Equal, a, i64::MIN);
            let both = self.b.ins().band(minus_one, lowest);
            self.deopt_if(inst, both)?;
        }
        let truncated = self.b.ins().sdiv(a, b);
        let product = self.b.ins().imul(truncated, b);
        let remainder = self.b.ins().isub(a, product);
        // Where the remainder is not zero and has not the divisor's sign, both are one divisor off.
        let signs = self.b.ins().bxor(remainder, b);
        let differ = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
        let nonzero = self.b.ins().icmp_imm_s(IntCC::NotEqual, remainder, 0);
        let adjust = self.b.ins().band(differ, nonzero);
        Ok(if quotient_wanted {
            let adjust = self.b.ins().uextend(types::I64, adjust);
            self.b.ins().isub(truncated, adjust)
        } else {
            let adjusted = self.b.ins().iadd(remainder, b);
            self.b.ins().select(adjust, adjusted, remainder)
        })
    }

    // --- doubles ----------------------------------------------------------------------------------------------------

    pub(super) fn double(&mut self, inst: hir::Inst) -> Result<ir::Value> {
        let a = self.arg(inst, 0)?;
        let op = self.func.insts[inst].op;
        match op {
            Op::DNeg => return Ok(self.b.ins().fneg(a)),
            Op::DAbs => return Ok(self.b.ins().fabs(a)),
            Op::DSqrt => {
                let zero = self.b.ins().f64const(0.0);
                let fine = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, a, zero);
                self.deopt_unless(inst, fine)?;
                return Ok(self.b.ins().sqrt(a));
            }
            _ => {}
        }
        let b = self.arg(inst, 1)?;
        Ok(match op {
            Op::DAdd => self.b.ins().fadd(a, b),
            Op::DSub => self.b.ins().fsub(a, b),
            Op::DMul => self.b.ins().fmul(a, b),
            Op::DDiv => {
                if self.known_double(self.operand(inst, 1)).is_none_or(|divisor| divisor == 0.0) {
                    let zero = self.b.ins().f64const(0.0);
                    let is_zero = self.b.ins().fcmp(FloatCC::Equal, b, zero);
                    self.deopt_if(inst, is_zero)?;
                }
                self.b.ins().fdiv(a, b)
            }
            Op::DCmp { cc } => {
                let cc = match cc {
                    Cc::Eq => FloatCC::Equal,
                    Cc::Ne => FloatCC::NotEqual,
                    Cc::Lt => FloatCC::LessThan,
                    Cc::Le => FloatCC::LessThanOrEqual,
                    Cc::Gt => FloatCC::GreaterThan,
                    Cc::Ge => FloatCC::GreaterThanOrEqual,
                    Cc::Ult => return Err(self.unsupported("an unsigned comparison of doubles")),
                };
                self.b.ins().fcmp(cc, a, b)
            }
            op => return Err(self.unsupported(op.name())),
        })
    }
}

fn int_cc(cc: Cc) -> IntCC {
    match cc {
        Cc::Eq => IntCC::Equal,
        Cc::Ne => IntCC::NotEqual,
        Cc::Lt => IntCC::SignedLessThan,
        Cc::Le => IntCC::SignedLessThanOrEqual,
        Cc::Gt => IntCC::SignedGreaterThan,
        Cc::Ge => IntCC::SignedGreaterThanOrEqual,
        Cc::Ult => IntCC::UnsignedLessThan,
    }
}
