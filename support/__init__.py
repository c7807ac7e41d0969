"""What becomes of each field of both protocols: tables, measurements, and docs/support.md. `make docs`.

It stands beside the packages, not in a codec: a row says what happens between two protocols, and no codec knows
another. Nothing of it is needed to translate, so it is not in the wheel.

table      the rows: openai.tsv and gemini.tsv     frames     the smallest documents in which a field may stand
probe      what a conversion does with a field     transport  the same for headers, queries and the lines of a stream
reading    how the wire types read a field         page       docs/support.md
"""
