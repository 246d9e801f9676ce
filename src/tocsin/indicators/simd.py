"""Building blocks without branches or library calls, so that LLVM can use vector units.

Each works on float32 and on float64. Powers of two and logarithms to base two are polynomials of
smallest relative error (Remez) on one octave, put together with the exponent's bits; relative
errors of the polynomials alone: 2.6e-9 and 2.6e-8 in float32, 3e-16 and 2e-16 in float64, below or
near what the type holds. A call to a mathematical library inside a loop would end vectorisation.

NaN does not survive the games with bits: give no NaN to ``vexp2``, ``vlog2`` and what uses them,
but keep it aside and put it back with ``keep``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["FLAGS", "inlined", "keep", "vexp", "vexp2", "vlog2", "vpow", "vsqrt"]

FLAGS = {"contract", "nsz", "arcp", "afn"}
"""What the compiler may rearrange. Not ``nnan`` and ``ninf``: NaN is an answer here."""

inlined: Callable[..., Any] = numba.njit(fastmath=FLAGS, forceinline=True, error_model="numpy")


class _Kind(NamedTuple):
    """A type of float: its LLVM types, its bits, and polynomials that suit them."""

    real: Any
    whole: Any
    mantissa_bits: int
    bias: int
    root_of_half: int
    log2_e_rest: float
    exp2: tuple[float, ...]
    log2: tuple[float, ...]


_EXP2_SINGLE = (
    1.0, 0.693147215, 0.2402265278, 0.05550310551, 0.009617692975, 0.00134066439, 0.0001559467754,
)  # fmt: skip
_LOG2_SINGLE = (  # of log2(1 + f) / f, f from the root of a half less 1 to the root of two less 1
    1.442695004, -0.7213473468, 0.4809106429, -0.3607036829, 0.2879162483, -0.2389448188,
    0.2157156011, -0.2072697617, 0.1258370513,
)  # fmt: skip
_EXP2_DOUBLE = (
    1.0, 0.69314718055995161623, 0.24022650695910472157, 0.055504108664346583753,
    0.0096181291073807133641, 0.0013333558246480753081, 0.00015403530800819343075,
    0.000015252647747682079134, 1.3215235634268529204e-6, 1.0210506460868279199e-7,
    7.1117587695899082711e-9,
)  # fmt: skip
_LOG2_DOUBLE = (  # of log2(m) / s in powers of s squared, s = (m - 1) / (m + 1)
    2.8853900817779273119, 0.96179669392432456652, 0.57707801725029379546, 0.41219840147299321429,
    0.32061642585023201194, 0.26144310972624689471, 0.24292899639336084929,
)  # fmt: skip

_KINDS = {
    types.float32: _Kind(
        ir.FloatType(), ir.IntType(32), 23, 127, 0x3F3504F3, 1.925963033500e-08,
        _EXP2_SINGLE, _LOG2_SINGLE,
    ),
    types.float64: _Kind(
        ir.DoubleType(), ir.IntType(64), 52, 1023, 0x3FE6A09E667F3BCD, 2.0355273740931033e-17,
        _EXP2_DOUBLE, _LOG2_DOUBLE,
    ),
}  # fmt: skip
LOG2_E = 1.4426950408889634074


def _call(builder: Any, kind: _Kind, name: str, *values: Any) -> Any:
    declared = ir.FunctionType(kind.real, [kind.real] * len(values))
    function = builder.module.declare_intrinsic(f"llvm.{name}", [kind.real], declared)
    return builder.call(function, list(values))


def _polynomial(builder: Any, kind: _Kind, x: Any, coefficients: tuple[float, ...]) -> Any:
    """Estrin's scheme: pairs, pairs of pairs; the processor waits less than for Horner's chain."""
    terms = [kind.real(c) for c in coefficients]
    while len(terms) > 1:
        pairs = zip(terms[::2], terms[1::2], strict=False)
        odd = terms[-1:] if len(terms) % 2 else []
        terms = [_call(builder, kind, "fmuladd", high, x, low) for low, high in pairs] + odd
        if len(terms) > 1:
            x = builder.fmul(x, x)
    return terms[0]


def _power_of_two(builder: Any, kind: _Kind, x: Any, factor: Any, rest: Any) -> Any:
    """Two to the power ``x * (factor + rest)``; ``rest`` is what the type cannot hold of it."""
    shift = kind.real(1.5 * 2.0**kind.mantissa_bits)  # adding it leaves a whole number
    raised = _call(builder, kind, "fmuladd", x, factor, shift)
    whole = builder.fsub(raised, shift)
    r = _call(builder, kind, "fmuladd", x, factor, builder.fneg(whole))
    if rest is not None:
        r = _call(builder, kind, "fmuladd", x, rest, r)
    value = builder.bitcast(_polynomial(builder, kind, r, kind.exp2), kind.whole)
    raise_by = builder.shl(builder.bitcast(raised, kind.whole), kind.whole(kind.mantissa_bits))
    return builder.bitcast(builder.add(value, raise_by), kind.real)


def _cut(builder: Any, kind: _Kind, x: Any, limit: float) -> Any:
    high, low = kind.real(limit), kind.real(-limit)
    x = builder.select(builder.fcmp_ordered("<", high, x), high, x)
    return builder.select(builder.fcmp_ordered(">", low, x), low, x)


@intrinsic
def vexp2(typing_context: Any, x: Any) -> Any:
    """Two to the power of x, x cut to what the type can hold."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = _KINDS[signature.return_type]
        x = _cut(builder, kind, arguments[0], kind.bias - 1.0)
        return _power_of_two(builder, kind, x, kind.real(1.0), None)

    return x(x), generate


