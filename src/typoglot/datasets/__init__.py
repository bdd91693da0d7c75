"""Public data by name: what there is, fetched whole or not at all, and proved against what is known of it."""
