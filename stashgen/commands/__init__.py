"""One file per verb: arguments -> one call -> what is printed. Only this floor and cli.py print, exit or know Click."""
