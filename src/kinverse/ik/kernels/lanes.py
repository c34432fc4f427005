"""`Lanes`: eight doubles that a compiled kernel handles as one number, so that it solves eight targets at a time.

The compiler vectorises loops, but a Levenberg–Marquardt iteration is not a loop over targets: it is a page of formulas
with decisions in between. With `Lanes` the formulas are written once, for a value of eight doubles. Every operation
below becomes one SIMD instruction (two or four on older processors), and values stay in registers.

    x = load(work, row)              # work: (rows, WIDTH) float64, C-contiguous
    store(work, row, x * x + 1.0)
    y = select(x < 0.0, -x, x)

Lanes are independent: the bits of one do not depend on the others.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

WIDTH = 8
"""Doubles in one `Lanes`: one AVX-512 register, two of AVX2."""


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Lanes{WIDTH}")


class _Mask(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Mask{WIDTH}")


lanes, mask = _Lanes(), _Mask()
_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
_BITS = ir.VectorType(ir.IntType(1), WIDTH)


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _DOUBLES)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _BITS)


def _splat(builder: Any, value: Any) -> Any:
    """One double in every lane."""
    one = builder.insert_element(ir.Constant(_DOUBLES, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, ir.Constant(_DOUBLES, ir.Undefined), zeros)


def _wide(builder: Any, kind: Any, value: Any) -> Any:
    return value if isinstance(kind, _Lanes) else _splat(builder, value)


_NUMBERS = (lanes, types.float64)


def _define(function: Callable[..., Any], result: Any, emit: Callable[[Any, Any, Any], Any]) -> None:
    """Implement a Python operator for (lanes, lanes), (lanes, float) and (float, lanes)."""

    class Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if len(args) == 2 and lanes in args:
                wide = [lanes if kind == lanes else types.float64 for kind in args]
                return signature(result, *wide)
            return None

    infer_global(function)(Template)
    for left in _NUMBERS:
        for right in _NUMBERS:
            if lanes not in (left, right):
                continue

            def lower(context: Any, builder: Any, sig: Any, args: Any, left: Any = left, right: Any = right) -> Any:
                return emit(builder, _wide(builder, left, args[0]), _wide(builder, right, args[1]))

            lower_builtin(function, left, right)(lower)


# "contract" lets the processor fuse a product and a sum, in every lane alike; nothing is reordered.
_FUSED = ("contract",)


def _arithmetic(name: str) -> Callable[[Any, Any, Any], Any]:
    return lambda builder, a, b: getattr(builder, name)(a, b, flags=_FUSED)


def _comparison(sign: str) -> Callable[[Any, Any, Any], Any]:
    return lambda builder, a, b: builder.fcmp_ordered(sign, a, b)


_define(operator.add, lanes, _arithmetic("fadd"))
_define(operator.sub, lanes, _arithmetic("fsub"))
_define(operator.mul, lanes, _arithmetic("fmul"))
_define(operator.truediv, lanes, lambda builder, a, b: builder.fdiv(a, b))
_define(operator.lt, mask, _comparison("<"))
_define(operator.le, mask, _comparison("<="))
_define(operator.gt, mask, _comparison(">"))
_define(operator.ge, mask, _comparison(">="))


@infer_global(operator.neg)
class _Negative(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(lanes, lanes) if args == (lanes,) else None


@lower_builtin(operator.neg, lanes)
def _negative(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


def _define_masks(function: Callable[..., Any], name: str) -> None:
    class Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            return signature(mask, mask, mask) if args == (mask, mask) else None

    infer_global(function)(Template)
    lower_builtin(function, mask, mask)(lambda context, builder, sig, args: getattr(builder, name)(args[0], args[1]))


_define_masks(operator.and_, "and_")
_define_masks(operator.or_, "or_")


@infer_global(operator.invert)
class _Not(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(mask, mask) if args == (mask,) else None


@lower_builtin(operator.invert, mask)
def _not(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.not_(args[0])


@intrinsic
def load(typing_context, work, row):  # type: ignore[no-untyped-def]
    """Row `row` of a (rows, WIDTH) array."""

    def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
        return builder.load(_row(context, builder, sig.args[0], args[0], args[1]), align=8)

    return lanes(work, types.intp), emit


@intrinsic
def store(typing_context, work, row, value):  # type: ignore[no-untyped-def]
    """Write a value into row `row` of a (rows, WIDTH) array."""

    def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
        builder.store(args[2], _row(context, builder, sig.args[0], args[0], args[1]), align=8)
        return context.get_dummy_value()

    return types.none(work, types.intp, lanes), emit


def _row(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    place = builder.gep(data, [builder.mul(row, ir.Constant(row.type, WIDTH))])
    return builder.bitcast(place, _DOUBLES.as_pointer())


@intrinsic
def splat(typing_context, value):  # type: ignore[no-untyped-def]
    """The same number in every lane."""
    return lanes(types.float64), lambda context, builder, sig, args: _splat(builder, args[0])


@intrinsic
def select(typing_context, condition, yes, no):  # type: ignore[no-untyped-def]
    """Lane by lane, `yes` where the condition holds, else `no`."""
    kinds = [kind if kind == lanes else types.float64 for kind in (yes, no)]

    def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
        yes, no = (_wide(builder, kind, value) for kind, value in zip(sig.args[1:], args[1:], strict=True))
        return builder.select(args[0], yes, no)

    return lanes(mask, *kinds), emit


@intrinsic
def any_lane(typing_context, condition):  # type: ignore[no-untyped-def]
    """Whether a condition holds in at least one lane."""

    def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
        bits = builder.bitcast(args[0], ir.IntType(WIDTH))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(WIDTH), 0))

    return types.boolean(mask), emit


@intrinsic
def lane_bits(typing_context, condition):  # type: ignore[no-untyped-def]
    """A condition as a whole number, lane 0 in the lowest bit."""

    def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
        return builder.zext(builder.bitcast(args[0], ir.IntType(WIDTH)), ir.IntType(64))

    return types.int64(mask), emit


def _unary(name: str) -> Any:
    @intrinsic
    def function(typing_context, value):  # type: ignore[no-untyped-def]
        def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
            kind = ir.FunctionType(_DOUBLES, [_DOUBLES])
            callee = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f64")
            return builder.call(callee, [args[0]])

        return lanes(lanes), emit

    return function


sqrt, floor = _unary("sqrt"), _unary("floor")


def _binary(name: str) -> Any:
    @intrinsic
    def function(typing_context, left, right):  # type: ignore[no-untyped-def]
        kinds = [kind if kind == lanes else types.float64 for kind in (left, right)]

        def emit(context, builder, sig, args):  # type: ignore[no-untyped-def]
            kind = ir.FunctionType(_DOUBLES, [_DOUBLES, _DOUBLES])
            callee = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f64")
            wide = [_wide(builder, k, value) for k, value in zip(sig.args, args, strict=True)]
            return builder.call(callee, wide)

        return lanes(*kinds), emit

    return function


minimum, maximum = _binary("minnum"), _binary("maxnum")
