"""A mail provider with people behind it: SMTP and IMAP over TLS, bounces, replies, and faults on demand."""
