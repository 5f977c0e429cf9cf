"""The installation's own mails through the operator's SMTP server."""
