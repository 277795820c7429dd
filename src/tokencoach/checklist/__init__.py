"""The items of the individual engineer, each with its rule and its evidence, and the monthly ritual."""
