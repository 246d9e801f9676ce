"""Float32 building blocks without branches or library calls, so that LLVM can use vector units.

``exp2`` is a Taylor polynomial of degree 6 on half a unit around zero, ``log2`` the series of the
inverse hyperbolic tangent to the ninth power: both good to a few parts in ten million, which is
all float32 holds. A call to a mathematical library inside a loop would end vectorisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["F", "inlined", "keep", "vexp", "vexp2", "vlog", "vlog2", "vpow", "vrelief", "vsqrt"]

F = np.float32
FLAGS = {"contract", "nsz", "arcp", "afn"}
"""What the compiler may rearrange. Not ``nnan`` and ``ninf``: NaN is an answer here."""

_INT = ir.IntType(32)
_FLOAT = ir.FloatType()

inlined: Callable[..., Any] = numba.njit(fastmath=FLAGS, inline="always", error_model="numpy")


def _instruction(result: Any, argument: Any, emit: Callable[[Any, Any], Any]) -> Any:
    """Return a function of one number that becomes exactly one instruction."""

    def typed(typing_context: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, arguments[0])

        return result(argument), generate

    return intrinsic(typed)


def _llvm(name: str) -> Callable[[Any, Any], Any]:
    def emit(builder: Any, x: Any) -> Any:
        kind = ir.FunctionType(_FLOAT, [_FLOAT])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.f32")
        return builder.call(function, [x])

    return emit


_bits = _instruction(types.int32, types.float32, lambda b, x: b.bitcast(x, _INT))
_from_bits = _instruction(types.float32, types.int32, lambda b, x: b.bitcast(x, _FLOAT))
_to_int = _instruction(types.int32, types.float32, lambda b, x: b.fptosi(x, _INT))
_to_float = _instruction(types.float32, types.int32, lambda b, x: b.sitofp(x, _FLOAT))
_into_exponent = _instruction(types.int32, types.int32, lambda b, x: b.shl(x, _INT(23)))
_exponent = _instruction(types.int32, types.int32, lambda b, x: b.ashr(x, _INT(23)))
_floor = _instruction(types.float32, types.float32, _llvm("floor"))
vsqrt = _instruction(types.float32, types.float32, _llvm("sqrt"))


@intrinsic
def _add(typing_context: Any, x: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.add(arguments[0], arguments[1])

    return types.int32(types.int32, types.int32), generate


@intrinsic
def keep(typing_context: Any, condition: Any, x: Any, y: Any) -> Any:
    """``x`` where the condition holds, else ``y``; both are computed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        holds = arguments[0]
        if holds.type.width > 1:
            holds = builder.trunc(holds, ir.IntType(1))
        return builder.select(holds, arguments[1], arguments[2])

    return types.float32(types.boolean, types.float32, types.float32), generate


@inlined
def vexp2(x: Any) -> Any:
    """Two to the power of x, x cut to what float32 can hold."""
    x = keep(x > F(126.0), F(126.0), x)
    x = keep(x < F(-126.0), F(-126.0), x)
    whole = _floor(x + F(0.5))
    r = x - whole
    p = F(0.00015403530) * r + F(0.0013333558)
    p = ((p * r + F(0.0096181291)) * r + F(0.055504109)) * r + F(0.24022651)
    p = (p * r + F(0.69314718)) * r + F(1.0)
    return p * _from_bits(_into_exponent(_add(_to_int(whole), np.int32(127))))


@inlined
def vlog2(x: Any) -> Any:
    """Binary logarithm of a positive number; about -127 at zero."""
    shifted = _add(_bits(x), np.int32(-0x3F3504F3))  # halves the octave at the root of two
    exponent = _exponent(shifted)
    mantissa = _from_bits(_add(_bits(x), _into_exponent(_add(np.int32(0), -exponent))))
    s = (mantissa - F(1.0)) / (mantissa + F(1.0))
    z = s * s
    series = F(0.32059890) * z + F(0.41219858)
    series = ((series * z + F(0.57707802)) * z + F(0.96179669)) * z + F(2.8853901)
    return _to_float(exponent) + s * series + (x - x)  # NaN has bits, too: x - x brings it back


@inlined
def vexp(x: Any) -> Any:
    """Exponential function; ln 2 is taken off in two parts, so that the remainder stays exact."""
    x = keep(x > F(87.0), F(87.0), x)
    x = keep(x < F(-87.0), F(-87.0), x)
    whole = _floor(x * F(1.4426950) + F(0.5))
    r = (x - whole * F(0.693359375)) - whole * F(-2.1219444e-4)
    p = F(0.0013888889) * r + F(0.0083333333)
    p = ((p * r + F(0.041666667)) * r + F(0.16666667)) * r + F(0.5)
    p = (p * r + F(1.0)) * r + F(1.0)
    return p * _from_bits(_into_exponent(_add(_to_int(whole), np.int32(127))))


@inlined
def vrelief(z: Any) -> Any:
    """``(1 - exp(-z)) / z`` of a positive number, without cancellation near zero."""
    p = F(0.00019841270) * z - F(0.0013888889)
    p = ((p * z + F(0.0083333333)) * z - F(0.041666667)) * z + F(0.16666667)
    p = (p * z - F(0.5)) * z + F(1.0)
    return keep(z < F(0.5), p, (F(1.0) - vexp(-z)) / z)


@inlined
def vlog(x: Any) -> Any:
    """Natural logarithm of a positive number."""
    return vlog2(x) * F(0.69314718)


@inlined
def vpow(x: Any, y: Any) -> Any:
    """Power of a number that is zero or positive."""
    return keep(x <= F(0.0), F(0.0), vexp2(y * vlog2(x)))
