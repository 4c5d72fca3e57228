"""Layer 5: other libraries' interfaces on our parts, so that code moves in with one changed import.

- :mod:`labelwright.compat.snorkel` for `snorkel`
- :mod:`labelwright.compat.crowdkit` for `crowdkit.aggregation`
- :mod:`labelwright.compat.mlflow` for `mlflow.pyfunc.load_model`, which finds it by itself
"""
