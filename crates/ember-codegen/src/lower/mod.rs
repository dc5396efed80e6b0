//! HIR to Cranelift IR.
use crate::{BodyParams, CodegenError, CompiledBody, Env, Options};

pub(crate) fn compile(
    _func: &ember_hir::Function,
    _params: &BodyParams,
    _env: &Env,
    _options: &Options,
) -> Result<CompiledBody, CodegenError> {
    Err(CodegenError::Unsupported("everything".to_owned()))
}
