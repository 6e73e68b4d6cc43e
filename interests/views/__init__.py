"""The pages of interests, one module for each."""
