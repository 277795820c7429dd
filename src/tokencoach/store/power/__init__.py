"""Measured energy, and requests that inference servers on this computer worked on."""
