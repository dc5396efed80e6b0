//! The text format read and written again, and what the verifier says about functions which are not well formed.

use ember_hir::parse::parse;
use ember_hir::verify::verify;

const LOOP: &str = r#"function f(3) {
k0 = Long "10" int 10
k1 = Float "0.5" double 4602678819172646912
k2 = Unicode "a \"quoted\"\n text"
level1 = f.<locals>.g 1
bb0(v0: Object, v1: OptObject):
  v2: Long = Const<k0> @0
  v3: Null = Null @0
  Jump bb1(v0, v2) @1
bb1(v4: Object, v5: Long):
  v6: CInt = CheckEvalBreaker fs0 @2
  v7: Long@7 = GuardClass<7>(v5) fs0 @3
  v8: Object = Helper<subscript>(v4, v2) ? fs0 @4
  BranchError(v8) bb3() bb2(v8) @4
bb2(v9: Object):
  v10: Object = LoadField<-24, Instance, Object>(v9) @5 level1
  v11: CInt = Helper<unpack_sequence>(v10, v6) fs1 @5 level1 owns [v8, v9] synced [0, 2]
  v12: OptObject = ScratchLoad<0> @5
  v13: CBool = IsType<Null|Long|Float>(v12) @6
  Branch(v13) bb1(v0, v2) bb4() @7
bb3(): cold
  v14: Other = CatchException<true> @4
  Return(v14) fs0 @9
bb4():
  Return(v4) fs0 @8
fs0: @2 locals [v4, v5, -] stack []
fs1: @5 locals [v4] stack [v3, v9] level1 in fs0
}
"#;

#[test]
fn reading_what_was_written_gives_the_same_text() {
    let func = parse(LOOP).unwrap();
    assert_eq!(func.to_string(), LOOP);
    assert_eq!(verify(&func), Vec::<String>::new());
    assert_eq!(func.consts.values().nth(2).unwrap().text, "a \"quoted\"\n text");
    assert_eq!(func.consts.values().next().unwrap().int, Some(10));
}

#[test]
fn numbers_left_out_are_kept() {
    let text = "function f(0) {\nbb2(v7: Object):\n  Return(v7) @0\n}\n";
    let func = parse(text).unwrap();
    assert_eq!(func.to_string(), text);
}

#[test]
fn errors_name_the_line() {
    let error = parse("function f(0) {\nbb0():\n  Frobnicate(v1) @0\n}\n").unwrap_err();
    assert_eq!(error.line, 3);
    assert!(error.message.contains("Frobnicate"), "{error}");
    assert!(parse("bb0():\n").is_err());
}

/// Puts `body` into a function with two parameters and one frame state and returns the complaints.
fn complaints(body: &str) -> String {
    let text = format!(
        "function f(1) {{\nbb0(v0: Object, v1: OptObject):\n{body}\nfs0: @0 locals [v0] stack []\nfs1: @0 locals [] stack []\n}}\n"
    );
    verify(&parse(&text).unwrap()).join("\n")
}

#[test]
fn the_verifier_accepts_the_least() {
    assert_eq!(complaints("Return(v0)"), "");
}

#[test]
fn the_verifier_complains() {
    for (body, expected) in [
        ("v2: CInt = CInt<1>", "no terminator"),
        ("Return(v0)\nReturn(v0)", "terminator in the middle"),
        ("Jump bb0(v0, v1)", "entry"),
        ("Jump bb1()", "empty"),
        ("Jump bb1()\nbb1(v2: Object):\nReturn(v2)", "takes 1 arguments"),
        ("Jump bb1(v1)\nbb1(v2: Object):\nReturn(v2)", "is passed to"),
        ("Return(v3)\nbb1():\nv3: Null = Null\nReturn(v0)", "not defined on every path"),
        ("v2: CBool = BNot(v3)\nv3: CBool = CBool<true>\nReturn(v0)", "not defined on every path"),
        ("v2: Object = GuardNotNull(v1)\nReturn(v2)", "no frame state"),
        ("v2: Object = GuardNotNull(v1) fs1\nReturn(v2)", "locals"),
        ("v2: CInt = IAdd(v0, v0) fs0\nReturn(v0)", "not Int"),
        ("v2: CInt = UnboxInt(v0, v0) fs0\nReturn(v0)", "takes 1 operands"),
        ("v2: Object = Helper<get_iter>(v0) ? fs0\nReturn(v0)", "not followed by the BranchError"),
        ("BranchError(v0) bb1() bb1()\nbb1():\nReturn(v0)", "does not follow"),
        ("v2: OptObject = ScratchLoad<0>\nReturn(v0)", "scratch"),
        ("Incref(v0)\nv2: Object = Incref(v0)\nReturn(v0)", "has a result"),
        ("v2: Null = Null\nv3: Object = Helper<get_iter>(v2) fs0\nReturn(v0)", "is NULL"),
    ] {
        let found = complaints(body);
        assert!(found.contains(expected), "{body}\n-- {found}");
    }
}

#[test]
fn every_operation_reads_its_own_text() {
    for name in [
        "Const<k0>",
        "CDouble<7>",
        "TakeLocal<3>",
        "GuardType<Object@3>",
        "Refine<Long!>",
        "ICmp<Ult>",
        "LoadInt<-8, ListHeader, I32>",
        "LoadIndexed<0, ListItems, Object>",
        "LoadGlobalCell<18446744073709551615>",
        "Helper<binary_op>",
        "CallKw<k0>",
        "CatchException<false>",
        "Unwind<true>",
        "SetLocal<0>",
        "KeepLocal<1>",
        "KeepStack<2>",
    ] {
        let text = format!("function f(2, 7, 0) {{\nbb0():\n  {name} @0\n  Unreachable @0\n}}\n");
        assert_eq!(parse(&text).unwrap().to_string(), text);
    }
}
