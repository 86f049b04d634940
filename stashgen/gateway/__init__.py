"""The write API: a WSGI application in front of one clone (the extra `stashgen[gateway]`)."""
