"""What is fast, and what it is compared with: one script a claim, the peer measured in the same run."""
