"""Trainings on record, repeated and compared."""
