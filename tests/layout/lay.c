/* Prints what the C compiler makes of CPython's headers, in the format of
   `cargo run -p ember-cpython --example dump_layout`. The entries to print come from that very
   dump: check.py turns it into entries.inc, so that nothing can be listed on one side only. */
#define Py_BUILD_CORE_MODULE 1
#include "Python.h"
#include <stddef.h>
#include <stdio.h>
#include "internal/pycore_interpframe.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_ceval.h"
#include "internal/pycore_code.h"
#include "internal/pycore_debug_offsets.h"
#include "internal/pycore_descrobject.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_function.h"
#include "internal/pycore_genobject.h"
#include "internal/pycore_instruments.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_intrinsics.h"
#include "internal/pycore_list.h"
#include "internal/pycore_long.h"
#include "internal/pycore_moduleobject.h"
#include "internal/pycore_gc.h"
#include "internal/pycore_object.h"
#include "internal/pycore_obmalloc.h"
#include "internal/pycore_range.h"
#include "internal/pycore_runtime.h"
#include "internal/pycore_stackref.h"
#include "internal/pycore_tstate.h"
#include "internal/pycore_tuple.h"
#include "internal/pycore_typeobject.h"

#define OFFSET(T, f) printf("offset %s %zu\n", #T "." #f, offsetof(T, f));
#define SIZE(T) printf("size %s %zu\n", #T, sizeof(T));
#define CONST(e) printf("const %s %lld\n", #e, (long long)(e));

int main(void) {
#include "entries.inc"
    printf("drift PyThreadState.size %zu\n", sizeof(PyThreadState));
    printf("drift PyInterpreterState.size %zu\n", sizeof(PyInterpreterState));
    printf("drift PyInterpreterState.func_state.func_version_cache %zu\n",
           offsetof(PyInterpreterState, func_state.func_version_cache));
    printf("drift PyInterpreterState.types.type_version_cache %zu\n",
           offsetof(PyInterpreterState, types.type_version_cache));
    return 0;
}
