"""People who sign in: users, credentials, sessions."""
