"""`python -m metaphrase_cli`."""

from . import main

main()
