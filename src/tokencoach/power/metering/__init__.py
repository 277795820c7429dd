"""A proxy before an inference server on this computer, for servers that tell no counts of their own.

It passes every byte on as it comes, and looks at nothing but the ends of answers.
"""
