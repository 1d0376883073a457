"""One file per page, each with one function `show`."""
