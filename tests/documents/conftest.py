"""Its being here lets the tests of every room import the helpers beside it."""
