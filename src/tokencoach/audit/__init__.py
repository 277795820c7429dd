"""The month: verdicts into buckets, what was wasted, and why."""
