"""Numbers computed from quantities by published methods; ``catalogue`` lists them all.

Loading this package loads nothing else: a family loads numba when it is first used.
"""
