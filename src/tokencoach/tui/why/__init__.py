"""What stands behind each figure of each screen: its formula with the numbers filled in, and its source."""
