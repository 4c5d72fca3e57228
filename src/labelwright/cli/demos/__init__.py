"""Demonstrations: real data, rules as an expert would write them, answers played from the truth."""
