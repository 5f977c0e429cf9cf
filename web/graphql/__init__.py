"""The GraphQL endpoint: HTTP, event streams and WebSockets in front of an execution."""
