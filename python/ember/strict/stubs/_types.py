"""The names of the interpreter's types."""

from _ember_types import GenericAlias, SimpleNamespace, UnionType

_type = __ember_type__
FunctionType = LambdaType = _type("function")
MappingProxyType = _type("mappingproxy")
CodeType = _type("code")
CellType = _type("cell")
GeneratorType = _type("generator")
CoroutineType = _type("coroutine")
AsyncGeneratorType = _type("async_generator")
MethodType = _type("method")
BuiltinFunctionType = BuiltinMethodType = _type("builtin_function_or_method")
WrapperDescriptorType = _type("wrapper_descriptor")
MethodWrapperType = _type("method-wrapper")
MethodDescriptorType = _type("method_descriptor")
ClassMethodDescriptorType = _type("classmethod_descriptor")
ModuleType = _type("module")
TracebackType = _type("traceback")
FrameType = _type("frame")
GetSetDescriptorType = _type("getset_descriptor")
MemberDescriptorType = _type("member_descriptor")
NoneType = type(None)
NotImplementedType = type(NotImplemented)
EllipsisType = type(...)


class CapsuleType:
    pass


class FrameLocalsProxyType:
    pass


__all__ = [_name for _name in globals() if not _name.startswith("_")]
