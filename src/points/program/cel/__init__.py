"""Conditions and formulas in CEL, the Common Expression Language.

===============  =============================================================
`environment`    the variables and functions that expressions may use, typed
`syntax`         what an expression is made of: nodes with their places
`costs`          how large and dear an expression may be
`compiling`      text to a compiled expression, or what is wrong with it
`plain`          conditions that only compare, as Python
`batches`        many conditions in one evaluation
===============  =============================================================

Whole numbers only: a double anywhere in an expression is refused. Fractions are
written `ratio(x, 3, 2)` or `basis_points(x, 150)`, rounded down, of either sign.
"""
