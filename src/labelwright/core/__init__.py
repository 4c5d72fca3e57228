"""Layer 1: the values, the ports and the errors. numpy and pyarrow only, no I/O."""
