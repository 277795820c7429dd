"""Findings with evidence and one next step, budgets, live nudges, right-sizing by outcome."""
