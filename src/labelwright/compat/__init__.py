"""Layer 5: other libraries' interfaces on our parts, so that code moves in with one changed import.

- :mod:`labelwright.compat.snorkel` for `snorkel`
- :mod:`labelwright.compat.crowdkit` for `crowdkit.aggregation`
"""
