"""Lines, matching, survival and verdicts: pure functions over facts."""
