"""`python -m labelwright` is the command line."""

from labelwright.cli.main import main

if __name__ == "__main__":
    main()
