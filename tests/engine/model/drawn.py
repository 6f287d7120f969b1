"""What rules draw their arguments from."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from tests.engine.model.things import CURRENCIES, SINKS, UNITS


names: Final = st.sampled_from(["ada", "ada", "bob", "bob", "eve"])
units: Final = st.sampled_from([*["points"] * 4, *UNITS, "stars"])
currencies: Final = st.sampled_from(["points", "points", *CURRENCIES])
sinks: Final = st.sampled_from([*["redemption"] * 4, *SINKS, "void"])
few_points: Final = st.integers(1, 40)
spans: Final = st.integers(-2, 12)
own: Final = st.sampled_from([True, True, True, True, False])
which: Final = st.integers(0, 30)
pairs: Final = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))
