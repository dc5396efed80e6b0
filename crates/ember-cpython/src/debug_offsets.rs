//! `_Py_DebugOffsets`: the table of sizes and offsets that CPython itself puts at the start of
//! `_PyRuntime` for debuggers. Its head (cookie, version) is at the same place since 3.13; the rest
//! is read only after the version is known to be the one described here.

/// What the table starts with.
pub const COOKIE: [u8; 8] = *b"xdebugpy";

macro_rules! table {
    ($($group:ident : $gty:ident { $($field:ident),* $(,)? })*) => {
        $(
            #[doc = concat!("The `", stringify!($group), "` group.")]
            #[repr(C)]
            #[derive(Clone, Copy, Debug)]
            #[allow(missing_docs)]
            pub struct $gty { $(pub $field: u64),* }
        )*
        /// The table, as of 3.14.
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        #[allow(missing_docs)]
        pub struct DebugOffsets {
            pub cookie: [u8; 8],
            pub version: u64,
            pub free_threaded: u64,
            $(pub $group: $gty),*
        }
    };
}

table! {
    runtime_state: RuntimeState { size, finalizing, interpreters_head }
    interpreter_state: InterpreterState {
        size, id, next, threads_head, threads_main, gc, imports_modules, sysdict, builtins, ceval_gil,
        gil_runtime_state, gil_runtime_state_enabled, gil_runtime_state_locked, gil_runtime_state_holder,
        code_object_generation, tlbc_generation,
    }
    thread_state: ThreadState {
        size, prev, next, interp, current_frame, thread_id, native_thread_id, datastack_chunk, status,
    }
    interpreter_frame: Frame { size, previous, executable, instr_ptr, localsplus, owner, stackpointer, tlbc_index }
    code_object: Code {
        size, filename, name, qualname, linetable, firstlineno, argcount, localsplusnames, localspluskinds,
        co_code_adaptive, co_tlbc,
    }
    pyobject: Object { size, ob_type }
    type_object: Type { size, tp_name, tp_repr, tp_flags }
    tuple_object: Tuple { size, ob_item, ob_size }
    list_object: List { size, ob_item, ob_size }
    set_object: Set { size, used, table, mask }
    dict_object: Dict { size, ma_keys, ma_values }
    float_object: Float { size, ob_fval }
    long_object: Long { size, lv_tag, ob_digit }
    bytes_object: Bytes { size, ob_size, ob_sval }
    unicode_object: Unicode { size, state, length, asciiobject_size }
    gc: Gc { size, collecting }
    gen_object: Gen { size, gi_name, gi_iframe, gi_frame_state }
    llist_node: LlistNode { next, prev }
    debugger_support: DebuggerSupport {
        eval_breaker, remote_debugger_support, remote_debugging_enabled, debugger_pending_call,
        debugger_script_path, debugger_script_path_size,
    }
}