@intrinsic
def vexp(typing_context: Any, x: Any) -> Any:
    """Exponential function, x cut to what the type can hold."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = _KINDS[signature.return_type]
        x = _cut(builder, kind, arguments[0], (kind.bias - 1.0) / LOG2_E)
        rest = kind.real(kind.log2_e_rest)
        return _power_of_two(builder, kind, x, kind.real(LOG2_E), rest)

    return x(x), generate


@intrinsic
def vlog2(typing_context: Any, x: Any) -> Any:
    """Binary logarithm of a positive number; about minus the type's largest power at zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = _KINDS[signature.return_type]
        n = kind.mantissa_bits
        half_octave = (kind.bias << n) - kind.root_of_half
        bits = builder.bitcast(arguments[0], kind.whole)
        biased = builder.lshr(builder.add(bits, kind.whole(half_octave)), kind.whole(n))
        m = builder.sub(bits, builder.shl(biased, kind.whole(n)))
        m = builder.bitcast(builder.add(m, kind.whole(kind.bias << n)), kind.real)
        top = kind.whole((kind.bias + n) << n)  # 2**n: whole numbers sit in its lowest bits
        exponent = builder.bitcast(builder.or_(biased, top), kind.real)
        exponent = builder.fsub(exponent, kind.real(2.0**n + kind.bias))
        one = kind.real(1.0)
        f = builder.fsub(m, one)
        if n == 23:
            series = _polynomial(builder, kind, f, kind.log2)
        else:
            f = builder.fdiv(f, builder.fadd(m, one))
            series = _polynomial(builder, kind, builder.fmul(f, f), kind.log2)
        return _call(builder, kind, "fmuladd", f, series, exponent)

    return x(x), generate


@intrinsic
def vsqrt(typing_context: Any, x: Any) -> Any:
    """Square root."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _call(builder, _KINDS[signature.return_type], "sqrt", arguments[0])

    return x(x), generate


@intrinsic
def keep(typing_context: Any, condition: Any, x: Any, y: Any) -> Any:
    """``x`` where the condition holds, else ``y``; both are computed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        holds = arguments[0]
        if holds.type.width > 1:
            holds = builder.trunc(holds, ir.IntType(1))
        return builder.select(holds, arguments[1], arguments[2])

    return x(types.boolean, x, x), generate


@inlined
def vpow(x: Any, y: Any) -> Any:
    """Power of a number that is zero or positive; nearly zero at zero."""
    return vexp2(y * vlog2(x))
