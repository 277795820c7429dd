"""One file for each kind of question; all share the signature of ``base.Generator``."""
