"""What the commands that change site-data share: options, questions, and how a change is shown and carried out."""
