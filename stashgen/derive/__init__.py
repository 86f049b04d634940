"""derive(site, now) -> Board: the rules of status, history and uptime."""
