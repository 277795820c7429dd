"""What others say of a commit's lines: notes, trace records, trailers. Hints, seldom proof."""
