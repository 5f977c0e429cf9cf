"""The HTTP that cannot be GraphQL: pages, callbacks, webhooks, the explorer."""
