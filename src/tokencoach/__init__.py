"""tokencoach: what of your AI spend became shipped, surviving code."""

__version__ = "0.1.0"
