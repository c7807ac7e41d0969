"""The laws of the design, tried on recorded exchanges. They use the public API only, and never a codec's own code.

What is general in them is shipped, as `metaphrase.testing`; here is what needs the recordings:

corpus      the recorded documents        laws        one function a law: a document in, failures out
official    the vendors' own schemas      explore     a command: one law over the corpus, failures grouped
projection  what a conversation says      back        law 3 on projections
canonical   the spellings that law 1 lets change
"""
