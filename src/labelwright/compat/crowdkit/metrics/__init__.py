"""How far workers agree and how sure labels are; crowd-kit's `metrics`."""
