//! One function an opcode, one line an opcode here.
//!
//! A lowering pops its operands, emits operations and pushes results; [`crate::builder`] describes what it must observe about frame states. Where the
//! profile says more, a lowering first tries the special form and falls back to the generic one, which is right for any operands.

mod arith;
mod attr;
mod build;
mod builtins;
mod call;
mod cells;
mod control;
mod except;
mod import;
mod iter;
mod locals;
mod match_;
mod names;
mod numeric;
mod shapes;
mod subscript;

use crate::builder::Builder;
use crate::opcodes::v3_14 as op;
use crate::refusal::Refusal;

/// Translates the builder's current instruction.
pub fn lower(b: &mut Builder) -> Result<(), Refusal> {
    let arg = b.instr.arg;
    match b.instr.opcode {
        op::NOP | op::NOT_TAKEN | op::CACHE => {}
        op::RESUME => control::resume(b),
        op::RETURN_VALUE => control::return_value(b),
        op::YIELD_VALUE => control::yield_value(b),
        op::JUMP_FORWARD => control::jump_forward(b),
        op::JUMP_BACKWARD => control::jump_backward(b, true),
        op::JUMP_BACKWARD_NO_INTERRUPT => control::jump_backward(b, false),
        op::POP_JUMP_IF_TRUE => control::pop_jump_if(b, true),
        op::POP_JUMP_IF_FALSE => control::pop_jump_if(b, false),
        op::POP_JUMP_IF_NONE => control::pop_jump_if_none(b, true),
        op::POP_JUMP_IF_NOT_NONE => control::pop_jump_if_none(b, false),
        op::TO_BOOL => control::to_bool(b),
        op::UNARY_NOT => control::unary_not(b),

        op::POP_TOP | op::POP_ITER | op::END_FOR => locals::pop_top(b),
        op::PUSH_NULL => locals::push_null(b),
        op::COPY => locals::copy(b, arg),
        op::SWAP => locals::swap(b, arg),
        op::LOAD_CONST => locals::load_const(b, arg)?,
        op::LOAD_SMALL_INT => locals::load_small_int(b, arg),
        op::LOAD_COMMON_CONSTANT => locals::load_common_constant(b, arg),
        op::LOAD_FAST | op::LOAD_FAST_BORROW => locals::load_fast(b, arg),
        op::LOAD_FAST_LOAD_FAST | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW => {
            locals::load_fast(b, arg >> 4);
            locals::load_fast(b, arg & 15);
        }
        op::LOAD_FAST_CHECK => locals::load_fast_check(b, arg),
        op::LOAD_FAST_AND_CLEAR => locals::load_fast_and_clear(b, arg),
        op::STORE_FAST => locals::store_fast(b, arg),
        op::STORE_FAST_LOAD_FAST => {
            locals::store_fast(b, arg >> 4);
            locals::load_fast(b, arg & 15);
        }
        op::STORE_FAST_STORE_FAST => {
            locals::store_fast(b, arg >> 4);
            locals::store_fast(b, arg & 15);
        }
        op::DELETE_FAST => locals::delete_fast(b, arg),

        op::UNARY_NEGATIVE => arith::unary_negative(b),
        op::UNARY_INVERT => arith::unary_invert(b),
        op::BINARY_OP => arith::binary_op(b, arg),
        op::COMPARE_OP => arith::compare_op(b, arg),
        op::IS_OP => arith::is_op(b, arg),
        op::CONTAINS_OP => arith::contains_op(b, arg),
        op::BINARY_SLICE => arith::binary_slice(b),
        op::STORE_SLICE => arith::store_slice(b),
        op::STORE_SUBSCR => arith::store_subscr(b),
        op::DELETE_SUBSCR => arith::delete_subscr(b),

        op::LOAD_ATTR => attr::load_attr(b, arg),
        op::STORE_ATTR => attr::store_attr(b, arg),
        op::DELETE_ATTR => attr::delete_attr(b, arg),
        op::LOAD_SUPER_ATTR => attr::load_super_attr(b, arg),
        op::LOAD_GLOBAL => attr::load_global(b, arg),
        op::STORE_GLOBAL => attr::store_global(b, arg),
        op::DELETE_GLOBAL => attr::delete_global(b, arg),

        op::LOAD_NAME if b.snapshot.namespace.is_some() => names::load_name(b, arg),
        op::STORE_NAME if b.snapshot.namespace.is_some() => names::store_name(b, arg),
        op::DELETE_NAME if b.snapshot.namespace.is_some() => names::delete_name(b, arg),

        op::MAKE_CELL => cells::make_cell(b, arg),
        op::COPY_FREE_VARS => cells::copy_free_vars(b, arg),
        op::LOAD_DEREF => cells::load_deref(b, arg),
        op::STORE_DEREF => cells::store_deref(b, arg),
        op::DELETE_DEREF => cells::delete_deref(b, arg),
        op::LOAD_FROM_DICT_OR_DEREF => cells::load_from_dict_or_deref(b, arg),
        op::LOAD_FROM_DICT_OR_GLOBALS => cells::load_from_dict_or_globals(b, arg),

        op::CALL => call::call(b, arg),
        op::CALL_KW => call::call_kw(b, arg),
        op::CALL_FUNCTION_EX => call::call_function_ex(b),
        op::CALL_INTRINSIC_1 => call::intrinsic_1(b, arg),
        op::CALL_INTRINSIC_2 => call::intrinsic_2(b, arg),
        op::MAKE_FUNCTION => call::make_function(b),
        op::SET_FUNCTION_ATTRIBUTE => call::set_function_attribute(b, arg),
        op::LOAD_BUILD_CLASS => call::load_build_class(b),

        op::GET_ITER => iter::get_iter(b),
        op::FOR_ITER => iter::for_iter(b),
        op::UNPACK_SEQUENCE => iter::unpack_sequence(b, arg),
        op::UNPACK_EX => iter::unpack_ex(b, arg),
        op::GET_LEN => iter::get_len(b),

        op::BUILD_LIST => build::build_list(b, arg),
        op::BUILD_TUPLE => build::build_tuple(b, arg),
        op::BUILD_SET => build::build_set(b, arg),
        op::BUILD_MAP => build::build_map(b, arg),
        op::BUILD_STRING => build::build_string(b, arg),
        op::BUILD_SLICE => build::build_slice(b, arg),
        op::BUILD_TEMPLATE => build::build_template(b),
        op::BUILD_INTERPOLATION => build::build_interpolation(b, arg),
        op::LIST_APPEND => build::list_append(b, arg),
        op::LIST_EXTEND => build::list_extend(b, arg),
        op::SET_ADD => build::set_add(b, arg),
        op::SET_UPDATE => build::set_update(b, arg),
        op::MAP_ADD => build::map_add(b, arg),
        op::DICT_UPDATE => build::dict_update(b, arg),
        op::DICT_MERGE => build::dict_merge(b, arg),
        op::FORMAT_SIMPLE => build::format_simple(b),
        op::FORMAT_WITH_SPEC => build::format_with_spec(b),
        op::CONVERT_VALUE => build::convert_value(b, arg),

        op::RAISE_VARARGS => except::raise_varargs(b, arg),
        op::RERAISE => except::reraise(b, arg),
        op::PUSH_EXC_INFO => except::push_exc_info(b),
        op::POP_EXCEPT => except::pop_except(b),
        op::CHECK_EXC_MATCH => except::check_exc_match(b),
        op::CHECK_EG_MATCH => except::check_eg_match(b),
        op::LOAD_SPECIAL => except::load_special(b, arg),
        op::WITH_EXCEPT_START => except::with_except_start(b),

        op::MATCH_CLASS => match_::match_class(b, arg),
        op::MATCH_KEYS => match_::match_keys(b),
        op::MATCH_MAPPING => match_::match_mapping(b),
        op::MATCH_SEQUENCE => match_::match_sequence(b),

        op::IMPORT_NAME => import::import_name(b, arg),
        op::IMPORT_FROM => import::import_from(b, arg),

        // What modules and class bodies do outside their loops, what only suspended frames execute, and anything not known here: the interpreter does it.
        _ => b.deopt(),
    }
    Ok(())
}
