"""A seeded home of logs and real repositories, and the real pipeline over it."""
