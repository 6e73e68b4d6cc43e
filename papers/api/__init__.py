"""The site for programs, in the shape that clients of daily papers already speak."""
