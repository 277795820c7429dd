"""Records calls of changed functions while a project's own tests run; Python 3.8 and later.

One package, copied out and found by pytest as one plugin. It is no single file because only one of its
two engines may be loaded: ``monitoring`` names events that an older Python does not have, ``tracing``
replaces the import of modules, which a newer one is spared. The rest is what both share.

These files are copied out and loaded into the project's own interpreter by pytest, so they import the
standard library and each other only, call no code of the project (no ``repr``, no property, no
comparison), and turn themselves off at any fault of their own.
"""
