"""What happened in every run, kept so that nobody can change it unseen?

One thing has three names, by how much is known of it. An `Event` is what happened, typed, as a step gives it and a fold
takes it (`events.py`). An `Entry` is what the journal gives back of one: its run, number, kind, time and actor, and a
content of which it does not know what it means, so that those of any version are listed and shown (`entry.py`). A
`Link` is the same as it stands in the file, with the hashes that hold the chain together (`chain.py`).
"""
