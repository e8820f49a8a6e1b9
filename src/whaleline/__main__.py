"""`python -m whaleline`."""

from whaleline.cli import main

if __name__ == "__main__":
    main()
