"""Cline and Roo Code: one folder of JSON a task."""
