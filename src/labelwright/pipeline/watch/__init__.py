"""A folder that runs by itself: arrivals, drift, training, the gate."""
