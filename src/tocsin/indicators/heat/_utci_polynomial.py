"""The UTCI polynomial: its coefficients, and its value as straight code without a loop.

Source: Broede et al. (2012), International Journal of Biometeorology 56: 481-494, as the public
routine UTCI_a002 has them; compared term by term with pythermalcomfort 4.8.1.

In the order in which a nested Horner scheme meets them: powers falling from 6 in vapour pressure
(kPa), then in radiant excess (K), then in wind (m/s), then in air temperature (degC), the sum of
the four powers never above 6. The air temperature itself is added outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["COEFFICIENTS", "POWERS", "offset"]

POWERS = 6

COEFFICIENTS = np.array([
    # vapour pressure 6, radiant excess 0
    0.00148348065,
    # vapour pressure 5, radiant excess 1
    0.000247090539,
    # vapour pressure 5, radiant excess 0
    0.00104452989, -0.00301859306, 0.0882773108,
    # vapour pressure 4, radiant excess 2
    -9.77675906e-06,
    # vapour pressure 4, radiant excess 1
    -6.80434415e-06, -4.11469183e-05, -0.00148526421,
    # vapour pressure 4, radiant excess 0
    0.000102449757, -0.000513027851, 0.00355375387, 0.00133374846, -0.0616755931, 0.614155345,
    # vapour pressure 3, radiant excess 3
    -4.09087898e-07,
    # vapour pressure 3, radiant excess 2
    1.73825715e-06, -4.77403547e-06, 0.000302122035,
    # vapour pressure 3, radiant excess 1
    -6.31223658e-06, 2.53458034e-05, -0.000796355448, -5.45314314e-09, 0.000380261982,
    -0.00226921615,
    # vapour pressure 3, radiant excess 0
    3.3321714e-05, -6.66724702e-05, 0.00021750861, 0.000145389826, -0.00432943862, 0.0453433455,
    -0.000263917279, 0.0155126038, -0.22120119, -0.0353874123,
    # vapour pressure 2, radiant excess 4
    3.23926897e-09,
    # vapour pressure 2, radiant excess 3
    2.67489271e-08, 1.68737969e-07, -4.36497725e-06,
    # vapour pressure 2, radiant excess 2
    -3.5993791e-08, -5.47446896e-07, 7.68023384e-06, 1.16257971e-06, -6.42070836e-05,
    0.000304788893,
    # vapour pressure 2, radiant excess 1
    2.29748967e-07, 3.61341136e-06, -0.000106823306, -7.01199003e-06, 0.000263789586,
    -0.000266016305, -7.14663943e-07, 8.99281156e-05, -0.00432510997, 0.0514507424,
    # vapour pressure 2, radiant excess 0
    -3.04620472e-06, -1.27043871e-05, 0.00041785659, 2.30109073e-05, -0.000698445738,
    0.00210787756, -1.90710882e-05, 0.000495271903, 0.0116952364, -0.308806365, 1.93090978e-05,
    -0.000954009191, -0.0039942841, 0.548712484, -2.80626406,
    # vapour pressure 1, radiant excess 5
    -1.15606447e-10,
    # vapour pressure 1, radiant excess 4
    3.34678041e-10, -1.18566247e-09, 3.94367674e-08,
    # vapour pressure 1, radiant excess 3
    1.62897058e-09, 7.96079978e-09, -4.79768731e-07, -1.89309167e-08, 7.04388046e-07,
    -3.59413173e-07,
    # vapour pressure 1, radiant excess 2
    -3.95079398e-08, -1.72857035e-08, 2.53016723e-06, 1.14325367e-07, -5.06004592e-06,
    2.7786293e-05, -8.7549204e-08, 4.80925239e-06, -1.87381964e-05, -0.00073246918,
    # vapour pressure 1, radiant excess 1
    2.20609296e-07, -7.385844e-09, -1.243823e-05, -7.10542454e-07, 3.28696511e-05,
    -3.59217476e-05, 5.15916806e-07, -9.13863872e-06, -0.000687405181, 0.0086420339,
    -4.77136523e-08, 2.59835559e-06, -3.1427968e-05, 0.00162325322, -0.0369476348,
    # vapour pressure 1, radiant excess 0
    -2.28558686e-06, 1.2906487e-06, 0.000129735808, 2.34994441e-06, -0.000179330391,
    -0.00125813502, -1.81748644e-06, 1.00601257e-06, 0.00500845667, -0.0429223622,
    9.52692432e-07, -5.16670694e-06, -0.0016411944, -0.00330552823, 0.548050612, -4.66426341e-07,
    9.51738512e-06, 0.00099969087, -0.0196701861, -0.312788561, 5.12733497,
    # vapour pressure 0, radiant excess 6
    -4.73602469e-12,
    # vapour pressure 0, radiant excess 5
    1.95087203e-12, 4.0386326e-13, 6.62154879e-10,
    # vapour pressure 0, radiant excess 4
    1.17139133e-10, -2.24730961e-11, -5.08220384e-09, 9.22652254e-12, 4.13908461e-10,
    -1.30369025e-09,
    # vapour pressure 0, radiant excess 3
    4.1703262e-10, 1.35908359e-10, -3.3651463e-08, -3.52197671e-10, -1.81584736e-09,
    1.25006734e-06, 9.79063848e-11, 7.51269482e-09, -2.1820366e-07, -1.21206673e-05,
    # vapour pressure 0, radiant excess 2
    -1.00361113e-08, 1.94960053e-09, 6.51711721e-07, 2.49709824e-09, -1.33895614e-07,
    -1.56236307e-05, -1.50743064e-09, -8.75874982e-08, 5.2411097e-06, 0.00015454725,
    2.42674348e-10, 2.46688878e-08, -4.52166564e-07, -5.65095215e-05, 0.00075504309,
    # vapour pressure 0, radiant excess 1
    8.15300114e-08, -1.89489258e-08, -4.99410301e-06, -6.21531254e-09, 1.35191328e-06,
    8.49242932e-05, 1.07596466e-08, 2.47417178e-07, -4.99204314e-05, 0.000169992415,
    -1.69699377e-09, -3.77925774e-07, 3.45433048e-06, 0.000892859837, -0.0200518269,
    5.43079673e-10, 3.77830287e-08, -7.60781159e-07, -0.00017375451, 0.000183945314, 0.398374029,
    # vapour pressure 0, radiant excess 0
    -5.91491269e-06, -1.74202546e-07, 0.000456306672, 2.52785852e-09, 9.66891875e-06,
    -0.0127762753, -4.16117031e-08, 2.22697524e-07, -6.57263143e-05, 0.158137256, 1.14099531e-08,
    1.94544667e-06, -5.21670675e-05, -0.00408350271, -0.751269505, -2.55090145e-09,
    -5.72983704e-07, -1.53347087e-05, 0.00216844454, 0.0880326035, -2.2583652, 1.35959073e-09,
    7.32602852e-08, -3.24651735e-06, -0.000154271372, 0.000806470249, -0.0227712343, 0.607562052,
])  # fmt: skip


@intrinsic
def offset(typing_context: Any, vapour: Any, excess: Any, wind: Any, air: Any) -> Any:
    """Return what is added to the air temperature; pressure in kPa, radiant excess in K.

    A loop over the terms would wait for each; written out, LLVM does many places side by side.
    """
    real = ir.DoubleType()

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        declared = ir.FunctionType(real, [real] * 3)
        add = builder.module.declare_intrinsic("llvm.fmuladd", [real], declared)
        coefficients: Iterator[float] = iter(COEFFICIENTS.tolist())

        def horner(inputs: Any, left: int) -> Any:
            if not inputs:
                return real(next(coefficients))
            total = horner(inputs[1:], 0)
            for used in range(left - 1, -1, -1):
                total = builder.call(add, [total, inputs[0], horner(inputs[1:], left - used)])
            return total

        return horner(list(arguments), POWERS)

    number = types.float64
    return number(number, number, number, number), generate
