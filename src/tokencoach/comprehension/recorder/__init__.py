"""Records calls of changed functions while a project's own tests run; Python 3.8 and later.

These files are copied out and loaded into the project's own interpreter by pytest, so they import the
standard library and each other only, call no code of the project (no ``repr``, no property, no
comparison), and turn themselves off at any fault of their own.
"""
