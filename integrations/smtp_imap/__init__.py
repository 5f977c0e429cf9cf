"""Any mailbox with an SMTP and an IMAP server: satisfies ``domain.senders.ports.Mailbox``."""
