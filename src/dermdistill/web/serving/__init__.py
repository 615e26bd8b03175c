"""From sockets to the application: deadlines for connections, a budget for uploads, threads for the work."""
