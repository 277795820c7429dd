"""Meters, local inference servers, baselines and energy; sensors live only here."""
