"""The items of the checklist, by family: a function from what is known of a month to how the item stands."""
