"""The witness (监票机): a small program that another body than the review office runs.

It marks codes and gives stamps and tickets (stamping.py), takes sealed ballots (taking.py) and hands them
over to the box in batches (handing_over.py); rounds.py is what its operator does, app.py what phones ask for.
It knows nothing of the site but its address: neither what a ballot says nor whose a code is.
"""
