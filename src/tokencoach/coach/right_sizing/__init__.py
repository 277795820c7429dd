"""Right-sizing by outcome: which size of model paid, on the person's own tasks."""
