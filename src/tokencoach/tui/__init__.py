"""Screens and widgets: shows and calls, computes nothing."""
